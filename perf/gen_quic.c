/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_quic: QUIC v1 connections: real Initials, then packets that look sealed. */
#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/quic.h"
#include "perf/gen.h"

#define V1	    1u
#define DATAGRAM    1200u
#define CONTENT_MAX 1350u
#define PIECES_MAX  9u
#define FRAMES_MAX  1130u /* plaintext of an Initial that fits DATAGRAM */
#define CID	    8u
#define FRAME_HEADER \
	7u /* of a CRYPTO frame, at most: type, two offset, two length bytes, and a PING before */

enum { TAG_CID = 400, TAG_PIECES, TAG_CUT, TAG_SHUFFLE, TAG_PN, TAG_CONTENT, TAG_SHAKE };

struct ids {
	uint8_t first[CID], server[CID];
};

/* Not from the pool of random bytes: no two connections may share an id. */
static void ids_of(const struct gen_flow *f, struct ids *ret)
{
	uint64_t first = gen_mix(f->seed ^ TAG_CID), server = gen_mix(first);
	memcpy(ret->first, &first, CID);
	memcpy(ret->server, &server, CID);
}

static uint8_t *put_varint2(uint8_t *p, uint32_t v)
{
	put_be16(p, (uint16_t)(0x4000 | v));
	return p + 2;
}

struct piece {
	uint32_t off, len;
};

/* The hello in pieces of random length, in random order, as Chromium cuts it against ossification. */
static unsigned cut_pieces(const struct gen_flow *f, uint32_t total, struct piece *ret)
{
	unsigned n =
	    f->post_quantum ? 5 + gen_rnd(f, TAG_PIECES, PIECES_MAX - 4) : 1 + gen_rnd(f, TAG_PIECES, 4);
	uint32_t at = 0;
	for (unsigned i = 0; i < n; i++) {
		uint32_t left = total - at, mean = left / (n - i);
		uint32_t len = i + 1 == n ? left : mean / 2 + gen_rnd(f, TAG_CUT + 1000 * i, mean);
		ret[i] = (struct piece){at, len};
		at += len;
	}
	for (unsigned i = n; i > 1; i--) {
		unsigned k = gen_rnd(f, TAG_SHUFFLE + 1000 * i, i);
		struct piece was = ret[i - 1];
		ret[i - 1] = ret[k];
		ret[k] = was;
	}
	return n;
}

/* Frames of the client's which-th first Initial: the pieces in turn, cut where the datagram ends. */
static size_t hello_frames(struct gen *g, const struct gen_flow *f, unsigned which, uint8_t *out)
{
	uint8_t hello[GEN_PAYLOAD_MAX], *p = out;
	uint32_t total = (uint32_t)gen_hello(g, f, true, hello), room = FRAMES_MAX;
	struct piece pieces[PIECES_MAX];
	unsigned n = cut_pieces(f, total, pieces), now = 0;
	for (unsigned i = 0; i < n;) {
		struct piece *c = &pieces[i];
		uint32_t len = c->len < room - FRAME_HEADER ? c->len : room - FRAME_HEADER;
		if (now == which) {
			if (i & 1)
				*p++ = 0x01; /* PING */
			*p++ = 0x06;
			p = put_varint2(put_varint2(p, c->off), len);
			memcpy(p, hello + c->off, len);
			p += len;
		}
		c->off += len;
		c->len -= len;
		room -= len + FRAME_HEADER;
		if (!c->len)
			i++;
		if (room < 40) {
			now++;
			room = FRAMES_MAX;
		}
	}
	return (size_t)(p - out);
}

static size_t initial(struct gen *g, const struct gen_flow *f, enum gen_dir dir, uint64_t pn,
		      struct span frames, size_t len, uint8_t *out)
{
	static const uint8_t none[1];
	struct quic_keys k;
	struct ids ids;
	ids_of(f, &ids);
	/* The client has no id of its own, as Chromium; it takes the server's once it has seen it. */
	struct span first = {ids.first, CID}, server = {ids.server, CID}, empty = {none, 0};
	bool from_client = dir == TO_SERVER;
	struct span dcid = !from_client ? empty : pn < 2 ? first : server;
	quic_keys_derive(g->qc, V1, ids.first, CID, !from_client, &k);
	return quic_initial_build(g->qc, V1, dcid, from_client ? empty : server, empty, &k, pn, frames, len,
				  out, GEN_PAYLOAD_MAX);
}

/* A Handshake packet, sealed with keys nobody has. */
static size_t handshake(struct gen *g, const struct gen_flow *f, enum gen_dir dir, uint32_t tag, size_t len,
			uint8_t *out)
{
	struct ids ids;
	uint8_t *p = out;
	ids_of(f, &ids);
	*p++ = (uint8_t)(0xe0 | gen_rnd(f, tag, 16));
	put_be32(p, V1);
	p += 4;
	*p++ = dir == TO_SERVER ? CID : 0;
	if (dir == TO_SERVER) {
		memcpy(p, ids.server, CID);
		p += CID;
	}
	*p++ = dir == TO_SERVER ? 0 : CID;
	if (dir == TO_CLIENT) {
		memcpy(p, ids.server, CID);
		p += CID;
	}
	size_t rest = len - (size_t)(p - out) - 2;
	p = put_varint2(p, (uint32_t)rest);
	gen_fill(g, f, tag + 1000, p, rest);
	return len;
}

/* The server's first datagram: its hello, acknowledging the client's, and the start of its flight. */
static size_t server_first(struct gen *g, const struct gen_flow *f, uint8_t *out)
{
	uint8_t frames[GEN_PAYLOAD_MAX] = {0x02, 0, 0, 0, 0}, *p = frames + 5;
	uint8_t hello[GEN_PAYLOAD_MAX];
	/* A post-quantum ServerHello fills the datagram. */
	uint32_t n = (uint32_t)gen_server_hello(g, f, true, hello);
	uint32_t len = n < FRAMES_MAX - 20 ? n : FRAMES_MAX - 20;
	*p++ = 0x06;
	p = put_varint2(put_varint2(p, 0), len);
	memcpy(p, hello, len);
	p += len;
	size_t used = initial(g, f, TO_CLIENT, 0, (struct span){frames, (size_t)(p - frames)}, 0, out);
	if (used + 100 < DATAGRAM)
		used += handshake(g, f, TO_CLIENT, TAG_SHAKE, DATAGRAM - used, out + used);
	return used;
}

static size_t server_rest(struct gen *g, const struct gen_flow *f, uint8_t *out)
{
	uint8_t frames[GEN_PAYLOAD_MAX], hello[GEN_PAYLOAD_MAX], *p = frames;
	uint32_t n = (uint32_t)gen_server_hello(g, f, true, hello), done = FRAMES_MAX - 20;
	size_t used = 0;
	if (n > done) {
		*p++ = 0x06;
		p = put_varint2(put_varint2(p, done), n - done);
		memcpy(p, hello + done, n - done);
		p += n - done;
		used = initial(g, f, TO_CLIENT, 1, (struct span){frames, (size_t)(p - frames)}, 0, out);
	}
	return used + handshake(g, f, TO_CLIENT, TAG_SHAKE + 1, DATAGRAM - used, out + used);
}

static size_t client_answer(struct gen *g, const struct gen_flow *f, uint8_t *out)
{
	static const uint8_t ack[] = {0x02, 0, 0, 0, 0};
	size_t used = initial(g, f, TO_SERVER, 2, (struct span){ack, sizeof(ack)}, 0, out);
	return used + handshake(g, f, TO_SERVER, TAG_SHAKE + 2, DATAGRAM - used, out + used);
}

/* Packets with the short header: content from the server, acknowledged by the client now and then. */
static size_t content(struct gen *g, struct gen_flow *f, enum gen_dir *ret_dir, uint8_t *out)
{
	struct ids ids;
	uint32_t len = CONTENT_MAX;
	if (f->sent >= f->budget)
		return 0;
	ids_of(f, &ids);
	if (++f->unacked > (g->small ? 1 : 4)) {
		f->unacked = 0;
		*ret_dir = TO_SERVER;
		len = 36 + gen_rnd(f, TAG_PN + f->sent, 20);
	} else {
		*ret_dir = TO_CLIENT;
		if (g->small)
			len = 100 + gen_rnd(f, TAG_CONTENT + f->sent, 700);
		f->sent += len;
	}
	gen_fill(g, f, TAG_CONTENT + 1000 * f->sent + f->unacked, out, len);
	out[0] = (uint8_t)(0x40 | (out[0] & 0x3f));
	if (*ret_dir == TO_SERVER)
		memcpy(out + 1, ids.server, CID);
	return len;
}

static size_t quic_datagram(struct gen *g, struct gen_flow *f, enum gen_dir *ret_dir, uint8_t *out)
{
	uint8_t frames[GEN_PAYLOAD_MAX];
	/* 0 and 1: the client's hello, the second where it is large; 2 and 3: the server's; 4: the client; 5: on. */
	unsigned step = f->turn == 1 && !f->post_quantum ? 2 : f->turn;
	unsigned which = f->swapped && f->post_quantum ? !step : step;
	f->turn = (uint16_t)(step < 5 ? step + 1 : step);
	*ret_dir = TO_SERVER;
	if (step < 2) {
		size_t n = hello_frames(g, f, which, frames);
		return initial(g, f, TO_SERVER, which, (struct span){frames, n}, DATAGRAM, out);
	}
	if (step == 4)
		return client_answer(g, f, out);
	if (step > 4)
		return content(g, f, ret_dir, out);
	*ret_dir = TO_CLIENT;
	return step == 2 ? server_first(g, f, out) : server_rest(g, f, out);
}

const struct gen_kind gen_quic = {
    .label = "QUIC",
    .proto = "quic",
    .per_mille = 150,
    .ip_proto = 17,
    .port = 443,
    .other_port = 443,
    .servers = 500,
    .least = 6000,
    .bulk = true,
    .datagram = quic_datagram,
};
