/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "dataplane/dpdk/worker_state.h"

/* Receive queue q of a port is polled by worker q modulo the workers; so is the transmit queue of that number used. */
static void give_queues(struct workers *ws)
{
	for (unsigned i = 0; i < ws->cfg->n_ports; i++) {
		struct port *p = &ws->ports[i];
		for (unsigned q = 0; q < p->n_rx; q++) {
			struct worker *w = ws->v[q % ws->n];
			w->polls[w->n_polls++] = (struct poll_queue){
			    .beat = ws->guarded[i] ? guard_beats(ws->guard, ws->guard_port[i], q) : NULL,
			    .ethdev = p->rx[q].ethdev,
			    .queue = p->rx[q].queue,
			    .port = (uint8_t)i,
			    .copies = ws->guarded[i] && p->cfg->driver == CONFIG_DRIVER_AF_PACKET,
			};
		}
		for (unsigned k = 0; k < ws->n; k++) {
			unsigned q = k % p->n_tx; /* a worker beyond the queues goes through another */
			ws->v[k]->tx[i] = (struct tx_queue){p->tx[q].ethdev, p->tx[q].queue, (uint8_t)q};
		}
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
		w->index = i;
		w->owes_gap = true; /* an earlier process may have died with one */
		w->core = ws->cfg->workers.cores[i];
		w->limit_ns = (uint64_t)ws->cfg->heartbeat_ms * 1000000u;
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
	for (unsigned i = 0; i < ws->n; i++)
		rte_eal_remote_launch(worker_run, ws->v[i], i + 1);
	ws->generations->running = true;
	return 0;
}

void workers_stop(struct workers *ws)
{
	atomic_store(&ws->stop, true);
	for (unsigned i = 0; i < ws->n; i++)
		rte_eal_wait_lcore(i + 1);
	ws->generations->running = false;
}

void workers_free(struct workers *ws)
{
	for (unsigned i = 0; i < ws->n; i++) {
		struct worker *w = ws->v[i];
		if (!w)
			continue;
		for (unsigned k = 0; k < ws->n; k++)
			rte_ring_free(w->to[k]);
		pipeline_free(w->pipeline);
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

bool worker_take_elephant(struct worker *w, struct decided_flow *ret)
{
	return elephants_take(&w->elephants, ret);
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
