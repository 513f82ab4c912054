/* SPDX-License-Identifier: BSD-3-Clause */
/* utf8: is it text?
 *
 * Cost: one pass.
 */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed UTF-8 sequence at p (RFC 3629), 0 where there is none. */
static inline size_t utf8_sequence(const uint8_t *p, size_t len)
{
	/* Rows: lead byte range, length, range of the second byte. */
	static const uint8_t rows[][5] = {
	    {0x00, 0x7f, 1, 0, 0},	 {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
	    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
	    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
	};
	for (size_t i = 0; len && i < sizeof(rows) / sizeof(*rows); i++) {
		const uint8_t *r = rows[i];
		if (p[0] < r[0] || p[0] > r[1])
			continue;
		if (len < r[2] || (r[2] > 1 && (p[1] < r[3] || p[1] > r[4])))
			return 0;
		for (size_t k = 2; k < r[2]; k++)
			if (p[k] < 0x80 || p[k] > 0xbf)
				return 0;
		return r[2];
	}
	return 0;
}

/* Whether all of it is UTF-8 without control characters. */
static inline bool utf8_is_text(const uint8_t *p, size_t len)
{
	while (len) {
		size_t n = utf8_sequence(p, len);
		bool control = n && (p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0));
		if (!n || control)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

#endif
