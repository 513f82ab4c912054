/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_flow: flows and their buffers, and what is left of one when the other is taken away. */
#include "dataplane/core/pipeline_state.h"

void pipeline_http2_close(struct pipeline *p, uint32_t flow)
{
	for (unsigned i = 0; i < p->n_http2; i++) {
		if (p->http2_uses[i].flow != flow)
			continue;
		http2_close(p->http2, p->http2_uses[i].decoder);
		p->http2_uses[i] = p->http2_uses[--p->n_http2];
		return;
	}
}

/* Takes the decoder of the flow longest silent. */
static void http2_recycle(struct pipeline *p)
{
	uint32_t now = flow_clock(p->now_ns), age = 0;
	struct flow *idle = NULL;
	for (unsigned i = 0; i < p->n_http2; i++) {
		struct flow *f = flow_at(p->flows, p->http2_uses[i].flow);
		if (!idle || now - f->last_seen > age) {
			age = now - f->last_seen;
			idle = f;
		}
	}
	if (!idle)
		return;
	enum verdict v;
	p->count.http2_full++;
	pipeline_stream_close(p, idle);
	pipeline_follow_other(idle);
	pipeline_flow_at_limit(p, idle, PIPELINE_LIMIT_STREAMS, &v);
}

struct http2 *pipeline_http2_open(struct pipeline *p, struct flow *f, struct stream *s)
{
	s->http2 = http2_open(p->http2);
	if (!s->http2) {
		http2_recycle(p);
		s->http2 = http2_open(p->http2);
	}
	if (s->http2)
		p->http2_uses[p->n_http2++] = (struct http2_use){s->http2, flow_index(p->flows, f)};
	return s->http2;
}

static void close_stream(struct pipeline *p, uint32_t handle)
{
	struct stream *s = stream_at(p->streams, handle);
	if (s->http2)
		pipeline_http2_close(p, s->owner);
	stream_close(p->streams, handle);
}

void pipeline_stream_close(struct pipeline *p, struct flow *f)
{
	if (!f->stream)
		return;
	close_stream(p, f->stream);
	f->stream = 0;
}

bool pipeline_refuses(struct pipeline *p, const struct work *w)
{
	return pipeline_closed(p, PIPELINE_LIMIT_FLOWS) && flow_is_full(p->flows, w->hash) &&
	       pipeline_at_limit(p, PIPELINE_LIMIT_FLOWS) == VERDICT_DROP;
}

struct flow *pipeline_flow_new(struct pipeline *p, const struct work *w, const struct flow_key *k)
{
	struct flow evicted;
	struct flow *f = flow_insert(p->flows, k, w->hash, p->now_ns, &evicted);
	if (evicted.state != FLOW_FREE) {
		p->count.flows_evicted += !flow_is_decided(&evicted);
		if (evicted.stream)
			close_stream(p, evicted.stream);
	}
	p->count.flows++;
	return f;
}

void pipeline_flow_remove(struct pipeline *p, struct flow *f)
{
	pipeline_stream_close(p, f);
	flow_remove(p->flows, f);
}

void pipeline_stream_evicted(struct pipeline *p, uint32_t owner)
{
	if (owner == STREAM_NO_OWNER)
		return;
	struct flow *f = flow_at(p->flows, owner);
	f->stream = 0;
	bool undecided = f->state != FLOW_OTHER;
	p->count.streams_evicted += undecided;
	if (f->state == FLOW_HTTP2)
		pipeline_http2_close(p, owner);
	if (f->state == FLOW_QUIC) {
		flow_remove(p->flows, f);
		return;
	}
	pipeline_follow_other(f);
	if (undecided && pipeline_closed(p, PIPELINE_LIMIT_STREAMS))
		f->flags |= FLOW_BLOCKED; /* its next frame is dropped and counted as that */
}

struct stream *pipeline_stream_new(struct pipeline *p, struct flow *f)
{
	uint32_t lost;
	struct stream *s = stream_open(p->streams, flow_index(p->flows, f), &lost);
	pipeline_stream_evicted(p, lost);
	s->seq0 = f->base;
	f->stream = s->handle;
	return s;
}
