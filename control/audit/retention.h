/* SPDX-License-Identifier: BSD-3-Clause */
/* retention: removes from the log, once a day, what is kept no longer (retention_plan.h, docs/privacy.md).
 *
 * Model:    a run works out which bodies go (a worker's thread), appends a leaf `prune` that says so, waits until that leaf is published, removes
 *           the bodies (a worker's thread), and lets the index forget them. The log's map remembers the last such leaf: whatever a death cut off
 *           goes on at the next start, and a removal that failed is finished before another is planned.
 * Owner:    retention_new allocates; retention_stop ends what goes on, the memory goes with the loop's next turns.
 * Threads:  the loop's, and its workers.
 * Errors:   what fails is in the status, is an alarm (retention-failed), and is tried again an hour later.
 */
#ifndef CONTROL_AUDIT_RETENTION_H
#define CONTROL_AUDIT_RETENTION_H

#include <uv.h>

#include "control/audit/index.h"
#include "control/config.h"
#include "control/store/store.h"

#define RETENTION_FIRST_S 60 /* behind the start */
#define RETENTION_EVERY_S 86400
#define RETENTION_AGAIN_S 3600 /* behind a failure */

struct retention;

struct retention_status {
	bool runs;
	int64_t begun, ended; /* the last run, seconds since 1970; 0: none yet */
	int64_t ended_well;   /* the last one that did */
	uint64_t removed;     /* bodies by it */
	uint64_t minimum,
	    total; /* of the last leaf `prune`: bundles below may lack bodies; bodies removed all told */
	char failed[ERR_BYTES]; /* why it failed; "": it did not */
};

int retention_new(uv_loop_t *loop, const struct control_config *config, struct store *store,
		  struct audit_log *log, struct audit_index *index, struct retention **ret, struct err *e);
void retention_stop(struct retention *r);
/* Begins a run. -EBUSY: one goes on. */
int retention_run(struct retention *r, struct err *e);
const struct retention_status *retention_status(const struct retention *r);

#endif
