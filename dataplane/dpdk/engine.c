/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/engine.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "dataplane/dpdk/clock.h"
#include "dataplane/dpdk/eal.h"
#include "dataplane/dpdk/outage.h"
#include "dataplane/dpdk/prefixes.h"
#include "rules/page.h"

#define TICKS_A_SECOND	    (1000 / ENGINE_TICK_MS)
#define FIRST_BEATS_US	    200000 /* wait so long for the workers' first beats */
#define FIRST_BEATS_POLL_US 100

/* Whether every NIC brings both directions of a flow to queues of one number; with_queues: and so to one worker. */
static bool all_symmetric(const struct engine *g, bool with_queues)
{
	for (unsigned i = 0; i < g->cfg->n_ports; i++)
		if (!g->ports[i].symmetric || (with_queues && g->ports[i].n_rx != g->cfg->workers.n_cores))
			return false;
	return true;
}

static bool needs_spread(const struct engine *g)
{
	if (g->cfg->workers.n_cores == 1 || g->cfg->workers.distribution == CONFIG_DISTRIBUTION_NIC)
		return false;
	return g->cfg->workers.distribution == CONFIG_DISTRIBUTION_SOFTWARE || !all_symmetric(g, true);
}

static int start_workers(struct engine *g, struct err *e)
{
	struct workers *ws = &g->workers;
	*ws = (struct workers){
	    .cfg = g->cfg,
	    .ports = g->ports,
	    .generations = &g->generations,
	    .events = g->events,
	    .wire = &g->wire,
	    .pages = g->pages,
	    .buffers = &g->buffers,
	    .blocks = g->blocks,
	    .secret = {g->secret[0], g->secret[1]},
	    .spread = needs_spread(g),
	    .nic_hash = all_symmetric(g, false),
	};
	int err = workers_new(ws, e);
	return err ? err : workers_start(ws, e);
}

static void report_start(struct engine *g)
{
	struct event ev = {.type = EVENT_START, .time_ns = clock_realtime_ns()};
	ev.start.pid = (uint32_t)getpid();
	events_put(g->events, g->cfg->workers.n_cores, &ev);
}

/* At once, not with the next tick: a death before it would take along what only this process still knows. */
static void report_outage_before(struct engine *g)
{
	for (unsigned i = 0; g->wire.guard && !g->start_reported && i < FIRST_BEATS_US / FIRST_BEATS_POLL_US;
	     i++) {
		outage_report(g, false);
		usleep(FIRST_BEATS_POLL_US);
	}
}

static int bring_up(struct engine *g, struct err *e)
{
	const struct config *cfg = g->cfg;
	int err;
	if (getrandom(g->secret, sizeof(g->secret), 0) != sizeof(g->secret))
		return err_set(e, -errno, "no random bytes: %s", strerror(errno));
	if ((err = wire_open(cfg, &g->wire, e)) || (err = eal_start(cfg, e)) ||
	    (err = ports_open(cfg, g->ports, e)) || (err = buffers_make(&g->buffers, cfg, e)) ||
	    (err = ports_start(g->ports, cfg->n_ports, &g->buffers, e)))
		return err;
	g->mbufs_at_rest = buffers_free(&g->buffers);
	if ((err = page_set_new(cfg->page[0] ? cfg->page : NULL, &g->pages, e)) ||
	    (err = events_open_producer(cfg->events.path, cfg->workers.n_cores + 1, cfg->events.records,
					&g->events, e)) ||
	    (err = generations_init(&g->generations, cfg->workers.n_cores, g->key, e)) ||
	    (err = engine_blocks_open(g, e)))
		return err;
	report_start(g);
	if (cfg->ruleset[0] && (err = engine_load(g, cfg->ruleset, 0, e)))
		return err;
	return start_workers(g, e);
}

int engine_new(const struct config *cfg, const struct seal_key *key, struct engine *ret, struct err *e)
{
	*ret = (struct engine){.cfg = cfg, .key = key, .started_ns = clock_monotonic_ns()};
	int err = bring_up(ret, e);
	if (!err)
		report_outage_before(ret);
	return err;
}

bool engine_stop(struct engine *g)
{
	bool ended = workers_stop(&g->workers);
	ports_release(g->ports, g->cfg->n_ports);
	outage_report(g, true);
	if (g->wire.guard)
		bypass_forget(&g->bypass, g->wire.guard);
	if (!ended)
		return false;
	ports_stop(g->ports, g->cfg->n_ports);
	workers_free(&g->workers);
	trials_free(g->trials);
	generations_fini(&g->generations);
	blocks_free(g->blocks);
	page_set_free(g->pages);
	events_close_producer(g->events);
	wire_close(&g->wire);
	return true;
}

static void report_swap(struct engine *g, const struct generation *n, bool good)
{
	struct event ev = {.type = EVENT_SWAP, .time_ns = clock_realtime_ns()};
	ev.swap.version = n ? n->version : 0;
	ev.swap.outcome = good ? EVENT_SWAP_DONE : EVENT_SWAP_REFUSED;
	if (n)
		memcpy(ev.swap.digest, ruleset_digest(n->rules), sizeof(ev.swap.digest));
	events_put(g->events, g->cfg->workers.n_cores, &ev);
}

int engine_load(struct engine *g, const char *path, uint64_t version, struct err *e)
{
	int err = generations_load(&g->generations, path, version, e);
	const struct generation *n = atomic_load(&g->generations.current);
	report_swap(g, n, !err);
	if (err || !g->wire.guard)
		return err;
	/* the workers enforce the addresses already; what fails here only matters while none is alive */
	g->prefixes_failed = prefixes_give(
	    g->wire.guard, g->cfg->mode == CONFIG_MODE_MONITOR ? NULL : n->rules, &g->prefixes_why);
	bypass_forget(&g->bypass, g->wire.guard);
	return 0;
}

static void report_link(struct engine *g, unsigned port)
{
	struct event ev = {.type = EVENT_LINK, .time_ns = clock_realtime_ns()};
	ev.link = (struct event_link){(uint8_t)port, g->ports[port].link};
	events_put(g->events, g->cfg->workers.n_cores, &ev);
}

static bool bypasses(const struct engine *g)
{
	return g->cfg->bypass.elephants && g->wire.guard;
}

int engine_hung_worker(const struct engine *g, uint64_t for_ns)
{
	for (unsigned i = 0; i < g->workers.n; i++)
		if (worker_beat_ns(g->workers.v[i]) + for_ns < clock_monotonic_ns())
			return (int)i;
	return -1;
}

const char *engine_kernel_lacks(const struct engine *g)
{
	if (g->prefixes_failed)
		return g->prefixes_why.text;
	return g->blocks_failed ? g->blocks_why.text : NULL;
}

static void every_second(struct engine *g)
{
	engine_blocks_sweep(g);
	if (!g->wire.guard)
		return;
	guard_refresh(g->wire.guard, NULL);
	if (bypasses(g))
		guard_forget_idle(g->wire.guard, NULL);
	outage_look_for_unwatched(g);
}

static void ten_times_a_second(struct engine *g)
{
	uint32_t changed = ports_poll_links(g->ports, g->cfg->n_ports);
	for (unsigned i = 0; i < g->cfg->n_ports; i++)
		if (changed >> i & 1)
			report_link(g, i);
	if (bypasses(g))
		bypass_tick(&g->bypass, &g->workers, g->wire.guard);
	generations_reclaim(&g->generations);
}

void engine_tick(struct engine *g)
{
	outage_report(g, false); /* soon: a death takes with it what was not told */
	events_put_gap(g->events, g->cfg->workers.n_cores, clock_realtime_ns());
	g->ticks++;
	if (g->ticks % (TICKS_A_SECOND / 10) == 0)
		ten_times_a_second(g);
	if (g->ticks % TICKS_A_SECOND == 0)
		every_second(g);
}
