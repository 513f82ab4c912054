/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_http: each request of a connection judged, bodies passed over without losing the next request. */
#include <string.h>

#include "dataplane/core/pipeline_state.h"

static bool span_is(struct span s, const char *word)
{
	return s.len == strlen(word) && !memcmp(s.p, word, s.len);
}

/* The authority of an absolute-form target ("http://host:port/path") or of CONNECT's, and the path behind it.
 */
static bool split_absolute(const struct http_request *r, struct span *ret_authority, struct span *ret_target)
{
	static const uint8_t root[] = "/";
	const uint8_t *p = r->target.p, *end = p + r->target.len;
	if (!span_is(r->method, "CONNECT")) {
		const uint8_t *scheme = memmem(p, r->target.len, "://", 3);
		if (!scheme)
			return false;
		p = scheme + 3;
	}
	const uint8_t *path = p;
	while (path < end && *path != '/' && *path != '?' && *path != '#')
		path++;
	*ret_authority = (struct span){p, (size_t)(path - p)};
	*ret_target = path < end ? (struct span){path, (size_t)(end - path)} : (struct span){root, 1};
	return true;
}

enum verdict pipeline_judge_http(struct pipeline *p, struct flow *f, struct work *w,
				 const struct http_request *r)
{
	struct sighting seen = {.proto = HIT_HTTP,
				.accept_language = r->accept_language,
				.head_request = span_is(r->method, "HEAD")};
	struct span authority, target = r->target;
	enum verdict v = VERDICT_PASS;
	bool absolute = r->absolute && split_absolute(r, &authority, &target);
	if (absolute)
		v = judge_request(p, f, w, &seen, authority, target);
	for (unsigned i = 0; i < r->n_hosts; i++) {
		if (absolute && r->hosts[i].len == authority.len &&
		    !memcmp(r->hosts[i].p, authority.p, authority.len))
			continue;
		if (v == VERDICT_PASS || f->flags & FLOW_BLOCKED) {
			enum verdict one = judge_request(p, f, w, &seen, r->hosts[i], target);
			v = one == VERDICT_DROP ? one : v;
		}
	}
	return v;
}

static void enter_body(struct flow *f, struct stream *s, const struct http_request *r)
{
	switch ((enum http_body)r->body) {
	case HTTP_BODY_NONE:
		break;
	case HTTP_BODY_LENGTH:
		pipeline_pass_body(f, s, r->body_bytes);
		break;
	case HTTP_BODY_CHUNKED:
		f->state = FLOW_CHUNKS;
		memset(&s->chunks, 0, sizeof(s->chunks));
		break;
	case HTTP_BODY_TUNNEL:
		f->state = FLOW_PROBE;
		f->flags |= FLOW_TUNNEL;
		break;
	}
}

static void give_up(struct flow *f, struct stream *s)
{
	pipeline_follow_other(f);
	pipeline_consume(f, s, stream_contiguous(s) - s->parsed);
}

enum step pipeline_step_http(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
			     enum verdict *v)
{
	const uint8_t *b = s->data + s->parsed;
	uint32_t n = stream_contiguous(s) - s->parsed;
	size_t scanned = 0;
	if (b[0] == 'P' && http_probe(b, n, true) == PARSE_OK && n > 4 && !memcmp(b, "PRI ", 4)) {
		f->state = FLOW_HTTP2;
		return STEP_AGAIN;
	}
	enum parse r = http_request_parse(b, n, s->scanned, &p->http, &scanned);
	if (r == PARSE_MORE) {
		s->scanned = (uint32_t)scanned;
		return STEP_WAIT;
	}
	if (r == PARSE_NOT_MINE) { /* a tunnel of another kind, or a body that was not announced */
		if (tls_probe(b, n) == PARSE_NOT_MINE)
			give_up(f, s); /* a probe that took it for a request would lead back here */
		else
			pipeline_follow_other(f);
		return STEP_AGAIN;
	}
	p->count.http_requests++;
	p->count.http_ambiguous += p->http.ambiguous;
	if (pipeline_judge_http(p, f, w, &p->http) == VERDICT_DROP)
		*v = VERDICT_DROP;
	if (r == PARSE_BAD) {
		p->count.http_bad++;
		give_up(f, s);
		pipeline_flow_at_limit(p, f, PIPELINE_LIMIT_MESSAGE, v);
		return STEP_AGAIN;
	}
	pipeline_consume(f, s, (uint32_t)p->http.head_bytes);
	enter_body(f, s, &p->http);
	return STEP_AGAIN;
}

enum step pipeline_step_chunks(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
			       enum verdict *v)
{
	(void)w;
	size_t used = 0;
	enum parse r =
	    http_chunks_feed(&s->chunks, s->data + s->parsed, stream_contiguous(s) - s->parsed, &used);
	pipeline_consume(f, s, (uint32_t)used);
	if (r == PARSE_OK) {
		f->state = FLOW_HTTP;
	} else if (r != PARSE_MORE) {
		p->count.http_bad++;
		give_up(f, s);
		pipeline_flow_at_limit(p, f, PIPELINE_LIMIT_MESSAGE, v);
	} else {
		uint64_t jump = http_chunks_pass(&s->chunks, 1u << 30);
		if (jump)
			pipeline_pass_body(f, s, jump);
	}
	return STEP_AGAIN;
}

struct http2_context {
	struct pipeline *p;
	struct flow *f;
	struct work *w;
	enum verdict v;
};

static void judge_http2(void *ctx, const struct http2_request *r)
{
	struct http2_context *c = ctx;
	struct sighting seen = {.proto = HIT_HTTP, .accept_language = r->accept_language, .http2 = true};
	const struct span names[] = {r->authority, r->host};
	c->p->count.http2_requests++;
	for (unsigned i = 0; i < 2; i++)
		if (names[i].len && judge_request(c->p, c->f, c->w, &seen, names[i], r->path) == VERDICT_DROP)
			c->v = VERDICT_DROP;
}

enum step pipeline_step_http2(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
			      enum verdict *v)
{
	if (!s->http2 && !pipeline_http2_open(p, f, s)) {
		p->count.http2_full++;
		give_up(f, s);
		pipeline_flow_at_limit(p, f, PIPELINE_LIMIT_STREAMS, v);
		return STEP_AGAIN;
	}
	struct http2_context c = {p, f, w, VERDICT_PASS};
	uint32_t n = stream_contiguous(s) - s->parsed;
	enum parse r = http2_feed(s->http2, s->data + s->parsed, n, judge_http2, &c);
	if (c.v == VERDICT_DROP)
		*v = VERDICT_DROP;
	pipeline_consume(f, s, n);
	if (r != PARSE_MORE && r != PARSE_OK) {
		p->count.http2_bad++;
		pipeline_http2_close(p, s->owner);
		s->http2 = NULL;
		pipeline_follow_other(f);
		pipeline_flow_at_limit(p, f, PIPELINE_LIMIT_MESSAGE, v);
	}
	return STEP_AGAIN;
}
