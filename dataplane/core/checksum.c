/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/checksum.h"

#include "common/bytes.h"

static inline uint64_t add_carry(uint64_t sum, uint64_t v)
{
	sum += v;
	return sum + (sum < v);
}

/* Sums in the machine's byte order, which one's complement allows (RFC 1071 2B); checksum_fold turns it
 * around. */
uint64_t checksum_add(const void *p, size_t len, uint64_t sum)
{
	const uint8_t *b = p;
	uint64_t v[4], other = 0;

	for (; len >= 32; b += 32, len -= 32) {
		memcpy(v, b, 32);
		sum = add_carry(sum, v[0]);
		other = add_carry(other, v[1]);
		sum = add_carry(sum, v[2]);
		other = add_carry(other, v[3]);
	}
	for (; len >= 8; b += 8, len -= 8) {
		memcpy(v, b, 8);
		sum = add_carry(sum, v[0]);
	}
	if (len) {
		v[0] = 0;
		memcpy(v, b, len);
		other = add_carry(other, v[0]);
	}
	return add_carry(sum, other);
}

uint16_t checksum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~__builtin_bswap16((uint16_t)sum);
}

uint64_t checksum_pseudo(const struct decoded *d, uint8_t proto, uint32_t l4_len)
{
	uint8_t tail[8];
	size_t address = d->version == 4 ? 4 : 16;

	put_be32(tail, l4_len);
	put_be32(tail + 4, proto);
	return checksum_add(tail, sizeof(tail),
			    checksum_add(d->dst, address, checksum_add(d->src, address, 0)));
}

enum checksum checksum_l4(const uint8_t *frame, const struct decoded *d)
{
	uint32_t len = d->payload - d->l4 + d->payload_len;
	uint32_t at = d->l4 + (d->kind == DECODE_TCP ? 16 : 6);
	uint16_t stored = be16(frame + at);

	if (d->snapped)
		return CHECKSUM_UNKNOWN;
	if (d->kind == DECODE_UDP && stored == 0 && d->version == 4)
		return CHECKSUM_OK;
	uint64_t pseudo = checksum_pseudo(d, d->proto, len);
	if (checksum_fold(checksum_add(frame + d->l4, len, pseudo)) == 0)
		return CHECKSUM_OK;
	return stored == (~checksum_fold(pseudo) & 0xffff) ? CHECKSUM_PARTIAL : CHECKSUM_BAD;
}

enum checksum checksum_ip(const uint8_t *frame, const struct decoded *d)
{
	if (d->version != 4)
		return CHECKSUM_OK;
	size_t len = (frame[d->l3] & 15u) * 4;
	return checksum_fold(checksum_add(frame + d->l3, len, 0)) == 0 ? CHECKSUM_OK : CHECKSUM_BAD;
}
