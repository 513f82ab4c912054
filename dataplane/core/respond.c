/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <string.h>

#include "dataplane/core/pipeline_state.h"

#define SEGMENT_BYTES 1220 /* fits every path (RFC 8200 5 less headers), so that no option need be known */

static const enum meta_field action_fields[HIT_PROTOS_N] = {
#define X(proto, word) [HIT_##proto] = META_action_##word,
    HIT_PROTOS(X)
#undef X
};

static void report(struct pipeline *p, const struct work *w, bool swap, const struct sighting *seen,
		   enum action a)
{
	p->count.hits++;
	if (p->out.n_hits == PIPELINE_HITS) {
		p->count.hits_lost++;
		return;
	}
	struct hit *h = &p->out.hits[p->out.n_hits++];
	const struct decoded *d = &w->d;
	size_t n = d->version == 4 ? 4 : 16;
	*h = (struct hit){.proto = (uint8_t)seen->proto,
			  .action = (uint8_t)a,
			  .version = d->version,
			  .packet = w->packet,
			  .rule = seen->match.rule};
	memcpy(h->src, swap ? d->dst : d->src, n);
	memcpy(h->dst, swap ? d->src : d->dst, n);
	if (d->kind == DECODE_TCP || d->kind == DECODE_UDP) {
		h->sport = swap ? d->dport : d->sport;
		h->dport = swap ? d->sport : d->dport;
	}
}

/* Room for one frame, or NULL. */
static uint8_t *answer_begin(struct pipeline *p, size_t *ret_cap)
{
	size_t left = ANSWER_ROOM - p->answer_used;
	if (p->out.n_answers == PIPELINE_ANSWERS || left < ANSWER_MAX_BYTES)
		return NULL;
	*ret_cap = ANSWER_MAX_BYTES;
	return p->answer_room + p->answer_used;
}

static bool answer_end(struct pipeline *p, const struct work *w, const uint8_t *data, size_t len,
		       enum answer_way way)
{
	if (!data || !len) {
		p->count.answers_lost++;
		return false;
	}
	p->out.answers[p->out.n_answers++] =
	    (struct answer){data, (uint32_t)len, w->packet, way == ANSWER_FORWARD};
	p->answer_used += (len + 63) & ~(size_t)63;
	p->count.answers++;
	return true;
}

static bool send_tcp(struct pipeline *p, const struct work *w, enum answer_way way, uint8_t flags,
		     uint32_t seq, uint32_t ack, struct span payload)
{
	size_t cap = 0;
	uint8_t *room = answer_begin(p, &cap);
	size_t n = room ? answer_tcp(&p->cause, way, flags, seq, ack, payload, room, cap) : 0;
	return answer_end(p, w, room, n, way);
}

static void send_udp(struct pipeline *p, const struct work *w, struct span payload)
{
	size_t cap = 0;
	uint8_t *room = answer_begin(p, &cap);
	size_t n = room ? answer_udp(&p->cause, ANSWER_BACK, payload, room, cap) : 0;
	answer_end(p, w, room, n, ANSWER_BACK);
}

static void send_icmp(struct pipeline *p, const struct work *w)
{
	size_t cap = 0;
	uint8_t *room = answer_begin(p, &cap);
	answer_end(p, w, room, room ? answer_icmp(&p->cause, room, cap) : 0, ANSWER_BACK);
}

/* Ends the connection at both ends: `payload`, if any, and FIN (or RST) to the client, RST to the server. The
 * server has everything before this segment, the client is told that all of it arrived. */
static void end_tcp(struct pipeline *p, const struct work *w, struct span payload, bool with_fin)
{
	const struct decoded *d = &w->d;
	uint32_t seq = d->ack, ack = d->seq + d->payload_len + (d->tcp_flags & TCP_SYN ? 1 : 0) +
				     (d->tcp_flags & TCP_FIN ? 1 : 0);
	const struct span nothing = {NULL, 0};
	while (payload.len) {
		size_t n = payload.len < SEGMENT_BYTES ? payload.len : SEGMENT_BYTES;
		bool last = n == payload.len;
		uint8_t flags = TCP_ACK | (last ? TCP_PSH | (with_fin ? TCP_FIN : 0) : 0);
		if (!send_tcp(p, w, ANSWER_BACK, flags, seq, ack, (struct span){payload.p, n}))
			break;
		seq += (uint32_t)n;
		payload = (struct span){payload.p + n, payload.len - n};
	}
	if (!with_fin)
		send_tcp(p, w, ANSWER_BACK, TCP_RST | TCP_ACK, seq, ack, nothing);
	send_tcp(p, w, ANSWER_FORWARD, TCP_RST | TCP_ACK, d->seq, d->ack, nothing);
}

static void answer_http(struct pipeline *p, struct work *w, const struct sighting *seen, enum action a)
{
	size_t n = 0;
	if (a == ACTION_PAGE && p->cfg.pages && !seen->http2)
		n = page_render(p->cfg.pages, p->rs, &seen->match.rule, seen->accept_language,
				seen->head_request, p->page, sizeof(p->page));
	else if (a == ACTION_REDIRECT && !seen->http2)
		n = page_redirect(p->rs, &seen->match.rule, p->page, sizeof(p->page));
	end_tcp(p, w, (struct span){p->page, n}, n > 0);
}

static void answer_tls(struct pipeline *p, struct work *w, enum action a)
{
	uint8_t alert[7];
	size_t n = a == ACTION_ALERT ? tls_alert_build(alert) : 0;
	end_tcp(p, w, (struct span){alert, n}, false);
}

static void answer_quic(struct pipeline *p, struct work *w, const struct sighting *seen)
{
	struct quic_keys server;
	const struct stream_quic *c = seen->conn;
	/* A server may acknowledge the first piece of a hello before the one that is judged was sent: the client then
	 * listens to that server's id alone, and need not have used it yet. */
	struct span scid = c->answered ? (struct span){c->server_cid, c->server_cid_len} : seen->quic->dcid;
	quic_keys_derive(p->quic, c->version, c->cid, c->cid_len, true, &server);
	size_t n =
	    quic_close_build(p->quic, c->version, seen->quic->scid, scid, &server, p->page, sizeof(p->page));
	send_udp(p, w, (struct span){p->page, n});
}

static void answer_dns(struct pipeline *p, struct work *w, const struct sighting *seen, enum action a)
{
	bool tcp = w->d.kind == DECODE_TCP;
	uint8_t a4[4], a6[16];
	unsigned list = seen->match.rule.list;
	bool has4 = inet_pton(AF_INET, ruleset_meta(p->rs, list, META_dns_a), a4) == 1;
	bool has6 = inet_pton(AF_INET6, ruleset_meta(p->rs, list, META_dns_aaaa), a6) == 1;
	size_t n = dns_answer_build(p->page, sizeof(p->page), seen->dns,
				    a == ACTION_ADDRESS ? DNS_ADDRESS : DNS_NXDOMAIN, has4 ? a4 : NULL,
				    has6 ? a6 : NULL, tcp);
	struct span payload = {p->page, n};
	if (tcp)
		end_tcp(p, w, payload, n > 0);
	else
		send_udp(p, w, payload);
}

static void build_answers(struct pipeline *p, struct work *w, const struct sighting *seen, enum action a)
{
	if (a == ACTION_DROP || w->answered)
		return;
	w->answered = true;
	if (!answer_cause(w->frame, w->len, (enum link)w->link, &p->cause)) {
		p->count.answers_lost++;
		return;
	}
	switch (seen->proto) {
	case HIT_HTTP:
		answer_http(p, w, seen, a);
		break;
	case HIT_TLS:
		answer_tls(p, w, a);
		break;
	case HIT_QUIC:
		answer_quic(p, w, seen);
		break;
	case HIT_DNS:
		answer_dns(p, w, seen, a);
		break;
	case HIT_IP:
	case HIT_PROTOS_N:
		send_icmp(p, w);
		break;
	}
}

enum verdict respond(struct pipeline *p, struct flow *f, struct work *w, const struct sighting *seen)
{
	enum action a = p->cfg.monitor
			    ? ACTION_COUNT
			    : ruleset_action(p->rs, seen->match.rule.list, action_fields[seen->proto]);
	report(p, w, seen->proto == HIT_IP && w->answered, seen, a);
	if (a == ACTION_COUNT)
		return VERDICT_PASS;
	build_answers(p, w, seen, a);
	if (f)
		f->flags |= FLOW_BLOCKED;
	return VERDICT_DROP;
}

void respond_reset(struct pipeline *p, struct work *w)
{
	if (w->answered || !answer_cause(w->frame, w->len, (enum link)w->link, &p->cause))
		return;
	w->answered = true;
	send_tcp(p, w, ANSWER_BACK, TCP_RST, w->d.ack, 0, (struct span){NULL, 0});
}
