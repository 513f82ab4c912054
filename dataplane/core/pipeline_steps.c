/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_steps: what a client's bytes are, and the steps of the protocols that need no framing of their
 * own. */
#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/pipeline_state.h"

/* Steps that may follow each other without reading a byte: each only says anew what the flow is. More would be two
 * parsers that send it to and fro. */
#define STEPS_IDLE 8

void pipeline_consume(struct flow *f, struct stream *s, uint32_t n)
{
	s->parsed += n;
	f->base += n;
	s->need = s->scanned = 0;
	s->names_judged = 0;
}

void pipeline_pass_body(struct flow *f, struct stream *s, uint64_t bytes)
{
	uint32_t there = stream_contiguous(s) - s->parsed;
	uint32_t take = bytes < there ? (uint32_t)bytes : there;
	pipeline_consume(f, s, take);
	bytes -= take;
	if (!bytes)
		return;
	uint64_t end = s->parsed + bytes;
	if (s->n_ranges > 1 &&
	    end < s->range[s->n_ranges - 1].to) { /* something behind the body is there already */
		stream_pass_over(s, (uint32_t)end);
		pipeline_consume(f, s, (uint32_t)bytes);
		return;
	}
	uint64_t gib = bytes >> 30;
	f->body_gib = (uint16_t)(gib > UINT16_MAX ? UINT16_MAX : gib);
	f->base += (uint32_t)(bytes & ((1u << 30) - 1));
}

static bool is_http2_preface(const uint8_t *b, uint32_t n)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n";
	return n >= sizeof(preface) - 1 && !memcmp(b, preface, sizeof(preface) - 1);
}

/* A PROXY protocol header (version 1 or 2) in front of the client's own bytes. */
static enum parse proxy_header(const uint8_t *b, uint32_t n, uint32_t *ret_used)
{
	static const uint8_t v1[] = "PROXY ", v2[] = "\r\n\r\n\0\r\nQUIT\n";
	if (!memcmp(b, v1, n < 6 ? n : 6)) {
		const uint8_t *end = memchr(b, '\n', n < 108 ? n : 108);
		if (!end)
			return n < 108 ? PARSE_MORE : PARSE_NOT_MINE;
		*ret_used = (uint32_t)(end - b) + 1;
		return PARSE_OK;
	}
	if (memcmp(b, v2, n < 12 ? n : 12))
		return PARSE_NOT_MINE;
	if (n < 16 || n < 16u + be16(b + 14))
		return PARSE_MORE;
	*ret_used = 16u + be16(b + 14);
	return PARSE_OK;
}

bool pipeline_can_begin(const uint8_t *b, uint32_t n)
{
	uint32_t used;
	return tls_probe(b, n) != PARSE_NOT_MINE || http_probe(b, n, true) != PARSE_NOT_MINE ||
	       ((b[0] == 'P' || b[0] == '\r') && proxy_header(b, n, &used) != PARSE_NOT_MINE);
}

static void follow_as_other(struct flow *f, struct stream *s)
{
	pipeline_follow_other(f);
	pipeline_consume(f, s, stream_contiguous(s) - s->parsed);
}

static enum step step_probe(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
			    enum verdict *v)
{
	(void)v;
	const uint8_t *b = s->data + s->parsed;
	uint32_t n = stream_contiguous(s) - s->parsed, used = 0;
	bool start = f->state == FLOW_PROBE, strict = !start || !(f->flags & (FLOW_SYN | FLOW_TUNNEL));
	enum parse proxy = proxy_header(b, n, &used);
	if (proxy == PARSE_OK) {
		pipeline_consume(f, s, used);
		return STEP_AGAIN;
	}
	enum parse tls = tls_probe(b, n), http = http_probe(b, n, strict), dns = PARSE_NOT_MINE;
	size_t dns_used;
	if (start)
		dns = dns_query_parse_tcp(b, n, &p->dns, &dns_used);
	if (tls == PARSE_OK) {
		f->state = FLOW_TLS;
	} else if (http == PARSE_OK) {
		f->state = is_http2_preface(b, n) ? FLOW_HTTP2 : FLOW_HTTP;
	} else if (dns == PARSE_OK) {
		f->state = FLOW_DNS;
	} else if (tls == PARSE_MORE || http == PARSE_MORE || dns == PARSE_MORE || proxy == PARSE_MORE) {
		return STEP_WAIT;
	} else {
		follow_as_other(f, s);
		return STEP_AGAIN;
	}
	pipeline_unsure(p, w);
	return STEP_AGAIN;
}

/* The frame's word on its flow: a later one takes an earlier one's place. */
static struct decided_flow *word_on(struct pipeline *p, const struct work *w)
{
	struct pipeline_out *o = &p->out;
	if (o->n_decided && o->decided[o->n_decided - 1].packet == w->packet)
		return &o->decided[o->n_decided - 1];
	return o->n_decided < PIPELINE_BURST ? &o->decided[o->n_decided++] : NULL;
}

void pipeline_unsure(struct pipeline *p, const struct work *w)
{
	struct decided_flow *d = word_on(p, w);
	if (d)
		*d = (struct decided_flow){.flow = pipeline_flow_number(w), .packet = w->packet};
}

/* Only where the server has answered and no other connection claims the 5-tuple: else a decoy's hello could speak for
 * another's stream. */
static void note_decided(struct pipeline *p, const struct flow *f, const struct work *w)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool sure = f->flags & FLOW_ACKED && !(f->flags & (FLOW_HAS_EPOCHS | FLOW_BLOCKED)) && !f->key.epoch;
	struct decided_flow *d = w->d.tunneled || !sure ? NULL : word_on(p, w);
	if (!d)
		return;
	bool v4 = !memcmp(w->key.lo, mapped, sizeof(mapped));
	*d = (struct decided_flow){
	    .flow = pipeline_flow_number(w),
	    .packet = w->packet,
	    .sure = true,
	    .version = v4 ? 4 : 6,
	    .lo_port = w->key.lo_port,
	    .hi_port = w->key.hi_port,
	};
	memcpy(d->lo, w->key.lo + (v4 ? 12 : 0), v4 ? 4 : 16);
	memcpy(d->hi, w->key.hi + (v4 ? 12 : 0), v4 ? 4 : 16);
}

static enum step step_tls(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
			  enum verdict *v)
{
	struct sighting seen = {.proto = HIT_TLS};
	enum parse r = tls_hello_parse(s->data + s->parsed, stream_contiguous(s) - s->parsed, &p->hello);
	if (judge_hello(p, f, w, &seen, s->names_judged) == VERDICT_DROP)
		*v = VERDICT_DROP;
	s->names_judged = p->hello.n_names;
	switch (r) {
	case PARSE_MORE:
		s->need = s->parsed + (uint32_t)p->hello.need;
		return STEP_WAIT;
	case PARSE_OK:
		p->count.tls_hellos++;
		p->count.tls_ech += p->hello.ech;
		pipeline_consume(f, s, (uint32_t)p->hello.consumed);
		pipeline_follow_other(f);
		note_decided(p, f, w);
		return STEP_AGAIN;
	case PARSE_BAD:
		p->count.tls_bad++;
		pipeline_flow_at_limit(p, f, PIPELINE_LIMIT_MESSAGE, v);
		break;
	case PARSE_NOT_MINE:
		break;
	}
	follow_as_other(f, s);
	return STEP_AGAIN;
}

static enum verdict judge_dns(struct pipeline *p, struct flow *f, struct work *w)
{
	struct sighting seen = {.proto = HIT_DNS, .dns = &p->dns};
	p->count.dns_queries++;
	return p->dns.name_len ? judge_name(p, f, w, &seen, (struct span){p->dns.name, p->dns.name_len})
			       : VERDICT_PASS;
}

static enum step step_dns(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
			  enum verdict *v)
{
	size_t used;
	switch (dns_query_parse_tcp(s->data + s->parsed, stream_contiguous(s) - s->parsed, &p->dns, &used)) {
	case PARSE_OK:
		if (judge_dns(p, f, w) == VERDICT_DROP)
			*v = VERDICT_DROP;
		pipeline_consume(f, s, (uint32_t)used);
		return STEP_AGAIN;
	case PARSE_MORE:
		return STEP_WAIT;
	default:
		follow_as_other(f, s);
		return STEP_AGAIN;
	}
}

typedef enum step step_fn(struct pipeline *, struct flow *, struct stream *, struct work *, enum verdict *);

static step_fn *const steps[] = {
    [FLOW_OTHER] = step_probe,		[FLOW_PROBE] = step_probe, [FLOW_TLS] = step_tls,
    [FLOW_HTTP] = pipeline_step_http,	[FLOW_DNS] = step_dns,	   [FLOW_CHUNKS] = pipeline_step_chunks,
    [FLOW_HTTP2] = pipeline_step_http2,
};

/* With urgent bytes in the stream, servers may read it with or without them: the readings without are judged too. */
static enum verdict judge_without_urgent(struct pipeline *p, struct flow *f, struct stream *s, struct work *w)
{
	enum verdict v = VERDICT_PASS;
	for (uint32_t before = 0; before < 2 && s->n_urgent && !(f->flags & FLOW_BLOCKED); before++) {
		uint32_t n = stream_without_urgent(s, before, p->alternate);
		if (n && pipeline_judge_reading(p, f, w, p->alternate, n) == VERDICT_DROP)
			v = VERDICT_DROP;
	}
	return v;
}

enum verdict pipeline_advance(struct pipeline *p, struct flow *f, struct stream *s, struct work *w)
{
	enum verdict v = judge_without_urgent(p, f, s, w);
	unsigned idle = 0;
	for (;;) {
		uint32_t there = stream_contiguous(s), before = s->parsed;
		if (there <= s->parsed || there < s->need)
			return v;
		if (steps[f->state](p, f, s, w, &v) == STEP_WAIT)
			return v;
		idle = s->parsed == before ? idle + 1 : 0;
		if (idle == STEPS_IDLE)
			follow_as_other(f, s);
	}
}

enum verdict pipeline_judge_reading(struct pipeline *p, struct flow *f, struct work *w, const uint8_t *b,
				    uint32_t n)
{
	struct sighting tls = {.proto = HIT_TLS};
	size_t used;
	enum verdict v = VERDICT_PASS;
	while (n) {
		if (tls_probe(b, n) == PARSE_OK) {
			tls_hello_parse(b, n, &p->hello);
			return judge_hello(p, f, w, &tls, 0) == VERDICT_DROP ? VERDICT_DROP : v;
		}
		if (http_probe(b, n, false) == PARSE_OK) {
			enum parse r = http_request_parse(b, n, 0, &p->http, &used);
			if (r != PARSE_OK && r != PARSE_BAD)
				return v;
			if (pipeline_judge_http(p, f, w, &p->http) == VERDICT_DROP)
				v = VERDICT_DROP;
			if (r == PARSE_BAD)
				return v;
			b += p->http.head_bytes;
			n -= (uint32_t)p->http.head_bytes;
			continue;
		}
		if (dns_query_parse_tcp(b, n, &p->dns, &used) != PARSE_OK)
			return v;
		if (judge_dns(p, f, w) == VERDICT_DROP)
			v = VERDICT_DROP;
		b += used;
		n -= (uint32_t)used;
	}
	return v;
}
