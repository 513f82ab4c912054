/* SPDX-License-Identifier: BSD-3-Clause */
/* quic_packet: long headers (RFC 9000 17.2). The fixed bit is not looked at: a client may grease it even in
 * an Initial with a token (RFC 9287 3.1), and the version and the tag decide. */
#include "dataplane/core/quic_crypto.h"
#include "dataplane/core/quic_varint.h"

#define LONG_HEADER   0x80
#define LONG_HEAD_MIN 7 /* first byte, version, two empty connection ids */

bool quic_probe(const uint8_t *p, size_t len)
{
	return len >= LONG_HEAD_MIN && (p[0] & LONG_HEADER) && p[5] <= QUIC_MAX_CID &&
	       quic_version_find(be32(p + 1));
}

static bool cursor_cid(struct cursor *c, struct span *ret)
{
	uint8_t n;
	return cursor_u8(c, &n) && cursor_span(c, n, ret);
}

/* Connection ids of up to 255 bytes are proper here (RFC 8999 6), and at least one version is listed.
 * Whatever does not fit is any other protocol with four zero bytes in this place. */
static enum parse version_negotiation(struct cursor *c, struct quic_packet *ret)
{
	if (!cursor_cid(c, &ret->dcid) || !cursor_cid(c, &ret->scid) || cursor_left(c) == 0 ||
	    cursor_left(c) % 4)
		return PARSE_NOT_MINE;
	ret->type = QUIC_VERSION_NEGOTIATION;
	return PARSE_OK;
}

/* To the end of the datagram: token, then the integrity tag. A client ignores a Retry without a token
 * (17.2.5.2), and so it must not change the keys here. */
static enum parse retry(struct cursor *c, const struct quic_version *v, struct quic_packet *ret)
{
	struct span original;
	size_t tag = v->untagged_retry ? 0 : QUIC_TAG_BYTES;
	if (v->untagged_retry && !cursor_cid(c, &original))
		return PARSE_BAD;
	if (cursor_left(c) <= tag)
		return PARSE_BAD;
	ret->token = (struct span){c->p, cursor_left(c) - tag};
	return PARSE_OK;
}

/* Token of an Initial, length, and the protected rest. */
static enum parse with_length(const uint8_t *p, struct cursor *c, struct quic_packet *ret)
{
	struct span rest;
	if (ret->type == QUIC_INITIAL && !cursor_varint_span(c, &ret->token))
		return PARSE_BAD;
	if (!cursor_varint_span(c, &rest))
		return PARSE_BAD;
	ret->pn_off = (uint32_t)(rest.p - p);
	ret->whole = (struct span){p, ret->pn_off + rest.len};
	return PARSE_OK;
}

enum parse quic_packet_parse(const uint8_t *p, size_t len, struct quic_packet *ret)
{
	struct quic_packet pkt = {.whole = {p, len}};
	struct cursor c = cursor_over(p, len);
	uint8_t first;

	if (!cursor_u8(&c, &first) || !(first & LONG_HEADER) || !cursor_be32(&c, &pkt.version))
		return PARSE_NOT_MINE;
	const struct quic_version *v = quic_version_find(pkt.version);
	if (!v && pkt.version)
		return PARSE_NOT_MINE;
	if (len > QUIC_MAX_PAYLOAD)
		return PARSE_BAD;

	enum parse answer;
	if (!v) {
		answer = version_negotiation(&c, &pkt);
	} else if (!cursor_cid(&c, &pkt.dcid) || !cursor_cid(&c, &pkt.scid) || pkt.dcid.len > QUIC_MAX_CID ||
		   pkt.scid.len > QUIC_MAX_CID) {
		answer = PARSE_BAD;
	} else {
		pkt.type = (uint8_t)(((first >> 4) - v->initial_bits) & 3);
		answer = pkt.type == QUIC_RETRY ? retry(&c, v, &pkt) : with_length(p, &c, &pkt);
	}
	if (answer == PARSE_OK)
		*ret = pkt;
	return answer;
}
