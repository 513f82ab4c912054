/* SPDX-License-Identifier: BSD-3-Clause */
/* http2_block: header blocks of one connection, through its HPACK inflater, to requests.
 *
 * Model:    fed the fragments in order; the block that ends is one callback, unless it is a trailer.
 * Owner:    embedded; all that the inflater holds lies in the arena, so that there is no _fini.
 * Threads:  the owner's.
 * Limits:   the arena's.
 * Errors:   false where the block is broken or the arena full; the connection cannot be read on.
 */
#ifndef DATAPLANE_CORE_HTTP2_BLOCK_H
#define DATAPLANE_CORE_HTTP2_BLOCK_H

#include <nghttp2/nghttp2.h>
#include <stdbool.h>

#include "dataplane/core/http2_arena.h"

enum http2_slot {
	HTTP2_AUTHORITY,
	HTTP2_HOST,
	HTTP2_SECOND_HOST,
	HTTP2_PATH,
	HTTP2_METHOD,
	HTTP2_ACCEPT_LANGUAGE,
	HTTP2_SLOTS,
};

struct http2_block {
	struct span slots[HTTP2_SLOTS]; /* in the arena, len 0 where absent */
	nghttp2_hd_inflater *inflater;
	nghttp2_mem mem;
	struct http2_arena arena;
};

bool http2_block_init(struct http2_block *b);

/* A fragment of a header block of stream `stream_id`; `final` ends the block. What was read of a block that
 * fails is told as well: the server may have more room. */
bool http2_block_feed(struct http2_block *b, uint32_t stream_id, const uint8_t *p, size_t len, bool final,
		      http2_request_fn *fn, void *ctx);

#endif
