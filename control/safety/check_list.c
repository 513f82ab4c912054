/* SPDX-License-Identifier: BSD-3-Clause */
/* check_list: the list as a whole against its authority's thresholds. */
#include <stdio.h>
#include <string.h>

#include "control/safety/check_state.h"

static uint64_t percent_of(uint64_t whole, uint32_t percent)
{
	return whole / 100 * percent + whole % 100 * percent / 100;
}

/* A few entries may always go, though not more than half of a list (rounded up). */
static uint64_t allowed(uint64_t whole, uint32_t percent, uint32_t slack)
{
	uint64_t by_percent = percent_of(whole, percent), half = whole / 2 + whole % 2;
	uint64_t by_slack = half < slack ? half : slack;
	return by_percent > by_slack ? by_percent : by_slack;
}

__attribute__((format(printf, 3, 4))) static int find(struct check *c, enum safety_class class,
						      const char *fmt, ...)
{
	char detail[200];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	return check_find(c, class, 0, (struct span){NULL, 0}, NULL, detail);
}

#define N(x) ((unsigned long long)(x))

static int check_size(struct check *c)
{
	const struct safety_policy *p = &c->q->policy;
	const struct safety_report *r = c->ret;
	uint64_t left = r->entries - r->n_skipped;
	uint32_t least = p->min_entries ? p->min_entries : 1;
	int err = 0;
	if (c->too_many_skipped)
		err = find(c, SAFETY_TOO_MANY_SKIPPED, "more than %u", SAFETY_MAX_SKIPPED);
	if (!err && left < least)
		err = find(c, SAFETY_TOO_FEW, "%llu entries, at least %u are expected (min_entries)", N(left),
			   least);
	if (!err && p->max_entries && p->max_entries != SAFETY_NO_LIMIT && r->entries > p->max_entries)
		err = find(c, SAFETY_TOO_LARGE, "%llu entries, at most %u are allowed (max_entries)",
			   N(r->entries), p->max_entries);
	return err;
}

static int check_change(struct check *c)
{
	const struct safety_policy *p = &c->q->policy;
	const struct safety_report *r = c->ret;
	uint64_t removable = allowed(r->previous, p->max_removed_percent, p->slack);
	uint64_t addable = percent_of(r->previous, p->max_added_percent);
	int err = 0;
	if (addable < p->added_slack)
		addable = p->added_slack;
	if (p->max_removed_percent != SAFETY_NO_LIMIT && r->removed > removable)
		err = find(c, SAFETY_REMOVED,
			   "%llu of %llu entries are gone, at most %llu may be (max_removed_percent %u)",
			   N(r->removed), N(r->previous), N(removable), p->max_removed_percent);
	if (!err && r->previous && p->max_added_percent != SAFETY_NO_LIMIT && r->added > addable)
		err = find(c, SAFETY_ADDED,
			   "%llu entries are new beside %llu, at most %llu may be (max_added_percent %u)",
			   N(r->added), N(r->previous), N(addable), p->max_added_percent);
	return err;
}

static int check_rejected(struct check *c)
{
	const struct safety_policy *p = &c->q->policy;
	uint64_t lines = c->q->lines, rejected = c->q->rejected;
	uint64_t may = allowed(lines, p->max_rejected_percent, p->slack);
	if (p->max_rejected_percent == SAFETY_NO_LIMIT || rejected <= may)
		return 0;
	return find(c, SAFETY_REJECTED,
		    "%llu of %llu lines are no entries, at most %llu may be (max_rejected_percent %u)",
		    N(rejected), N(lines), N(may), p->max_rejected_percent);
}

static int check_age(struct check *c)
{
	const struct safety_stamp *is = &c->q->stamp, *was = &c->q->accepted;
	if (is->serial && was->serial && is->serial < was->serial)
		return find(c, SAFETY_REPLAYED, "its serial is %llu, the last accepted one had %llu",
			    N(is->serial), N(was->serial));
	if (is->time && was->time && is->time < was->time)
		return find(c, SAFETY_REPLAYED, "it is %lld seconds older than the last accepted one",
			    (long long)(was->time - is->time));
	if (c->has_previous && !c->ret->added && !c->ret->removed)
		return find(c, SAFETY_UNCHANGED, "%llu entries", N(c->ret->entries));
	for (unsigned i = 0; i < c->q->n_earlier; i++)
		if (!memcmp(c->q->earlier[i], c->ret->digest, sizeof(c->ret->digest)))
			return find(c, SAFETY_EARLIER, "version %u before the last", i + 1);
	return 0;
}

static int check_tests(struct check *c)
{
	for (unsigned i = 0; i < c->tests.n; i++) {
		struct span text = {(const uint8_t *)c->tests.at[i], strlen(c->tests.at[i])};
		int err = c->test_seen[i] ? 0 : check_find(c, SAFETY_TEST_MISSING, 0, text, NULL, NULL);
		if (err)
			return err;
	}
	return 0;
}

int check_list(struct check *c)
{
	int err = check_size(c);
	err = err ? err : check_change(c);
	err = err ? err : check_rejected(c);
	err = err ? err : check_age(c);
	return err ? err : check_tests(c);
}
