/* SPDX-License-Identifier: BSD-3-Clause */
/* prefixset: address prefixes as sorted, disjoint ranges; the longest prefix wins, then the first given.
 *
 * Model:    built from prefixes, looked up by binary search behind a bitmap of the 65,536 first-level /16s (IPv4: of the address,
 *           IPv6: of its first 16 bits), so that almost every address costs one bit.
 * Threads:  look-ups are pure.
 * Cost:     one bit test for a miss; O(log ranges) behind it.
 */
#ifndef RULES_PREFIXSET_H
#define RULES_PREFIXSET_H

#include <stdbool.h>
#include <stdlib.h>

#include "common/bytes.h"
#include "rules/image.h"

typedef unsigned __int128 prefix_addr; /* 16 bytes as one big-endian number; IPv4 as ::ffff:a.b.c.d */

#define PREFIX_V4_FROM ((prefix_addr)0xffff << 32)
#define PREFIX_V4_TO   (PREFIX_V4_FROM | 0xffffffffu)

struct prefix {
	prefix_addr from, to;
	uint8_t len;
	uint32_t role;
};

struct prefix_range {
	prefix_addr from, to;
	uint32_t role;
};

/* Flattens n prefixes (sorted in place) into at most 2n ranges in ret, which has room for them. Returns how many. */
size_t prefixset_flatten(struct prefix *p, size_t n, struct prefix_range *ret);

/* The role index of the range that holds addr, 0 where none does. */
uint32_t prefixset_find4(const struct image_range4 *r, size_t n, uint32_t addr);
uint32_t prefixset_find6(const struct image_range6 *r, size_t n, uint64_t high, uint64_t low);

static inline bool prefixset_bit(const uint8_t *bits, uint16_t first)
{
	return bits[first >> 3] >> (first & 7) & 1;
}

#endif
