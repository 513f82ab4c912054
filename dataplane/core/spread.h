/* SPDX-License-Identifier: BSD-3-Clause */
/* spread: a number that says which worker a frame belongs to.
 *
 * Model:    the innermost pair of addresses, in either order: both directions of a flow and its fragments meet on one
 *           worker, also inside VLAN, MPLS, PPPoE and tunnels. Of a fragmented
 *           tunnel packet only the outer pair is to be seen, so it may land elsewhere than its unfragmented neighbours.
 *           Ports are left out, since only the first fragment shows them.
 * Threads:  pure.
 * Limits:   0 for what is no IP packet. Keyed, so that nobody outside can aim all traffic at one worker.
 * Cost:     one decode and four multiplications, about 50 cycles.
 */
#ifndef DATAPLANE_CORE_SPREAD_H
#define DATAPLANE_CORE_SPREAD_H

#include <stdint.h>

#include "dataplane/core/packet.h"

uint32_t spread(const uint8_t *frame, uint32_t len, enum link link, const uint64_t secret[2]);

/* The worker 0..n-1 of a spread; n >= 1. */
static inline unsigned spread_worker(uint32_t s, unsigned n)
{
	return (unsigned)((uint64_t)s * n >> 32);
}

#endif
