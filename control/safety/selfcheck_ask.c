/* SPDX-License-Identifier: BSD-3-Clause */
/* selfcheck_ask: entries as requests, and as those that must not match. */
#include <string.h>

#include "control/safety/selfcheck_state.h"

/* What no list says of anybody, in front of and behind what one does say. */
#define NOBODY "zq7"

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

/* "before" + entry's text + "after", in a buffer that lives until the next call. */
static const char *around(const char *before, struct span text, const char *after, size_t *ret_len)
{
	static _Thread_local char made[URL_MAX_BYTES + 64];
	*ret_len = (size_t)snprintf(made, sizeof(made), "%s%.*s%s", before, (int)text.len,
				    (const char *)text.p, after);
	return made;
}

static void ask_name_entry(struct selfcheck *s, const struct list_entry *e)
{
	struct match m;
	size_t n;
	const char *text = (const char *)e->text.p;
	if (e->kind != RULE_SUBDOMAINS) {
		judge_made(s, e, selfcheck_ask_name(s, text, e->text.len, &m), &m);
		return;
	}
	text = around(NOBODY ".", e->text, "", &n);
	if (n > NAME_MAX_BYTES)
		text = around("z.", e->text, "", &n);
	judge_made(s, e, selfcheck_ask_name(s, text, n, &m), &m);
}

/* A prefix's own text may not be canonical ("/a?" or "/a/."); one byte more is. */
static void ask_url_entry(struct selfcheck *s, const struct list_entry *e)
{
	struct match m;
	size_t n = e->text.len;
	const char *text = (const char *)e->text.p;
	if (e->kind == RULE_URL_PREFIX)
		text = around("", e->text, "z", &n);
	judge_made(s, e, selfcheck_ask_url(s, text, n, &m), &m);
}

static void ask_glob(struct selfcheck *s, const struct list_entry *e)
{
	struct match m;
	const struct witness *w = &s->witness;
	bool asked = witness_of(e, &s->witness);
	if (asked && e->kind == RULE_NAME_GLOB)
		asked = selfcheck_ask_name(s, w->text, w->len, &m) && s->name.kind == NAME_DNS &&
			!strcmp(s->name.text, w->text);
	else if (asked)
		asked = selfcheck_ask_url(s, w->text, w->len, &m) && !strcmp(s->url.text, w->text);
	judge_made(s, e, asked, &m);
}

/* What the expression finds may be a whole URL or a piece of one. */
static void ask_regex(struct selfcheck *s, const struct list_entry *e)
{
	static const char *const before[] = {"", NOBODY, NOBODY ".example/", NOBODY ".example/?"};
	struct match m, best = {0};
	if (witness_of(e, &s->witness))
		for (unsigned i = 0; i < sizeof(before) / sizeof(*before); i++) {
			struct span text = {(const uint8_t *)s->witness.text, s->witness.len};
			size_t n;
			const char *made = around(before[i], text, "", &n);
			if (!selfcheck_ask_url(s, made, n, &m))
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

typedef void ask_fn(struct selfcheck *s, const struct list_entry *e);
static ask_fn *const asks[RULE_KINDS_N] = {
    [RULE_DOMAIN] = ask_name_entry, [RULE_HOST] = ask_name_entry,      [RULE_SUBDOMAINS] = ask_name_entry,
    [RULE_URL] = ask_url_entry,	    [RULE_URL_PREFIX] = ask_url_entry, [RULE_URL_GLOB] = ask_glob,
    [RULE_NAME_GLOB] = ask_glob,    [RULE_REGEX] = ask_regex,	       [RULE_PREFIX] = ask_prefix,
};

void selfcheck_entry(struct selfcheck *s, const struct list_entry *e)
{
	asks[e->kind](s, e);
}

static void must_not(struct selfcheck *s, const struct list_entry *e, bool asked, const struct match *m)
{
	if (!asked)
		return;
	s->ret->neighbours++;
	if (selfcheck_is(e->exception ? &m->exception : &m->rule, s->list, e->line))
		selfcheck_note(s, SELFCHECK_NEIGHBOUR, (struct selfcheck_place){s->list, e->line}, NULL,
			       NULL);
}

static void must_not_name(struct selfcheck *s, const struct list_entry *e, const char *before,
			  struct span text)
{
	struct match m;
	size_t n;
	const char *made = around(before, text, "", &n);
	must_not(s, e, selfcheck_ask_name(s, made, n, &m), &m);
}

static void must_not_url(struct selfcheck *s, const struct list_entry *e, struct span text, const char *after)
{
	struct match m;
	size_t n;
	const char *made = around("", text, after, &n);
	must_not(s, e, selfcheck_ask_url(s, made, n, &m), &m);
}

static void name_neighbours(struct selfcheck *s, const struct list_entry *e)
{
	const uint8_t *dot = memchr(e->text.p, '.', e->text.len);
	must_not_name(s, e, NOBODY, e->text); /* another name that ends alike */
	if (dot)
		must_not_name(s, e, "", (struct span){dot + 1, e->text.len - (size_t)(dot + 1 - e->text.p)});
	if (e->kind == RULE_HOST)
		must_not_name(s, e, NOBODY ".", e->text);
	if (e->kind == RULE_SUBDOMAINS)
		must_not_name(s, e, "", e->text);
}

static void url_neighbours(struct selfcheck *s, const struct list_entry *e)
{
	struct span host = {e->text.p, e->host_len};
	if (memchr(host.p, ':', host.len))
		return;
	must_not_name(s, e, "", host);
	if (e->kind == RULE_URL)
		must_not_url(s, e, e->text, NOBODY);
	if (e->text.len > e->host_len + 1u)
		must_not_url(s, e, host, "/");
}

static void step_address(uint8_t addr[16], int by)
{
	for (int i = 15; i >= 0; i--) {
		addr[i] = (uint8_t)(addr[i] + by);
		if (addr[i] != (by > 0 ? 0 : 0xff))
			return;
	}
}

static void prefix_neighbours(struct selfcheck *s, const struct list_entry *e)
{
	uint8_t before[16], after[16];
	struct match m;
	memcpy(before, e->addr, 16);
	memcpy(after, e->addr, 16);
	for (unsigned i = e->prefix_len; i < 128; i++)
		after[i / 8] |= (uint8_t)(0x80 >> i % 8);
	step_address(before, -1);
	step_address(after, 1);
	ruleset_match_addr(s->q->ruleset, before, &m);
	must_not(s, e, true, &m);
	ruleset_match_addr(s->q->ruleset, after, &m);
	must_not(s, e, true, &m);
}

void selfcheck_neighbours(struct selfcheck *s, const struct list_entry *e)
{
	if (e->kind == RULE_PREFIX)
		prefix_neighbours(s, e);
	else if (e->kind == RULE_URL || e->kind == RULE_URL_PREFIX)
		url_neighbours(s, e);
	else if (e->kind == RULE_DOMAIN || e->kind == RULE_HOST || e->kind == RULE_SUBDOMAINS)
		name_neighbours(s, e);
}
