/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>
#include <string.h>

#include "dataplane/core/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void check_span(const uint8_t *p, size_t len, struct span s)
{
	assert(s.len == 0 || (s.p >= p && s.p + s.len <= p + len));
}

static enum parse parse(const uint8_t *p, size_t len, size_t from, struct http_request *r, size_t *ret_from)
{
	enum parse answer = http_request_parse(p, len, from, r, ret_from);
	if (answer == PARSE_NOT_MINE)
		return answer;
	assert(r->n_hosts <= HTTP_MAX_HOSTS && r->body <= HTTP_BODY_TUNNEL);
	check_span(p, len, r->method);
	check_span(p, len, r->target);
	check_span(p, len, r->accept_language);
	for (unsigned i = 0; i < r->n_hosts; i++) {
		assert(r->hosts[i].len > 0);
		check_span(p, len, r->hosts[i]);
	}
	assert(answer != PARSE_OK || (r->head_bytes > 0 && r->head_bytes <= len));
	assert(answer != PARSE_MORE || *ret_from <= len);
	return answer;
}

/* In two steps the answer is that of one. */
static void check_steps(const uint8_t *p, size_t len, size_t cut)
{
	struct http_request whole, part;
	size_t from = 0, ignored = 0;
	enum parse all = parse(p, len, 0, &whole, &ignored);
	enum parse some = parse(p, cut, 0, &part, &from);
	if (some == PARSE_MORE)
		some = parse(p, len, from, &part, &ignored);
	assert(some == all);
	if (some == PARSE_OK)
		assert(!memcmp(&part, &whole, sizeof(part)));
}

static void check_chunks(const uint8_t *p, size_t len, size_t cut)
{
	struct http_chunks one = {0}, two = {0};
	size_t used_one, used, used_two = 0;
	enum parse a = http_chunks_feed(&one, p, len, &used_one);
	enum parse b = http_chunks_feed(&two, p, cut, &used);
	assert(used_one <= len && used <= cut);
	used_two = used;
	if (b == PARSE_MORE) {
		assert(used == cut);
		b = http_chunks_feed(&two, p + cut, len - cut, &used);
		used_two += used;
	}
	assert(a == b && used_one == used_two);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	if (len < 2)
		return 0;
	size_t cut = (size_t)(p[0] << 8 | p[1]) % (len - 1);
	p += 2;
	len -= 2;
	check_steps(p, len, cut);
	check_chunks(p, len, cut);
	struct http_request r;
	size_t from;
	assert(http_probe(p, len, true) != PARSE_OK || http_probe(p, len, false) == PARSE_OK);
	assert(http_probe(p, len, false) != PARSE_NOT_MINE ||
	       http_request_parse(p, len, 0, &r, &from) == PARSE_NOT_MINE);
	return 0;
}
