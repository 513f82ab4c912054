/* SPDX-License-Identifier: BSD-3-Clause */
/* base64: binary within JSON (RFC 4648, 4): with its padding, without line breaks. */
#ifndef CONTROL_API_BASE64_H
#define CONTROL_API_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 0 to 63, or -1. */
static inline int base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Room for strlen(text) / 4 * 3 bytes. Returns how many there are; -1: this is no base64. */
static inline long base64_read(const char *text, uint8_t *ret)
{
	size_t len = strlen(text), out = 0;
	size_t padding = len && text[len - 1] == '=' ? 1u + (len > 1 && text[len - 2] == '=') : 0;
	uint32_t v = 0;
	if (len % 4)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int digit = i < len - padding ? base64_digit(text[i]) : 0;
		if (digit < 0)
			return -1;
		v = v << 6 | (uint32_t)digit;
		for (int shift = 16; i % 4 == 3 && shift >= 0; shift -= 8)
			ret[out++] = (uint8_t)(v >> shift);
	}
	return (long)(out - padding);
}

#endif
