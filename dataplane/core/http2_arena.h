/* SPDX-License-Identifier: BSD-3-Clause */
/* http2_arena: a bounded heap inside a fixed block, for the HPACK tables of one connection.
 *
 * Model:    blocks with boundary tags; free ones hang in bins by size, a power of two each, and merge with
 * their neighbours. After http2_arena_init everything is free again, whatever was allocated before. Owner:
 * embedded; memory is touched only as it is used. Threads:  the owner's. Limits:   HTTP2_ARENA_BYTES with 16
 * bytes of overhead a block; beyond them NULL. Cost:     O(1).
 */
#ifndef DATAPLANE_CORE_HTTP2_ARENA_H
#define DATAPLANE_CORE_HTTP2_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "dataplane/core/http2.h"

#define HTTP2_ARENA_BINS 20

struct http2_arena {
	uint32_t bins[HTTP2_ARENA_BINS]; /* offset of the first free block, or ARENA_NONE */
	_Alignas(16) uint8_t bytes[HTTP2_ARENA_BYTES];
};

void http2_arena_init(struct http2_arena *a);
void *http2_arena_alloc(struct http2_arena *a, size_t n);
void http2_arena_free(struct http2_arena *a, void *p);
/* How many bytes an allocation has room for. */
size_t http2_arena_room(const void *p);

#endif
