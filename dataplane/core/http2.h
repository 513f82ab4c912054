/* SPDX-License-Identifier: BSD-3-Clause */
/* http2: requests on a cleartext HTTP/2 connection with prior knowledge (RFC 9113 3.3), or after "PRI *".
 *
 * Model:    fed the client's bytes in order, each once, in any pieces, from the preface on. Frames are
 *           walked, HEADERS and CONTINUATION go through libnghttp2's HPACK inflater, each finished header
 *           block is one callback, trailers excepted. A block that fails is told as far as it was read.
 * Owner:    a pool of connections with an arena each, allocated by http2_pool_new; nothing is allocated
 *           later. Spans live during the callback.
 * Threads:  one worker per pool.
 * Limits:   HTTP2_ARENA_BYTES a connection (touched as they are used), HTTP2_BLOCK_MAX bytes of frames a
 *           header block, the pool's connections; beyond them PARSE_BAD, or NULL from http2_open.
 * Errors:   enum parse: PARSE_MORE is the normal answer of a live connection; PARSE_NOT_MINE where the
 *           preface is another; PARSE_BAD once and for all where frames or HPACK are broken.
 * Cost:     one pass; about 20 cycles a frame that is not HEADERS.
 */
#ifndef DATAPLANE_CORE_HTTP2_H
#define DATAPLANE_CORE_HTTP2_H

#include "common/parse.h"
#include "common/span.h"

#define HTTP2_ARENA_BYTES (256 * 1024)
#define HTTP2_BLOCK_MAX	  (64 * 1024)

struct http2_pool;
struct http2;

struct http2_request {
	struct span authority; /* :authority, or Host where it is absent; len 0 where neither is */
	struct span host;      /* Host field where both are present, or the second one of two */
	struct span path;
	struct span method;
	struct span accept_language;
	uint32_t stream_id;
};

typedef void http2_request_fn(void *ctx, const struct http2_request *r);

struct http2_pool *http2_pool_new(unsigned connections);
void http2_pool_free(struct http2_pool *p);

struct http2 *http2_open(struct http2_pool *p);
void http2_close(struct http2_pool *p, struct http2 *h);

enum parse http2_feed(struct http2 *h, const uint8_t *p, size_t len, http2_request_fn *fn, void *ctx);

#endif
