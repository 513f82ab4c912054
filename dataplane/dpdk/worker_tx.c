/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_ethdev.h>

#include "dataplane/dpdk/worker_state.h"

/* The queue may be full for a moment: a few more tries, then the frames are lost, as on a link that is slower than what
 * is sent to it. */
static void transmit(struct worker *w, const struct tx_queue *q, struct outbox *box)
{
	unsigned sent = 0;
	for (unsigned tries = 0; sent < box->n && tries < TX_TRIES; tries++) {
		worker_between(w);
		sent += rte_eth_tx_burst(q->ethdev, q->queue, box->v + sent, (uint16_t)(box->n - sent));
	}
	w->stats.tx_packets += sent;
	if (sent < box->n) {
		w->stats.tx_full += box->n - sent;
		rte_pktmbuf_free_bulk(box->v + sent, box->n - sent);
	}
	box->n = 0;
}

static void hand_over(struct worker *w, unsigned to)
{
	struct outbox *box = &w->hand[to];
	unsigned n = rte_ring_sp_enqueue_burst(w->to[to], (void **)box->v, box->n, NULL);
	if (n < box->n) {
		w->stats.handed_full += box->n - n;
		rte_pktmbuf_free_bulk(box->v + n, box->n - n);
	}
	w->stats.handed_out += n;
	box->n = 0;
}

static void hand_push(struct worker *w, struct rte_mbuf *m, unsigned to)
{
	struct outbox *box = &w->hand[to];
	box->v[box->n++] = m;
	if (box->n == BURST)
		hand_over(w, to);
}

void worker_send(struct worker *w, struct rte_mbuf *m, unsigned port)
{
	const struct tx_queue *q = &w->tx[port];
	if (q->via != w->index) {
		mark_out(m, port);
		hand_push(w, m, q->via);
		return;
	}
	if (q->one_piece && m->nb_segs > 1 && rte_pktmbuf_linearize(m)) {
		w->stats.too_large++;
		rte_pktmbuf_free(m);
		return;
	}
	struct outbox *box = &w->out[port];
	box->v[box->n++] = m;
	if (box->n == BURST)
		transmit(w, q, box);
}

/* A worker that does not beat would keep the frame for ever. */
static void stand_in(struct worker *w, struct rte_mbuf *m)
{
	unsigned peer = w->ws->ports[marked_in(m)].peer;
	w->stats.handed_dead++;
	if (w->ws->cfg->fail == CONFIG_FAIL_OPEN && peer != PORT_NONE && w->tx[peer].via == w->index)
		worker_send(w, m, peer);
	else
		rte_pktmbuf_free(m);
}

void worker_hand(struct worker *w, struct rte_mbuf *m, unsigned to)
{
	if (worker_alive(w->ws->v[to], w->now_ns, w->limit_ns))
		hand_push(w, m, to);
	else
		stand_in(w, m);
}

void worker_flush(struct worker *w)
{
	for (unsigned i = 0; i < w->ws->cfg->n_ports; i++)
		if (w->out[i].n)
			transmit(w, &w->tx[i], &w->out[i]);
	for (unsigned i = 0; i < w->ws->n; i++)
		if (w->hand[i].n)
			hand_over(w, i);
}
