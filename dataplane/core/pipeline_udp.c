/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_udp: DNS questions and QUIC hellos.
 *
 * Of a QUIC connection the first Initial's connection id and the CRYPTO data are kept until the hello is
 * judged and the server has answered; until then every Initial of its client is opened, so that no second
 * hello slips by. */
#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/pipeline_state.h"

static uint64_t cid_hash(struct span cid)
{
	uint64_t h = 0x9e3779b97f4a7c15ull + cid.len;
	for (size_t i = 0; i < cid.len; i++)
		h = (h ^ cid.p[i]) * 0x100000001b3ull;
	return h | 1;
}

/* The server's connection id, remembered in the fields that only TCP uses. */
static void remember_server(struct flow *f, struct span scid)
{
	uint64_t h = cid_hash(scid);
	f->acked = (uint32_t)h;
	f->body = (uint32_t)(h >> 32);
}

static bool is_server(const struct flow *f, struct span dcid)
{
	return cid_hash(dcid) == ((uint64_t)f->body << 32 | f->acked);
}

static bool same_cid(const struct stream_quic *c, struct span cid)
{
	return cid.len == c->cid_len && !memcmp(c->cid, cid.p, cid.len);
}

/* What the server sent: anything but a Retry or a version negotiation proves that it has the hello. After those the client
 * begins anew with another connection id or version, which is another connection here. */
static void server_packet(struct pipeline *p, struct flow *f, const struct quic_packet *pkt)
{
	if (f->state != FLOW_QUIC || !f->stream || pkt->type == QUIC_RETRY ||
	    pkt->type == QUIC_VERSION_NEGOTIATION)
		return;
	struct stream *s = stream_at(p->streams, f->stream);
	remember_server(f, pkt->scid);
	if (pkt->scid.len <= QUIC_MAX_CID) {
		s->quic.answered = true;
		s->quic.server_cid_len = (uint8_t)pkt->scid.len;
		memcpy(s->quic.server_cid, pkt->scid.p, pkt->scid.len);
	}
	if (s->quic.judged && !(f->flags & FLOW_BLOCKED)) {
		pipeline_stream_close(p, f);
		f->state = FLOW_QUIC_DONE;
	}
}

static enum verdict judge_crypto(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
				 const struct quic_packet *pkt)
{
	uint32_t there = stream_contiguous(s);
	if (!there || there < s->need || s->quic.judged)
		return VERDICT_PASS;
	struct sighting seen = {.proto = HIT_QUIC, .quic = pkt, .conn = &s->quic};
	enum parse r = tls_hello_parse_bare(s->data, there, &p->hello);
	enum verdict v = judge_hello(p, f, w, &seen, s->names_judged);
	s->names_judged = p->hello.n_names;
	if (r == PARSE_MORE) {
		s->need = (uint32_t)p->hello.need;
		return v;
	}
	s->quic.judged = true;
	p->count.quic_hellos += r == PARSE_OK;
	p->count.tls_ech += p->hello.ech;
	p->count.quic_bad += r != PARSE_OK;
	if (r != PARSE_OK)
		pipeline_flow_at_limit(p, f, PIPELINE_LIMIT_MESSAGE, &v);
	return v;
}

/* Other CRYPTO bytes for the same place: only one may reach the server. */
static enum verdict crypto_conflict(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
				    const struct quic_packet *pkt, const struct quic_frame *fr)
{
	struct sighting seen = {.proto = HIT_QUIC, .quic = pkt, .conn = &s->quic};
	p->count.stream_conflicts++;
	uint32_t n =
	    stream_alternate(s, (uint32_t)fr->offset, fr->data.p, (uint32_t)fr->data.len, p->alternate);
	if (n && !(f->flags & FLOW_BLOCKED)) {
		tls_hello_parse_bare(p->alternate, n, &p->hello);
		judge_hello(p, f, w, &seen, 0);
	}
	return VERDICT_DROP;
}

static enum verdict crypto_frames(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
				  const struct quic_packet *pkt, struct span plain)
{
	struct cursor c = cursor_over(plain.p, plain.len);
	struct quic_frame fr;
	bool closed = false;
	enum parse r;
	enum verdict v = VERDICT_PASS;
	while ((r = quic_frame_next(&c, &fr, &closed)) == PARSE_OK) {
		uint32_t lost;
		if (fr.offset + fr.data.len > STREAM_MAX_BYTES) {
			p->count.stream_beyond++;
			return VERDICT_DROP;
		}
		enum stream_put put =
		    stream_put(p->streams, &s, (uint32_t)fr.offset, fr.data.p, (uint32_t)fr.data.len, &lost);
		f->stream = s->handle;
		pipeline_stream_evicted(p, lost);
		if (put == STREAM_CONFLICT)
			return crypto_conflict(p, f, s, w, pkt, &fr);
		if (put == STREAM_BEYOND || put == STREAM_HOLES) {
			p->count.stream_beyond++;
			v = VERDICT_DROP;
		}
		p->count.stream_full += put == STREAM_NO_BLOCK;
		if (put == STREAM_NO_BLOCK)
			pipeline_flow_at_limit(p, f, PIPELINE_LIMIT_STREAMS, &v);
	}
	p->count.quic_bad += r == PARSE_BAD;
	if (r == PARSE_BAD)
		pipeline_flow_at_limit(p, f, PIPELINE_LIMIT_MESSAGE, &v);
	return judge_crypto(p, f, s, w, pkt) == VERDICT_DROP ? VERDICT_DROP : v;
}

/* A connection on this 5-tuple that opens the packet: its own keys, or those of the packet's id. */
static bool open_initial(struct pipeline *p, struct flow *f, const struct quic_packet *pkt, struct span *ret)
{
	uint64_t pn;
	if (f->state != FLOW_QUIC || !f->stream)
		return false;
	struct stream_quic *c = &stream_at(p->streams, f->stream)->quic;
	if (c->version != pkt->version ||
	    quic_initial_open(p->quic, pkt, &c->client, c->largest_pn, p->plain, ret, &pn) != PARSE_OK)
		return false;
	if (pn > c->largest_pn)
		c->largest_pn = pn;
	if (c->opened < UINT8_MAX)
		c->opened++;
	return true;
}

/* A place for another connection on this 5-tuple; NULL where all are taken by unfinished ones. */
static struct flow *place(struct pipeline *p, struct work *w, struct flow *all[], unsigned n)
{
	struct flow_key k = w->key;
	for (unsigned i = 0; i < n; i++) {
		bool unfinished = all[i]->state == FLOW_QUIC && all[i]->stream &&
				  !stream_at(p->streams, all[i]->stream)->quic.judged;
		if (unfinished)
			continue;
		uint8_t keep = all[i]->flags & (FLOW_HAS_EPOCHS | FLOW_CLIENT_LO);
		pipeline_stream_close(p, all[i]);
		all[i]->flags = keep;
		all[i]->acked = all[i]->body = 0;
		return all[i];
	}
	if (n == FLOW_EPOCHS)
		return NULL;
	if (n)
		all[0]->flags |= FLOW_HAS_EPOCHS;
	for (k.epoch = 0; flow_find(p->flows, &k, w->hash); k.epoch++)
		;
	return pipeline_flow_new(p, w, &k);
}

static enum verdict new_connection(struct pipeline *p, struct work *w, struct flow *all[], unsigned n,
				   const struct quic_packet *pkt)
{
	struct quic_keys keys;
	struct span plain;
	uint64_t pn;
	quic_keys_derive(p->quic, pkt->version, pkt->dcid.p, pkt->dcid.len, false, &keys);
	if (quic_initial_open(p->quic, pkt, &keys, 0, p->plain, &plain, &pn) != PARSE_OK) {
		p->count.quic_unopened++;
		return VERDICT_PASS;
	}
	p->count.quic_initials++;
	if (!n && pipeline_refuses(p, w))
		return VERDICT_DROP;
	struct flow *f = place(p, w, all, n);
	if (!f) {
		p->count.quic_crowded++;
		return VERDICT_DROP;
	}
	f->state = FLOW_QUIC;
	f->flags = (uint8_t)((f->flags & FLOW_HAS_EPOCHS) | (w->src_lo ? FLOW_CLIENT_LO : 0));
	f->last_seen = flow_clock(p->now_ns);
	struct stream *s = pipeline_stream_new(p, f);
	s->quic.client = keys;
	s->quic.version = pkt->version;
	s->quic.cid_len = (uint8_t)pkt->dcid.len;
	memcpy(s->quic.cid, pkt->dcid.p, pkt->dcid.len);
	s->quic.largest_pn = pn;
	return crypto_frames(p, f, s, w, pkt, plain);
}

static enum verdict client_initial(struct pipeline *p, struct work *w, struct flow *all[], unsigned n,
				   const struct quic_packet *pkt)
{
	struct span plain;
	for (unsigned i = 0; i < n; i++) {
		struct flow *f = all[i];
		if (f->state == FLOW_QUIC_DONE && is_server(f, pkt->dcid))
			return VERDICT_PASS;
		struct stream *s = f->stream ? stream_at(p->streams, f->stream) : NULL;
		if (s && s->quic.judged && s->quic.opened >= QUIC_MAX_OPENED && same_cid(&s->quic, pkt->dcid))
			return f->flags & FLOW_BLOCKED ? VERDICT_DROP : VERDICT_PASS;
		if (!open_initial(p, f, pkt, &plain))
			continue;
		p->count.quic_initials++;
		f->last_seen = flow_clock(p->now_ns);
		enum verdict v = crypto_frames(p, f, s, w, pkt, plain);
		return f->flags & FLOW_BLOCKED ? VERDICT_DROP : v;
	}
	if (pkt->dcid.len < 8 && !n) /* no first Initial (RFC 9000 7.2), and of a server's we have no keys */
		return VERDICT_PASS;
	return new_connection(p, w, all, n, pkt);
}

static enum verdict quic_datagram(struct pipeline *p, struct work *w)
{
	const uint8_t *b = w->frame + w->d.payload;
	size_t len = w->d.payload_len;
	enum verdict v = VERDICT_PASS;
	struct quic_packet pkt;
	while (len && quic_packet_parse(b, len, &pkt) == PARSE_OK) {
		struct flow *all[FLOW_EPOCHS];
		struct flow_key k = w->key;
		unsigned n = 0;
		bool from_server = false;
		for (k.epoch = 0; k.epoch < FLOW_EPOCHS; k.epoch++) {
			struct flow *f = flow_find(p->flows, &k, w->hash);
			if (f && (f->state == FLOW_QUIC || f->state == FLOW_QUIC_DONE))
				all[n++] = f;
			if (!n || !f || !(all[0]->flags & FLOW_HAS_EPOCHS))
				break;
		}
		for (unsigned i = 0; i < n; i++) {
			if (work_from_client(w, all[i])) {
				if (all[i]->flags & FLOW_BLOCKED && pkt.type != QUIC_INITIAL)
					v = VERDICT_DROP;
			} else {
				from_server = true;
				server_packet(p, all[i], &pkt);
			}
		}
		if (!from_server && pkt.type == QUIC_INITIAL &&
		    client_initial(p, w, all, n, &pkt) == VERDICT_DROP)
			v = VERDICT_DROP;
		b = pkt.whole.p + pkt.whole.len;
		len = w->d.payload_len - (size_t)(b - (w->frame + w->d.payload));
	}
	return v;
}

static enum verdict dns_datagram(struct pipeline *p, struct work *w)
{
	struct sighting seen = {.proto = HIT_DNS, .dns = &p->dns};
	p->count.dns_queries++;
	if (!p->dns.name_len)
		return VERDICT_PASS;
	return judge_name(p, NULL, w, &seen, (struct span){p->dns.name, p->dns.name_len});
}

/* A datagram that every receiver drops must not be believed. */
static bool bad_checksum(struct pipeline *p, const struct work *w)
{
	if (p->cfg.checksums != CHECKSUM_POLICY_VERIFY || (w->checksum_good && !w->d.tunneled) ||
	    checksum_l4(w->frame, &w->d) != CHECKSUM_BAD)
		return false;
	p->count.checksum_bad++;
	return true;
}

enum verdict pipeline_udp(struct pipeline *p, struct work *w)
{
	const uint8_t *b = w->frame + w->d.payload;
	uint32_t len = w->d.payload_len;
	if (w->has_key && quic_probe(b, len))
		return bad_checksum(p, w) ? VERDICT_PASS : quic_datagram(p, w);
	/* A query's fixed bytes first: no answer, opcode 0, one question, nothing else but additional
	 * records. */
	if (len < 17 || (b[2] & 0xf8) || be16(b + 4) != 1 || be32(b + 6) != 0)
		return VERDICT_PASS;
	if (dns_query_parse(b, len, &p->dns) != PARSE_OK || bad_checksum(p, w))
		return VERDICT_PASS;
	return dns_datagram(p, w);
}
