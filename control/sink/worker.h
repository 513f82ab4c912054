/* SPDX-License-Identifier: BSD-3-Clause */
/* worker: a sink's own thread: takes leaves out of its queue, makes records of them, and writes them to its output for as long as that takes.
 *
 * Model:    after a failure it waits longer each time, at most WORKER_WAIT_S, drawn by chance; then opens the output anew, and what was not settled
 *           comes again by the queue. `woken` is called when the loop could do something: room in the queue, a rewind.
 * Owner:    start allocates, stop frees. config outlives it.
 * Threads:  start and stop: the loop's.
 */
#ifndef CONTROL_SINK_WORKER_H
#define CONTROL_SINK_WORKER_H

#include "control/sink/output.h"
#include "control/sink/queue.h"
#include "control/sink/record.h"

#define WORKER_WAIT_S  60
#define WORKER_LOOK_MS 250 /* how often is looked what was settled */

struct worker;

/* form, with its strings, is copied. woken may only wake the loop. */
int worker_start(const struct config_sink *config, const struct record_form *form, uint64_t place,
		 void (*woken)(void *ctx), void *ctx, struct worker **ret, struct err *e);
struct queue *worker_queue(struct worker *w);
/* The thread is to end, at once, whatever it waits for; without waiting for it. */
void worker_ask_stop(struct worker *w);
/* The same, and waits for it. Returns the place up to which everything is settled. */
uint64_t worker_stop(struct worker *w);

#endif
