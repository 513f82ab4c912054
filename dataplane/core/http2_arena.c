/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/http2_arena.h"

#include <stdbool.h>

#define ARENA_NONE UINT32_MAX

enum {
	HEADER = 16,
	BLOCK_MIN = 32,
	SEARCH_MAX = 8, /* blocks of the same bin that may be too small */
};

/* `next` and `prev` exist in free blocks only; in used ones the payload begins there. */
struct block {
	uint32_t size, before; /* bytes of this block, and of the one below it (0: none) */
	uint32_t used, unused;
	uint32_t next, prev;
};

_Static_assert(offsetof(struct block, next) == HEADER, "the payload is aligned");
_Static_assert(HTTP2_ARENA_BYTES % HEADER == 0 && HTTP2_ARENA_BYTES < 1 << HTTP2_ARENA_BINS, "bins suffice");

static struct block *at(struct http2_arena *a, uint32_t offset)
{
	return (struct block *)(void *)(a->bytes + offset);
}

static uint32_t offset_of(const struct http2_arena *a, const struct block *b)
{
	return (uint32_t)((const uint8_t *)b - a->bytes);
}

static unsigned bin_of(uint32_t size)
{
	return 31 - (unsigned)__builtin_clz(size);
}

static void link_free(struct http2_arena *a, struct block *b)
{
	uint32_t *bin = &a->bins[bin_of(b->size)];
	b->used = 0;
	b->next = *bin;
	b->prev = ARENA_NONE;
	*bin = offset_of(a, b);
	if (b->next != ARENA_NONE)
		at(a, b->next)->prev = *bin;
}

static void unlink_free(struct http2_arena *a, struct block *b)
{
	if (b->prev == ARENA_NONE)
		a->bins[bin_of(b->size)] = b->next;
	else
		at(a, b->prev)->next = b->next;
	if (b->next != ARENA_NONE)
		at(a, b->next)->prev = b->prev;
}

static struct block *above(struct http2_arena *a, struct block *b)
{
	uint32_t next = offset_of(a, b) + b->size;
	return next < HTTP2_ARENA_BYTES ? at(a, next) : NULL;
}

static void set_size(struct http2_arena *a, struct block *b, uint32_t size)
{
	b->size = size;
	struct block *next = above(a, b);
	if (next)
		next->before = size;
}

void http2_arena_init(struct http2_arena *a)
{
	for (unsigned i = 0; i < HTTP2_ARENA_BINS; i++)
		a->bins[i] = ARENA_NONE;
	struct block *all = at(a, 0);
	all->size = HTTP2_ARENA_BYTES;
	all->before = 0;
	link_free(a, all);
}

static struct block *find(struct http2_arena *a, uint32_t size)
{
	unsigned bin = bin_of(size), tries = 0;
	for (uint32_t o = a->bins[bin]; o != ARENA_NONE && tries < SEARCH_MAX; tries++) {
		struct block *b = at(a, o);
		if (b->size >= size)
			return b;
		o = b->next;
	}
	while (++bin < HTTP2_ARENA_BINS)
		if (a->bins[bin] != ARENA_NONE)
			return at(a, a->bins[bin]);
	return NULL;
}

void *http2_arena_alloc(struct http2_arena *a, size_t n)
{
	if (n > HTTP2_ARENA_BYTES - HEADER)
		return NULL;
	uint32_t size = ((uint32_t)n + HEADER + 15) & ~15u;
	size = size < BLOCK_MIN ? BLOCK_MIN : size;
	struct block *b = find(a, size);
	if (!b)
		return NULL;
	unlink_free(a, b);
	if (b->size - size >= BLOCK_MIN) {
		uint32_t rest = b->size - size;
		b->size = size;
		struct block *tail = above(a, b);
		tail->before = size;
		set_size(a, tail, rest);
		link_free(a, tail);
	}
	b->used = 1;
	return (uint8_t *)b + HEADER;
}

void http2_arena_free(struct http2_arena *a, void *p)
{
	if (!p)
		return;
	struct block *b = (struct block *)(void *)((uint8_t *)p - HEADER);
	struct block *next = above(a, b);
	if (next && !next->used) {
		unlink_free(a, next);
		set_size(a, b, b->size + next->size);
	}
	if (b->before) {
		struct block *below = at(a, offset_of(a, b) - b->before);
		if (!below->used) {
			unlink_free(a, below);
			set_size(a, below, below->size + b->size);
			b = below;
		}
	}
	link_free(a, b);
}

size_t http2_arena_room(const void *p)
{
	const struct block *b = (const struct block *)(const void *)((const uint8_t *)p - HEADER);
	return b->size - HEADER;
}
