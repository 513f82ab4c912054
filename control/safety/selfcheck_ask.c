/* SPDX-License-Identifier: BSD-3-Clause */
/* selfcheck_ask: entries as requests, and as those that must not match. */
#include <string.h>

#include "control/safety/selfcheck_state.h"

bool selfcheck_ask_name(struct selfcheck *s, const char *text, size_t len, struct match *ret)
{
	if (name_canonical((const uint8_t *)text, len, &s->name) != NAME_OK)
		return false;
	ruleset_match_name(s->q->ruleset, s->scratch, &s->name, ret);
	return true;
}

bool selfcheck_ask_url(struct selfcheck *s, const char *text, size_t len, struct match *ret)
{
	if (url_from_text((const uint8_t *)text, len, &s->url) != NAME_OK)
		return false;
	ruleset_match_url(s->q->ruleset, s->scratch, &s->url, ret);
	return true;
}

static void judge(struct selfcheck *s, const struct list_entry *e, const struct match *m)
{
	const struct selfcheck_place at = {s->list, e->line};
	const struct rule_ref *own = e->exception ? &m->exception : &m->rule;
	if (!own->is_set)
		selfcheck_note(s, SELFCHECK_MISSED, at, NULL, NULL);
	else if (!e->exception && m->exception.is_set)
		selfcheck_note(s, SELFCHECK_EXCEPTED, at, &m->exception, NULL);
	else if (!selfcheck_is(own, s->list, e->line))
		selfcheck_note(s, SELFCHECK_COVERED, at, own, NULL);
	else
		s->ret->own++;
}

static void judge_made(struct selfcheck *s, const struct list_entry *e, bool asked, const struct match *m)
{
	if (asked)
		judge(s, e, m);
	else
		selfcheck_note(s, SELFCHECK_UNPROVEN, (struct selfcheck_place){s->list, e->line}, NULL, NULL);
}

/* What the ruleset says of a request; false: its text is no canonical name or URL. */
static bool asked(struct selfcheck *s, const struct ask *a, struct match *ret)
{
	const char *text = (const char *)a->text.p;
	switch (a->what) {
	case ASK_NAME:
		return selfcheck_ask_name(s, text, a->text.len, ret);
	case ASK_URL:
		return selfcheck_ask_url(s, text, a->text.len, ret);
	case ASK_ADDRESS:
		ruleset_match_addr(s->q->ruleset, a->addr, ret);
		break;
	}
	return true;
}

/* Whether what was asked last is the text that was made. */
static bool stood_as_made(const struct selfcheck *s, const struct ask *a)
{
	if (a->what == ASK_NAME)
		return s->name.kind == NAME_DNS && s->name.len == a->text.len &&
		       !memcmp(s->name.text, a->text.p, a->text.len);
	return s->url.len == a->text.len && !memcmp(s->url.text, a->text.p, a->text.len);
}

static void ask_one(struct selfcheck *s, const struct list_entry *e, const struct ask *a)
{
	struct match m;
	judge_made(s, e, asked(s, a, &m) && (!ask_is_exact(e->kind) || stood_as_made(s, a)), &m);
}

/* What the expression finds may be a whole URL or a piece of one. */
static void ask_any(struct selfcheck *s, const struct list_entry *e, const struct ask *v, unsigned n)
{
	struct match m, best = {0};
	for (unsigned i = 0; i < n; i++) {
		if (!asked(s, &v[i], &m))
			continue;
		const struct rule_ref *r = e->exception ? &m.exception : &m.rule;
		const struct rule_ref *b = e->exception ? &best.exception : &best.rule;
		if (selfcheck_is(r, s->list, e->line) || (r->is_set && !b->is_set))
			best = m;
		if (selfcheck_is(r, s->list, e->line))
			break;
	}
	judge_made(s, e, e->exception ? best.exception.is_set : best.rule.is_set, &best);
}

static void ask_prefix(struct selfcheck *s, const struct list_entry *e)
{
	struct match m;
	ruleset_match_addr(s->q->ruleset, e->addr, &m);
	/* The bitmap of blocks answers for addresses; an exception outside it is seen through a name. */
	if (e->exception && !m.exception.is_set) {
		size_t n = 0;
		while (n < e->text.len && e->text.p[n] != '/')
			n++;
		selfcheck_ask_name(s, (const char *)e->text.p, n, &m);
	}
	judge(s, e, &m);
	selfcheck_guarded_prefix(s, e, &m);
}

void selfcheck_entry(struct selfcheck *s, const struct list_entry *e)
{
	struct ask v[ASKS_MAX];
	bool any = false;
	unsigned n = e->kind == RULE_PREFIX ? 0 : ask_entry(&s->asker, e, v, &any);
	if (e->kind == RULE_PREFIX)
		ask_prefix(s, e);
	else if (n && !any)
		ask_one(s, e, &v[0]);
	else
		ask_any(s, e, v, n);
}

void selfcheck_neighbours(struct selfcheck *s, const struct list_entry *e)
{
	struct ask v[ASKS_MAX];
	struct match m;
	unsigned n = ask_beside(&s->asker, e, v);
	for (unsigned i = 0; i < n; i++) {
		if (!asked(s, &v[i], &m))
			continue;
		s->ret->neighbours++;
		if (selfcheck_is(e->exception ? &m.exception : &m.rule, s->list, e->line))
			selfcheck_note(s, SELFCHECK_NEIGHBOUR, (struct selfcheck_place){s->list, e->line},
				       NULL, NULL);
	}
}
