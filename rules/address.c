/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "common/bytes.h"

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static int digit_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 99;
}

/* The number of a label. What passes 32 bits stays above UINT32_MAX, however long it is. */
static bool parse_number(const uint8_t *p, size_t len, uint64_t *ret)
{
	int base = 10;
	if (len >= 2 && p[0] == '0') {
		base = p[1] == 'x' ? 16 : 8;
		p += base == 16 ? 2 : 1;
		len -= base == 16 ? 2 : 1;
	} else if (!len) {
		return false;
	}
	uint64_t v = 0;
	for (size_t i = 0; i < len; i++) {
		int d = digit_value(p[i]);
		if (d >= base)
			return false;
		if (v <= UINT32_MAX)
			v = v * (unsigned)base + (unsigned)d;
	}
	*ret = v;
	return true;
}

bool address_ends_numeric(const uint8_t *p, size_t len)
{
	size_t start = len;
	bool decimal = true;
	while (start && p[start - 1] != '.')
		if (digit_value(p[--start]) > 9)
			decimal = false;
	if (start == len)
		return false;
	uint64_t v;
	return decimal || parse_number(p + start, len - start, &v);
}

bool address_parse4(const uint8_t *p, size_t len, uint8_t ret[16])
{
	const uint8_t *end = p + len;
	uint64_t v = 0, sum = 0;
	unsigned parts = 0;
	for (;; p++) {
		const uint8_t *dot = memchr(p, '.', (size_t)(end - p));
		const uint8_t *stop = dot ? dot : end;
		if (parts == 4 || !parse_number(p, (size_t)(stop - p), &v))
			return false;
		parts++;
		if (!dot)
			break;
		if (v > 255)
			return false;
		sum = sum << 8 | v;
		p = dot;
	}
	/* n parts: n-1 bytes, then the last takes the other 5-n. */
	unsigned last_bits = 8 * (5 - parts);
	if (v >> last_bits)
		return false;
	memcpy(ret, mapped_prefix, sizeof(mapped_prefix));
	put_be32(ret + 12, (uint32_t)(sum << last_bits | v));
	return true;
}

bool address_parse6(const uint8_t *p, size_t len, uint8_t ret[16])
{
	char text[INET6_ADDRSTRLEN];
	const uint8_t *zone = len ? memchr(p, '%', len) : NULL;
	if (zone)
		len = (size_t)(zone - p);
	if (!len || len >= sizeof(text) || memchr(p, 0, len))
		return false;
	memcpy(text, p, len);
	text[len] = 0;
	struct in6_addr a;
	if (inet_pton(AF_INET6, text, &a) != 1)
		return false;
	memcpy(ret, &a, 16);
	return true;
}

bool address_is4(const uint8_t addr[16])
{
	return !memcmp(addr, mapped_prefix, sizeof(mapped_prefix));
}

/* The longest run of two or more zero groups, the first of equals (RFC 5952 4.2). */
static void longest_zeros(const uint8_t addr[16], unsigned *ret_start, unsigned *ret_len)
{
	*ret_start = 8;
	*ret_len = 1;
	for (unsigned i = 0; i < 8; i++) {
		unsigned n = 0;
		while (i + n < 8 && !be16(addr + 2 * (i + n)))
			n++;
		if (n > *ret_len) {
			*ret_start = i;
			*ret_len = n;
		}
		i += n;
	}
}

size_t address_format(const uint8_t addr[16], char ret[ADDRESS_TEXT_MAX])
{
	if (address_is4(addr))
		return (size_t)snprintf(ret, ADDRESS_TEXT_MAX, "%u.%u.%u.%u", addr[12], addr[13], addr[14],
					addr[15]);
	unsigned zeros, n_zeros;
	longest_zeros(addr, &zeros, &n_zeros);
	size_t len = 0;
	for (unsigned i = 0; i < 8; i++) {
		if (i == zeros) {
			ret[len++] = ':';
			ret[len++] = ':';
			i += n_zeros - 1;
			continue;
		}
		bool colon = len && ret[len - 1] != ':';
		len += (size_t)snprintf(ret + len, ADDRESS_TEXT_MAX - len, colon ? ":%x" : "%x",
					be16(addr + 2 * i));
	}
	ret[len] = 0;
	return len;
}
