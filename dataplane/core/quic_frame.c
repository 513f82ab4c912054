/* SPDX-License-Identifier: BSD-3-Clause */
/* quic_frame: the frames that may be in an Initial (RFC 9000 12.4, 19). */
#include "dataplane/core/quic.h"
#include "dataplane/core/quic_varint.h"

#define VARINT_MAX (((uint64_t)1 << 62) - 1)

enum frame_type {
	FRAME_PADDING = 0x00,
	FRAME_PING = 0x01,
	FRAME_ACK = 0x02,
	FRAME_ACK_ECN = 0x03,
	FRAME_CRYPTO = 0x06,
	FRAME_CRYPTO_GOOGLE = 0x08, /* of T050 and T051; no other version allows STREAM frames here */
	FRAME_CLOSE = 0x1c,
};

/* A browser's Initial is mostly padding: eight bytes a step. */
static void skip_padding(struct cursor *c)
{
	uint64_t eight;
	while (cursor_left(c) >= sizeof(eight)) {
		memcpy(&eight, c->p, sizeof(eight));
		if (eight)
			break;
		c->p += sizeof(eight);
	}
	while (c->p < c->end && *c->p == FRAME_PADDING)
		c->p++;
}

static bool skip_varints(struct cursor *c, uint64_t n)
{
	uint64_t v;
	while (n--)
		if (!cursor_varint(c, &v))
			return false;
	return true;
}

static bool skip_ack(struct cursor *c, bool ecn)
{
	uint64_t ranges;
	if (!skip_varints(c, 2) || !cursor_varint(c, &ranges) || ranges > cursor_left(c) / 2)
		return false;
	return skip_varints(c, 1 + 2 * ranges + (ecn ? 3 : 0));
}

static bool skip_close(struct cursor *c)
{
	struct span reason;
	return skip_varints(c, 2) && cursor_varint_span(c, &reason);
}

static bool take_crypto(struct cursor *c, struct quic_frame *ret)
{
	struct cursor at = *c;
	struct quic_frame f;
	if (!cursor_varint(&at, &f.offset) || !cursor_varint_span(&at, &f.data) ||
	    f.data.len > VARINT_MAX - f.offset)
		return false;
	*ret = f;
	*c = at;
	return true;
}

enum parse quic_frame_next(struct cursor *c, struct quic_frame *ret, bool *ret_close)
{
	uint64_t type;
	for (;;) {
		bool ok = true;
		skip_padding(c);
		if (cursor_left(c) == 0)
			return PARSE_MORE;
		if (!cursor_varint(c, &type))
			return PARSE_BAD;
		switch (type) {
		case FRAME_CRYPTO:
		case FRAME_CRYPTO_GOOGLE:
			return take_crypto(c, ret) ? PARSE_OK : PARSE_BAD;
		case FRAME_PADDING: /* in a longer form than needed */
		case FRAME_PING:
			break;
		case FRAME_ACK:
		case FRAME_ACK_ECN:
			ok = skip_ack(c, type == FRAME_ACK_ECN);
			break;
		case FRAME_CLOSE:
			ok = skip_close(c);
			*ret_close |= ok;
			break;
		default:
			ok = false;
		}
		if (!ok)
			return PARSE_BAD;
	}
}
