/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/elephants.h"

static unsigned place(uint32_t flow)
{
	return flow >> 1 & (ELEPHANTS_WATCHED - 1); /* its lowest bit is always set */
}

void elephants_watch(struct elephants *e, const struct decided_flow *d)
{
	unsigned i = place(d->flow);
	e->watched[i].flow = d->flow;
	e->watched[i].bytes = 0;
	e->ends[i] = *d;
}

void elephants_count(struct elephants *e, uint32_t flow, uint32_t bytes)
{
	unsigned i = place(flow), put = atomic_load_explicit(&e->put, memory_order_relaxed);
	e->watched[i].bytes += bytes;
	if (e->watched[i].bytes < ELEPHANT_BYTES)
		return;
	e->watched[i].bytes = 0;
	if (put - atomic_load_explicit(&e->taken, memory_order_acquire) == ELEPHANTS_QUEUED)
		return;
	e->queue[put % ELEPHANTS_QUEUED] = e->ends[i];
	atomic_store_explicit(&e->put, put + 1, memory_order_release);
}

bool elephants_take(struct elephants *e, struct decided_flow *ret)
{
	unsigned taken = atomic_load_explicit(&e->taken, memory_order_relaxed);
	if (taken == atomic_load_explicit(&e->put, memory_order_acquire))
		return false;
	*ret = e->queue[taken % ELEPHANTS_QUEUED];
	atomic_store_explicit(&e->taken, taken + 1, memory_order_release);
	return true;
}
