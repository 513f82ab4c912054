/* SPDX-License-Identifier: BSD-3-Clause */
/* bypass: gives the workers' large flows to the kernel.
 *
 * Model:    between the worker's word on a flow and the kernel's knowing of it, another connection may begin on its addresses and
 *           ports. So the kernel is first told to watch for one, and to forget the flow then; what it had passed on to the
 *           worker before has been judged BYPASS_TICKS later, and the worker has said so if that began something.
 *           Only then is the flow bypassed, if both still stand by it.
 * Owner:    embedded in the engine; zeroed memory is an empty one.
 * Threads:  the main thread.
 * Limits:   BYPASS_PENDING flows at a time; others wait in their workers' queues.
 * Errors:   none: a flow that cannot be bypassed goes on being inspected.
 */
#ifndef DATAPLANE_DPDK_BYPASS_H
#define DATAPLANE_DPDK_BYPASS_H

#include "bpf/guard.h"
#include "dataplane/dpdk/worker.h"

#define BYPASS_PENDING 256
#define BYPASS_TICKS   3

struct bypass {
	struct bypass_flow {
		struct elephant elephant;
		struct worker *worker;
		unsigned ticks;
	} pending[BYPASS_PENDING];
	unsigned n;
};

/* Ten times a second. */
void bypass_tick(struct bypass *b, const struct workers *ws, struct guard *guard);
/* What was decided by another ruleset, or is to be left nowhere: everything is forgotten, in the kernel too. */
void bypass_forget(struct bypass *b, struct guard *guard);

#endif
