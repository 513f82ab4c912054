/* SPDX-License-Identifier: BSD-3-Clause */
/* buffers: the packet buffers, a pool for each NUMA node that has a worker.
 *
 * Model:    a frame lies in memory of the node whose device received it, where a worker of that node will read it; a device
 *           on a node without workers uses the first pool.
 * Owner:    pools live until the process ends.
 * Threads:  made by the main thread; the pools are for all.
 * Errors:   0 or -errno, naming limits.mbufs.
 */
#ifndef DATAPLANE_DPDK_BUFFERS_H
#define DATAPLANE_DPDK_BUFFERS_H

#include "common/err.h"
#include "dataplane/dpdk/config.h"

#define BUFFERS_NODES_MAX 8

struct rte_mempool;

struct buffers {
	struct rte_mempool *pool[BUFFERS_NODES_MAX]; /* by node; NULL: it has no worker */
	struct rte_mempool *first;
};

/* cfg->limits.mbufs buffers a node, each with room for a frame of the largest MTU. */
int buffers_make(struct buffers *b, const struct config *cfg, struct err *e);
/* node < 0: unknown. */
struct rte_mempool *buffers_of(const struct buffers *b, int node);
/* All of them, and those that are free now. */
unsigned buffers_total(const struct buffers *b, const struct config *cfg);
unsigned buffers_free(const struct buffers *b);

#endif
