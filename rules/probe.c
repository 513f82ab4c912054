/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/glob.h"
#include "rules/patterns.h"

/* Patterns of one subject: names, or URLs. */
struct side {
	struct pattern_source src[PROBE_BATCH];
	unsigned number[PROBE_BATCH]; /* of the probe's numbering */
	unsigned n;
	hs_database_t *db;
};

struct probe {
	struct side names, urls;
	unsigned n;
	hs_scratch_t *scratch;
};

int probe_new(struct probe **ret, struct err *e)
{
	struct probe *p = calloc(1, sizeof(*p));
	if (!p)
		return err_set(e, -ENOMEM, "no memory for a probe");
	*ret = p;
	return 0;
}

static void reset_side(struct side *s)
{
	for (unsigned i = 0; i < s->n; i++)
		free(s->src[i].expression);
	hs_free_database(s->db);
	s->db = NULL;
	s->n = 0;
}

void probe_reset(struct probe *p)
{
	reset_side(&p->names);
	reset_side(&p->urls);
	p->n = 0;
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	probe_reset(p);
	hs_free_scratch(p->scratch);
	free(p);
}

unsigned probe_count(const struct probe *p)
{
	return p->n;
}

int probe_add(struct probe *p, const struct list_entry *entry, struct err *e)
{
	struct side *s = entry->kind == RULE_NAME_GLOB ? &p->names : &p->urls;
	size_t room = GLOB_EXPRESSION_MAX(entry->text.len);
	if (p->n == PROBE_BATCH)
		return err_set(e, -ENOSPC, "the batch of %u patterns is full", PROBE_BATCH);
	char *expression = malloc(room);
	if (!expression)
		return err_set(e, -ENOMEM, "no memory for a pattern");
	if (entry->kind == RULE_REGEX) {
		memcpy(expression, entry->text.p, entry->text.len);
		expression[entry->text.len] = 0;
	} else {
		glob_expression(entry, expression, room);
	}
	s->src[s->n] = (struct pattern_source){expression, false};
	s->number[s->n++] = p->n++;
	return 0;
}

static void on_refused(void *ctx, unsigned index, const char *why)
{
	(void)ctx;
	(void)index;
	(void)why;
}

static int compile_side(struct probe *p, struct side *s, struct err *e)
{
	char *bytes = NULL;
	size_t n = 0;
	bool cached;
	hs_free_database(s->db);
	s->db = NULL;
	int err = patterns_compile(s->src, s->n, NULL, &bytes, &n, &cached, on_refused, NULL, e);
	if (!err)
		err = patterns_load(bytes, n, &s->db, e);
	free(bytes);
	if (!err && s->db && hs_alloc_scratch(s->db, &p->scratch) != HS_SUCCESS)
		err = err_set(e, -ENOMEM, "no memory to match patterns");
	return err;
}

int probe_compile(struct probe *p, struct err *e)
{
	int err = compile_side(p, &p->names, e);
	return err ? err : compile_side(p, &p->urls, e);
}

struct context {
	const struct side *side;
	probe_fn *each;
	void *ctx;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
	const struct context *c = ctx;
	(void)from;
	(void)to;
	(void)flags;
	c->each(c->ctx, c->side->number[id]);
	return 0;
}

static void scan(struct probe *p, const struct side *s, const char *text, size_t len, probe_fn *each,
		 void *ctx)
{
	struct context c = {s, each, ctx};
	if (s->db)
		hs_scan(s->db, text, (unsigned)len, 0, p->scratch, on_match, &c);
}

void probe_name(struct probe *p, const char *name, size_t len, probe_fn *each, void *ctx)
{
	scan(p, &p->names, name, len, each, ctx);
}

void probe_url(struct probe *p, const char *url, size_t len, probe_fn *each, void *ctx)
{
	scan(p, &p->urls, url, len, each, ctx);
}
