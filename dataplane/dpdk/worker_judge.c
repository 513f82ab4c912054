/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_mbuf.h>
#include <string.h>

#include "dataplane/dpdk/clock.h"
#include "dataplane/dpdk/worker_state.h"

/* The frame's bytes in one piece: its own where they are, else a copy for inspection; the frame itself stays as it is. */
static const uint8_t *in_one_piece(struct worker *w, const struct rte_mbuf *m, unsigned i, uint32_t *ret_len)
{
	if (m->nb_segs == 1) {
		*ret_len = rte_pktmbuf_data_len(m);
		return rte_pktmbuf_mtod(m, const uint8_t *);
	}
	w->stats.in_pieces++;
	*ret_len = rte_pktmbuf_pkt_len(m) < FRAME_MAX ? rte_pktmbuf_pkt_len(m) : FRAME_MAX;
	return rte_pktmbuf_read(m, 0, *ret_len, w->linear + (size_t)i * FRAME_MAX);
}

static uint8_t checksum_of(struct worker *w, const struct rte_mbuf *m)
{
	if ((m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) != RTE_MBUF_F_RX_L4_CKSUM_GOOD)
		return PACKET_CHECKSUM_UNKNOWN;
	w->stats.nic_checksums++;
	return PACKET_CHECKSUM_GOOD;
}

static void report(struct worker *w, const struct hit *h, unsigned port)
{
	struct event ev = {.type = EVENT_HIT, .worker = (uint8_t)w->index, .time_ns = clock_realtime_ns()};
	ev.hit = (struct event_hit){
	    .version = w->generation->version,
	    .rule = h->rule.id,
	    .line = h->rule.line,
	    .list = h->rule.list,
	    .kind = h->rule.kind,
	    .proto = h->proto,
	    .action = h->action,
	    .ip_version = h->version,
	    .sport = h->sport,
	    .dport = h->dport,
	    .port = (uint8_t)port,
	};
	memcpy(ev.hit.src, h->src, sizeof(ev.hit.src));
	memcpy(ev.hit.dst, h->dst, sizeof(ev.hit.dst));
	w->owes_gap = !events_put(w->ws->events, w->index, &ev);
	if (!w->owes_gap)
		w->stats.hits++;
	else
		w->stats.hits_lost++;
}

static void inject(struct worker *w, const struct answer *a, unsigned in)
{
	const struct port *p = &w->ws->ports[in];
	unsigned out = a->forward && p->peer != PORT_NONE ? p->peer : p->answers;
	struct rte_mbuf *m = rte_pktmbuf_alloc(w->pool);
	char *room = m ? rte_pktmbuf_append(m, (uint16_t)a->len) : NULL;
	if (!room) {
		rte_pktmbuf_free(m);
		w->stats.answers_lost++;
		return;
	}
	memcpy(room, a->data, a->len);
	mark_in(m, in);
	w->stats.answers++;
	worker_send(w, m, out);
}

static void dispose(struct worker *w, struct rte_mbuf *m, enum verdict v, unsigned in)
{
	unsigned peer = w->ws->ports[in].peer;
	if (v == VERDICT_DROP) {
		w->stats.verdict_drops++;
		rte_pktmbuf_free(m);
	} else if (peer == PORT_NONE) {
		w->stats.unpaired++;
		rte_pktmbuf_free(m);
	} else {
		worker_send(w, m, peer);
	}
}

static void watch_elephants(struct worker *w, const struct pipeline_out *out, const uint8_t *in, unsigned n)
{
	struct elephants *e = &w->elephants;
	for (unsigned i = 0; i < out->n_decided; i++) {
		const struct decided_flow *d = &out->decided[i];
		if (d->sure)
			elephants_watch(e, d, in[d->packet]);
		else
			elephants_forget(e, d->flow);
	}
	for (unsigned i = 0; i < n; i++) {
		const struct packet *pk = &w->packets[i];
		if (pk->verdict == VERDICT_PASS && elephants_is_watched(e, pk->flow))
			elephants_count(e, pk->flow, pk->len, in[i]);
	}
}

void worker_judge(struct worker *w, struct rte_mbuf **frames, unsigned n)
{
	uint8_t in[BURST];
	for (unsigned i = 0; i < n; i++) {
		struct packet *pk = &w->packets[i];
		in[i] = (uint8_t)marked_in(frames[i]);
		pk->link = LINK_ETHERNET;
		pk->checksum = checksum_of(w, frames[i]);
		pk->data = in_one_piece(w, frames[i], i, &pk->len);
		w->stats.judged_bytes += pk->len;
	}
	w->stats.judged_packets += n;
	const struct pipeline_out *out = pipeline_burst(w->pipeline, w->packets, n, w->now_ns);
	if (w->ws->cfg->bypass.elephants)
		watch_elephants(w, out, in, n);
	for (unsigned i = 0; i < n; i++)
		dispose(w, frames[i], (enum verdict)w->packets[i].verdict, in[i]);
	for (unsigned i = 0; i < out->n_answers; i++)
		inject(w, &out->answers[i], in[out->answers[i].packet]);
	for (unsigned i = 0; i < out->n_hits; i++)
		report(w, &out->hits[i], in[out->hits[i].packet]);
}
