/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/cbor.h"

#include "common/utf8.h"

bool cbor_is_text(struct span s)
{
	const uint8_t *p = s.p, *end = s.p + s.len;
	while (p < end) {
		if ((*p >= 0x20 && *p < 0x7f) || *p == '\n') {
			p++;
			continue;
		}
		size_t n = utf8_sequence(p, (size_t)(end - p));
		if (n < 2 || (p[0] == 0xc2 && p[1] < 0xa0))
			return false;
		p += n;
	}
	return true;
}

const char *cbor_check(struct cursor *c, unsigned depth)
{
	enum cbor_major major;
	uint64_t n;
	struct span s;
	const char *why = cbor_take(c, &major, &n);
	if (why)
		return why;
	if (major == CBOR_BYTES || major == CBOR_TEXT) {
		if (!cursor_span(c, n, &s))
			return "the bytes end within it";
		return major == CBOR_BYTES || cbor_is_text(s) ? NULL : "it is no text";
	}
	if (major != CBOR_ARRAY)
		return NULL;
	if (!depth)
		return "arrays are too deep";
	/* each item takes a byte: an array that claims more ends there */
	for (; n && !why; n--)
		why = cbor_check(c, depth - 1);
	return why;
}
