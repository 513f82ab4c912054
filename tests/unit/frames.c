/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/frames.h"

#include <string.h>

#include "common/bytes.h"

static uint16_t sum16(const uint8_t *p, size_t len, uint32_t sum)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += be16(p + i);
	if (len & 1)
		sum += (uint32_t)p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Everything below the transport header, whose checksum is at l4 + at. */
static void finish(struct frame *f, uint8_t proto, bool from_server, size_t l4_len, size_t at)
{
	static const uint8_t client[4] = {192, 0, 2, 1}, server[4] = {198, 51, 100, 1};
	uint8_t *ip = f->bytes + 14, pseudo[12] = {0};
	memset(f->bytes, 2, 12);
	put_be16(f->bytes + 12, 0x0800);
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put_be16(ip + 2, (uint16_t)(20 + l4_len));
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, from_server ? server : client, 4);
	memcpy(ip + 16, from_server ? client : server, 4);
	put_be16(ip + 10, sum16(ip, 20, 0));
	memcpy(pseudo, ip + 12, 8);
	pseudo[9] = proto;
	put_be16(pseudo + 10, (uint16_t)l4_len);
	uint32_t sum = (uint16_t)~sum16(pseudo, 12, 0);
	put_be16(ip + 20 + at, 0);
	put_be16(ip + 20 + at, sum16(ip + 20, l4_len, sum));
	f->len = (uint32_t)(34 + l4_len);
}

struct frame frame_tcp(uint16_t client_port, bool from_server, uint8_t flags, uint32_t seq, uint32_t ack,
		       const void *data, size_t len)
{
	struct frame f = {.len = 0};
	uint8_t *tcp = f.bytes + 34;
	put_be16(tcp, from_server ? 443 : client_port);
	put_be16(tcp + 2, from_server ? client_port : 443);
	put_be32(tcp + 4, seq);
	put_be32(tcp + 8, ack);
	tcp[12] = 0x50;
	tcp[13] = flags;
	put_be16(tcp + 14, 8192);
	if (len)
		memcpy(tcp + 20, data, len);
	finish(&f, 6, from_server, 20 + len, 16);
	return f;
}

struct frame frame_udp(uint16_t client_port, uint16_t server_port, bool from_server, const void *data,
		       size_t len)
{
	struct frame f = {.len = 0};
	uint8_t *udp = f.bytes + 34;
	put_be16(udp, from_server ? server_port : client_port);
	put_be16(udp + 2, from_server ? client_port : server_port);
	put_be16(udp + 4, (uint16_t)(8 + len));
	memcpy(udp + 8, data, len);
	finish(&f, 17, from_server, 8 + len, 6);
	return f;
}

size_t hello_build(const char *name, size_t pad, bool bare, uint8_t *out)
{
	uint8_t *p = out + (bare ? 0 : 5), *body = p + 4, *b = body;
	size_t n = strlen(name);
	put_be16(b, 0x0303);
	memset(b + 2, 0x5a, 32);
	b[34] = 0; /* session id */
	put_be16(b + 35, 2);
	put_be16(b + 37, 0x1301);
	b[39] = 1;
	b[40] = 0;
	uint8_t *ext = b + 43, *e = ext;
	if (pad) {
		put_be16(e, 21);
		put_be16(e + 2, (uint16_t)pad);
		memset(e + 4, 0, pad);
		e += 4 + pad;
	}
	put_be16(e, 0);
	put_be16(e + 2, (uint16_t)(n + 5));
	put_be16(e + 4, (uint16_t)(n + 3));
	e[6] = 0;
	put_be16(e + 7, (uint16_t)n);
	memcpy(e + 9, name, n);
	e += 9 + n;
	put_be16(b + 41, (uint16_t)(e - ext));
	size_t len = (size_t)(e - body);
	p[0] = 1;
	p[1] = 0;
	put_be16(p + 2, (uint16_t)len);
	if (!bare) {
		out[0] = 0x16;
		put_be16(out + 1, 0x0301);
		put_be16(out + 3, (uint16_t)(len + 4));
	}
	return (size_t)(e - out);
}
