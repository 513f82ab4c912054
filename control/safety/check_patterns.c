/* SPDX-License-Identifier: BSD-3-Clause */
/* check_patterns: globs and expressions, a batch at a time, against guarded and unrelated names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/safety/check_state.h"
#include "control/safety/unrelated.h"

/* No page of anybody: what matches it matches the host. */
#define ANY_PATH "/roja-any-page"
/* No host of anybody: what matches here matches on every host. */
#define ANY_HOST "roja-any-host.example"

struct asking {
	struct check *c;
	const struct guard_entry *guard; /* the name belongs to this one */
	const char *word;		 /* or is made of this one */
	unsigned only;			 /* or is the witness of this pattern */
};

static void on_guard(void *ctx, unsigned i)
{
	struct asking *a = ctx;
	struct check_pattern *p = &a->c->patterns[i];
	if (!p->guard || a->guard->group < p->guard->group)
		p->guard = a->guard;
}

static void on_word(void *ctx, unsigned i)
{
	struct asking *a = ctx;
	struct check_pattern *p = &a->c->patterns[i];
	p->words += p->word != a->word;
	p->word = a->word;
}

static void on_witness(void *ctx, unsigned i)
{
	struct asking *a = ctx;
	a->c->patterns[i].any_host |= i == a->only;
}

/* As a name, as its front page and as a page of it. */
static void ask_host(struct asking *a, const char *www, const char *name, const char *top, probe_fn *each)
{
	char text[NAME_MAX_BYTES + sizeof(ANY_PATH) + 8];
	size_t n = (size_t)snprintf(text, sizeof(text), "%s%s%s", www, name, top);
	probe_name(a->c->probe, text, n, each, a);
	text[n] = '/';
	probe_url(a->c->probe, text, n + 1, each, a);
	memcpy(text + n, ANY_PATH, sizeof(ANY_PATH));
	probe_url(a->c->probe, text, n + strlen(ANY_PATH), each, a);
}

static void ask_guard(struct check *c)
{
	struct asking a = {.c = c};
	for (unsigned i = 0; c->q->guard && i < guard_names(c->q->guard); i++) {
		a.guard = guard_at(c->q->guard, i);
		ask_host(&a, "", a.guard->text, "", on_guard);
		if (strlen(a.guard->text) + 4 <= NAME_MAX_BYTES)
			ask_host(&a, "www.", a.guard->text, "", on_guard);
	}
}

static void ask_unrelated(struct check *c)
{
	struct asking a = {.c = c};
	char top[16];
	for (unsigned w = 0; w < UNRELATED_WORDS; w++)
		for (unsigned t = 0; t < UNRELATED_TOPS; t++) {
			a.word = unrelated_words[w];
			snprintf(top, sizeof(top), ".%s", unrelated_tops[t]);
			ask_host(&a, "", a.word, top, on_word);
			ask_host(&a, "www.", a.word, top, on_word);
		}
}

/* What a pattern finds, put into URLs of another host. */
static void ask_any_host(struct check *c)
{
	static const char *const before[] = {ANY_HOST, ANY_HOST "/", ANY_HOST "/?x="};
	char text[sizeof(ANY_HOST) + 8 + WITNESS_MAX];
	struct asking a = {.c = c};
	for (a.only = 0; a.only < probe_count(c->probe); a.only++) {
		const struct check_pattern *p = &c->patterns[a.only];
		if (!p->has_witness || p->kind == RULE_NAME_GLOB)
			continue;
		/* right behind the host only what begins a path: a name there would make another name */
		for (unsigned i = *p->witness.text != '/'; i < 3; i++) {
			size_t n = strlen(before[i]);
			memcpy(text, before[i], n);
			memcpy(text + n, p->witness.text, p->witness.len);
			probe_url(c->probe, text, n + p->witness.len, on_witness, &a);
		}
	}
}

static int conclude(struct check *c, const struct check_pattern *p)
{
	struct span text = {(const uint8_t *)p->text, strlen(p->text)};
	char detail[80];
	if (p->words > 1) {
		snprintf(detail, sizeof(detail), "%u of %u unrelated names", p->words, UNRELATED_WORDS);
		return check_find(c, SAFETY_WIDE_PATTERN, p->line, text, NULL, detail);
	}
	if (p->guard) {
		enum safety_class class = guard_groups[p->guard->group].class;
		if (safety_classes[class].severity != SAFETY_REFUSE)
			class = SAFETY_PLATFORM_PATTERN;
		int err = check_find(c, class, p->line, text, p->guard, NULL);
		if (err)
			return err;
	}
	return p->any_host ? check_find(c, SAFETY_ANY_HOST, p->line, text, NULL, NULL) : 0;
}

int check_patterns(struct check *c)
{
	if (!c->probe || !probe_count(c->probe))
		return 0;
	int err = probe_compile(c->probe, c->e);
	if (!err) {
		ask_guard(c);
		ask_unrelated(c);
		ask_any_host(c);
	}
	for (unsigned i = 0; i < probe_count(c->probe); i++) {
		err = err ? err : conclude(c, &c->patterns[i]);
		free(c->patterns[i].text);
		c->patterns[i].text = NULL;
	}
	probe_reset(c->probe);
	return err;
}

int check_pattern(struct check *c, const struct safety_row *row)
{
	if (!c->probe) {
		c->patterns = calloc(PROBE_BATCH, sizeof(*c->patterns));
		if (!c->patterns || probe_new(&c->probe, c->e))
			return -ENOMEM;
	}
	struct check_pattern *p = &c->patterns[probe_count(c->probe)];
	*p = (struct check_pattern){.line = row->entry.line, .kind = row->entry.kind};
	p->text = strndup((const char *)row->text.p, row->text.len);
	if (!p->text)
		return -ENOMEM;
	p->has_witness = witness_of(&row->entry, &p->witness);
	int err = probe_add(c->probe, &row->entry, c->e);
	if (err) {
		free(p->text);
		return err;
	}
	return probe_count(c->probe) == PROBE_BATCH ? check_patterns(c) : 0;
}
