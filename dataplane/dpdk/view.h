/* SPDX-License-Identifier: BSD-3-Clause */
/* view: the running engine as the methods and telemetry see it. */
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

#endif
