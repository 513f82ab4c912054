/* SPDX-License-Identifier: BSD-3-Clause */
/* quic_build: Initials of our own: the answer that makes a client give up, and inputs for tests. */
#include "dataplane/core/quic_crypto.h"
#include "dataplane/core/quic_varint.h"

/* The server may already have used the first packet numbers, to acknowledge a part of the hello, and a number
 * seen twice is ignored. This one is ahead of them, near enough for every client, and in four bytes it is read
 * right also by a client whose server began at a random number. */
#define CLOSE_PN       256
#define CLOSE_PN_BYTES 4

/* CONNECTION_CLOSE 0x1c, CRYPTO_ERROR with the TLS alert access_denied (0x0100 + 49), caused by a CRYPTO
 * frame (0x06), without a reason phrase (RFC 9000 19.19, 20.1). */
static const uint8_t close_frame[] = {0x1c, 0x41, 0x31, 0x06, 0x00};

struct head {
	uint32_t version;
	struct span dcid, scid, token;
	uint64_t pn;
	size_t pn_bytes;
};

static size_t head_len(const struct head *h, size_t length_bytes)
{
	return 1 + 4 + 1 + h->dcid.len + 1 + h->scid.len + varint_len((uint32_t)h->token.len) + h->token.len +
	       length_bytes + h->pn_bytes;
}

static uint8_t *put_span(uint8_t *p, struct span s)
{
	if (s.len)
		memcpy(p, s.p, s.len);
	return p + s.len;
}

/* An unprotected header; the Length field covers the packet number, `payload` bytes and the tag. */
static void head_put(const struct head *h, size_t length_bytes, size_t payload, uint8_t *p)
{
	uint8_t bits = quic_version_find(h->version)->initial_bits;
	*p++ = (uint8_t)(0xc0 | bits << 4 | (h->pn_bytes - 1));
	put_be32(p, h->version);
	p += 4;
	*p++ = (uint8_t)h->dcid.len;
	p = put_span(p, h->dcid);
	*p++ = (uint8_t)h->scid.len;
	p = put_span(p, h->scid);
	size_t n = varint_len((uint32_t)h->token.len);
	put_varint(p, (uint32_t)h->token.len, n);
	p = put_span(p + n, h->token);
	put_varint(p, (uint32_t)(h->pn_bytes + payload + QUIC_TAG_BYTES), length_bytes);
	p += length_bytes;
	for (size_t i = h->pn_bytes; i-- > 0;)
		*p++ = (uint8_t)(h->pn >> (8 * i));
}

/* The whole packet: header, frames, padding up to `payload` bytes, both protections. */
static size_t build(struct quic_crypto *qc, const struct head *h, const struct quic_keys *k,
		    struct span frames, size_t length_bytes, size_t payload, uint8_t *out)
{
	size_t head = head_len(h, length_bytes), pn_off = head - h->pn_bytes;
	uint8_t mask[QUIC_SAMPLE_BYTES];
	head_put(h, length_bytes, payload, out);
	memset(put_span(out + head, frames), 0, payload - frames.len);
	if (!quic_aead_seal(qc, k, h->pn, (struct span){out, head}, out + head, payload) ||
	    !quic_mask(qc, k, out + pn_off + 4, mask))
		return 0;
	out[0] ^= mask[0] & 0x0f;
	for (size_t i = 0; i < h->pn_bytes; i++)
		out[pn_off + i] ^= mask[1 + i];
	return head + payload + QUIC_TAG_BYTES;
}

static bool head_valid(const struct head *h)
{
	return quic_version_find(h->version) && h->dcid.len <= QUIC_MAX_CID && h->scid.len <= QUIC_MAX_CID &&
	       h->token.len <= QUIC_MAX_PAYLOAD;
}

size_t quic_close_build(struct quic_crypto *qc, uint32_t version, struct span dcid, struct span scid,
			const struct quic_keys *server, uint8_t *out, size_t cap)
{
	struct head h = {version, dcid, scid, {NULL, 0}, CLOSE_PN, CLOSE_PN_BYTES};
	struct span frames = {close_frame, sizeof(close_frame)};
	if (!head_valid(&h) || head_len(&h, 1) + sizeof(close_frame) + QUIC_TAG_BYTES > cap)
		return 0;
	return build(qc, &h, server, frames, 1, sizeof(close_frame), out);
}

size_t quic_initial_build(struct quic_crypto *qc, uint32_t version, struct span dcid, struct span scid,
			  struct span token, const struct quic_keys *k, uint64_t pn, struct span payload,
			  size_t datagram, uint8_t *out, size_t cap)
{
	struct head h = {version, dcid, scid, token, pn, 4};
	if (!head_valid(&h) || payload.len > QUIC_MAX_PAYLOAD || datagram > QUIC_MAX_PAYLOAD)
		return 0;
	size_t length_bytes = (datagram > payload.len ? datagram : payload.len) < 0x3f00 ? 2 : 4;
	size_t around = head_len(&h, length_bytes) + QUIC_TAG_BYTES, padded = payload.len;
	if (datagram > around + padded)
		padded = datagram - around;
	if (around + padded > cap || around + padded > QUIC_MAX_PAYLOAD)
		return 0;
	return build(qc, &h, k, payload, length_bytes, padded, out);
}
