/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/view.h"

#include <pthread.h>
#include <rte_cycles.h>
#include <string.h>

#include "dataplane/dpdk/clock.h"

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void view_lock(void)
{
	pthread_mutex_lock(&mutex);
}

void view_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}

static void say_ruleset(const struct generation *g, struct view_ruleset *ret)
{
	*ret = (struct view_ruleset){.is_set = g != NULL};
	if (!g)
		return;
	ret->version = g->version;
	ret->path = g->path;
	ret->digest = ruleset_digest(g->rules);
	ret->bytes = ruleset_bytes(g->rules);
	ret->lists = ruleset_lists(g->rules);
}

static uint64_t since(uint64_t then_ns, uint64_t now_ns)
{
	return then_ns && now_ns > then_ns ? now_ns - then_ns : 0;
}

static void say_worker(const struct engine *g, unsigned i, uint64_t now_ns, struct dataplane_worker *ret)
{
	struct worker *w = g->workers.v[i];
	const struct generation *n = atomic_load(&g->generations.current);
	const struct worker_stats *s = worker_stats(w);
	*ret = (struct dataplane_worker){.worker = i, .core = worker_core(w)};
#define COPY(name, help) ret->name = __atomic_load_n(&s->name, __ATOMIC_RELAXED);
	WORKER_COUNTERS(COPY)
#undef COPY
	ret->flows = worker_flows(w);
	ret->beat_age_ns = since(worker_beat_ns(w), now_ns);
	ret->longest_pass_ns = worker_longest_pass_ns(w);
	uint64_t switched = n ? atomic_load(&n->switched_ns[i]) : 0;
	if (switched) {
		ret->ruleset_version = n->version;
		ret->switched_ns = since(n->published_ns, switched);
	}
}

static void say_guard(const struct engine *g, unsigned i, struct dataplane_port *ret)
{
	struct guard_stats s;
	struct guard_totals t;
	unsigned p = g->wire.number[i];
	if (!guard_read(g->wire.guard, p, &s)) {
#define SUM(id, name, help) [GUARD_##id] = s.xdp[GUARD_##id].frames + s.tc[GUARD_##id].frames,
		const uint64_t frames[] = {GUARD_COUNTS(SUM)};
#undef SUM
		ret->to_worker = frames[GUARD_TO_WORKER];
		ret->dead_bypassed = frames[GUARD_DEAD_BYPASSED];
		ret->dead_dropped = frames[GUARD_DEAD_DROPPED];
		ret->port_bypassed = frames[GUARD_PORT_BYPASSED];
		ret->flow_bypassed = frames[GUARD_FLOW_BYPASSED];
		ret->prefix_dropped = frames[GUARD_PREFIX_DROPPED];
		ret->prefix_counted = frames[GUARD_PREFIX_COUNTED];
		ret->block_dropped = frames[GUARD_BLOCK_DROPPED];
	}
	if (!guard_totals(g->wire.guard, p, &t)) {
		ret->outages = t.outages;
		ret->unprotected_ns = t.unprotected_ns;
	}
}

static void say_port(const struct engine *g, unsigned i, struct view_port *ret)
{
	const struct port *p = &g->ports[i];
	struct port_stats s;
	*ret = (struct view_port){
	    .name = p->cfg->name,
	    .driver = config_driver_word(p->cfg->driver),
	    .peer = p->peer == PORT_NONE ? NULL : g->ports[p->peer].cfg->name,
	    .link = p->link && !p->held_down,
	    .guarded = g->wire.guarded[i],
	};
	port_stats(p, &s);
#define COPY(name, help) ret->figures.name = s.name;
	PORT_COUNTERS(COPY)
#undef COPY
	if (g->wire.guarded[i])
		say_guard(g, i, &ret->figures);
}

static void say_events(const struct engine *g, struct view_snapshot *ret)
{
	for (unsigned i = 0; i <= g->workers.n; i++) {
		struct events_counts c;
		events_producer_counts(g->events, i, &c);
		ret->events_put += c.put;
		ret->events_lost += c.lost;
		ret->events_waiting += c.put - c.acknowledged;
	}
}

static void snapshot(void *ctx, struct view_snapshot *ret)
{
	const struct engine *g = ((struct view *)ctx)->engine;
	view_lock();
	uint64_t now_ns = clock_monotonic_ns();
	memset(ret, 0, sizeof(*ret));
	ret->instance = g->cfg->instance;
	ret->mode = config_mode_word(g->cfg->mode);
	ret->fail = config_fail_word(g->cfg->fail);
	ret->uptime_ns = now_ns - g->started_ns;
	ret->tsc_hz = rte_get_tsc_hz();
	ret->mbufs = buffers_total(&g->buffers, g->cfg);
	ret->mbufs_free = buffers_free(&g->buffers);
	ret->mbufs_at_rest = g->mbufs_at_rest;
	ret->blocks = blocks_count(g->blocks);
	ret->kernel_lacks = engine_kernel_lacks(g);
	say_events(g, ret);
	say_ruleset(atomic_load(&g->generations.current), &ret->ruleset);
	ret->n_workers = g->workers.n;
	for (unsigned i = 0; i < g->workers.n; i++) {
		say_worker(g, i, now_ns, &ret->workers[i]);
		ret->counters[i] = worker_counters(g->workers.v[i]);
	}
	ret->n_ports = g->cfg->n_ports;
	for (unsigned i = 0; i < g->cfg->n_ports; i++) {
		say_port(g, i, &ret->ports[i]);
		ret->unprotected_ns += ret->ports[i].figures.unprotected_ns;
	}
	view_unlock();
}

static int load(void *ctx, const char *path, uint64_t version, struct view_load *ret, struct err *e)
{
	struct engine *g = ((struct view *)ctx)->engine;
	view_lock();
	int err = engine_load(g, path, version, e);
	view_unlock();
	if (err)
		return err;
	const struct generation *n = atomic_load(&g->generations.current);
	*ret = (struct view_load){.open_ns = n->published_ns - n->opened_ns, .n_workers = g->workers.n};
	say_ruleset(n, &ret->ruleset);
	for (unsigned i = 0; i < g->workers.n; i++)
		ret->switched_ns[i] = since(n->published_ns, atomic_load(&n->switched_ns[i]));
	return 0;
}

static int block(void *ctx, const uint8_t addr[16], unsigned seconds, unsigned list, struct err *e)
{
	view_lock();
	int err = engine_block(((struct view *)ctx)->engine, addr, seconds, list, e);
	view_unlock();
	return err;
}

static unsigned unblock(void *ctx, const uint8_t *addr)
{
	struct engine *g = ((struct view *)ctx)->engine;
	return addr ? engine_unblock(g, addr) : engine_unblock_all(g);
}

static unsigned blocks(void *ctx, unsigned from, struct view_block *ret, unsigned n, unsigned *ret_next)
{
	struct engine *g = ((struct view *)ctx)->engine;
	struct block one;
	unsigned found = 0;
	uint64_t now_ns = clock_monotonic_ns();
	do {
		if (!blocks_read(g->blocks, from, &one, 1, &from))
			break;
		if (one.until_ns <= now_ns)
			continue;
		ret[found] = (struct view_block){.list = one.list, .left_ns = one.until_ns - now_ns};
		memcpy(ret[found++].addr, one.addr, sizeof(one.addr));
	} while (from && found < n);
	*ret_next = from;
	return found;
}

static int probe(void *ctx, const struct trial_ask *v, unsigned n, struct view_probe *ret, struct err *e)
{
	struct engine *g = ((struct view *)ctx)->engine;
	int err = trials_run(&g->trials, &g->workers, v, n, e);
	if (err)
		return err;
	ret->n_workers = g->workers.n;
	for (unsigned i = 0; i < g->workers.n; i++) {
		const struct trial_answers *a = &g->trials->job.by_worker[i];
		ret->workers[i].answered = a->whole;
		ret->workers[i].version = a->version;
		ret->workers[i].digest = a->digest;
		ret->workers[i].answers = a->v;
	}
	return 0;
}

static void stop(void *ctx)
{
	struct view *v = ctx;
	v->stop(v->stop_ctx);
}

void view_init(struct view *v, struct engine *engine, void (*stop_daemon)(void *ctx), void *stop_ctx)
{
	*v = (struct view){
	    .methods = {.ctx = v,
			.snapshot = snapshot,
			.load = load,
			.block = block,
			.unblock = unblock,
			.blocks = blocks,
			.probe = probe,
			.stop = stop},
	    .engine = engine,
	    .stop = stop_daemon,
	    .stop_ctx = stop_ctx,
	};
}
