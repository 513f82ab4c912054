/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/trial_frames.h"

#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/checksum.h"

#define WINDOW 64240
#define TTL    64

enum { PROTO_TCP = 6, PROTO_UDP = 17 };

static bool is_v4(const uint8_t addr[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	return !memcmp(addr, mapped, sizeof(mapped));
}

static size_t ethernet(uint8_t *p, bool v4)
{
	static const uint8_t macs[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
	memcpy(p, macs, sizeof(macs));
	put_be16(p + 12, v4 ? 0x0800 : 0x86dd);
	return 14;
}

static size_t ip_header(uint8_t *p, const struct trial_ends *ends, uint8_t proto, size_t len)
{
	if (is_v4(ends->src)) {
		memset(p, 0, 20);
		p[0] = 0x45;
		put_be16(p + 2, (uint16_t)(20 + len));
		put_be16(p + 6, 0x4000);
		p[8] = TTL;
		p[9] = proto;
		memcpy(p + 12, ends->src + 12, 4);
		memcpy(p + 16, ends->dst + 12, 4);
		put_be16(p + 10, checksum_fold(checksum_add(p, 20, 0)));
		return 20;
	}
	put_be32(p, 0x60000000u);
	put_be16(p + 4, (uint16_t)len);
	p[6] = proto;
	p[7] = TTL;
	memcpy(p + 8, ends->src, 16);
	memcpy(p + 24, ends->dst, 16);
	return 40;
}

/* Over the pseudo-header and the len bytes at p; the field itself is 0 so far. */
static uint16_t l4_checksum(const struct trial_ends *ends, uint8_t proto, const uint8_t *p, size_t len)
{
	size_t off = is_v4(ends->src) ? 12 : 0;
	uint8_t tail[8];
	put_be32(tail, (uint32_t)len);
	put_be32(tail + 4, proto);
	uint64_t sum = checksum_add(ends->src + off, 16 - off, 0);
	sum = checksum_add(ends->dst + off, 16 - off, sum);
	sum = checksum_add(tail, sizeof(tail), sum);
	return checksum_fold(checksum_add(p, len, sum));
}

size_t trial_tcp(const struct trial_ends *ends, uint8_t flags, uint32_t seq, uint32_t ack,
		 struct span payload, uint8_t *room)
{
	size_t at = ethernet(room, is_v4(ends->src)), len = 20 + payload.len;
	at += ip_header(room + at, ends, PROTO_TCP, len);
	uint8_t *tcp = room + at;
	memset(tcp, 0, 20);
	put_be16(tcp, ends->sport);
	put_be16(tcp + 2, ends->dport);
	put_be32(tcp + 4, seq);
	put_be32(tcp + 8, ack);
	tcp[12] = 0x50;
	tcp[13] = flags;
	put_be16(tcp + 14, WINDOW);
	if (payload.len)
		memcpy(tcp + 20, payload.p, payload.len);
	put_be16(tcp + 16, l4_checksum(ends, PROTO_TCP, tcp, len));
	return at + len;
}

size_t trial_udp(const struct trial_ends *ends, struct span payload, uint8_t *room)
{
	size_t at = ethernet(room, is_v4(ends->src)), len = 8 + payload.len;
	at += ip_header(room + at, ends, PROTO_UDP, len);
	uint8_t *udp = room + at;
	put_be16(udp, ends->sport);
	put_be16(udp + 2, ends->dport);
	put_be16(udp + 4, (uint16_t)len);
	put_be16(udp + 6, 0);
	memcpy(udp + 8, payload.p, payload.len);
	uint16_t sum = l4_checksum(ends, PROTO_UDP, udp, len);
	put_be16(udp + 6, sum ? sum : 0xffff); /* 0 says that there is none */
	return at + len;
}

static uint8_t *put_bytes(uint8_t *p, const void *bytes, size_t n)
{
	memcpy(p, bytes, n);
	return p + n;
}

static uint8_t *put16(uint8_t *p, size_t v)
{
	put_be16(p, (uint16_t)v);
	return p + 2;
}

/* server_name (RFC 6066, 3) */
static uint8_t *put_server_name(uint8_t *p, struct span name)
{
	p = put16(p, 0);
	p = put16(p, name.len + 5);
	p = put16(p, name.len + 3);
	*p++ = 0;
	p = put16(p, name.len);
	return put_bytes(p, name.p, name.len);
}

/* As browsers order them, after the name: supported_groups, signature_algorithms, ALPN, supported_versions, key_share (RFC 8446, 4.2). */
static uint8_t *put_other_extensions(uint8_t *p, bool quic)
{
	static const uint8_t before[] = {0, 10, 0, 4, 0, 2, 0, 29, 0, 13, 0, 6, 0, 4, 4, 3, 8, 4};
	static const uint8_t h2[] = {0, 16,  0,	  14,  0,   12,	 2,   'h', '2',
				     8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
	static const uint8_t h3[] = {0, 16, 0, 5, 0, 3, 2, 'h', '3'};
	static const uint8_t after[] = {0, 43, 0, 3, 2, 3, 4, 0, 51, 0, 38, 0, 36, 0, 29, 0, 32};
	p = put_bytes(p, before, sizeof(before));
	p = quic ? put_bytes(p, h3, sizeof(h3)) : put_bytes(p, h2, sizeof(h2));
	p = put_bytes(p, after, sizeof(after));
	memset(p, 0x09, 32);
	return p + 32;
}

size_t trial_hello(struct span name, bool bare, uint32_t number, uint8_t room[TRIAL_HELLO_MAX])
{
	static const uint8_t ciphers[] = {0, 6, 0x13, 1, 0x13, 2, 0x13, 3, 1, 0}; /* and no compression */
	uint8_t *hello = room + (bare ? 0 : 5), *p = hello + 4;
	p = put16(p, 0x0303);
	memset(p, 0x5a, 32);
	put_be32(p, number);
	p += 32;
	*p++ = bare ? 0 : 32; /* a session id, as middleboxes expect one */
	if (!bare) {
		memset(p, 0xa5, 32);
		p += 32;
	}
	p = put_bytes(p, ciphers, sizeof(ciphers));
	uint8_t *extensions = p;
	p = put_server_name(p + 2, name);
	p = put_other_extensions(p, bare);
	put_be16(extensions, (uint16_t)(p - extensions - 2));
	put_be32(hello, 1u << 24 | (uint32_t)(p - hello - 4));
	if (!bare) {
		room[0] = 22;
		put_be16(room + 1, 0x0301);
		put_be16(room + 3, (uint16_t)(p - hello));
	}
	return (size_t)(p - room);
}

size_t trial_query(struct span name, uint16_t id, uint8_t room[TRIAL_QUERY_MAX])
{
	static const uint8_t asked[] = {1, 0, 0, 1, 0, 0, 0, 0, 0, 0}; /* recursion; one question */
	static const uint8_t end[] = {0, 0, 1, 0, 1};		       /* the root; A, IN */
	uint8_t *p = put_bytes(put16(room, id), asked, sizeof(asked));
	for (size_t from = 0; from < name.len;) {
		const uint8_t *dot = memchr(name.p + from, '.', name.len - from);
		size_t n = dot ? (size_t)(dot - name.p) - from : name.len - from;
		if (!n || n > 63 || (size_t)(p - room) + 1 + n + sizeof(end) > TRIAL_QUERY_MAX)
			return 0;
		*p++ = (uint8_t)n;
		p = put_bytes(p, name.p + from, n);
		from += n + 1;
	}
	return (size_t)(put_bytes(p, end, sizeof(end)) - room);
}
