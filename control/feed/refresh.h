/* SPDX-License-Identifier: BSD-3-Clause */
/* refresh: what is remembered of a source between two fetches.
 *
 * Model:    a plain struct, stored as columns; pure functions, time and chance are arguments. Validators (ETag,
 *           Last-Modified) are kept only when what came is in use: a list that was fetched and then refused is
 *           fetched again, not answered by 304 for ever.
 * Owner:    the caller, who clears it when the URL changes.
 */
#ifndef CONTROL_FEED_REFRESH_H
#define CONTROL_FEED_REFRESH_H

#include <stdint.h>

#include "control/feed/fetch.h"

struct refresh {
	char etag[FETCH_MAX_VALIDATOR];
	char last_modified[FETCH_MAX_VALIDATOR];
	unsigned failures;  /* in a row */
	enum fetch_why why; /* of the last one */
	int64_t tried_s;    /* seconds since 1970; 0: never */
	int64_t good_s;	    /* last time that the source answered new or unchanged */
	int64_t next_s;	    /* not before */
};

struct refresh_policy {
	uint32_t every_s; /* between two good answers */
	uint32_t base_s;  /* after the first failure; 0: 30 */
	uint32_t max_s;	  /* after many; 0: every_s, at most an hour */
};

/* After fetch_run: what it says about failures, and when to come again. What fails until a person acts is tried each
 * max_s. */
void refresh_after(struct refresh *r, const struct refresh_policy *policy, const struct fetch_result *f,
		   int64_t now_s, uint32_t random);

/* What came is in use now: the next fetch asks for something newer. */
void refresh_accept(struct refresh *r, const struct fetch_result *f);

#endif
