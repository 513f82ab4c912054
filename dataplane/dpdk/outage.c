/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/outage.h"

#include <stdlib.h>

#include "dataplane/dpdk/clock.h"
#include "dataplane/dpdk/engine.h"

static uint64_t patience_ns(const struct engine *g)
{
	return (uint64_t)g->cfg->heartbeat_ms * 1000000u;
}

static uint64_t dead_frames(const struct engine *g, unsigned port)
{
	struct guard_stats s;
	if (guard_read(g->wire.guard, g->wire.number[port], &s))
		return g->dead_frames[port];
	return s.xdp[GUARD_DEAD_BYPASSED].frames + s.tc[GUARD_DEAD_BYPASSED].frames +
	       s.xdp[GUARD_DEAD_DROPPED].frames + s.tc[GUARD_DEAD_DROPPED].frames;
}

static void put(struct engine *g, unsigned port, uint64_t from_ns, uint64_t to_ns, unsigned reason)
{
	struct guard_outage o = {0};
	uint64_t to_realtime = clock_realtime_ns() - clock_monotonic_ns();
	struct event ev = {.type = EVENT_OUTAGE, .time_ns = clock_realtime_ns()};
	if (g->wire.guarded[port]) {
		guard_account_outage(g->wire.guard, g->wire.number[port], to_ns - from_ns, &o, NULL);
		g->dead_frames[port] = dead_frames(g, port);
	}
	ev.outage = (struct event_outage){
	    .began_ns = from_ns + to_realtime,
	    .ended_ns = to_ns + to_realtime,
	    .frames = o.passed.frames + o.dropped.frames,
	    .bytes = o.passed.bytes + o.dropped.bytes,
	    .port = (uint8_t)port,
	    .reason = (uint8_t)reason,
	    .fail_closed = g->cfg->fail == CONFIG_FAIL_CLOSED,
	};
	events_put(g->events, g->cfg->workers.n_cores, &ev);
}

/* The last moment at which every queue of the port was still watched; 0: it never was. */
static uint64_t last_watched(const struct engine *g, unsigned port)
{
	uint64_t at = UINT64_MAX;
	for (unsigned q = 0; q < g->cfg->ports[port].queues; q++) {
		uint64_t beat = guard_last_beat(g->wire.guard, g->wire.number[port], q);
		at = beat < at ? beat : at;
	}
	return at;
}

/* Before this start: from the beats that were found to the first beat of the last worker. */
static void report_start(struct engine *g)
{
	uint64_t up = 0, patience = patience_ns(g);
	for (unsigned i = 0; i < g->workers.n; i++) {
		uint64_t first = worker_first_beat_ns(g->workers.v[i]);
		if (!first)
			return;
		up = first > up ? first : up;
	}
	for (unsigned i = 0; i < g->cfg->n_ports; i++) {
		uint64_t last = g->wire.guarded[i] ? last_watched(g, i) : 0;
		if (last && last + patience < up)
			put(g, i, last + patience, up, EVENT_OUTAGE_START);
		else if (g->wire.guarded[i])
			g->dead_frames[i] = dead_frames(g, i);
	}
	g->start_reported = true;
}

static int by_begin(const void *a, const void *b)
{
	const struct stall *x = a, *y = b;
	return x->from_ns < y->from_ns ? -1 : x->from_ns > y->from_ns;
}

/* What all workers slept through since the last call, in order, from the end of the heartbeat's patience on. */
static unsigned take_stalls(struct engine *g, struct stall *v)
{
	unsigned n = 0;
	for (unsigned i = 0; i < g->workers.n; i++)
		n += worker_take_stalls(g->workers.v[i], v + n, WORKER_STALLS);
	for (unsigned i = 0; i < n; i++)
		v[i].from_ns += patience_ns(g);
	qsort(v, n, sizeof(*v), by_begin);
	return n;
}

/* While running. Workers that slept at the same time are one outage; one that slept twice is two. */
static void report_stalls(struct engine *g)
{
	static struct stall v[CONFIG_WORKERS_MAX * WORKER_STALLS];
	unsigned n = take_stalls(g, v);
	for (unsigned i = 0, next; i < n; i = next) {
		uint64_t to_ns = v[i].to_ns;
		for (next = i + 1; next < n && v[next].from_ns <= to_ns; next++)
			to_ns = v[next].to_ns > to_ns ? v[next].to_ns : to_ns;
		for (unsigned p = 0; p < g->cfg->n_ports; p++)
			if (g->wire.guarded[p])
				put(g, p, v[i].from_ns, to_ns, EVENT_OUTAGE_STALL);
	}
}

/* A queue that was added to the interface while we run has no worker: nothing else would tell. Frames of a stall that is not
 * reported yet look the same, so they must still be there at the next look. */
void outage_look_for_unwatched(struct engine *g)
{
	if (!g->wire.guard || !g->start_reported || engine_hung_worker(g, patience_ns(g)) >= 0)
		return;
	for (unsigned i = 0; i < g->cfg->n_ports; i++) {
		if (!g->wire.guarded[i] || dead_frames(g, i) == g->dead_frames[i]) {
			g->suspected_ns[i] = 0;
		} else if (!g->suspected_ns[i]) {
			g->suspected_ns[i] = clock_monotonic_ns();
		} else {
			put(g, i, g->suspected_ns[i], clock_monotonic_ns(), EVENT_OUTAGE_UNWATCHED);
			g->suspected_ns[i] = 0;
		}
	}
}

void outage_report(struct engine *g, bool last)
{
	if (!g->wire.guard)
		return;
	if (!g->start_reported)
		report_start(g);
	if (g->start_reported || last)
		report_stalls(g);
}
