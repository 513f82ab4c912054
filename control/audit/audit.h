/* SPDX-License-Identifier: BSD-3-Clause */
/* audit: puts what happened into the log: what data planes report, and what people and the program did.
 *
 * Model:    three sources, each with a place up to which it was taken, which is durable by the same batch as its leaves: so each thing is a leaf
 *           exactly once, whoever dies when. (1) Events of data planes: through the privacy filter (privacy.h) into leaves or minutes' counts;
 *           given back to their ring once durable. (2) The store's outbox: triggers (store/schema.c) note every row of journal, orders,
 *           imports, versions, acks and alarms in the act's own transaction. (3) Entries that other modules add (probes). Followers (index,
 *           sinks) read leaves from a place of their own and delay nobody.
 * Owner:    audit_open allocates; audit_stop writes what waits; audit_free.
 * Threads:  the loop's. The log has threads of its own (audit/log.h).
 * Errors:   a disk that takes nothing: hits wait in their rings, an alarm says so, everything goes on by itself when it is well again.
 */
#ifndef CONTROL_AUDIT_AUDIT_H
#define CONTROL_AUDIT_AUDIT_H

#include <uv.h>

#include "audit/log.h"
#include "common/events.h"
#include "control/config.h"
#include "control/store/store.h"

#define AUDIT_FOLDER "audit" /* within the state folder */

struct audit;
struct audit_index; /* control/audit/index.h */
struct retention;

/* Opens STATE/audit: recovers the log, brings the index up to it. store and config outlive it. */
int audit_open(uv_loop_t *loop, const struct control_config *config, struct store *store, struct audit **ret,
	       struct err *e);
/* The store forgets the log's last checkpoint: another log may begin. Journalled. For roja-control --new-log. */
int audit_forget(struct store *store, struct err *e);
/* No hook is called any more; what waits is written and published, as far as the disk takes it. */
void audit_stop(struct audit *a);
void audit_free(struct audit *a);

/* Takes records of one ring, in order; those that were taken before are left out. Durable once audit_durable says the ticket.
 * -EAGAIN: too much waits for the disk: hand them again later. */
int audit_events(struct audit *a, const char *node, const uint8_t file[16], unsigned ring,
		 const struct event *ev, unsigned n);
/* What was taken and added so far goes to the disk: its ticket. */
uint64_t audit_commit(struct audit *a);
bool audit_durable(const struct audit *a, uint64_t ticket);
/* Called on the loop whenever more became durable. */
void audit_on_durable(struct audit *a, void (*call)(void *ctx), void *ctx);

/* The store's outbox has something: taken within this turn of the loop or the next. */
void audit_poke(struct audit *a);
/* Adds an entry of another module's; committed with the next batch. */
int audit_add(struct audit *a, const struct entry *entry, struct err *e);
/* Every leaf of order, version ... that the index and reports speak of is in the index up to here. */
struct audit_log *audit_log(struct audit *a);
struct audit_index *audit_index(struct audit *a);
struct retention *audit_retention(struct audit *a); /* control/audit/retention.h */

#endif
