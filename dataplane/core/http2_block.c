/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/http2_block.h"

/* What a server may have allowed with SETTINGS_HEADER_TABLE_SIZE, which the client's bytes do not tell. */
#define TABLE_MAX (64 * 1024)

static const struct {
	const char *name;
	uint8_t len, slot;
} wanted[] = {
    {":authority", 10, HTTP2_AUTHORITY},
    {"host", 4, HTTP2_HOST},
    {":path", 5, HTTP2_PATH},
    {":method", 7, HTTP2_METHOD},
    {"accept-language", 15, HTTP2_ACCEPT_LANGUAGE},
};

static void *mem_alloc(size_t n, void *arena)
{
	return http2_arena_alloc(arena, n);
}

static void mem_free(void *p, void *arena)
{
	http2_arena_free(arena, p);
}

static void *mem_calloc(size_t count, size_t size, void *arena)
{
	size_t n;
	void *p = __builtin_mul_overflow(count, size, &n) ? NULL : http2_arena_alloc(arena, n);
	return p ? memset(p, 0, n) : NULL;
}

static void *mem_realloc(void *old, size_t n, void *arena)
{
	if (old && http2_arena_room(old) >= n)
		return old;
	void *p = http2_arena_alloc(arena, n);
	if (p && old) {
		memcpy(p, old, http2_arena_room(old));
		http2_arena_free(arena, old);
	}
	return p;
}

bool http2_block_init(struct http2_block *b)
{
	memset(b, 0, offsetof(struct http2_block, arena));
	http2_arena_init(&b->arena);
	b->mem = (nghttp2_mem){&b->arena, mem_alloc, mem_free, mem_calloc, mem_realloc};
	return nghttp2_hd_inflate_new2(&b->inflater, &b->mem) == 0 &&
	       nghttp2_hd_inflate_change_table_size(b->inflater, TABLE_MAX) == 0;
}

static bool keep(struct http2_block *b, struct span *slot, const nghttp2_nv *nv)
{
	if (slot->len || nv->valuelen == 0)
		return true;
	uint8_t *copy = http2_arena_alloc(&b->arena, nv->valuelen);
	if (!copy)
		return false;
	memcpy(copy, nv->value, nv->valuelen);
	*slot = (struct span){copy, nv->valuelen};
	return true;
}

static bool keep_field(struct http2_block *b, const nghttp2_nv *nv)
{
	for (unsigned i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		if (nv->namelen != wanted[i].len || memcmp(nv->name, wanted[i].name, nv->namelen))
			continue;
		struct span *slot = &b->slots[wanted[i].slot];
		if (wanted[i].slot == HTTP2_HOST && slot->len)
			slot = &b->slots[HTTP2_SECOND_HOST];
		return keep(b, slot, nv);
	}
	return true;
}

static void drop(struct http2_block *b, struct span *s)
{
	http2_arena_free(&b->arena, (void *)(uintptr_t)s->p);
	*s = (struct span){0};
}

/* Trailers have none of the pseudo-header fields and are no request. */
static void finish(struct http2_block *b, uint32_t stream_id, http2_request_fn *fn, void *ctx)
{
	struct span *s = b->slots;
	bool authority = s[HTTP2_AUTHORITY].len != 0;
	struct http2_request r = {
	    .authority = authority ? s[HTTP2_AUTHORITY] : s[HTTP2_HOST],
	    .host = authority ? s[HTTP2_HOST] : s[HTTP2_SECOND_HOST],
	    .path = s[HTTP2_PATH],
	    .method = s[HTTP2_METHOD],
	    .accept_language = s[HTTP2_ACCEPT_LANGUAGE],
	    .stream_id = stream_id,
	};
	if (s[HTTP2_METHOD].len || s[HTTP2_PATH].len || authority)
		fn(ctx, &r);
	for (unsigned i = 0; i < HTTP2_SLOTS; i++)
		drop(b, &s[i]);
}

bool http2_block_feed(struct http2_block *b, uint32_t stream_id, const uint8_t *p, size_t len, bool final,
		      http2_request_fn *fn, void *ctx)
{
	for (;;) {
		nghttp2_nv nv;
		int flags = 0;
		ssize_t n = nghttp2_hd_inflate_hd2(b->inflater, &nv, &flags, p, len, final);
		if (n < 0 || (flags & NGHTTP2_HD_INFLATE_EMIT && !keep_field(b, &nv))) {
			finish(b, stream_id, fn, ctx);
			return false;
		}
		p += n;
		len -= (size_t)n;
		if (flags & NGHTTP2_HD_INFLATE_FINAL) {
			nghttp2_hd_inflate_end_headers(b->inflater);
			finish(b, stream_id, fn, ctx);
			return true;
		}
		if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && len == 0)
			return true;
	}
}
