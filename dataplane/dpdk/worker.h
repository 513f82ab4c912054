/* SPDX-License-Identifier: BSD-3-Clause */
/* worker: one lcore that receives, judges and transmits.
 *
 * Model:    a pass polls the worker's own receive queues, hands frames whose flow belongs to another worker to it through a
 *           ring, judges the rest in bursts and transmits at the peer port. A worker without a transmit queue of its own
 *           at a port hands the frame to the worker that has one. Each pass ends between bursts: there the worker beats,
 *           takes up a new ruleset and reports itself quiescent.
 * Owner:    workers_new/free; a worker's own state is allocated on its own core, so that it is local to it.
 * Threads:  everything but `stats`, `beat_ns`, `longest_pass` and `stalls` belongs to the worker's thread; these it alone writes, and the
 *           main thread reads them.
 * Limits:   HAND_RING frames on the way between two workers; beyond them a frame is dropped and counted.
 * Errors:   0 or -errno at start; afterwards counters.
 */
#ifndef DATAPLANE_DPDK_WORKER_H
#define DATAPLANE_DPDK_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/dataplane_fields.h"
#include "common/events.h"
#include "dataplane/core/pipeline.h"
#include "dataplane/dpdk/config.h"
#include "dataplane/dpdk/elephants.h"
#include "dataplane/dpdk/generation.h"
#include "dataplane/dpdk/port.h"
#include "dataplane/dpdk/wire.h"

struct rte_ring;
struct worker;

#define HAND_RING     4096
#define WORKER_STALLS 16
#define FRAME_MAX     65536 /* bytes of a frame that came in pieces, as the pipeline sees it */

struct worker_stats {
#define X(name, help) uint64_t name;
	WORKER_COUNTERS(X)
#undef X
};

/* An interval without a beat, CLOCK_MONOTONIC. */
struct stall {
	uint64_t from_ns, to_ns;
};

/* What the workers share, set before they start. */
struct workers {
	const struct config *cfg;
	struct port *ports;
	struct generations *generations;
	struct events_producer *events;
	const struct wire *wire;
	const struct page_set *pages;
	const struct buffers *buffers;
	const struct blocks *blocks; /* NULL: none */
	uint64_t secret[2];
	bool nic_hash; /* every port's NIC hashes symmetrically */
	bool spread;   /* frames go to their worker by software */
	_Atomic bool stop;
	_Atomic unsigned joined, settled; /* how often a worker came to the beginning, to a step of the end */
	unsigned n;
	struct worker *v[CONFIG_WORKERS_MAX];
};

/* Allocates the workers and the rings between them, gives out the queues. */
int workers_new(struct workers *ws, struct err *e);
/* Builds each worker's pipeline on its own lcore, then starts all loops. */
int workers_start(struct workers *ws, struct err *e);
/* Ends the loops: what was received is still judged and sent. false: a worker hangs and has not ended within
 * WORKERS_STOP_NS; nothing that it uses may be freed. It may be called again. */
#define WORKERS_STOP_NS 1000000000ull
bool workers_stop(struct workers *ws);
void workers_free(struct workers *ws);

const struct worker_stats *worker_stats(const struct worker *w);
const struct counters *worker_counters(const struct worker *w);
uint64_t worker_flows(const struct worker *w);
unsigned worker_core(const struct worker *w);
/* CLOCK_MONOTONIC of the last beat, or of the start; of the first, 0 while there was none. */
uint64_t worker_beat_ns(const struct worker *w);
uint64_t worker_first_beat_ns(const struct worker *w);
/* The longest round since the last call. */
uint64_t worker_longest_pass_ns(struct worker *w);
/* Large flows that need no more inspection: the main thread's side of them. */
struct elephants *worker_elephants(struct worker *w);
/* Takes up to n stalls that no call has returned yet. */
unsigned worker_take_stalls(struct worker *w, struct stall *ret, unsigned n);

#endif
