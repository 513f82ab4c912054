/* SPDX-License-Identifier: BSD-3-Clause */
/* retention_plan: which bodies of the log are kept no longer.
 *
 * Model:    hits and counts of an order go after the days of its category, but never while the order is held; acts and alarms after theirs; all
 *           else stays. The minimum moves up to the first bundle with anything younger than the shortest time for hits. The plan
 *           is made of the store (owner's thread), then worked out from the index and the bundles (a worker's).
 * Owner:    plan_make and work allocate, retention_plan_free frees.
 * Errors:   nothing was changed.
 */
#ifndef CONTROL_AUDIT_RETENTION_PLAN_H
#define CONTROL_AUDIT_RETENTION_PLAN_H

#include <stdatomic.h>

#include "audit/prune.h"
#include "control/audit/index_prune.h"
#include "control/config.h"

#define RETENTION_FUTURE_NS \
	(86400ull *         \
	 1000000000) /* a time further ahead is none: its clock was wrong, and its neighbours' time holds */

struct retention_order {
	int64_t order;
	uint64_t before_ns; /* its hits before that go; 0: it is held */
};

struct retention_plan {
	char *folder, *index; /* the published log's; the index's file */
	uint64_t leaves;      /* of the published log */
	uint64_t now_ns;
	uint64_t hits_ns,
	    acts_ns; /* what is before them goes: of orders without a row below; acts and alarms */
	struct retention_order *orders; /* by number */
	size_t n_orders;
	char text[512]; /* what the leaf says */

	/* worked out */
	struct prune_bits bits;
	uint64_t removed;   /* bodies more than before */
	uint64_t total;	    /* all told */
	struct hash digest; /* of `pruned.new` */
	struct index_gone *gone;
	size_t n_gone, gone_room;
};

int retention_plan_make(struct store *s, const struct control_retention *c, uint64_t now_ns,
			struct retention_plan *ret, struct err *e);
/* Works out, and writes `pruned.new` where bodies go. */
int retention_plan_work(struct retention_plan *p, const atomic_bool *cancel, struct err *e);
void retention_plan_free(struct retention_plan *p);

#endif
