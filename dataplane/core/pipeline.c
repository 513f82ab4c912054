/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "dataplane/core/pipeline_state.h"

/* How far ahead a frame's headers are asked for: more at once than a core has miss buffers would be dropped. */
#define FRAMES_AHEAD   8
#define FRAMES_BETWEEN 2 /* one alone may cost hundreds of microseconds */

const struct pipeline_config pipeline_config_default = {
    .flows = 1 << 18,
    .small = 1 << 14,
    .medium = 1 << 10,
    .large = 1 << 7,
    .fragments = 256,
    .http2 = 64,
    .checksums = CHECKSUM_POLICY_VERIFY,
};

int pipeline_new(const struct pipeline_config *cfg, struct pipeline **ret, struct err *e)
{
	/* faulted in now rather than by the first hit */
	struct pipeline *p =
	    mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (p == MAP_FAILED)
		return err_set(e, -ENOMEM, "no memory for a pipeline of %zu bytes", sizeof(*p));
	p->cfg = *cfg;
	p->flows = flow_table_new(cfg->flows, cfg->secret);
	p->streams =
	    stream_pool_new(&(struct stream_pool_size){cfg->small, cfg->medium, cfg->large, cfg->populate});
	p->defrag = defrag_new(cfg->fragments, cfg->secret[0]);
	p->http2 = http2_pool_new(cfg->http2);
	p->http2_uses = calloc(cfg->http2 + 1u, sizeof(*p->http2_uses));
	p->quic = quic_crypto_new();
	if (!p->flows || !p->streams || !p->defrag || !p->http2 || !p->http2_uses || !p->quic) {
		pipeline_free(p);
		return err_set(
		    e, -ENOMEM,
		    "no memory for %u flows, %u+%u+%u buffers, %u fragmented datagrams: configure fewer",
		    cfg->flows, cfg->small, cfg->medium, cfg->large, cfg->fragments);
	}
	*ret = p;
	return 0;
}

void pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	flow_table_free(p->flows);
	stream_pool_free(p->streams);
	defrag_free(p->defrag);
	http2_pool_free(p->http2);
	free(p->http2_uses);
	quic_crypto_free(p->quic);
	munmap(p, sizeof(*p));
}

void pipeline_set_ruleset(struct pipeline *p, const struct ruleset *rs, struct ruleset_scratch *s)
{
	p->rs = rs;
	p->rs_scratch = s;
	p->addr4 = rs && ruleset_has_addr4(rs);
	p->addr6 = rs && ruleset_has_addr6(rs);
}

const struct counters *pipeline_counters(const struct pipeline *p)
{
	return &p->count;
}

size_t pipeline_flows(const struct pipeline *p)
{
	return flow_count(p->flows);
}

/* Finds the key of what may belong to a flow, and asks for its table line early. */
static void prepare(struct pipeline *p, struct work *w)
{
	const struct decoded *d = &w->d;
	w->answered = false;
	w->has_key = d->kind == DECODE_TCP ||
		     (d->kind == DECODE_UDP &&
		      (p->addr4 || p->addr6 || quic_probe(w->frame + d->payload, d->payload_len)));
	if (!w->has_key)
		return;
	w->src_lo = flow_key_of(d, &w->key);
	w->hash = flow_hash(p->flows, &w->key);
	flow_prefetch(p->flows, w->hash);
}

static bool has_addresses(const struct work *w)
{
	return w->d.kind <= DECODE_FRAGMENT;
}

static void prepare_ends(const struct pipeline *p, struct work *w)
{
	w->ends.suspect = 0;
	if (!p->blocking || !has_addresses(w))
		return;
	w->ends.version = w->d.version;
	w->ends.addr[0] = w->d.src;
	w->ends.addr[1] = w->d.dst;
	blocks_suspect(p->cfg.blocks, &w->ends);
}

static bool is_blocked(struct pipeline *p, const struct work *w)
{
	if (!w->ends.suspect || !blocks_match(p->cfg.blocks, &w->ends, p->now_ns))
		return false;
	p->count.blocked_addresses++;
	return true;
}

static enum verdict judge_decoded(struct pipeline *p, struct work *w)
{
	if (p->addr4 || p->addr6) {
		enum verdict v = judge_address(p, w);
		if (v != VERDICT_PASS)
			return v;
	}
	switch (w->d.kind) {
	case DECODE_TCP:
		p->count.tcp++;
		return pipeline_tcp(p, w);
	case DECODE_UDP:
		p->count.udp++;
		return pipeline_udp(p, w);
	default:
		p->count.other_ip++;
		return VERDICT_PASS;
	}
}

/* The fragment that completes a datagram gets the datagram's verdict. */
static enum verdict judge_fragment(struct pipeline *p, const struct work *piece)
{
	struct work whole = *piece;
	p->count.fragments++;
	for (unsigned depth = 0; depth < 2; depth++) { /* a tunnel's fragments may hold fragments */
		const uint8_t *frame;
		uint32_t len;
		switch (defrag_put(p->defrag, whole.frame, whole.len, (enum link)whole.link, &whole.d,
				   p->now_ns, &frame, &len)) {
		case DEFRAG_COMPLETE:
			break;
		case DEFRAG_OVERLAP:
			p->count.fragments_refused++;
			return VERDICT_DROP;
		case DEFRAG_FULL:
			p->count.fragments_full++;
			return pipeline_at_limit(p, PIPELINE_LIMIT_FRAGMENT);
		case DEFRAG_WAIT:
		case DEFRAG_DUPLICATE:
			return VERDICT_PASS;
		}
		p->count.fragments_whole++;
		whole.frame = frame;
		whole.len = len;
		decode(frame, len, (enum link)whole.link, &whole.d);
		if (whole.d.kind != DECODE_FRAGMENT)
			break;
	}
	if (whole.d.kind > DECODE_OTHER)
		return VERDICT_PASS;
	prepare(p, &whole);
	prepare_ends(p, &whole); /* those of a tunnel's inside were not to be seen before */
	enum verdict v = is_blocked(p, &whole) ? VERDICT_DROP : judge_decoded(p, &whole);
	if (v == VERDICT_DROP)
		defrag_refuse(p->defrag);
	return v;
}

static enum verdict judge_frame(struct pipeline *p, struct work *w)
{
	p->count.tunneled += w->d.tunneled;
	if (is_blocked(p, w))
		return VERDICT_DROP;
	switch (w->d.kind) {
	case DECODE_NOT_IP:
		p->count.not_ip++;
		return VERDICT_PASS;
	case DECODE_BAD:
		p->count.bad_frame++;
		return pipeline_at_limit(p, PIPELINE_LIMIT_BAD_FRAME);
	case DECODE_FRAGMENT: {
		enum verdict v = p->addr4 || p->addr6 ? judge_address(p, w) : VERDICT_PASS;
		return v == VERDICT_PASS ? judge_fragment(p, w) : v;
	}
	default:
		return judge_decoded(p, w);
	}
}

static void look_at(struct pipeline *p, struct work *w, const struct packet *pk, unsigned i)
{
	w->frame = pk->data;
	w->len = pk->len;
	w->link = pk->link;
	w->packet = (uint16_t)i;
	w->checksum_good = pk->checksum == PACKET_CHECKSUM_GOOD;
	decode(w->frame, w->len, (enum link)w->link, &w->d);
	prepare_ends(p, w);
}

static void burst_without_rules(struct pipeline *p, struct packet *pkts, unsigned n)
{
	p->count.no_ruleset += n;
	for (unsigned i = 0; i < n; i++) {
		enum verdict v = pipeline_at_limit(p, PIPELINE_LIMIT_NO_RULESET);
		p->count.bytes += pkts[i].len;
		if (p->blocking) {
			look_at(p, &p->work[i], &pkts[i], i);
			if (is_blocked(p, &p->work[i]) && !p->cfg.monitor)
				v = VERDICT_DROP;
		}
		p->count.dropped += v == VERDICT_DROP;
		pkts[i].verdict = (uint8_t)v;
		pkts[i].flow = 0;
	}
}

const struct pipeline_out *pipeline_burst(struct pipeline *p, struct packet *pkts, unsigned n,
					  uint64_t now_ns)
{
	p->now_ns = now_ns;
	p->out.n_hits = p->out.n_answers = p->out.n_decided = 0;
	p->answer_used = 0;
	p->count.packets += n;
	p->blocking = p->cfg.blocks && blocks_any(p->cfg.blocks);
	if (!p->rs) {
		burst_without_rules(p, pkts, n);
		return &p->out;
	}
	for (unsigned i = 0; i < n; i++) {
		struct work *w = &p->work[i];
		if (i + FRAMES_AHEAD < n) {
			__builtin_prefetch(pkts[i + FRAMES_AHEAD].data);
			__builtin_prefetch(pkts[i + FRAMES_AHEAD].data + 64);
		}
		p->count.bytes += pkts[i].len;
		look_at(p, w, &pkts[i], i);
		prepare(p, w);
		pkts[i].flow =
		    w->has_key && w->d.kind == DECODE_TCP && w->d.payload_len ? pipeline_flow_number(w) : 0;
	}
	for (unsigned i = 0; i < n; i++)
		if (p->work[i].has_key)
			flow_prefetch_entry(p->flows, p->work[i].hash);
	for (unsigned i = 0; i < n; i++) {
		enum verdict v = judge_frame(p, &p->work[i]);
		if (p->cfg.monitor)
			v = VERDICT_PASS; /* not even what contradicts earlier bytes is held back */
		p->count.dropped += v == VERDICT_DROP;
		pkts[i].verdict = (uint8_t)v;
		if (p->cfg.between && i % FRAMES_BETWEEN == FRAMES_BETWEEN - 1)
			p->cfg.between(p->cfg.between_ctx);
	}
	return &p->out;
}
