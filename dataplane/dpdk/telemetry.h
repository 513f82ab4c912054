/* SPDX-License-Identifier: BSD-3-Clause */
/* telemetry: the daemon's figures in DPDK's telemetry (dpdk-telemetry.py -f INSTANCE).
 *
 * Model:    /roja/status, /roja/workers, /roja/worker,N, /roja/ports, /roja/port,N and /roja/counters answer from the same view
 *           and tables as the control socket.
 * Threads:  DPDK's telemetry thread calls; a lock keeps it and the main thread apart (telemetry_lock).
 */
#ifndef DATAPLANE_DPDK_TELEMETRY_H
#define DATAPLANE_DPDK_TELEMETRY_H

#include "dataplane/dpdk/view.h"

void telemetry_start(struct view *v);
/* Around whatever the main thread changes that a snapshot reads: loading a ruleset. */
void telemetry_lock(void);
void telemetry_unlock(void);

#endif
