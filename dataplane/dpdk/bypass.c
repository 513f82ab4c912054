/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/bypass.h"

#include <netinet/in.h>
#include <string.h>

#include "dataplane/dpdk/clock.h"

static struct guard_flow flow_of(const struct elephant *one)
{
	const struct decided_flow *d = &one->ends;
	struct guard_flow f = {
	    .version = d->version, .proto = IPPROTO_TCP, .sport = d->lo_port, .dport = d->hi_port};
	memcpy(f.src, d->lo, sizeof(f.src));
	memcpy(f.dst, d->hi, sizeof(f.dst));
	return f;
}

static bool alive(const struct workers *ws, const struct worker *w)
{
	uint64_t patience_ns = (uint64_t)ws->cfg->heartbeat_ms * 1000000u;
	return worker_beat_ns(w) + patience_ns >= clock_monotonic_ns();
}

/* Whether there is nothing more to wait for. */
static bool settle(struct bypass_flow *p, const struct workers *ws, struct guard *guard)
{
	struct guard_flow f = flow_of(&p->elephant);
	if (!elephants_hold(worker_elephants(p->worker), &p->elephant))
		return true; /* the kernel's entry stays one that bypasses nothing, until it is idle */
	if (++p->ticks < BYPASS_TICKS || !alive(ws, p->worker))
		return false;
	guard_bypass_flow(guard, &f, NULL);
	return true;
}

static void take(struct bypass *b, struct worker *w, struct guard *guard)
{
	struct elephant one;
	while (b->n < BYPASS_PENDING && elephants_take(worker_elephants(w), &one)) {
		struct guard_flow f = flow_of(&one);
		if (elephants_hold(worker_elephants(w), &one) && !guard_watch_flow(guard, &f, NULL))
			b->pending[b->n++] = (struct bypass_flow){one, w, 0};
	}
}

void bypass_tick(struct bypass *b, const struct workers *ws, struct guard *guard)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < ws->n; i++)
		if (elephants_retracted(worker_elephants(ws->v[i])))
			bypass_forget(b, guard);
	for (unsigned i = 0; i < b->n; i++)
		if (!settle(&b->pending[i], ws, guard))
			b->pending[kept++] = b->pending[i];
	b->n = kept;
	for (unsigned i = 0; i < ws->n; i++)
		take(b, ws->v[i], guard);
}

void bypass_forget(struct bypass *b, struct guard *guard)
{
	b->n = 0;
	guard_forget_flows(guard, NULL);
}
