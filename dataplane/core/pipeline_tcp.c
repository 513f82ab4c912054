/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_tcp: which connection a segment belongs to. */
#include "dataplane/core/pipeline_state.h"

/* Whether the segment lies where this connection's data can be. */
static bool in_window(const struct flow *f, uint32_t seq, uint32_t len)
{
	int32_t ahead = seq_diff(seq, f->base);
	return ahead <= STREAM_MAX_BYTES && ahead > -(1 << 30) - (int32_t)len;
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
	if (pipeline_bad_checksum(p, f, w, false))
		return f->flags & FLOW_BLOCKED ? VERDICT_DROP : VERDICT_PASS;
	return pipeline_client_data(p, f, w, w->d.seq + (w->d.tcp_flags & TCP_SYN ? 1 : 0));
}

static enum verdict server_segment(struct pipeline *p, struct flow *f, struct work *w)
{
	if (f->flags & FLOW_BLOCKED)
		return VERDICT_DROP;
	if (w->d.tcp_flags & TCP_ACK && !(w->d.tcp_flags & TCP_RST))
		pipeline_server_ack(p, f, w->d.ack);
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
	pipeline_unsure(p, w);
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
	if (!f && pipeline_refuses(p, w))
		return VERDICT_DROP;
	if (!f) {
		f = first ? new_epoch(p, w, first) : pipeline_flow_new(p, w, &w->key);
		begin(p, f, w, base, FLOW_SYN);
		if (pipeline_bad_checksum(p, f, w, true)) {
			pipeline_flow_remove(p, f);
			return VERDICT_PASS;
		}
	}
	if (!w->d.payload_len)
		return VERDICT_PASS;
	return fresh ? pipeline_client_data(p, f, w, base) : client_segment(p, f, w);
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
	if (pipeline_refuses(p, w))
		return VERDICT_DROP;
	struct flow *f = first ? new_epoch(p, w, first) : pipeline_flow_new(p, w, &w->key);
	begin(p, f, w, w->d.seq, 0);
	if (pipeline_bad_checksum(p, f, w, true)) {
		pipeline_flow_remove(p, f);
		return VERDICT_PASS;
	}
	return pipeline_client_data(p, f, w, w->d.seq);
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
