/* SPDX-License-Identifier: BSD-3-Clause */
/* view: the running engine as the methods and telemetry see it.
 *
 * Threads:  the main thread, and DPDK's telemetry thread, which only takes snapshots: view_lock keeps the two apart. The
 *           methods take it themselves; the main thread takes it around what changes or frees what a snapshot reads.
 */
#ifndef DATAPLANE_DPDK_VIEW_H
#define DATAPLANE_DPDK_VIEW_H

#include "dataplane/dpdk/engine.h"
#include "dataplane/dpdk/methods.h"

struct view {
	struct dataplane_view methods;
	struct engine *engine;
	void (*stop)(void *ctx);
	void *stop_ctx;
};

/* Of an engine that runs; `stop` ends the daemon. */
void view_init(struct view *v, struct engine *engine, void (*stop)(void *ctx), void *stop_ctx);

/* A thread that has it may take it again. */
void view_lock(void);
void view_unlock(void);

#endif
