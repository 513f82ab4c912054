/* SPDX-License-Identifier: BSD-3-Clause */
/* engine: the running data plane: EAL, guard, ports, workers, ruleset, events; what the main thread does with them.
 *
 * Model:    engine_new brings everything up in the order in which the wire stays alive: the kernel's programs first, then the
 *           ports, then the ruleset, then the workers, whose beats move the frames from the kernel to them.
 *           engine_tick, a hundred times a second, passes link changes on, reports outages and frees old rulesets.
 *           engine_stop silences the workers, so that the kernel takes the frames at once, and leaves the devices of kernel
 *           interfaces open: the process's end closes them, and the kernel's programs stay.
 * Owner:    one engine a process (DPDK's EAL is one); engine_new/engine_stop.
 * Threads:  the main thread.
 * Errors:   0 or -errno and a sentence that names the key of the configuration.
 */
#ifndef DATAPLANE_DPDK_ENGINE_H
#define DATAPLANE_DPDK_ENGINE_H

#include "dataplane/dpdk/bypass.h"
#include "dataplane/dpdk/engine_blocks.h"
#include "dataplane/dpdk/trials.h"
#include "dataplane/dpdk/worker.h"

struct page_set;

struct engine {
	const struct config *cfg;
	const struct seal_key *key;
	struct port ports[CONFIG_PORTS_MAX];
	struct workers workers;
	struct generations generations;
	struct wire wire;
	struct events_producer *events;
	struct page_set *pages;
	struct buffers buffers;
	struct bypass bypass;
	unsigned mbufs_at_rest; /* free when the ports had filled their queues */
	int prefixes_failed;	/* why the kernel has not the active ruleset's addresses, or 0 */
	struct err prefixes_why;
	struct blocks *blocks; /* addresses blocked for a time */
	struct trials *trials; /* NULL: nobody has probed */
	int blocks_failed;     /* the same of the last of them */
	struct err blocks_why;
	uint64_t secret[2]; /* random, for the workers' tables */
	uint64_t dead_frames
	    [CONFIG_PORTS_MAX]; /* passed or dropped by the kernel for want of a worker, as last accounted */
	uint64_t
	    suspected_ns[CONFIG_PORTS_MAX]; /* since when such frames are not accounted for; 0: they are */
	bool start_reported;		    /* the outage before this start */
	uint64_t started_ns;		    /* CLOCK_MONOTONIC */
	unsigned ticks;
};

/* key: of sealed rulesets, NULL: none; borrowed, as cfg. */
int engine_new(const struct config *cfg, const struct seal_key *key, struct engine *ret, struct err *e);
/* false: a worker hangs and was left as it is, with all that it uses; the process's end takes it. */
bool engine_stop(struct engine *g);
/* Every ENGINE_TICK_MS. */
#define ENGINE_TICK_MS 10
void engine_tick(struct engine *g);
/* The first worker that has not beaten for so long; -1: all have. */
int engine_hung_worker(const struct engine *g, uint64_t for_ns);
/* What the kernel has not of the addresses that the workers enforce: a sentence; NULL: it has all. */
const char *engine_kernel_lacks(const struct engine *g);
/* Loads a ruleset while running; reports the switch, or why not, as an event. */
int engine_load(struct engine *g, const char *path, uint64_t version, struct err *e);

#endif
