/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/http2.h"

#include <stdbool.h>
#include <stdlib.h>

#include "dataplane/core/http2_block.h"

enum {
	FRAME_HEADER = 9,
	FLAG_END_HEADERS = 0x4,
	FLAG_PADDED = 0x8,
	FLAG_PRIORITY = 0x20,
	PRIORITY_BYTES = 5,
};

static const char preface[24] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum state { PREFACE, HEADER, PAD_LENGTH, PRIORITY, FRAGMENT, SKIP, DEAD };

struct http2 {
	uint8_t state; /* enum state */
	uint8_t have;  /* bytes of the preface or of the frame header */
	uint8_t type, flags, padding;
	uint8_t header[FRAME_HEADER];
	bool in_block; /* only a CONTINUATION of `stream_id` may come */
	uint32_t stream_id;
	uint32_t left;	/* of the frame's payload or of its current part */
	uint32_t block; /* bytes of this header block's frames */
	struct http2 *next_free;
	struct http2_block headers;
};

struct http2_pool {
	struct http2 *free;
	struct http2 *all;
};

struct http2_pool *http2_pool_new(unsigned connections)
{
	size_t n = connections ? connections : 1;
	struct http2_pool *pool = calloc(1, sizeof(*pool));
	struct http2 *all = aligned_alloc(_Alignof(struct http2), n * sizeof(*all));
	if (!pool || !all) {
		free(pool);
		free(all);
		return NULL;
	}
	pool->all = all;
	for (unsigned i = connections; i-- > 0;) {
		all[i].next_free = pool->free;
		pool->free = &all[i];
	}
	return pool;
}

void http2_pool_free(struct http2_pool *pool)
{
	if (!pool)
		return;
	free(pool->all);
	free(pool);
}

struct http2 *http2_open(struct http2_pool *pool)
{
	struct http2 *h = pool->free;
	if (!h)
		return NULL;
	struct http2 *next = h->next_free;
	memset(h, 0, offsetof(struct http2, headers));
	h->next_free = next;
	if (!http2_block_init(&h->headers))
		return NULL;
	pool->free = next;
	return h;
}

void http2_close(struct http2_pool *pool, struct http2 *h)
{
	h->next_free = pool->free;
	pool->free = h;
}

/* Enters what follows a frame header: the parts of HEADERS in their order, or a payload to skip. */
static bool begin_frame(struct http2 *h)
{
	uint32_t stream_id = be32(h->header + 5) & 0x7fffffff;
	h->left = be24(h->header);
	h->type = h->header[3];
	h->flags = h->header[4];
	h->padding = 0;
	h->have = 0;
	bool block = h->type == NGHTTP2_HEADERS || h->type == NGHTTP2_CONTINUATION;
	if (h->in_block != (h->type == NGHTTP2_CONTINUATION) || (h->in_block && stream_id != h->stream_id) ||
	    h->type == NGHTTP2_PUSH_PROMISE)
		return false;
	if (!block) {
		h->state = SKIP;
		return true;
	}
	if (h->type == NGHTTP2_HEADERS) {
		if (!(stream_id & 1))
			return false;
		h->stream_id = stream_id;
		h->block = 0;
	} else {
		h->flags &= FLAG_END_HEADERS;
	}
	h->in_block = true;
	h->block += FRAME_HEADER + h->left;
	h->state = h->flags & FLAG_PADDED ? PAD_LENGTH : h->flags & FLAG_PRIORITY ? PRIORITY : FRAGMENT;
	return h->block <= HTTP2_BLOCK_MAX;
}

/* After the pad length, or where there is none: what must come before the fragment must fit the frame. */
static bool parts_fit(const struct http2 *h)
{
	unsigned before =
	    (h->state == PAD_LENGTH ? 1u : 0u) + (h->flags & FLAG_PRIORITY ? PRIORITY_BYTES : 0u);
	return h->left >= before;
}

static size_t gather(struct http2 *h, const uint8_t *p, size_t len, size_t whole)
{
	size_t n = whole - h->have < len ? whole - h->have : len;
	memcpy(h->header + h->have, p, n);
	h->have = (uint8_t)(h->have + n);
	return n;
}

/* Consumes at least one byte, or changes the state; false where the connection is broken. */
static bool step(struct http2 *h, const uint8_t *p, size_t len, size_t *ret_n, http2_request_fn *fn,
		 void *ctx)
{
	size_t n = 0;
	bool fine = true;
	switch ((enum state)h->state) {
	case PREFACE:
		n = sizeof(preface) - h->have < len ? sizeof(preface) - h->have : len;
		fine = !memcmp(p, preface + h->have, n);
		h->have = (uint8_t)(h->have + n);
		if (h->have == sizeof(preface)) {
			h->have = 0;
			h->state = HEADER;
		}
		break;
	case HEADER:
		n = gather(h, p, len, FRAME_HEADER);
		if (h->have == FRAME_HEADER)
			fine = begin_frame(h) && (h->state == SKIP || parts_fit(h));
		break;
	case PAD_LENGTH:
		n = 1;
		h->padding = p[0];
		h->left--;
		h->state = h->flags & FLAG_PRIORITY ? PRIORITY : FRAGMENT;
		fine = h->left >= h->padding + (h->state == PRIORITY ? (uint32_t)PRIORITY_BYTES : 0u);
		break;
	case PRIORITY:
		n = (size_t)PRIORITY_BYTES - h->have < len ? (size_t)PRIORITY_BYTES - h->have : len;
		h->have = (uint8_t)(h->have + n);
		h->left -= (uint32_t)n;
		if (h->have == PRIORITY_BYTES) {
			h->have = 0;
			h->state = FRAGMENT;
		}
		break;
	case FRAGMENT: {
		uint32_t fragment = h->left - h->padding;
		n = fragment < len ? fragment : len;
		bool last = n == fragment, final = last && h->flags & FLAG_END_HEADERS;
		h->left -= (uint32_t)n;
		if (last) {
			h->state = SKIP;
			h->in_block = !final;
		}
		fine = http2_block_feed(&h->headers, h->stream_id, p, n, final, fn, ctx);
		break;
	}
	case SKIP:
		n = h->left < len ? h->left : len;
		h->left -= (uint32_t)n;
		if (h->left == 0)
			h->state = HEADER;
		break;
	case DEAD:
		fine = false;
		break;
	}
	*ret_n = n;
	return fine;
}

enum parse http2_feed(struct http2 *h, const uint8_t *p, size_t len, http2_request_fn *fn, void *ctx)
{
	/* A frame without payload, or whose end is at hand, is finished at once: its request must not wait
	 * for the next byte. */
	while (len || (h->state == FRAGMENT && h->left == h->padding) || (h->state == SKIP && h->left == 0)) {
		size_t n;
		bool preface_left = h->state == PREFACE;
		if (!step(h, p, len, &n, fn, ctx)) {
			h->state = DEAD;
			return preface_left ? PARSE_NOT_MINE : PARSE_BAD;
		}
		p += n;
		len -= n;
	}
	return PARSE_MORE;
}
