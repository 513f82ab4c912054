/* SPDX-License-Identifier: BSD-3-Clause */
/* orders: their life from proposal to end. Every function works within the caller's transaction.
 *
 * Model:    proposed -> approved (by somebody else) -> revoked or expired; or refused. What an approved order says never
 *           changes: another order takes its place. An order is in force while it is approved, begun, not ended, not held
 *           by a rollback and not stopped; the plan (engine/plan.h) decides that from the times, so that nothing must happen for it to end.
 * Errors:   -ENOENT: no such order; -EPERM: not in this state; -EINVAL: a field.
 */
#ifndef CONTROL_STORE_ORDERS_H
#define CONTROL_STORE_ORDERS_H

#include "control/store/journal.h"

/* fields is checked, completed and kept. *ret_id, *ret_proposal: what came of it. */
int order_add(struct store *s, struct err *e, const struct who *who, json_t *fields, int64_t *ret_id,
	      int64_t *ret_proposal);
/* Proposes its end. */
int order_revoke(struct store *s, struct err *e, const struct who *who, int64_t id, const char *reason,
		 int64_t *ret_proposal);
/* The yearly look. */
int order_review(struct store *s, struct err *e, const struct who *who, int64_t id, const char *note);
/* Keeps a letter to the authority that was drafted; sha256: of its text, in hexadecimal. */
int order_confirmed(struct store *s, struct err *e, const struct who *who, int64_t id, const char *text,
		    const char *sha256, int64_t *ret_confirmation);
/* Ends what has expired; *ret: how many. Raises the alarms that orders' times call for. nodes: how many data planes there
 * are; warn_s: how long before a deadline. */
int orders_tick(struct store *s, struct err *e, int64_t now, unsigned nodes, int64_t warn_s);

/* For proposals. */
int order_approved(struct store *s, struct err *e, int64_t id, const struct who *who);
int order_revoked(struct store *s, struct err *e, int64_t id, const struct who *who, const char *why);
int order_refused(struct store *s, struct err *e, int64_t id);
/* 0, -ENOENT; *ret_state is a literal. */
int order_state(struct store *s, struct err *e, int64_t id, const char **ret_state);

#endif
