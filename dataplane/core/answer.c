/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/answer.h"

#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/answer_build.h"

#define TCP_BYTES    20
#define UDP_BYTES    8
#define TCP_FLAG_RST 4
#define PROTO_TCP    6
#define PROTO_UDP    17

bool answer_cause(const uint8_t *frame, uint32_t len, enum link link, struct answer_cause *ret)
{
	ret->frame = frame;
	ret->len = len;
	decode_layers(frame, len, link, &ret->d, &ret->layers);
	return ret->d.kind <= DECODE_FRAGMENT;
}

size_t answer_tcp(const struct answer_cause *c, enum answer_way way, uint8_t flags, uint32_t seq,
		  uint32_t ack, struct span payload, uint8_t *out, size_t cap)
{
	struct answer_frame f = {.cause = c, .way = way, .out = out, .cap = cap};
	bool back = way == ANSWER_BACK;
	if (c->d.kind != DECODE_TCP || !answer_headers(&f, PROTO_TCP))
		return 0;
	uint8_t *tcp = answer_room(&f, TCP_BYTES), *data = tcp ? answer_room(&f, payload.len) : NULL;
	if (!data)
		return 0;
	put_be16(tcp, back ? c->d.dport : c->d.sport);
	put_be16(tcp + 2, back ? c->d.sport : c->d.dport);
	put_be32(tcp + 4, seq);
	put_be32(tcp + 8, ack);
	tcp[12] = TCP_BYTES / 4 << 4;
	tcp[13] = flags;
	put_be16(tcp + 14, flags & TCP_FLAG_RST ? 0 : 0xffff);
	if (payload.len)
		memcpy(data, payload.p, payload.len);
	return answer_finish(&f, tcp + 16);
}

size_t answer_udp(const struct answer_cause *c, enum answer_way way, struct span payload, uint8_t *out,
		  size_t cap)
{
	struct answer_frame f = {.cause = c, .way = way, .out = out, .cap = cap};
	bool back = way == ANSWER_BACK;
	if (c->d.kind != DECODE_UDP || !answer_headers(&f, PROTO_UDP))
		return 0;
	uint8_t *udp = answer_room(&f, UDP_BYTES), *data = udp ? answer_room(&f, payload.len) : NULL;
	if (!data)
		return 0;
	put_be16(udp, back ? c->d.dport : c->d.sport);
	put_be16(udp + 2, back ? c->d.sport : c->d.dport);
	put_be16(udp + 4, (uint16_t)(UDP_BYTES + payload.len));
	if (payload.len)
		memcpy(data, payload.p, payload.len);
	return answer_finish(&f, udp + 6);
}
