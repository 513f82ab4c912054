/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_segment: what of a segment is new, what contradicts, and what its server has.
 *
 * A flow's `base` is the first client byte not yet consumed. Its stream, if it has one, holds bytes from seq0 on; where
 * seq0 + parsed is not base, a body lies between them that was passed over. */
#include "dataplane/core/pipeline_state.h"

bool pipeline_bad_checksum(struct pipeline *p, struct flow *f, const struct work *w, bool first)
{
	if (p->cfg.checksums == CHECKSUM_POLICY_IGNORE || f->flags & FLOW_NO_CHECKSUM)
		return false;
	if (w->checksum_good && !w->d.tunneled)
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
	enum verdict v = VERDICT_PASS;
	pipeline_flow_at_limit(p, f, PIPELINE_LIMIT_STREAMS, &v);
	return v;
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

enum verdict pipeline_client_data(struct pipeline *p, struct flow *f, struct work *w, uint32_t seq)
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

void pipeline_server_ack(struct pipeline *p, struct flow *f, uint32_t ack)
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
