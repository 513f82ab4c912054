/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>
#include <string.h>

#include "dataplane/core/http2.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/* A sum over all that was told: the same whatever the pieces. */
static void tell(void *ctx, const struct http2_request *r)
{
	const struct span all[] = {r->authority, r->host, r->path, r->method, r->accept_language};
	uint64_t *sum = ctx;
	assert(r->authority.len || r->path.len || r->method.len);
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++) {
		*sum = *sum * 31 + all[i].len + i;
		for (size_t k = 0; k < all[i].len; k++)
			*sum = *sum * 31 + all[i].p[k];
	}
}

static enum parse feed(struct http2_pool *pool, const uint8_t *p, size_t len, size_t step, uint64_t *ret_sum)
{
	struct http2 *h = http2_open(pool);
	assert(h);
	enum parse answer = http2_feed(h, (const uint8_t *)preface, 24, tell, ret_sum);
	assert(answer == PARSE_MORE);
	for (size_t at = 0; at < len && answer == PARSE_MORE; at += step)
		answer = http2_feed(h, p + at, len - at < step ? len - at : step, tell, ret_sum);
	assert(answer == PARSE_MORE || answer == PARSE_BAD);
	http2_close(pool, h);
	return answer;
}

/* The first byte is the size of the pieces; the preface goes before the rest. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct http2_pool *pool;
	uint64_t whole = 0, pieces = 0;
	if (!pool)
		pool = http2_pool_new(1);
	if (!pool || len < 2)
		return 0;
	enum parse a = feed(pool, p + 1, len - 1, len, &whole);
	enum parse b = feed(pool, p + 1, len - 1, 1u + p[0], &pieces);
	assert(a == b && whole == pieces);
	return 0;
}
