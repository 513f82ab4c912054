/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "dataplane/core/spread.h"
#include "dataplane/dpdk/clock.h"
#include "dataplane/dpdk/privileges.h"
#include "dataplane/dpdk/worker_state.h"

#define COPIES_MAX	 65536 /* frames that an af_packet ring may hold */
#define EMPTY_BEFORE_NAP 32    /* passes that find nothing before the first nap */

static int take_priority(struct worker *w)
{
	unsigned priority = w->ws->cfg->workers.realtime;
	struct sched_param p = {.sched_priority = (int)priority};
	prctl(PR_SET_TIMERSLACK, 1ul); /* a nap of 50 us is not one of 100 */
	if (priority && (errno = pthread_setschedparam(pthread_self(), SCHED_FIFO, &p)))
		return err_set(&w->err, -errno, "workers.realtime: worker %u cannot have priority %u: %s",
			       w->index, priority, strerror(errno));
	return 0;
}

static unsigned closed_limits(const struct config *c)
{
	unsigned bits = 0;
#define X(limit, word, when) \
	bits |= (unsigned)(c->at_limit.word == CONFIG_LIMIT_ACT_CLOSED) << PIPELINE_LIMIT_##limit;
	PIPELINE_LIMITS(X)
#undef X
	return bits;
}

int worker_setup(void *worker)
{
	struct worker *w = worker;
	const struct config *c = w->ws->cfg;
	struct pipeline_config cfg = {
	    .flows = c->limits.flows,
	    .small = c->limits.small,
	    .medium = c->limits.medium,
	    .large = c->limits.large,
	    .fragments = c->limits.fragments,
	    .http2 = c->limits.http2,
	    .checksums = CHECKSUM_POLICY_VERIFY,
	    .monitor = c->mode == CONFIG_MODE_MONITOR,
	    .populate = true,
	    .closed = closed_limits(c),
	    .pages = w->ws->pages,
	    .blocks = w->ws->blocks,
	    .between = worker_between,
	    .between_ctx = w,
	    .secret = {w->ws->secret[0], w->ws->secret[1]},
	};
	w->linear = mmap(NULL, (size_t)BURST * FRAME_MAX, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (w->linear == MAP_FAILED) {
		w->linear = NULL;
		w->failed = err_set(&w->err, -ENOMEM, "worker %u: no memory", w->index);
		return w->failed;
	}
	w->failed = pipeline_new(&cfg, &w->pipeline, &w->err);
	if (!w->failed)
		w->failed = trier_init(&w->trier, &cfg, &w->err);
	if (!w->failed)
		w->failed = take_priority(w);
	if (!w->failed)
		w->failed = privileges_drop_worker(c->user, &w->err);
	return w->failed;
}

/* Frames that waited while this worker did not beat: most went past it already, and nothing tells which did not. They must not go
 * out twice. */
void worker_discard_copies(struct worker *w)
{
	struct rte_mbuf *frames[BURST];
	for (unsigned i = 0; i < w->n_polls; i++) {
		const struct poll_queue *q = &w->polls[i];
		for (unsigned turns = 0; q->copies && turns < COPIES_MAX / BURST; turns++) {
			unsigned n = rte_eth_rx_burst(q->ethdev, q->queue, frames, BURST);
			if (!n)
				break;
			w->stats.stale += n;
			rte_pktmbuf_free_bulk(frames, n);
		}
	}
}

static void between_bursts(struct worker *w)
{
	if (w->owes_gap)
		w->owes_gap = !events_put_gap(w->ws->events, w->index, clock_realtime_ns());
	rte_rcu_qsbr_quiescent(w->ws->generations->qsbr, w->index);
	const struct generation *g = generations_current(w->ws->generations);
	/* not by its address, where a later one may lie by now */
	if (!g || g->turn == w->turn)
		return;
	w->generation = g;
	w->turn = g->turn;
	elephants_forget_all(&w->elephants);
	pipeline_set_ruleset(w->pipeline, g->rules, g->scratch[w->index]);
	atomic_store_explicit(&((struct generation *)(uintptr_t)g)->switched_ns[w->index],
			      clock_monotonic_ns(), memory_order_release);
}

/* The NIC's hash of the pair of addresses does where every port has it, but not for tunnels, of which it sees the outside. */
static uint32_t spread_of(struct worker *w, const struct rte_mbuf *m)
{
	uint32_t type = m->packet_type;
	if (w->ws->nic_hash && m->ol_flags & RTE_MBUF_F_RX_RSS_HASH &&
	    (RTE_ETH_IS_IPV4_HDR(type) || RTE_ETH_IS_IPV6_HDR(type)) && !(type & RTE_PTYPE_TUNNEL_MASK)) {
		w->stats.nic_hashes++;
		return m->hash.rss;
	}
	return spread(rte_pktmbuf_mtod(m, const uint8_t *), rte_pktmbuf_data_len(m), LINK_ETHERNET,
		      w->ws->secret);
}

/* Keeps what is this worker's own and hands over the rest. Returns how many are kept, at the front. */
static unsigned keep_own(struct worker *w, struct rte_mbuf **frames, unsigned n)
{
	unsigned own = 0;
	for (unsigned i = 0; i < n; i++) {
		unsigned to = spread_worker(spread_of(w, frames[i]), w->ws->n);
		if (to == w->index)
			frames[own++] = frames[i];
		else
			worker_hand(w, frames[i], to);
	}
	return own;
}

/* Some drivers take the tag off the frame; nothing may change on the way. */
static bool put_tag_back(struct rte_mbuf **m)
{
	if (!((*m)->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED))
		return true;
	(*m)->ol_flags &= ~(RTE_MBUF_F_RX_VLAN_STRIPPED | RTE_MBUF_F_RX_VLAN);
	return !rte_vlan_insert(m);
}

/* Counts and marks what was received. Returns how many frames are to be inspected, at the front. */
static unsigned take_in(struct worker *w, const struct poll_queue *q, struct rte_mbuf **frames, unsigned n)
{
	unsigned kept = 0;
	w->stats.rx_packets += n;
	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *m = frames[i];
		w->stats.rx_bytes += rte_pktmbuf_pkt_len(m);
		mark_in(m, q->port);
		if (q->inspect && put_tag_back(&m)) {
			frames[kept++] = m;
			continue;
		}
		*(q->inspect ? &w->stats.tags_lost : &w->stats.unpaired) += 1;
		rte_pktmbuf_free(m);
	}
	return kept;
}

static void poll_ports(struct worker *w)
{
	struct rte_mbuf *frames[BURST];
	unsigned burst = w->ws->cfg->limits.burst;
	for (unsigned i = 0; i < w->n_polls; i++) {
		const struct poll_queue *q = &w->polls[i];
		unsigned n = q->copies && w->draining
				 ? 0
				 : rte_eth_rx_burst(q->ethdev, q->queue, frames, (uint16_t)burst);
		if (!n)
			continue;
		w->moved = true;
		n = take_in(w, q, frames, n);
		n = w->ws->spread ? keep_own(w, frames, n) : n;
		if (n)
			worker_judge(w, frames, n);
		worker_between(w);
	}
}

/* Frames from other workers: some to judge, some only to transmit, in the order in which they came. */
static void poll_workers(struct worker *w)
{
	struct rte_mbuf *frames[BURST], *judge[BURST];
	for (unsigned i = 0; i < w->ws->n; i++) {
		unsigned n =
		    w->from[i] ? rte_ring_sc_dequeue_burst(w->from[i], (void **)frames, BURST, NULL) : 0;
		unsigned n_judge = 0;
		if (!n)
			continue;
		w->moved = true;
		w->stats.handed_in += n;
		for (unsigned k = 0; k < n; k++) {
			unsigned out = marked_out(frames[k]);
			if (out == PORT_NONE)
				judge[n_judge++] = frames[k];
			else
				worker_send(w, frames[k], out);
		}
		if (n_judge)
			worker_judge(w, judge, n_judge);
	}
}

void worker_pass(struct worker *w, bool with_ports)
{
	w->moved = false;
	between_bursts(w);
	if (with_ports)
		poll_ports(w);
	poll_workers(w);
	worker_flush(w);
}

static void nap(struct worker *w)
{
	struct timespec t = {.tv_nsec = (long)w->ws->cfg->workers.idle_us * 1000};
	w->stats.naps++;
	nanosleep(&t, NULL);
}

int worker_run(void *worker)
{
	struct worker *w = worker;
	bool naps = w->ws->cfg->workers.idle == CONFIG_IDLE_SLEEP;
	rte_rcu_qsbr_thread_register(w->ws->generations->qsbr, w->index);
	rte_rcu_qsbr_thread_online(w->ws->generations->qsbr, w->index);
	worker_join(w);
	uint64_t began = w->worked = rte_rdtsc();
	while (!atomic_load_explicit(&w->ws->stop, memory_order_relaxed)) {
		worker_beat(w);
		worker_pass(w, true);
		w->stats.passes++;
		w->empty = w->moved ? 0 : w->empty + 1;
		if (trier_is_asked(&w->trier))
			worker_try(w);
		worker_worked(w);
		if (naps && w->empty > EMPTY_BEFORE_NAP)
			nap(w);
		uint64_t now = w->worked = rte_rdtsc();
		*(w->moved ? &w->stats.busy_cycles : &w->stats.idle_cycles) += now - began;
		began = now;
	}
	worker_leave(w);
	rte_rcu_qsbr_thread_offline(w->ws->generations->qsbr, w->index);
	rte_rcu_qsbr_thread_unregister(w->ws->generations->qsbr, w->index);
	return 0;
}
