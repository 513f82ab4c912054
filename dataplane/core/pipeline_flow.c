/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_flow: flows and their buffers, and what is left of one when the other is taken away. */
#include "dataplane/core/pipeline_state.h"

static void close_stream(struct pipeline *p, uint32_t handle)
{
	struct stream *s = stream_at(p->streams, handle);
	if (s->http2)
		http2_close(p->http2, s->http2);
	stream_close(p->streams, handle);
}

void pipeline_stream_close(struct pipeline *p, struct flow *f)
{
	if (!f->stream)
		return;
	close_stream(p, f->stream);
	f->stream = 0;
}

struct flow *pipeline_flow_new(struct pipeline *p, const struct work *w, const struct flow_key *k)
{
	struct flow evicted;
	struct flow *f = flow_insert(p->flows, k, w->hash, p->now_ns, &evicted);
	if (evicted.state != FLOW_FREE) {
		p->count.flows_evicted += evicted.state != FLOW_OTHER && evicted.state != FLOW_QUIC_DONE;
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
	p->count.streams_evicted += f->state != FLOW_OTHER;
	if (f->state == FLOW_QUIC) {
		flow_remove(p->flows, f);
		return;
	}
	pipeline_follow_other(f);
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
