/* SPDX-License-Identifier: BSD-3-Clause */
/* elephants: finds large flows that were judged and need no more inspection.
 *
 * Model:    a small table of lately decided flows, one place a hash: a newer flow takes an older one's. What the server sends is
 *           added up, by the port where it comes in, since a client could fake the rest; at ELEPHANT_BYTES the flow goes
 *           through a queue to the main thread, which gives it to the kernel (bypass.h). TCP with TLS alone: after a
 *           judged ClientHello nothing more of it can be read. HTTP is never bypassed, since any request may be the
 *           listed one; and a flow on which anything readable or another connection begins is forgotten.
 * Owner:    embedded in its worker; zeroed memory is an empty table.
 * Threads:  the worker watches, forgets and counts; the main thread takes and asks whether what it took still holds.
 * Limits:   ELEPHANTS_WATCHED flows, ELEPHANTS_QUEUED waiting; one that finds the queue full is found again later.
 * Cost:     one line of the table a TCP segment with data.
 */
#ifndef DATAPLANE_DPDK_ELEPHANTS_H
#define DATAPLANE_DPDK_ELEPHANTS_H

#include <stdatomic.h>

#include "dataplane/core/pipeline.h"

#define ELEPHANTS_WATCHED 4096
#define ELEPHANTS_QUEUED  64
#define ELEPHANT_BYTES	  (1u << 20)

struct elephant {
	struct decided_flow ends;
	uint32_t turn; /* of its place in the table when it was found */
};

struct elephants {
	struct {
		uint32_t flow, bytes;
	} watched[ELEPHANTS_WATCHED];
	struct decided_flow ends[ELEPHANTS_WATCHED];
	uint8_t client_port[ELEPHANTS_WATCHED];	   /* where the client's frames come in */
	bool given[ELEPHANTS_WATCHED];		   /* the main thread was told of it */
	_Atomic uint32_t turns[ELEPHANTS_WATCHED]; /* how often the place changed */
	struct elephant queue[ELEPHANTS_QUEUED];
	_Atomic unsigned put, taken;
	_Atomic bool retracted; /* one that was given no longer holds */
};

/* client_port: where the frame that decided it came in. */
void elephants_watch(struct elephants *e, const struct decided_flow *d, unsigned client_port);
void elephants_forget(struct elephants *e, uint32_t flow);
/* As for a new ruleset: all of them. */
void elephants_forget_all(struct elephants *e);

static inline bool elephants_is_watched(const struct elephants *e, uint32_t flow)
{
	return flow && e->watched[flow >> 1 & (ELEPHANTS_WATCHED - 1)].flow == flow;
}

/* Bytes of a watched flow that came in at `port`. */
void elephants_count(struct elephants *e, uint32_t flow, uint32_t bytes, unsigned port);

/* The main thread's side: one flow to bypass; false: none. */
bool elephants_take(struct elephants *e, struct elephant *ret);
/* Whether nothing has happened since that says otherwise. */
bool elephants_hold(const struct elephants *e, const struct elephant *one);
/* Whether a flow that was taken was forgotten since the last call. */
bool elephants_retracted(struct elephants *e);

#endif
