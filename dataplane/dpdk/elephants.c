/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/elephants.h"

static unsigned place(uint32_t flow)
{
	return flow >> 1 & (ELEPHANTS_WATCHED - 1); /* its lowest bit is always set */
}

static uint32_t turn_of(const struct elephants *e, unsigned i)
{
	return atomic_load_explicit(&e->turns[i], memory_order_acquire);
}

static void empty(struct elephants *e, unsigned i)
{
	e->watched[i].flow = e->watched[i].bytes = 0;
	e->given[i] = false;
	atomic_store_explicit(&e->turns[i], turn_of(e, i) + 1, memory_order_release);
}

void elephants_watch(struct elephants *e, const struct decided_flow *d, unsigned client_port)
{
	unsigned i = place(d->flow);
	empty(e, i);
	e->watched[i].flow = d->flow;
	e->ends[i] = *d;
	e->client_port[i] = (uint8_t)client_port;
}

void elephants_forget(struct elephants *e, uint32_t flow)
{
	unsigned i = place(flow);
	if (!elephants_is_watched(e, flow))
		return;
	bool given = e->given[i];
	empty(e, i);
	if (given)
		atomic_store_explicit(&e->retracted, true, memory_order_release);
}

void elephants_forget_all(struct elephants *e)
{
	for (unsigned i = 0; i < ELEPHANTS_WATCHED; i++)
		if (e->watched[i].flow)
			empty(e, i);
}

void elephants_count(struct elephants *e, uint32_t flow, uint32_t bytes, unsigned port)
{
	unsigned i = place(flow), put = atomic_load_explicit(&e->put, memory_order_relaxed);
	if (port == e->client_port[i])
		return;
	e->watched[i].bytes += bytes;
	if (e->watched[i].bytes < ELEPHANT_BYTES)
		return;
	e->watched[i].bytes = 0;
	if (put - atomic_load_explicit(&e->taken, memory_order_acquire) == ELEPHANTS_QUEUED)
		return;
	e->given[i] = true;
	e->queue[put % ELEPHANTS_QUEUED] = (struct elephant){e->ends[i], turn_of(e, i)};
	atomic_store_explicit(&e->put, put + 1, memory_order_release);
}

bool elephants_take(struct elephants *e, struct elephant *ret)
{
	unsigned taken = atomic_load_explicit(&e->taken, memory_order_relaxed);
	if (taken == atomic_load_explicit(&e->put, memory_order_acquire))
		return false;
	*ret = e->queue[taken % ELEPHANTS_QUEUED];
	atomic_store_explicit(&e->taken, taken + 1, memory_order_release);
	return true;
}

bool elephants_hold(const struct elephants *e, const struct elephant *one)
{
	return turn_of(e, place(one->ends.flow)) == one->turn;
}

bool elephants_retracted(struct elephants *e)
{
	return atomic_exchange_explicit(&e->retracted, false, memory_order_acq_rel);
}
