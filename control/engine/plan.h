/* SPDX-License-Identifier: BSD-3-Clause */
/* plan: what must be enforced at a moment, as a function of the store and the time.
 *
 * Model:    an order counts while it is approved, not held, begun, not over, within its schedule and not stopped; its lists
 *           count by their active imports. The plan is canonical JSON, so that two plans are the same if their digests
 *           are; whoever dies at whatever point, the next look at the store gives the same plan again.
 * Owner:    plan_free.
 * Threads:  plan_build: the main thread. A built plan is read-only and may go to a worker.
 * Cost:     a few questions to the store; O(orders + lists).
 */
#ifndef CONTROL_ENGINE_PLAN_H
#define CONTROL_ENGINE_PLAN_H

#include "control/store/store.h"
#include "control/store/versions.h"
#include "rules/meta.h"

struct plan_list {
	int64_t order_id, list_id, import_id;
	char object[160];	      /* file within the folder of objects */
	const char *meta[META_COUNT]; /* NULL: its default; borrowed from json */
};

struct plan {
	json_t *json;
	char *text;
	char digest[DIGEST_TEXT];
	struct plan_list *lists;
	unsigned n_lists;
	char **exceptions; /* canonical entries without '!' */
	unsigned n_exceptions;
	char **overrides;	  /* guarded names that may be blocked */
	int64_t *override_orders; /* by which order each, 0: by any; NULL: all of them by any */
	unsigned n_overrides;
	int64_t next_change; /* when time alone makes another plan; INT64_MAX: never */
};

int plan_build(struct store *s, int64_t now, struct plan **ret, struct err *e);
void plan_free(struct plan *p);

#endif
