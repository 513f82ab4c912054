/* SPDX-License-Identifier: BSD-3-Clause */
/* holds: legal holds: what the log says of an order's hits is kept, whatever their retention.
 *
 * Model:    proposed -> active (by somebody else) -> ended (proposed by one, approved by another, too), or refused. What retention removes does
 *           not come back: so a hold counts from its proposal on, for HOLD_PROPOSED_DAYS at most, until somebody decides.
 */
#ifndef CONTROL_STORE_HOLDS_H
#define CONTROL_STORE_HOLDS_H

#include "control/store/journal.h"

#define HOLD_PROPOSED_DAYS 30
/* SQL: whether a hold counts now. */
#define HOLD_COUNTS "(state = 'active' OR state = 'proposed' AND created > unixepoch() - 86400 * 30)"

/* -ENOENT: there is no such order. */
int hold_add(struct store *s, struct err *e, const struct who *who, int64_t order_id, const char *reason,
	     int64_t *ret_id, int64_t *ret_proposal);
/* Proposes its end. -ENOENT: it is not active. -EALREADY: that is proposed already. */
int hold_release(struct store *s, struct err *e, const struct who *who, int64_t id, const char *reason,
		 int64_t *ret_proposal);
/* For proposals.c. -EPERM: it is no longer in that state. */
int hold_begins(struct store *s, struct err *e, int64_t id);
int hold_refused(struct store *s, struct err *e, int64_t id);
int hold_ends(struct store *s, struct err *e, int64_t id);

#endif
