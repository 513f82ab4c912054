/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "rules/compile_state.h"
#include "rules/glob.h"

void *vec_push(struct vec *v, size_t element_bytes)
{
	if (v->n == v->cap) {
		size_t cap = v->cap ? v->cap * 2 : 64;
		void *at = realloc(v->at, cap * element_bytes);
		if (!at)
			return NULL;
		v->at = at;
		v->cap = cap;
	}
	return (uint8_t *)v->at + v->n++ * element_bytes;
}

int compiler_new(const uint8_t *key, struct compiler **ret, struct err *e)
{
	struct compiler *c = calloc(1, sizeof(*c));
	if (!c)
		return err_set(e, -ENOMEM, "no memory for a compiler");
	if (key) {
		memcpy(c->key, key, sizeof(c->key));
	} else if (getrandom(c->key, sizeof(c->key), 0) != sizeof(c->key)) {
		free(c);
		return err_set(e, -errno, "no random key: %s", strerror(errno));
	}
	*ret = c;
	return 0;
}

static void free_sources(struct vec *v)
{
	struct pattern_source *s = v->at;
	for (size_t i = 0; i < v->n; i++)
		free(s[i].expression);
	free(s);
}

void compiler_free(struct compiler *c)
{
	if (!c)
		return;
	struct compile_list *lists = c->lists.at;
	for (size_t i = 0; i < c->lists.n; i++)
		for (unsigned f = 0; f < META_COUNT; f++)
			free(lists[i].meta[f]);
	struct vec *const plain[] = {&c->lists,
				     &c->names,
				     &c->urls,
				     &c->hosts,
				     &c->prefixes,
				     &c->prefix_roles,
				     &c->url_pattern_roles,
				     &c->name_pattern_roles,
				     &c->texts,
				     &c->role_texts};
	for (unsigned i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		free(plain[i]->at);
	free_sources(&c->url_patterns);
	free_sources(&c->name_patterns);
	report_free(c);
	free(c->cache.folder);
	free(c);
}

int compiler_set_cache(struct compiler *c, const char *folder, const struct seal_key *k)
{
	char *copy = strdup(folder);
	if (!copy)
		return -ENOMEM;
	if (mkdir(folder, 0700) && errno != EEXIST) {
		int err = -errno;
		free(copy);
		return err;
	}
	free(c->cache.folder);
	c->cache = (struct patterns_cache){copy, k};
	return 0;
}

static uint32_t current_list(const struct compiler *c)
{
	return (uint32_t)(c->lists.n - 1);
}

static int keep_text(struct compiler *c, struct span text, uint64_t *ret_off)
{
	struct vec *t = &c->texts;
	size_t need = t->n + 2 + text.len;
	if (need > t->cap) {
		size_t cap = t->cap ? t->cap : 4096;
		while (cap < need)
			cap *= 2;
		void *at = realloc(t->at, cap);
		if (!at)
			return -ENOMEM;
		t->at = at;
		t->cap = cap;
	}
	uint16_t len = (uint16_t)text.len;
	*ret_off = t->n;
	memcpy((uint8_t *)t->at + t->n, &len, sizeof(len));
	memcpy((uint8_t *)t->at + t->n + 2, text.p, text.len);
	t->n = need;
	return 0;
}

static int add_key(struct compiler *c, struct vec *v, struct fingerprint f, const struct list_entry *e)
{
	struct compile_key *k = vec_push(v, sizeof(*k));
	if (!k)
		return -ENOMEM;
	k->f = f;
	k->value = build_value(current_list(c), e->line, e->kind, e->exception);
	return keep_text(c, e->text, &k->text);
}

static int add_name(struct compiler *c, const struct list_entry *e)
{
	unsigned labels = 1, total;
	struct fingerprint f;
	for (size_t i = 0; i < e->text.len; i++)
		labels += e->text.p[i] == '.';
	unsigned bit = labels < 64 ? labels - 1 : 63;
	c->label_counts |= 1ull << bit;
	struct fingerprint all[128];
	uint8_t counts[128];
	unsigned found = fingerprint_suffixes(c->key, (const char *)e->text.p, e->text.len, 1ull << bit, all,
					      counts, 128, &total);
	f = all[found - 1]; /* of all its labels: the last of those that share bit 63 */
	return add_key(c, &c->names, f, e);
}

static int add_url(struct compiler *c, const struct list_entry *e)
{
	bool prefix = e->kind == RULE_URL_PREFIX;
	struct fingerprint f;
	uint16_t len = (uint16_t)e->text.len;
	if (prefix)
		fingerprint_prefixes(c->key, (const char *)e->text.p, &len, 1, &f);
	else
		f = fingerprint_of(c->key, FINGERPRINT_URL, e->text.p, e->text.len);
	struct compile_host *h = vec_push(&c->hosts, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->f = fingerprint_of(c->key, FINGERPRINT_URL_HOST, e->text.p, e->host_len);
	h->prefix_len = prefix ? len : 0;
	h->key = (uint32_t)c->urls.n;
	return add_key(c, &c->urls, f, e);
}

static int add_role(struct compiler *c, struct vec *roles, const struct list_entry *e)
{
	struct image_role *r = vec_push(roles, sizeof(*r));
	struct compile_text *t = vec_push(&c->role_texts, sizeof(*t));
	if (!r || !t)
		return -ENOMEM;
	t->place = (uint64_t)current_list(c) << 32 | e->line;
	*r = build_role(fingerprint_of(c->key, FINGERPRINT_URL, e->text.p, e->text.len),
			build_value(current_list(c), e->line, e->kind, e->exception));
	return keep_text(c, e->text, &t->text);
}

static int add_pattern(struct compiler *c, const struct list_entry *e)
{
	bool name = e->kind == RULE_NAME_GLOB;
	struct pattern_source *s = vec_push(name ? &c->name_patterns : &c->url_patterns, sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct pattern_source){NULL, false};
	if (e->kind == RULE_REGEX) {
		s->expression = strndup((const char *)e->text.p, e->text.len);
	} else {
		size_t cap = GLOB_EXPRESSION_MAX(e->text.len);
		s->expression = malloc(cap);
		if (s->expression)
			glob_expression(e, s->expression, cap);
	}
	return s->expression ? add_role(c, name ? &c->name_pattern_roles : &c->url_pattern_roles, e)
			     : -ENOMEM;
}

static int add_prefix(struct compiler *c, const struct list_entry *e)
{
	struct compile_prefix *p = vec_push(&c->prefixes, sizeof(*p));
	if (!p)
		return -ENOMEM;
	prefix_addr from = (prefix_addr)be64(e->addr) << 64 | be64(e->addr + 8);
	prefix_addr host = e->prefix_len == 128 ? 0 : ~(prefix_addr)0 >> e->prefix_len;
	*p = (struct compile_prefix){{from, from | host, e->prefix_len, (uint32_t)c->prefix_roles.n},
				     e->exception};
	return add_role(c, &c->prefix_roles, e);
}

typedef int add_fn(struct compiler *c, const struct list_entry *e);

static add_fn *const adders[RULE_KINDS_N] = {
    [RULE_DOMAIN] = add_name,	    [RULE_HOST] = add_name,	 [RULE_SUBDOMAINS] = add_name,
    [RULE_URL] = add_url,	    [RULE_URL_PREFIX] = add_url, [RULE_URL_GLOB] = add_pattern,
    [RULE_NAME_GLOB] = add_pattern, [RULE_REGEX] = add_pattern,	 [RULE_PREFIX] = add_prefix,
};

static bool http_only(enum rule_kind k)
{
	return k == RULE_URL || k == RULE_URL_PREFIX; /* of patterns when it is known which of them stay */
}

int compiler_add_entry(struct compiler *c, const struct list_entry *e)
{
	int err = adders[e->kind](c, e);
	if (err)
		return err;
	c->report.entries++;
	c->report.by_kind[e->kind][e->exception]++;
	if (!http_only(e->kind) || e->exception)
		return 0;
	const char *why =
	    e->https ? "is an https URL, which no one can see on the wire; enforced on plain HTTP only"
		     : NOTE_WHY_HTTP_ONLY;
	return report_add(c, NOTE_HTTP_ONLY, current_list(c), e->line, 0, 0, why, e->text.p, e->text.len);
}

static int on_entry(void *ctx, const struct list_entry *e)
{
	return compiler_add_entry(ctx, e);
}

static int on_meta(void *ctx, enum meta_field f, const char *value)
{
	struct compiler *c = ctx;
	struct compile_list *l = (struct compile_list *)c->lists.at + current_list(c);
	char *copy = strdup(value);
	if (!copy)
		return -ENOMEM;
	free(l->meta[f]);
	l->meta[f] = copy;
	return 0;
}

static int on_rejected(void *ctx, uint32_t line, const char *why, struct span text)
{
	struct compiler *c = ctx;
	return report_add(c, NOTE_REJECTED, current_list(c), line, 0, 0, why, text.p, text.len);
}

/* "folder/name.txt" -> "name"; where that is no text, "list". */
static char *default_name(const char *file)
{
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file, *why;
	size_t n = strlen(base);
	if (n > 4 && !strcmp(base + n - 4, ".txt"))
		n -= 4;
	char *name = strndup(base, n);
	if (name && meta_check(META_name, name, &why)) {
		free(name);
		name = strdup("list");
	}
	return name;
}

static bool is(const struct compile_list *l, enum meta_field f, const char *word)
{
	return l->meta[f] && !strcmp(l->meta[f], word);
}

static int finish_list(struct compile_list *l, const char *file, struct err *e)
{
	if (!l->meta[META_name] || !*l->meta[META_name]) {
		free(l->meta[META_name]);
		l->meta[META_name] = default_name(file);
		if (!l->meta[META_name])
			return err_set(e, -ENOMEM, "%s: no memory", file);
	}
	if (is(l, META_action_http, "redirect") && !l->meta[META_redirect])
		return err_set(e, -EINVAL,
			       "%s: action_http is redirect, but no URL is given: add \"#! redirect: URL\"",
			       file);
	if (is(l, META_action_dns, "address") && !l->meta[META_dns_a] && !l->meta[META_dns_aaaa])
		return err_set(e, -EINVAL,
			       "%s: action_dns is address, but none is given: add \"#! dns_a: ADDRESS\"",
			       file);
	return 0;
}

#define GATHERED 9

/* What entries went into; the first two hold expressions of their own. */
static void gathered(struct compiler *c, struct vec *ret[GATHERED])
{
	struct vec *const all[GATHERED] = {&c->url_patterns,
					   &c->name_patterns,
					   &c->names,
					   &c->urls,
					   &c->hosts,
					   &c->prefixes,
					   &c->prefix_roles,
					   &c->url_pattern_roles,
					   &c->name_pattern_roles};
	memcpy(ret, all, sizeof(all));
}

/* Takes back the entries of a list that was refused; its name and its notes stay. */
static void take_back(struct compiler *c, const size_t n[GATHERED], const struct report *before)
{
	struct vec *all[GATHERED];
	gathered(c, all);
	for (unsigned i = 0; i < 2; i++)
		for (size_t k = n[i]; k < all[i]->n; k++)
			free(((struct pattern_source *)all[i]->at)[k].expression);
	for (unsigned i = 0; i < GATHERED; i++)
		all[i]->n = n[i];
	c->report.entries = before->entries;
	memcpy(c->report.by_kind, before->by_kind, sizeof(before->by_kind));
}

static int begin_list(struct compiler *c, const char *file, struct compile_list **ret, struct err *e)
{
	if (c->lists.n == RULESET_MAX_LISTS)
		return err_set(e, -E2BIG, "%s: more than %u lists", file, RULESET_MAX_LISTS);
	struct compile_list *l = vec_push(&c->lists, sizeof(*l));
	if (!l)
		return err_set(e, -ENOMEM, "%s: no memory", file);
	memset(l, 0, sizeof(*l));
	*ret = l;
	return 0;
}

int compiler_begin_list(struct compiler *c, const char *const meta[META_COUNT], struct err *e)
{
	const char *name = meta[META_name] ? meta[META_name] : "list", *why;
	struct compile_list *l = NULL;
	int err = begin_list(c, name, &l, e);
	for (unsigned f = 0; !err && f < META_COUNT; f++) {
		if (!meta[f])
			continue;
		if (meta_check((enum meta_field)f, meta[f], &why))
			err = err_set(e, -EINVAL, "%s: %s: %s", name, meta_rows[f].key, why);
		else if (on_meta(c, (enum meta_field)f, meta[f]))
			err = err_set(e, -ENOMEM, "%s: no memory", name);
	}
	return err ? err : finish_list(l, name, e);
}

int compiler_add_list(struct compiler *c, FILE *f, const char *file, struct err *e)
{
	struct compile_list *l = NULL;
	int begun = begin_list(c, file, &l, e);
	if (begun)
		return begun;
	const struct list_events ev = {c, on_entry, on_meta, on_rejected};
	struct list_totals totals = {0};
	const struct report before = c->report;
	struct vec *all[GATHERED];
	size_t n[GATHERED];
	gathered(c, all);
	for (unsigned i = 0; i < GATHERED; i++)
		n[i] = all[i]->n;
	int err = list_read(f, file, &ev, &totals, e);
	c->report.lines += totals.lines;
	if (err == -ENOMEM)
		err_set(e, err, "%s: no memory for its entries", file);
	int unfinished = finish_list(l, file, err ? NULL : e);
	err = err ? err : unfinished;
	if (err)
		take_back(c, n, &before);
	return err;
}

const struct report *compiler_report(const struct compiler *c)
{
	return &c->report;
}

const char *compiler_list_name(const struct compiler *c, unsigned list)
{
	const struct compile_list *l = c->lists.at;
	return list < c->lists.n && l[list].meta[META_name] ? l[list].meta[META_name] : "";
}
