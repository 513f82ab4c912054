/* SPDX-License-Identifier: BSD-3-Clause */
/* quic_varint: the variable-length integers of QUIC (RFC 9000 16), up to 2^62 - 1. */
#ifndef DATAPLANE_CORE_QUIC_VARINT_H
#define DATAPLANE_CORE_QUIC_VARINT_H

#include "common/span.h"

/* Any of the four lengths is accepted for any value, as the standard has it. */
static inline bool cursor_varint(struct cursor *c, uint64_t *ret)
{
	if (cursor_left(c) < 1)
		return false;
	size_t n = (size_t)1 << (c->p[0] >> 6);
	if (cursor_left(c) < n)
		return false;
	uint64_t v = c->p[0] & 0x3f;
	for (size_t i = 1; i < n; i++)
		v = v << 8 | c->p[i];
	c->p += n;
	*ret = v;
	return true;
}

/* The next varint, and as many bytes as it says. */
static inline bool cursor_varint_span(struct cursor *c, struct span *ret)
{
	struct cursor at = *c;
	uint64_t n;
	if (!cursor_varint(&at, &n) || n > cursor_left(&at))
		return false;
	*ret = (struct span){at.p, (size_t)n};
	c->p = at.p + n;
	return true;
}

/* How many bytes the shortest form of v takes, for v < 2^30. */
static inline size_t varint_len(uint32_t v)
{
	return v < 0x40 ? 1 : v < 0x4000 ? 2 : 4;
}

/* v in exactly `n` (1, 2 or 4) bytes, which must be enough for it. */
static inline void put_varint(uint8_t *p, uint32_t v, size_t n)
{
	if (n == 1)
		p[0] = (uint8_t)v;
	else if (n == 2)
		put_be16(p, (uint16_t)(v | 0x4000));
	else
		put_be32(p, v | 0x80000000u);
}

#endif
