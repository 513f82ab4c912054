/* SPDX-License-Identifier: BSD-3-Clause */
/* telemetry: the daemon's figures in DPDK's telemetry (dpdk-telemetry.py -f INSTANCE).
 *
 * Model:    /roja/status, /roja/workers, /roja/worker,N, /roja/ports, /roja/port,N and /roja/counters answer from the same view
 *           and tables as the control socket.
 * Threads:  DPDK's telemetry thread calls, under view_lock.
 */
#ifndef DATAPLANE_DPDK_TELEMETRY_H
#define DATAPLANE_DPDK_TELEMETRY_H

#include "dataplane/dpdk/view.h"

void telemetry_start(struct view *v);

#endif
