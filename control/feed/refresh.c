/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/refresh.h"

#include <limits.h>
#include <string.h>

#include "control/feed/backoff.h"

#define BASE_S 30
#define MAX_S  3600

static uint32_t longest(const struct refresh_policy *p)
{
	if (p->max_s)
		return p->max_s;
	return p->every_s < MAX_S ? p->every_s : MAX_S;
}

static void after_failure(struct refresh *r, const struct refresh_policy *p, const struct fetch_result *f,
			  int64_t now_s, uint32_t random)
{
	uint32_t base_s = p->base_s ? p->base_s : BASE_S, max_s = longest(p);
	if (f->why == FETCH_WHY_CANCELLED) { /* by us: it says nothing about the source */
		r->next_s = now_s + backoff_next(1, base_s, max_s, random);
		return;
	}
	r->why = f->why;
	r->failures += r->failures < UINT_MAX;
	if (fetch_why_passes(f->why)) {
		r->next_s = now_s + backoff_asked(r->failures, base_s, max_s, f->retry_after_s, random);
		return;
	}
	uint32_t asked = f->retry_after_s ? backoff_asked(1, 1, 1, f->retry_after_s, random) : 1;
	r->next_s = now_s + (asked > max_s ? asked : max_s);
}

void refresh_after(struct refresh *r, const struct refresh_policy *policy, const struct fetch_result *f,
		   int64_t now_s, uint32_t random)
{
	r->tried_s = now_s;
	if (f->status == FETCH_FAILED) {
		after_failure(r, policy, f, now_s, random);
		return;
	}
	r->failures = 0;
	r->why = FETCH_WHY_NONE;
	r->good_s = now_s;
	r->next_s = now_s + (policy->every_s ? policy->every_s : 1);
}

void refresh_accept(struct refresh *r, const struct fetch_result *f)
{
	if (f->status != FETCH_NEW)
		return;
	memcpy(r->etag, f->etag, sizeof(r->etag));
	memcpy(r->last_modified, f->last_modified, sizeof(r->last_modified));
}
