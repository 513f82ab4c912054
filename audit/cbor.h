/* SPDX-License-Identifier: BSD-3-Clause */
/* cbor: the part of CBOR (RFC 8949) that entries are written in, deterministically (4.2.1): integers of 64 bits with a sign, byte strings, texts,
 * arrays, false and true; each in its shortest form, of definite length.
 *
 * Owner:    the caller's buffers; what a reader gives borrows them.
 * Limits:   an integer is in -2^63 .. 2^63-1, so that every language and database has it.
 * Errors:   NULL, or why: a part of a sentence that goes on after "field: ".
 * Cost:     a byte or two, a branch or two; no heap.
 */
#ifndef AUDIT_CBOR_H
#define AUDIT_CBOR_H

#include "common/span.h"

enum cbor_major {
	CBOR_UINT,     /* n */
	CBOR_NEGATIVE, /* -1 - n */
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_TAG,
	CBOR_SIMPLE /* n: CBOR_FALSE, CBOR_TRUE */
};

#define CBOR_FALSE	20
#define CBOR_TRUE	21
#define CBOR_HEAD_BYTES 9 /* at most */

/* Writes a head to p, of which CBOR_HEAD_BYTES are there; returns what is behind it. */
static inline uint8_t *cbor_put(uint8_t *p, enum cbor_major major, uint64_t n)
{
	uint8_t top = (uint8_t)(major << 5);
	if (n < 24) {
		*p = (uint8_t)(top | n);
		return p + 1;
	}
	unsigned log2 = n <= 0xff ? 0 : n <= 0xffff ? 1 : n <= 0xffffffff ? 2 : 3;
	uint64_t shifted = __builtin_bswap64(n << (64 - (8u << log2)));
	*p = (uint8_t)(top | (24 + log2));
	memcpy(p + 1, &shifted, sizeof(shifted));
	return p + 1 + (1u << log2);
}

/* Takes a head. */
static inline const char *cbor_take(struct cursor *c, enum cbor_major *ret_major, uint64_t *ret_n)
{
	uint8_t first;
	if (!cursor_u8(c, &first))
		return "the bytes end before it";
	unsigned info = first & 31;
	uint64_t n = info;
	*ret_major = first >> 5;
	if (*ret_major == CBOR_MAP || *ret_major == CBOR_TAG)
		return "maps and tags are not used";
	if (*ret_major == CBOR_SIMPLE) {
		*ret_n = info;
		return info == CBOR_FALSE || info == CBOR_TRUE
			   ? NULL
			   : "of the simple values only false and true are used";
	}
	if (info == 31)
		return "its length is indefinite";
	if (info >= 28)
		return "its first byte is reserved";
	if (info >= 24) {
		unsigned bytes = 1u << (info - 24);
		if (cursor_left(c) < bytes)
			return "the bytes end within it";
		for (n = 0; bytes; bytes--)
			n = n << 8 | *c->p++;
		if (n < 24 || (info > 24 && n >> (4u << (info - 24)) == 0))
			return "its number is written longer than it must be";
		if (n > INT64_MAX)
			return "its number is above 2^63-1 or below -2^63";
	}
	*ret_n = n;
	return NULL;
}

/* Whether all bytes are one item of these; the depth of arrays is bounded. */
const char *cbor_check(struct cursor *c, unsigned depth);
/* Valid UTF-8 without control characters but newline. */
bool cbor_is_text(struct span s);

#endif
