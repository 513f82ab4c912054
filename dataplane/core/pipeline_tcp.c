/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_tcp: which connection a segment belongs to, and what of it is new.
 *
 * A flow's `base` is the first client byte not yet consumed. Its stream, if it has one, holds bytes from seq0
 * on; where seq0 + parsed is not base, a body lies between them that was passed over. */
#include "dataplane/core/pipeline_state.h"

static int32_t seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

/* Whether every receiver drops this segment. Settled by the flow's first packet under CHECKSUM_POLICY_AUTO.
 */
static bool bad_checksum(struct pipeline *p, struct flow *f, const struct work *w, bool first)
{
	if (p->cfg.checksums == CHECKSUM_POLICY_IGNORE || f->flags & FLOW_NO_CHECKSUM)
		return false;
	enum checksum c = checksum_l4(w->frame, &w->d);
	if (c == CHECKSUM_OK || c == CHECKSUM_UNKNOWN)
		return false;
	if (p->cfg.checksums == CHECKSUM_POLICY_AUTO && (first || c == CHECKSUM_PARTIAL)) {
		f->flags |= FLOW_NO_CHECKSUM;
		return false;
	}
	p->count.checksum_bad++;
	return true;
}

/* The bytes before the new base were judged; where the server has not confirmed them they must not come again
 * with another content. */
static void remember_unacked(struct pipeline *p, struct flow *f, struct stream *s, uint32_t bytes)
{
	uint32_t from = s->seq0, to = s->seq0 + bytes;
	if (!(f->flags & FLOW_ACKED) || seq_diff(to, f->acked) <= 0)
		return;
	p->count.unacked_released++;
	if (s->lost_from == s->lost_to || seq_diff(s->lost_from, from) > 0)
		s->lost_from = from;
	s->lost_to = to;
}

/* Data begins at `base` again after a body: the window moves there. */
static void restart_window(struct pipeline *p, struct flow *f, struct stream *s)
{
	remember_unacked(p, f, s, s->parsed);
	stream_reset(s);
	s->seq0 = f->base;
}

/* Makes room for a window that has grown to its limit with parsed bytes in front. */
static void slide(struct pipeline *p, struct flow *f, struct stream *s)
{
	remember_unacked(p, f, s, s->parsed);
	stream_release(s, s->parsed);
}

static bool repeats_lost(const struct flow *f, const struct stream *s, uint32_t seq, uint32_t len)
{
	return s->lost_from != s->lost_to && f->flags & FLOW_ACKED && seq_diff(s->lost_to, f->acked) > 0 &&
	       seq_diff(seq, s->lost_to) < 0 && seq_diff(seq + len, s->lost_from) > 0 &&
	       seq_diff(seq + len, f->acked) > 0;
}

static void note_urgent(struct pipeline *p, struct stream *s, const struct work *w, uint32_t at)
{
	if (!(w->d.tcp_flags & TCP_URG) || s->n_urgent == STREAM_MAX_URGENT)
		return;
	p->count.urgent++;
	if (!s->n_urgent)
		s->urgent_from = s->parsed;
	s->urgent[s->n_urgent++] = at + w->d.urgent;
}

/* Bytes that can be read in two ways are kept until either reading is judged, or there are too many. */
static bool keeps_urgent(struct stream *s)
{
	if (s->n_urgent && stream_contiguous(s) - s->urgent_from > OTHER_MAX_BYTES)
		s->n_urgent = 0;
	return s->n_urgent;
}

/* The other content of bytes that have one already: never both may pass, and both are judged. */
static enum verdict conflict(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
			     uint32_t at, const uint8_t *b, uint32_t len)
{
	p->count.stream_conflicts++;
	if (f->flags & FLOW_BLOCKED)
		return VERDICT_DROP;
	uint32_t n = stream_alternate(s, at, b, len, p->alternate);
	uint32_t start = at < s->parsed ? 0 : s->parsed;
	if (n > start)
		pipeline_judge_reading(p, f, w, p->alternate + start, n - start);
	return VERDICT_DROP;
}

static enum verdict store(struct pipeline *p, struct flow *f, struct stream *s, struct work *w, uint32_t at,
			  const uint8_t *b, uint32_t len)
{
	uint32_t lost;
	if (at + len > STREAM_MAX_BYTES && s->parsed && at >= s->parsed) {
		at -= s->parsed;
		slide(p, f, s);
	}
	enum stream_put r = stream_put(p->streams, &s, at, b, len, &lost);
	f->stream = s->handle;
	pipeline_stream_evicted(p, lost);
	switch (r) {
	case STREAM_STORED:
		note_urgent(p, s, w, at);
		return pipeline_advance(p, f, s, w);
	case STREAM_DUPLICATE:
		return VERDICT_PASS;
	case STREAM_CONFLICT:
		return conflict(p, f, s, w, at, b, len);
	case STREAM_BEYOND:
	case STREAM_HOLES:
		p->count.stream_beyond++;
		return VERDICT_DROP;
	case STREAM_NO_BLOCK:
		break;
	}
	p->count.stream_full++;
	pipeline_stream_close(p, f);
	pipeline_follow_other(f);
	f->base = w->d.seq + w->d.payload_len;
	return VERDICT_PASS;
}

/* Whether the segment lies where this connection's data can be. */
static bool in_window(const struct flow *f, uint32_t seq, uint32_t len)
{
	int32_t ahead = seq_diff(seq, f->base);
	return ahead <= STREAM_MAX_BYTES && ahead > -(1 << 30) - (int32_t)len;
}

/* A flow that is followed without a protocol: only the start of each segment is looked at. Returns whether
 * that settles the packet. */
static bool pass_other(struct pipeline *p, struct flow *f, int32_t ahead, const uint8_t *b, uint32_t len)
{
	if (f->state != FLOW_OTHER || ahead != 0 ||
	    (f->stream && keeps_urgent(stream_at(p->streams, f->stream))))
		return false;
	if (pipeline_can_begin(b, len))
		return false;
	f->base += len;
	f->body += len;
	if (f->body > OTHER_MAX_BYTES && !(f->flags & (FLOW_BLOCKED | FLOW_HAS_EPOCHS)))
		pipeline_flow_remove(p, f);
	return true;
}

/* New bytes may stand behind a body that did not fit one jump. */
static void pass_rest_of_body(struct flow *f, uint32_t end)
{
	while (f->body_gib && seq_diff(end, f->base) > 0) {
		f->body_gib--;
		f->base += 1u << 30;
	}
}

/* The server has bytes that were never seen here, and the client goes on behind them: so does the inspection. */
static void resume_behind_gap(struct pipeline *p, struct flow *f, uint32_t seq)
{
	if (!(f->flags & FLOW_ACKED) || seq_diff(f->acked, f->base) <= 0 || seq_diff(seq, f->acked) < 0)
		return;
	struct stream *s = f->stream ? stream_at(p->streams, f->stream) : NULL;
	if (s && (seq_diff(f->acked, s->seq0 + stream_contiguous(s)) <= 0 || s->seq0 + s->parsed != f->base))
		return;
	p->count.stream_gaps++;
	if (s && !stream_skip_hole(s)) {
		stream_reset(s);
		s->seq0 = f->acked;
	}
	f->base = s ? s->seq0 : f->acked;
	pipeline_follow_other(f);
}

static enum verdict client_data(struct pipeline *p, struct flow *f, struct work *w, uint32_t seq)
{
	const uint8_t *b = w->frame + w->d.payload;
	uint32_t len = w->d.payload_len;
	enum verdict blocked = f->flags & FLOW_BLOCKED ? VERDICT_DROP : VERDICT_PASS;
	pass_rest_of_body(f, seq + len);
	resume_behind_gap(p, f, seq);
	int32_t ahead = seq_diff(seq, f->base);
	if (pass_other(p, f, ahead, b, len))
		return blocked;
	struct stream *s = f->stream ? stream_at(p->streams, f->stream) : NULL;
	if (s && repeats_lost(f, s, seq, len)) {
		p->count.unacked_old++;
		return VERDICT_DROP;
	}
	bool new_data = ahead + (int32_t)len > 0;
	if (!s && !new_data)
		return blocked;
	if (!s)
		s = pipeline_stream_new(p, f);
	bool aligned = s->seq0 + s->parsed == f->base;
	if (!aligned && new_data) {
		restart_window(p, f, s);
		aligned = true;
	}
	int32_t at = seq_diff(seq, s->seq0);
	if (at < 0) {
		uint32_t before = (uint32_t)-at;
		if (before >= len)
			return blocked;
		b += before;
		len -= before;
		at = 0;
	}
	if (!aligned) { /* within the body that was passed over, but for what repeats its head */
		if ((uint32_t)at >= s->parsed)
			return blocked;
		if (len > s->parsed - (uint32_t)at)
			len = s->parsed - (uint32_t)at;
	}
	enum verdict v = store(p, f, s, w, (uint32_t)at, b, len);
	return v == VERDICT_DROP ? v : blocked;
}

/* A client's segment of a known connection. */
static enum verdict client_segment(struct pipeline *p, struct flow *f, struct work *w)
{
	f->last_seen = flow_clock(p->now_ns);
	if (!w->d.payload_len) {
		if (!(f->flags & FLOW_BLOCKED))
			return VERDICT_PASS;
		if (w->d.tcp_flags & TCP_FIN && w->d.tcp_flags & TCP_ACK)
			respond_reset(p, w);
		return VERDICT_DROP;
	}
	if (bad_checksum(p, f, w, false))
		return f->flags & FLOW_BLOCKED ? VERDICT_DROP : VERDICT_PASS;
	return client_data(p, f, w, w->d.seq + (w->d.tcp_flags & TCP_SYN ? 1 : 0));
}

static void server_ack(struct pipeline *p, struct flow *f, uint32_t ack)
{
	if (f->flags & FLOW_ACKED && seq_diff(ack, f->acked) <= 0)
		return;
	f->acked = ack;
	f->flags |= FLOW_ACKED;
	if (!f->stream)
		return;
	struct stream *s = stream_at(p->streams, f->stream);
	int32_t upto = seq_diff(ack, s->seq0);
	if (upto <= 0)
		return;
	if (keeps_urgent(s))
		return;
	bool whole = (uint32_t)upto >= s->parsed;
	if (stream_idle(s) && whole && f->state != FLOW_CHUNKS && f->state != FLOW_HTTP2) {
		bool done = f->state == FLOW_OTHER && !(f->flags & (FLOW_BLOCKED | FLOW_HAS_EPOCHS));
		if (done)
			pipeline_flow_remove(p, f);
		else
			pipeline_stream_close(p, f);
		return;
	}
	stream_release(s, whole ? s->parsed : (uint32_t)upto);
}

static enum verdict server_segment(struct pipeline *p, struct flow *f, struct work *w)
{
	if (f->flags & FLOW_BLOCKED)
		return VERDICT_DROP;
	if (w->d.tcp_flags & TCP_ACK && !(w->d.tcp_flags & TCP_RST))
		server_ack(p, f, w->d.ack);
	return VERDICT_PASS;
}

/* The entries that claim this 5-tuple, epoch by epoch. Returns how many. */
static unsigned find_epochs(struct pipeline *p, const struct work *w, struct flow *first,
			    struct flow *ret[FLOW_EPOCHS])
{
	unsigned n = 0;
	struct flow_key k = w->key;
	ret[n++] = first;
	for (k.epoch = 1; k.epoch < FLOW_EPOCHS && first->flags & FLOW_HAS_EPOCHS; k.epoch++) {
		struct flow *f = flow_find(p->flows, &k, w->hash);
		if (f)
			ret[n++] = f;
	}
	return n;
}

/* An entry for another connection on a 5-tuple in use: a free epoch, else the one longest silent. */
static struct flow *new_epoch(struct pipeline *p, struct work *w, struct flow *first)
{
	struct flow_key k = w->key, oldest = w->key;
	uint32_t age = 0, now = flow_clock(p->now_ns);
	p->count.epochs++;
	for (k.epoch = 1; k.epoch < FLOW_EPOCHS; k.epoch++) {
		struct flow *f = flow_find(p->flows, &k, w->hash);
		if (!f)
			break;
		if (!oldest.epoch || now - f->last_seen > age) {
			age = now - f->last_seen;
			oldest = k;
		}
	}
	if (k.epoch == FLOW_EPOCHS) {
		k = oldest;
		pipeline_flow_remove(p, flow_find(p->flows, &k, w->hash));
	}
	first->flags |= FLOW_HAS_EPOCHS;
	struct flow *f = pipeline_flow_new(p, w, &k);
	return f;
}

static void begin(struct pipeline *p, struct flow *f, const struct work *w, uint32_t base, uint8_t flags)
{
	f->state = FLOW_PROBE;
	f->base = base;
	f->flags |= (uint8_t)(flags | (w->src_lo ? FLOW_CLIENT_LO : 0));
	if (!(flags & FLOW_SYN))
		p->count.flows_midstream++;
}

static enum verdict syn_segment(struct pipeline *p, struct flow *first, struct work *w)
{
	struct flow *all[FLOW_EPOCHS], *f = NULL;
	uint32_t base = w->d.seq + 1;
	unsigned n = first ? find_epochs(p, w, first, all) : 0;
	for (unsigned i = 0; i < n; i++)
		if (work_from_client(w, all[i]) && all[i]->flags & FLOW_SYN &&
		    (all[i]->stream ? stream_at(p->streams, all[i]->stream)->seq0 : all[i]->base) == base)
			f = all[i];
	bool fresh = !f;
	if (!f) {
		f = first ? new_epoch(p, w, first) : pipeline_flow_new(p, w, &w->key);
		begin(p, f, w, base, FLOW_SYN);
		if (bad_checksum(p, f, w, true)) {
			pipeline_flow_remove(p, f);
			return VERDICT_PASS;
		}
	}
	if (!w->d.payload_len)
		return VERDICT_PASS;
	return fresh ? client_data(p, f, w, base) : client_segment(p, f, w);
}

/* The server has chosen: the other claims to this 5-tuple are dropped. */
static void confirm(struct pipeline *p, struct work *w, struct flow *all[], unsigned n)
{
	struct flow *real = NULL;
	for (unsigned i = 0; i < n; i++)
		if (!work_from_client(w, all[i]) && all[i]->flags & FLOW_SYN && all[i]->base == w->d.ack)
			real = all[i];
	if (!real || n == 1)
		return;
	struct flow keep = *real;
	real->stream = 0;
	for (unsigned i = 0; i < n; i++)
		pipeline_flow_remove(p, all[i]);
	keep.key.epoch = 0;
	struct flow *f = pipeline_flow_new(p, w, &keep.key);
	*f = keep;
	f->flags &= (uint8_t)~FLOW_HAS_EPOCHS;
	if (f->stream)
		stream_at(p->streams, f->stream)->owner = flow_index(p->flows, f);
}

/* A segment of no known connection: taken up where it can begin a message. */
static enum verdict midstream(struct pipeline *p, struct flow *first, struct work *w)
{
	if (!pipeline_can_begin(w->frame + w->d.payload, w->d.payload_len))
		return VERDICT_PASS;
	struct flow *f = first ? new_epoch(p, w, first) : pipeline_flow_new(p, w, &w->key);
	begin(p, f, w, w->d.seq, 0);
	if (bad_checksum(p, f, w, true)) {
		pipeline_flow_remove(p, f);
		return VERDICT_PASS;
	}
	return client_data(p, f, w, w->d.seq);
}

/* A flow picked up in the middle by bytes that could begin a message takes their sender for the client; the other end may
 * prove that wrong. */
static bool mistaken_client(const struct flow *f, const struct work *w)
{
	return !(f->flags & (FLOW_SYN | FLOW_BLOCKED)) &&
	       (f->state == FLOW_PROBE || f->state == FLOW_OTHER) && w->d.payload_len &&
	       pipeline_can_begin(w->frame + w->d.payload, w->d.payload_len);
}

static enum verdict one_connection(struct pipeline *p, struct flow *f, struct work *w)
{
	if (!work_from_client(w, f)) {
		if (!mistaken_client(f, w))
			return server_segment(p, f, w);
		pipeline_flow_remove(p, f);
		return midstream(p, NULL, w);
	}
	if (w->d.payload_len && !in_window(f, w->d.seq, w->d.payload_len) && !(f->flags & FLOW_BLOCKED))
		return midstream(p, f, w);
	return client_segment(p, f, w);
}

static enum verdict several_connections(struct pipeline *p, struct flow *first, struct work *w)
{
	struct flow *all[FLOW_EPOCHS];
	unsigned n = find_epochs(p, w, first, all), fits = 0;
	enum verdict v = VERDICT_PASS;
	for (unsigned i = 0; i < n; i++) {
		enum verdict one = VERDICT_PASS;
		if (!work_from_client(w, all[i]))
			one = server_segment(p, all[i], w);
		else if (!w->d.payload_len || in_window(all[i], w->d.seq, w->d.payload_len))
			one = client_segment(p, all[i], w);
		else
			continue;
		fits++;
		if (one == VERDICT_DROP)
			v = one;
	}
	return fits || !w->d.payload_len ? v : midstream(p, first, w);
}

enum verdict pipeline_tcp(struct pipeline *p, struct work *w)
{
	struct flow *f = flow_find(p->flows, &w->key, w->hash);
	uint8_t flags = w->d.tcp_flags;
	if ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		return syn_segment(p, f, w);
	if (!f)
		return w->d.payload_len ? midstream(p, NULL, w) : VERDICT_PASS;
	if (!(f->flags & FLOW_HAS_EPOCHS))
		return one_connection(p, f, w);
	if (flags & TCP_SYN) {
		struct flow *all[FLOW_EPOCHS];
		confirm(p, w, all, find_epochs(p, w, f, all));
		return VERDICT_PASS;
	}
	return several_connections(p, f, w);
}
