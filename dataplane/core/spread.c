/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/spread.h"

#include <string.h>

#include "dataplane/core/decode.h"

static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;
	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint64_t address(const uint8_t *a, unsigned version, const uint64_t secret[2])
{
	if (version == 4) {
		uint32_t v4;
		memcpy(&v4, a, sizeof(v4));
		return fold(v4 ^ secret[0], secret[1] | 1);
	}
	uint64_t high, low;
	memcpy(&high, a, sizeof(high));
	memcpy(&low, a + 8, sizeof(low));
	return fold(high ^ secret[0], low ^ secret[1]);
}

uint32_t spread(const uint8_t *frame, uint32_t len, enum link link, const uint64_t secret[2])
{
	struct decoded d;
	decode(frame, len, link, &d);
	if (d.kind == DECODE_NOT_IP || d.kind == DECODE_BAD)
		return 0;
	/* the sum does not tell which address is whose */
	uint64_t both = address(d.src, d.version, secret) + address(d.dst, d.version, secret);
	return (uint32_t)(fold(both ^ secret[1], 0x9e3779b97f4a7c15u) >> 32);
}
