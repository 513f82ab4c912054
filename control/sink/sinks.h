/* SPDX-License-Identifier: BSD-3-Clause */
/* sinks: the log's entries go to files and syslog servers, for the operator's SIEM; docs/sinks.md.
 *
 * Model:    each row of `sinks` follows the log from a place of its own, which is a value of the log's map ("sink/NAME"), durable with its batches. A leaf comes at
 *           least once, in order, whoever dies when; what was sent and is not known to have arrived is sent again. The loop only copies entries into a
 *           bounded queue; a thread for each sink makes records and sends them. A sink that is dead, slow or hostile falls behind, and nothing else.
 * Owner:    open allocates; stop ends the threads; then the loop must run once more before free. config, store and log outlive it.
 * Threads:  the loop's.
 * Limits:   QUEUE_BYTES a sink; SINKS_LEAVES a turn of the loop and sink.
 */
#ifndef CONTROL_SINK_SINKS_H
#define CONTROL_SINK_SINKS_H

#include <uv.h>

#include "audit/log.h"
#include "control/config.h"
#include "control/store/store.h"

#define SINKS_LEAVES  2048
#define SINKS_LOOK_MS 1000 /* how often places are kept and alarms looked at */

struct sinks;

/* -EINVAL: certificates cannot be used. *ret is NULL where there are no sinks; where it fails, it is to be stopped and freed all the same. */
int sinks_open(uv_loop_t *loop, const struct control_config *config, struct store *store,
	       struct audit_log *log, struct sinks **ret, struct err *e);
/* More became durable. Nothing, where s is NULL: so for all that follow. */
void sinks_on_durable(struct sinks *s);
/* Keeps the places in the log: before the log is closed. */
void sinks_stop(struct sinks *s);
void sinks_free(struct sinks *s);

struct sink_figures {
	const char *name;
	uint64_t lag;		 /* durable leaves that were not sent to it */
	uint64_t unsettled;	 /* that were sent, and may have to be sent again */
	uint64_t sent, failures; /* since the start: records; connections or files that failed */
	bool is_up;
	char trouble[ERR_BYTES]; /* what is wrong now; "": nothing */
};
/* The i-th; false: there are no more. */
bool sinks_look(struct sinks *s, unsigned i, struct sink_figures *ret);

#endif
