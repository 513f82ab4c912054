/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_put(const void *bytes, size_t n, char *ret)
{
	const uint8_t *p = bytes;
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
			     (left > 2 ? p[i + 2] : 0);
		*ret++ = digits[v >> 18];
		*ret++ = digits[v >> 12 & 63];
		*ret++ = left > 1 ? digits[v >> 6 & 63] : '=';
		*ret++ = left > 2 ? digits[v & 63] : '=';
	}
	return ret;
}

static int digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_take(const void *text, size_t chars, uint8_t *ret, size_t room, size_t *ret_n)
{
	const uint8_t *p = text;
	size_t n = 0;
	if (chars % 4)
		return false;
	for (size_t i = 0; i < chars; i += 4) {
		bool last = i + 4 == chars;
		unsigned pad = !last || p[i + 3] != '=' ? 0 : p[i + 2] != '=' ? 1 : 2;
		uint32_t v = 0;
		for (unsigned k = 0; k < 4; k++) {
			int d = k >= 4 - pad ? 0 : digit(p[i + k]);
			if (d < 0)
				return false;
			v = v << 6 | (uint32_t)d;
		}
		if (v & ((1u << 8 * pad) - 1))
			return false;
		for (unsigned k = 0; k < 3 - pad; k++, n++)
			if (n < room)
				ret[n] = (uint8_t)(v >> (16 - 8 * k));
	}
	*ret_n = n;
	return true;
}
