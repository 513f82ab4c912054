/* SPDX-License-Identifier: BSD-3-Clause */
/* guard_load: files and configuration to a guard. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/quote.h"
#include "control/safety/guard_state.h"

struct loader {
	struct guard *g;
	struct url *scratch;
	const char *file; /* lives as long as the guard */
	uint32_t line;
	struct err *e;
};

static int refuse(const struct loader *l, const char *text, const char *why)
{
	char shown[200];
	quote_into(shown, sizeof(shown), text);
	return err_set(l->e, -EINVAL, "%s:%u: \"%s\": %s", l->file, l->line, shown, why);
}

static struct guard_entry *push(struct guard_entry **at, uint32_t *n, uint32_t *cap)
{
	if (*n == *cap) {
		uint32_t more = *cap ? *cap * 2 : 256;
		struct guard_entry *p = realloc(*at, more * sizeof(*p));
		if (!p)
			return NULL;
		*at = p;
		*cap = more;
	}
	return &(*at)[*n];
}

static int add(struct loader *l, const char *text, enum guard_group group, const char *reason)
{
	struct guard *g = l->g;
	struct list_entry le;
	const char *why = "it is empty";
	if (g->n_names + g->n_prefixes == GUARD_MAX_ENTRIES)
		return err_set(l->e, -E2BIG, "%s:%u: more than %u guarded entries", l->file, l->line,
			       GUARD_MAX_ENTRIES);
	if (list_parse_line((const uint8_t *)text, strlen(text), l->scratch, &le, &why) != 1)
		return refuse(l, text, why);
	if (le.exception || (le.kind != RULE_DOMAIN && le.kind != RULE_PREFIX))
		return refuse(l, text,
			      "write a name, an address or a prefix, without '!', '=', '*' and path");
	bool prefix = le.kind == RULE_PREFIX;
	struct guard_entry *e = prefix ? push(&g->prefixes, &g->n_prefixes, &g->cap_prefixes)
				       : push(&g->names, &g->n_names, &g->cap_names);
	if (!e)
		return -ENOMEM;
	*e = (struct guard_entry){.file = l->file,
				  .line = l->line,
				  .group = (uint8_t)group,
				  .is_prefix = prefix,
				  .prefix_len = le.prefix_len};
	memcpy(e->addr, le.addr, sizeof(e->addr));
	e->text = strndup((const char *)le.text.p, le.text.len);
	e->reason = strdup(reason);
	g->n_names += !prefix;
	g->n_prefixes += prefix;
	return e->text && e->reason ? 0 : -ENOMEM;
}

static int find_group(const char *word)
{
	for (int i = 0; i < GUARD_GROUPS_N; i++)
		if (!strcmp(guard_groups[i].word, word))
			return i;
	return -1;
}

static char *next_word(char **at)
{
	char *word = *at + strspn(*at, " \t\r\n");
	char *end = word + strcspn(word, " \t\r\n");
	*at = *end ? end + 1 : end;
	*end = 0;
	return word;
}

/* "ENTRY GROUP reason to the end of the line" */
static int add_line(struct loader *l, char *line)
{
	char *at = line;
	char *text = next_word(&at);
	if (!*text || *text == '#')
		return 0;
	char *word = next_word(&at), *reason = at + strspn(at, " \t");
	reason[strcspn(reason, "\r\n")] = 0;
	int group = find_group(word);
	if (group < 0)
		return refuse(
		    l, word,
		    "no group: write ENTRY GROUP REASON, where GROUP is operator, emergency, reserved, "
		    "platform, infrastructure or network");
	if (!*reason || *reason == '#')
		return refuse(l, text, "the reason is missing: write why it is guarded behind the group");
	return add(l, text, (enum guard_group)group, reason);
}

static int add_stream(struct loader *l, FILE *f)
{
	char line[GUARD_LINE_MAX];
	int err = 0;
	for (l->line = 1; !err && fgets(line, sizeof(line), f); l->line++) {
		if (strlen(line) == sizeof(line) - 1 && line[sizeof(line) - 2] != '\n')
			err = err_set(l->e, -EINVAL, "%s:%u: the line is longer than %d bytes", l->file,
				      l->line, GUARD_LINE_MAX - 2);
		else
			err = add_line(l, line);
	}
	return !err && ferror(f) ? err_set(l->e, -EIO, "%s: cannot be read", l->file) : err;
}

static int add_file(struct loader *l, const char *path)
{
	struct guard *g = l->g;
	FILE *f = fopen(path, "re");
	if (!f)
		return err_set(l->e, -errno, "%s: %s: name the guard's files in the configuration (guard)",
			       path, strerror(errno));
	l->file = g->files[g->n_files] = strdup(path);
	g->n_files += l->file != NULL;
	int err = l->file ? add_stream(l, f) : -ENOMEM;
	fclose(f);
	return err;
}

static int add_words(struct loader *l, const char *const *words, unsigned n, enum guard_group group,
		     const char *reason)
{
	int err = 0;
	l->file = "configuration";
	for (l->line = 1; !err && l->line <= n; l->line++)
		err = add(l, words[l->line - 1], group, reason);
	return err;
}

int guard_load(const struct guard_sources *s, struct guard **ret, struct err *e)
{
	if (e)
		e->text[0] = 0;
	struct guard *g = calloc(1, sizeof(*g));
	struct loader l = {.g = g, .scratch = malloc(sizeof(*l.scratch)), .e = e};
	int err = g && l.scratch ? 0 : -ENOMEM;
	if (!err && s->n_files && !(g->files = calloc(s->n_files, sizeof(*g->files))))
		err = -ENOMEM;
	if (!err)
		err = add_words(&l, s->operators, s->n_operators, GUARD_OPERATOR, "the operator's own");
	if (!err)
		err = add_words(&l, s->emergencies, s->n_emergencies, GUARD_EMERGENCY, "help depends on it");
	for (unsigned i = 0; !err && i < s->n_files; i++)
		err = add_file(&l, s->files[i]);
	if (!err)
		err = guard_index(g);
	free(l.scratch);
	if (err == -ENOMEM)
		err_set(e, err, "no memory for the guard's entries");
	if (err)
		guard_free(g);
	else
		*ret = g;
	return err;
}

static void free_entries(struct guard_entry *e, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		free((char *)e[i].text);
		free((char *)e[i].reason);
	}
	free(e);
}

void guard_free(struct guard *g)
{
	if (!g)
		return;
	free_entries(g->names, g->n_names);
	free_entries(g->prefixes, g->n_prefixes);
	for (unsigned i = 0; i < g->n_files; i++)
		free(g->files[i]);
	free(g->files);
	free(g->nodes);
	free(g->reach);
	free(g);
}
