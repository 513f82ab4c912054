/* SPDX-License-Identifier: BSD-3-Clause */
/* span: borrowed bytes, and a bounded reader over them.
 *
 * Model:    a span never owns what it points at; a cursor never reads past `end`.
 * Owner:    whoever owns the bytes; a span lives as long as they do.
 * Errors:   reads return false and leave the cursor and the output untouched when too few bytes are left.
 * Cost:     one comparison a read, no copy.
 */
#ifndef COMMON_SPAN_H
#define COMMON_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bytes.h"

struct span {
	const uint8_t *p;
	size_t len;
};

struct cursor {
	const uint8_t *p;
	const uint8_t *end;
};

static inline struct cursor cursor_over(const uint8_t *p, size_t len)
{
	return (struct cursor){p, p + len};
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->p);
}

static inline bool cursor_skip(struct cursor *c, size_t n)
{
	if (cursor_left(c) < n)
		return false;
	c->p += n;
	return true;
}

static inline bool cursor_u8(struct cursor *c, uint8_t *ret)
{
	if (cursor_left(c) < 1)
		return false;
	*ret = *c->p++;
	return true;
}

static inline bool cursor_be16(struct cursor *c, uint16_t *ret)
{
	if (cursor_left(c) < 2)
		return false;
	*ret = be16(c->p);
	c->p += 2;
	return true;
}

static inline bool cursor_be24(struct cursor *c, uint32_t *ret)
{
	if (cursor_left(c) < 3)
		return false;
	*ret = be24(c->p);
	c->p += 3;
	return true;
}

static inline bool cursor_be32(struct cursor *c, uint32_t *ret)
{
	if (cursor_left(c) < 4)
		return false;
	*ret = be32(c->p);
	c->p += 4;
	return true;
}

/* The next n bytes as a span. */
static inline bool cursor_span(struct cursor *c, size_t n, struct span *ret)
{
	if (cursor_left(c) < n)
		return false;
	*ret = (struct span){c->p, n};
	c->p += n;
	return true;
}

#endif
