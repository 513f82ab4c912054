/* SPDX-License-Identifier: BSD-3-Clause */
/* stamps: has the log's checkpoints time-stamped on schedule, as audit.stamp_url says (stamp_ask.h does it).
 *
 * Model:    every stamp_every_s at most, where the log has grown. A stamp is an act in the journal and a leaf `stamp`; STAMPS_ALARM failures in a row are an alarm,
 *           which a stamp clears; after a failure it waits longer each time, at most STAMPS_WAIT_S.
 * Owner:    open allocates (NULL: there is no stamp_url); stop cancels; then the loop must run until idle before free. config, store and log outlive it.
 * Threads:  the loop's; asking is done in a thread of the loop's pool, one at a time.
 */
#ifndef CONTROL_AUDIT_STAMPS_H
#define CONTROL_AUDIT_STAMPS_H

#include <uv.h>

#include "audit/log.h"
#include "control/config.h"
#include "control/store/store.h"

#define STAMPS_ALARM	   3
#define STAMPS_FIRST_S	   10 /* waited after a first failure */
#define STAMPS_WAIT_S	   3600
#define STAMPS_LOOK_MAX_MS 10000 /* how often is looked whether the log has grown */

struct stamps;

/* -EINVAL: audit.stamp_ca cannot be used. */
int stamps_open(uv_loop_t *loop, const struct control_config *config, struct store *store,
		struct audit_log *log, struct stamps **ret, struct err *e);
void stamps_stop(struct stamps *s);
void stamps_free(struct stamps *s);

#endif
