/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dataplane/dpdk/clock.h"
#include "dataplane/dpdk/worker_state.h"

#define STOP_STEP_US 100

/* Which worker polls queue q of a port: queue by queue in turn, so that queues of one number of all ports meet on one worker;
 * where software spreads the frames anyway, only among the workers of the device's own node. */
static unsigned owner(const struct workers *ws, const struct port *p, unsigned q)
{
	unsigned near[CONFIG_WORKERS_MAX], n = 0;
	int node = ws->spread ? rte_eth_dev_socket_id(p->rx[q].ethdev) : -1;
	for (unsigned k = 0; k < ws->n; k++)
		if (node < 0 || (int)rte_lcore_to_socket_id(k + 1) == node)
			near[n++] = k;
	return n ? near[q % n] : q % ws->n;
}

/* By which queue worker k transmits at a port: its own where there is one, else through the worker that has it. */
static struct tx_queue tx_of(const struct workers *ws, const struct port *p, unsigned k)
{
	unsigned q = k % p->n_tx, via = owner(ws, p, q % p->n_rx);
	if (p->n_tx == ws->n && p->n_tx != p->n_rx) /* made so for the workers */
		return (struct tx_queue){p->tx[k].ethdev, p->tx[k].queue, (uint8_t)k, p->one_piece};
	for (unsigned i = 0; i < p->n_tx; i++)
		if (owner(ws, p, i % p->n_rx) == k) {
			q = i;
			via = k;
		}
	return (struct tx_queue){p->tx[q].ethdev, p->tx[q].queue, (uint8_t)via, p->one_piece};
}

static void give_queues(struct workers *ws)
{
	for (unsigned i = 0; i < ws->cfg->n_ports; i++) {
		struct port *p = &ws->ports[i];
		for (unsigned q = 0; q < p->n_rx; q++) {
			struct worker *w = ws->v[owner(ws, p, q)];
			w->polls[w->n_polls++] = (struct poll_queue){
			    .beat = ws->wire->guarded[i]
					? guard_beats(ws->wire->guard, ws->wire->number[i], q)
					: NULL,
			    .ethdev = p->rx[q].ethdev,
			    .queue = p->rx[q].queue,
			    .port = (uint8_t)i,
			    .inspect = p->inspect,
			    .copies = ws->wire->guarded[i] && p->cfg->driver == CONFIG_DRIVER_AF_PACKET,
			};
		}
		for (unsigned k = 0; k < ws->n; k++) {
			ws->v[k]->tx[i] = tx_of(ws, p, k);
			ws->v[k]->needs |= 1u << ws->v[k]->tx[i].via;
		}
	}
	for (unsigned k = 0; k < ws->n; k++) {
		uint32_t all = (uint32_t)((1ull << ws->n) - 1);
		ws->v[k]->needs = (ws->spread ? all : ws->v[k]->needs) & ~(1u << k);
	}
}

static int join(struct workers *ws, unsigned from, unsigned to, struct err *e)
{
	char name[RTE_RING_NAMESIZE];
	snprintf(name, sizeof(name), "hand%u_%u", from, to);
	struct rte_ring *r = rte_ring_create(name, HAND_RING, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (!r)
		return err_set(e, -ENOMEM,
			       "no memory for the ring between workers %u and %u: raise eal.memory_mib", from,
			       to);
	ws->v[from]->to[to] = ws->v[to]->from[from] = r;
	return 0;
}

int workers_new(struct workers *ws, struct err *e)
{
	ws->n = ws->cfg->workers.n_cores;
	for (unsigned i = 0; i < ws->n; i++) {
		struct worker *w = rte_zmalloc_socket("worker", sizeof(*w), RTE_CACHE_LINE_SIZE,
						      (int)rte_lcore_to_socket_id(i + 1));
		if (!w)
			return err_set(e, -ENOMEM, "no memory for worker %u: raise eal.memory_mib", i);
		w->ws = ws;
		w->pool = buffers_of(ws->buffers, (int)rte_lcore_to_socket_id(i + 1));
		w->index = i;
		w->owes_gap = true; /* an earlier process may have died with one */
		w->core = ws->cfg->workers.cores[i];
		worker_set_limit(w, ws->cfg->heartbeat_ms);
		ws->v[i] = w;
	}
	for (unsigned i = 0; i < ws->n; i++)
		for (unsigned k = 0; k < ws->n; k++) {
			int err = i == k ? 0 : join(ws, i, k, e);
			if (err)
				return err;
		}
	give_queues(ws);
	return 0;
}

int workers_start(struct workers *ws, struct err *e)
{
	for (unsigned i = 0; i < ws->n; i++)
		rte_eal_remote_launch(worker_setup, ws->v[i], i + 1);
	for (unsigned i = 0; i < ws->n; i++)
		rte_eal_wait_lcore(i + 1);
	for (unsigned i = 0; i < ws->n; i++)
		if (ws->v[i]->failed)
			return err_set(e, ws->v[i]->failed, "%s", ws->v[i]->err.text);
	for (unsigned i = 0; i < ws->n; i++) /* whoever never comes to its first beat hangs from now on */
		atomic_store(&ws->v[i]->beat_ns, clock_monotonic_ns());
	for (unsigned i = 0; i < ws->n; i++)
		rte_eal_remote_launch(worker_run, ws->v[i], i + 1);
	ws->generations->running = true;
	return 0;
}

bool workers_stop(struct workers *ws)
{
	uint64_t began_ns = clock_monotonic_ns();
	atomic_store(&ws->stop, true);
	for (unsigned i = 0; i < ws->n; i++) {
		while (rte_eal_get_lcore_state(i + 1) == RUNNING) {
			if (clock_monotonic_ns() - began_ns > WORKERS_STOP_NS)
				return false;
			usleep(STOP_STEP_US);
		}
		rte_eal_wait_lcore(i + 1);
	}
	ws->generations->running = false;
	return true;
}

static void ring_free(struct rte_ring *r)
{
	struct rte_mbuf *m;
	while (r && !rte_ring_dequeue(r, (void **)&m))
		rte_pktmbuf_free(m);
	rte_ring_free(r);
}

void workers_free(struct workers *ws)
{
	for (unsigned i = 0; i < ws->n; i++) {
		struct worker *w = ws->v[i];
		if (!w)
			continue;
		for (unsigned k = 0; k < ws->n; k++)
			ring_free(w->to[k]);
		pipeline_free(w->pipeline);
		pipeline_free(w->trier.pipeline);
		if (w->linear)
			munmap(w->linear, (size_t)BURST * FRAME_MAX);
		rte_free(w);
		ws->v[i] = NULL;
	}
}

const struct worker_stats *worker_stats(const struct worker *w)
{
	return &w->stats;
}

const struct counters *worker_counters(const struct worker *w)
{
	return pipeline_counters(w->pipeline);
}

uint64_t worker_flows(const struct worker *w)
{
	return pipeline_flows(w->pipeline);
}

unsigned worker_core(const struct worker *w)
{
	return w->core;
}

uint64_t worker_beat_ns(const struct worker *w)
{
	return atomic_load_explicit(&w->beat_ns, memory_order_relaxed);
}

uint64_t worker_first_beat_ns(const struct worker *w)
{
	return atomic_load_explicit(&w->first_beat_ns, memory_order_relaxed);
}

struct elephants *worker_elephants(struct worker *w)
{
	return &w->elephants;
}

unsigned worker_take_stalls(struct worker *w, struct stall *ret, unsigned n)
{
	unsigned put = atomic_load_explicit(&w->stalls_put, memory_order_acquire);
	unsigned at = atomic_load_explicit(&w->stalls_taken, memory_order_relaxed), taken = 0;
	for (; at != put && taken < n; at++)
		ret[taken++] = w->stalls[at % WORKER_STALLS];
	atomic_store_explicit(&w->stalls_taken, at, memory_order_release);
	return taken;
}
