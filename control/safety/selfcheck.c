/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/safety/selfcheck.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/safety/safety.h"
#include "control/safety/selfcheck_state.h"

#define CANCEL_EVERY 4096 /* entries between two looks at cancel */

const struct selfcheck_kind_row selfcheck_kinds[SELFCHECK_KINDS_N] = {
#define X(kind, word, fails, help) {word, fails, help},
    SELFCHECK_KINDS(X)
#undef X
};

void selfcheck_note(struct selfcheck *s, enum selfcheck_kind kind, struct selfcheck_place at,
		    const struct rule_ref *other, const struct guard_entry *guard)
{
	struct selfcheck_result *r = s->ret;
	unsigned *kept = &s->kept[selfcheck_kinds[kind].fails];
	r->total[kind]++;
	if (*kept == SELFCHECK_MAX_NOTES / 2)
		return;
	(*kept)++;
	r->notes[r->n_notes++] = (struct selfcheck_note){.kind = kind,
							 .list = at.list,
							 .line = at.line,
							 .other_list = other ? other->list : 0,
							 .other_line = other ? other->line : 0,
							 .guard = guard};
}

/* An entry that two people allowed, whatever the guard says of it. */
static int allow(struct selfcheck *s, uint32_t line)
{
	if (s->n_allowed == s->cap_allowed) {
		unsigned cap = s->cap_allowed ? s->cap_allowed * 2 : 16;
		struct selfcheck_place *at = realloc(s->allowed, cap * sizeof(*at));
		if (!at)
			return err_set(s->e, -ENOMEM, "no memory to check a ruleset");
		s->allowed = at;
		s->cap_allowed = cap;
	}
	s->allowed[s->n_allowed++] = (struct selfcheck_place){s->list, line};
	return 0;
}

static int check_row(struct selfcheck *s, const struct safety_row *row)
{
	const struct selfcheck_request *q = s->q;
	uint32_t line = row->entry.line;
	if (q->skipped && safety_is_skipped(q->skipped[s->list], q->n_skipped[s->list], line))
		return 0;
	if (s->overrides.n && texts_find(&s->overrides, row->text) >= 0 && allow(s, line))
		return -ENOMEM;
	selfcheck_entry(s, &row->entry);
	if (s->ret->entries++ % s->sample_every == 0)
		selfcheck_neighbours(s, &row->entry);
	return 0;
}

/* The overrides that count in the list that is asked. */
static int choose_overrides(struct selfcheck *s)
{
	const struct selfcheck_request *q = s->q;
	const char **chosen = calloc(q->n_overrides + 1, sizeof(*chosen));
	unsigned n = 0;
	texts_unset(&s->overrides);
	for (unsigned i = 0; chosen && i < q->n_overrides; i++) {
		int64_t order = q->override_orders ? q->override_orders[i] : 0;
		if (!order || order == q->list_orders[s->list])
			chosen[n++] = q->overrides[i];
	}
	int err = !chosen || texts_set(&s->overrides, chosen, n)
		      ? err_set(s->e, -ENOMEM, "no memory to check a ruleset")
		      : 0;
	free(chosen);
	return err;
}

static int check_list(struct selfcheck *s, struct safety_source *source)
{
	struct safety_row row;
	int more = 0, err = s->q->n_overrides ? choose_overrides(s) : 0;
	for (unsigned n = 0; !err && (more = source->next(source->ctx, &row, s->e)) > 0; n++) {
		if (s->q->cancel && n % CANCEL_EVERY == 0 && atomic_load(s->q->cancel))
			return err_set(s->e, -ECANCELED, "the self-check was cancelled");
		err = check_row(s, &row);
	}
	return err ? err : more;
}

static uint64_t count_entries(const struct ruleset *rs)
{
	uint64_t n = 0;
	for (unsigned k = 0; k < RULE_KINDS_N; k++)
		n += ruleset_count(rs, (enum rule_kind)k, false) + ruleset_count(rs, (enum rule_kind)k, true);
	return n;
}

static int by_weight(const void *x, const void *y)
{
	const struct selfcheck_note *a = x, *b = y;
	if (a->kind != b->kind)
		return (int)a->kind - (int)b->kind;
	if (a->list != b->list)
		return a->list < b->list ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

static uint64_t failures(const struct selfcheck_result *r)
{
	uint64_t n = 0;
	for (unsigned k = 0; k < SELFCHECK_KINDS_N; k++)
		n += selfcheck_kinds[k].fails ? r->total[k] : 0;
	return n;
}

static int judge(const struct ruleset *rs, const struct selfcheck_result *r, struct err *e)
{
	uint64_t n = failures(r);
	if (!n)
		return 0;
	const struct selfcheck_note *first = &r->notes[0];
	const char *what = selfcheck_kinds[first->kind].help;
	if (first->kind == SELFCHECK_GUARDED)
		return err_set(
		    e, -EBADMSG,
		    "the ruleset is not published, the one before it stays: %llu findings, first %s line %u: %s: "
		    "%s (%s, %s:%u): remove the entry, or let two people allow it: rojactl override add",
		    (unsigned long long)n, ruleset_meta(rs, first->list, META_name), first->line, what,
		    first->guard->text, first->guard->reason, first->guard->file, first->guard->line);
	return err_set(
	    e, -EBADMSG,
	    "the ruleset is not published, the one before it stays: %llu findings, first %s line %u: %s: remove "
	    "the entry and report a fault of this program",
	    (unsigned long long)n, ruleset_meta(rs, first->list, META_name), first->line, what);
}

int selfcheck_run(const struct selfcheck_request *q, struct safety_source *lists,
		  struct selfcheck_result *ret, struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	struct selfcheck *s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "no memory to check a ruleset");
	s->q = q;
	s->ret = ret;
	s->e = e;
	s->sample_every = count_entries(q->ruleset) / SELFCHECK_SAMPLE + 1;
	int err = ruleset_scratch_new(q->ruleset, &s->scratch, e);
	for (; !err && s->list < q->n_lists; s->list++)
		err = check_list(s, &lists[s->list]);
	if (!err && q->guard)
		selfcheck_guarded_names(s);
	if (!err) {
		ret->unproven = ret->total[SELFCHECK_UNPROVEN];
		qsort(ret->notes, ret->n_notes, sizeof(*ret->notes), by_weight);
		err = judge(q->ruleset, ret, e);
	}
	ruleset_scratch_free(s->scratch);
	texts_unset(&s->overrides);
	free(s->allowed);
	explicit_bzero(s, sizeof(*s));
	free(s);
	return err;
}

/* A list's file is opened when its turn comes: a thousand lists are not a thousand open files. */
struct lazy {
	const char *path;
	const struct seal_key *key;
	struct safety_source source;
	bool opened;
};

static int next_lazy(void *ctx, struct safety_row *ret, struct err *e)
{
	struct lazy *l = ctx;
	if (!l->opened) {
		int err = safety_source_open(l->path, l->key, &l->source, e);
		if (err)
			return err;
		l->opened = true;
	}
	int more = l->source.next(l->source.ctx, ret, e);
	if (more <= 0)
		safety_source_close(&l->source);
	return more;
}

int safety_selfcheck(const struct selfcheck_request *q, struct selfcheck_result *ret, struct err *e)
{
	struct lazy *lazy = calloc(q->n_lists + 1u, sizeof(*lazy));
	struct safety_source *lists = calloc(q->n_lists + 1u, sizeof(*lists));
	int err = lazy && lists ? 0 : err_set(e, -ENOMEM, "no memory to check a ruleset");
	for (unsigned i = 0; !err && i < q->n_lists; i++) {
		lazy[i] = (struct lazy){.path = q->entries[i], .key = q->key};
		lists[i] = (struct safety_source){&lazy[i], next_lazy, NULL};
	}
	if (!err)
		err = selfcheck_run(q, lists, ret, e);
	for (unsigned i = 0; lazy && i < q->n_lists; i++)
		safety_source_close(&lazy[i].source);
	free(lazy);
	free(lists);
	return err;
}

void selfcheck_result_free(struct selfcheck_result *r)
{
	memset(r, 0, sizeof(*r));
}
