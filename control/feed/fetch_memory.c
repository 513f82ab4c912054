/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/feed/fetch_state.h"

struct block {
	_Alignas(max_align_t) size_t size;
	_Alignas(max_align_t) uint8_t bytes[];
};

static struct block *block_of(void *p)
{
	return (struct block *)((uint8_t *)p - offsetof(struct block, bytes));
}

void *fetch_memory_malloc(size_t n)
{
	struct block *b = n < PTRDIFF_MAX - sizeof(*b) ? malloc(sizeof(*b) + n) : NULL;
	if (!b)
		return NULL;
	b->size = n;
	return b->bytes;
}

void fetch_memory_free(void *p)
{
	if (!p)
		return;
	struct block *b = block_of(p);
	explicit_bzero(b->bytes, b->size);
	free(b);
}

void *fetch_memory_realloc(void *p, size_t n)
{
	void *more = fetch_memory_malloc(n);
	if (more && p) {
		size_t size = block_of(p)->size;
		memcpy(more, p, size < n ? size : n);
		fetch_memory_free(p);
	}
	return more;
}

char *fetch_memory_strdup(const char *text)
{
	size_t n = strlen(text) + 1;
	char *copy = fetch_memory_malloc(n);
	return copy ? memcpy(copy, text, n) : NULL;
}

void *fetch_memory_calloc(size_t n, size_t size)
{
	size_t all;
	void *p = __builtin_mul_overflow(n, size, &all) ? NULL : fetch_memory_malloc(all);
	return p ? memset(p, 0, all) : NULL;
}
