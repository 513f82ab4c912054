/* SPDX-License-Identifier: BSD-3-Clause */
/* elephants: finds large flows that were judged and need no more inspection.
 *
 * Model:    a small table of lately decided flows, one place a hash: a newer flow takes an older one's. Bytes are added up; at
 *           ELEPHANT_BYTES the flow leaves the table for a queue, from which the main thread gives it to the kernel. TCP
 *           with TLS alone: after a judged ClientHello nothing more of it can be read. HTTP is never bypassed, since any
 *           request may be the listed one.
 * Owner:    embedded in its worker; zeroed memory is an empty table.
 * Threads:  the worker adds and counts; the main thread takes.
 * Limits:   ELEPHANTS_WATCHED flows, ELEPHANTS_QUEUED waiting; one that finds the queue full is found again later.
 * Cost:     one line of the table a packet of a TCP flow.
 */
#ifndef DATAPLANE_DPDK_ELEPHANTS_H
#define DATAPLANE_DPDK_ELEPHANTS_H

#include <stdatomic.h>

#include "dataplane/core/pipeline.h"

#define ELEPHANTS_WATCHED 4096
#define ELEPHANTS_QUEUED  64
#define ELEPHANT_BYTES	  (1u << 20)

struct elephants {
	struct {
		uint32_t flow, bytes;
	} watched[ELEPHANTS_WATCHED];
	struct decided_flow ends[ELEPHANTS_WATCHED];
	struct decided_flow queue[ELEPHANTS_QUEUED];
	_Atomic unsigned put, taken;
};

void elephants_watch(struct elephants *e, const struct decided_flow *d);

static inline bool elephants_is_watched(const struct elephants *e, uint32_t flow)
{
	return flow && e->watched[flow >> 1 & (ELEPHANTS_WATCHED - 1)].flow == flow;
}

/* Bytes of a watched flow. */
void elephants_count(struct elephants *e, uint32_t flow, uint32_t bytes);
/* The main thread's side: one flow to bypass; false: none. */
bool elephants_take(struct elephants *e, struct decided_flow *ret);

#endif
