/* SPDX-License-Identifier: BSD-3-Clause */
/* outage: tells in events which intervals no worker watched, and which frames went past meanwhile.
 *
 * Model:    an outage of a port lasts from the end of the heartbeat's patience after the last beat to the next beat. Before a
 *           start it is known from the beats that the kernel kept; while running from the workers, which see it when
 *           they go on (a stop, a hung core). Frames and bytes come from the kernel's counters.
 * Threads:  the main thread.
 */
#ifndef DATAPLANE_DPDK_OUTAGE_H
#define DATAPLANE_DPDK_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

struct engine;

/* Reports what ended since the last call. */
void outage_report(struct engine *g, bool last);
/* About once a second: reports frames that pass uninspected though every worker beats. */
void outage_look_for_unwatched(struct engine *g);

#endif
