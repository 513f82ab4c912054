/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/config/tables.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/config/schema.h"

struct walk {
	const struct config_text *t;
	struct err *e;
};

static int check_map(struct walk *w, const char *path, const struct config_rows *rows,
		     const yaml_node_t *node);

#define REFUSE(w, node, ...) \
	config_text_refuse((w)->t, (unsigned)(node)->start_mark.line + 1, (w)->e, __VA_ARGS__)

static const char *quote(const yaml_node_t *node, char ret[CONFIG_QUOTE_BYTES])
{
	return config_quote((const char *)node->data.scalar.value, node->data.scalar.length, ret);
}

/* Decimal, without sign, without leading zeros (octal, elsewhere). */
static bool read_number(const char *text, uint64_t min, uint64_t max)
{
	size_t n = strlen(text);
	uint64_t v = n && n < 20 && strspn(text, "0123456789") == n ? strtoull(text, NULL, 10) : UINT64_MAX;
	return v >= min && v <= max && (text[0] != '0' || n == 1);
}

static int check_number(struct walk *w, const char *path, const struct config_row *r, const yaml_node_t *node)
{
	char q[CONFIG_QUOTE_BYTES];
	if (read_number((const char *)node->data.scalar.value, r->min, r->max))
		return 0;
	return REFUSE(w, node, "%s: \"%s\" is no whole number from %" PRIu64 " to %" PRIu64, path,
		      quote(node, q), r->min, r->max);
}

static int check_word(struct walk *w, const char *path, const struct config_row *r, const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;
	char q[CONFIG_QUOTE_BYTES], all[200] = "";
	for (unsigned i = 0; i < r->words->n; i++) {
		if (!strcmp(text, r->words->v[i].word))
			return 0;
		size_t used = strlen(all);
		snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "", r->words->v[i].word);
	}
	return REFUSE(w, node, "%s: \"%s\" is none of %s", path, quote(node, q), all);
}

static int check_flag(struct walk *w, const char *path, const struct config_row *r, const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;
	char q[CONFIG_QUOTE_BYTES];
	(void)r;
	if (!strcmp(text, "true") || !strcmp(text, "false"))
		return 0;
	return REFUSE(w, node, "%s: \"%s\" is neither true nor false", path, quote(node, q));
}

static bool fits(const struct config_form *f, const char *text, size_t n)
{
	if (n < f->min || n > f->max || (n && strncmp(text, f->begin, strlen(f->begin))))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return !f->charset || strspn(text, f->charset) == n;
}

static int check_text(struct walk *w, const char *path, const struct config_row *r, const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;
	char q[CONFIG_QUOTE_BYTES];
	if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (!strcmp(text, "~") || !strcasecmp(text, "null")))
		return REFUSE(w, node, "%s: %s is no text; write \"\" for none", path, text);
	if (fits(r->form, text, node->data.scalar.length))
		return 0;
	return REFUSE(w, node, "%s: \"%s\" is not %s", path, quote(node, q), r->form->what);
}

typedef int check_scalar_fn(struct walk *w, const char *path, const struct config_row *r,
			    const yaml_node_t *node);
static check_scalar_fn *const scalar_checks[] = {
    [CONFIG_KIND_NUM] = check_number, [CONFIG_KIND_NUMS] = check_number, [CONFIG_KIND_STR] = check_text,
    [CONFIG_KIND_STRS] = check_text,  [CONFIG_KIND_PORT] = check_text,	 [CONFIG_KIND_WORD] = check_word,
    [CONFIG_KIND_FLAG] = check_flag,
};

/* One value: all of a scalar or mapping, an item of a list. */
static int check_one(struct walk *w, const char *path, const struct config_row *r, const yaml_node_t *node)
{
	if (r->of)
		return check_map(w, path, r->of, node);
	if (node->type != YAML_SCALAR_NODE)
		return REFUSE(w, node, "%s: a single value is expected here, no list or mapping", path);
	return scalar_checks[r->kind](w, path, r, node);
}

static int check_list(struct walk *w, const char *path, const struct config_row *r, const yaml_node_t *node)
{
	char item[CONFIG_PATH_BYTES + 16];
	int err = 0;
	if (node->type != YAML_SEQUENCE_NODE)
		return REFUSE(w, node, "%s: a list is expected here: [A, B], or lines that begin with \"- \"",
			      path);
	for (unsigned i = 0; !err; i++) {
		const yaml_node_t *value = config_text_item(w->t, node, i);
		if (!value)
			break;
		snprintf(item, sizeof(item), "%s[%u]", path, i);
		err = i < r->n_max ? check_one(w, item, r, value)
				   : REFUSE(w, value, "%s: more than %u items; remove some", path, r->n_max);
	}
	return err;
}

/* A key of another mapping, as "eal.memory_mib". */
static bool find_elsewhere(const struct config_rows *top, const char *key, char ret[CONFIG_QUOTE_BYTES])
{
	for (unsigned i = 0; i < top->n; i++) {
		const struct config_row *r = &top->v[i];
		for (unsigned k = 0; r->of && k < r->of->n; k++)
			if (!strcmp(r->of->v[k].key, key)) {
				snprintf(ret, CONFIG_QUOTE_BYTES, "%s%s.%s", r->key,
					 r->kind == CONFIG_KIND_MAPS ? "[]" : "", key);
				return true;
			}
	}
	return false;
}

static int unknown_key(struct walk *w, const char *path, const struct config_rows *rows,
		       const yaml_node_t *key)
{
	const char *text = (const char *)key->data.scalar.value, *words[CONFIG_KEYS_MAX];
	char q[CONFIG_QUOTE_BYTES], place[CONFIG_QUOTE_BYTES];
	for (unsigned i = 0; i < rows->n; i++)
		words[i] = rows->v[i].key;
	const char *near = config_nearest(text, words, rows->n);
	if (!near && find_elsewhere(w->t->program->top, text, place))
		near = place;
	quote(key, q);
	if (near)
		return REFUSE(w, key, "%s%s%s: no such key; did you mean %s?", path, *path ? "." : "", q,
			      near);
	return REFUSE(w, key, "%s%s%s: no such key; see %s", path, *path ? "." : "", q,
		      w->t->program->manual);
}

static int check_pair(struct walk *w, const char *path, const struct config_rows *rows,
		      const yaml_node_pair_t *pair, uint64_t *seen)
{
	const yaml_node_t *key = config_text_node(w->t, pair->key),
			  *value = config_text_node(w->t, pair->value);
	char below[CONFIG_PATH_BYTES];
	unsigned i = 0;
	if (key->type != YAML_SCALAR_NODE)
		return REFUSE(w, key, "%s%sa key must be a single word", path, *path ? ": " : "");
	while (i < rows->n && strcmp(rows->v[i].key, (const char *)key->data.scalar.value))
		i++;
	if (i == rows->n || key->data.scalar.length != strlen(rows->v[i].key))
		return unknown_key(w, path, rows, key);
	snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", rows->v[i].key);
	if (*seen & (1ull << i))
		return REFUSE(w, key, "%s: stands twice; remove one", below);
	*seen |= 1ull << i;
	return config_is_list(&rows->v[i]) ? check_list(w, below, &rows->v[i], value)
					   : check_one(w, below, &rows->v[i], value);
}

static int check_map(struct walk *w, const char *path, const struct config_rows *rows,
		     const yaml_node_t *node)
{
	uint64_t seen = 0;
	int err = 0;
	if (node->type != YAML_MAPPING_NODE)
		return REFUSE(w, node, "%s%skeys with values are expected here, as \"%s: ...\"", path,
			      *path ? ": " : "", rows->v[0].key);
	for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
	     !err && p < node->data.mapping.pairs.top; p++)
		err = check_pair(w, path, rows, p, &seen);
	for (unsigned i = 0; !err && i < rows->n; i++)
		if (config_is_required(&rows->v[i]) && !(seen & (1ull << i)))
			err = REFUSE(w, node, "%s%s%s: is missing; add it", path, *path ? "." : "",
				     rows->v[i].key);
	return err;
}

int config_tables_check(const struct config_text *t, struct err *e)
{
	struct walk w = {.t = t, .e = e};
	const yaml_node_t *root = config_text_root(t);
	if (!root)
		return config_text_refuse(t, 1, e, "%s", t->program->empty);
	return check_map(&w, "", t->program->top, root);
}

int config_tables_load(const struct config_text *t, void **ret, struct err *e)
{
	void *top = NULL;
	int err = config_tables_check(t, e);
	err = err ? err : config_schema_load(t, &top, e);
	if (err)
		return err;
	if (config_tables_fill(t, top)) {
		config_schema_free(t->program, top);
		return err_set(e, -ENOMEM, "%s: no memory", t->path);
	}
	*ret = top;
	return 0;
}
