/* SPDX-License-Identifier: BSD-3-Clause */
/* quic_open: header protection and packet protection of an Initial, removed (RFC 9001 5.3, 5.4). */
#include "dataplane/core/quic_crypto.h"

/* RFC 9000 A.3. */
static uint64_t pn_decode(uint64_t largest, uint64_t truncated, unsigned bytes)
{
	uint64_t window = (uint64_t)1 << (8 * bytes), half = window / 2, expected = largest + 1;
	uint64_t pn = (expected & ~(window - 1)) | truncated;
	if (pn + half <= expected && pn < ((uint64_t)1 << 62) - window)
		return pn + window;
	if (pn > expected + half && pn >= window)
		return pn - window;
	return pn;
}

/* The header goes to `out` without its protection, since it is the additional data, and the plaintext behind
 * it. */
enum parse quic_initial_open(struct quic_crypto *qc, const struct quic_packet *pkt, const struct quic_keys *k,
			     uint64_t largest_pn, uint8_t *out, struct span *ret, uint64_t *ret_pn)
{
	const uint8_t *p = pkt->whole.p;
	size_t pn_off = pkt->pn_off;
	uint8_t mask[QUIC_SAMPLE_BYTES];

	/* The sample is taken as if the packet number had four bytes. */
	if (pkt->type != QUIC_INITIAL || pkt->whole.len < pn_off + 4 + QUIC_SAMPLE_BYTES ||
	    !quic_mask(qc, k, p + pn_off + 4, mask))
		return PARSE_BAD;
	uint8_t first = p[0] ^ (mask[0] & 0x0f);
	unsigned pn_bytes = (first & 3) + 1u;
	uint64_t truncated = 0;
	memcpy(out, p, pn_off);
	out[0] = first;
	for (unsigned i = 0; i < pn_bytes; i++) {
		out[pn_off + i] = p[pn_off + i] ^ mask[1 + i];
		truncated = truncated << 8 | out[pn_off + i];
	}

	size_t head = pn_off + pn_bytes;
	struct span aad = {out, head}, in = {p + head, pkt->whole.len - head};
	uint64_t pn = pn_decode(largest_pn, truncated, pn_bytes);
	if (!quic_aead_open(qc, k, pn, aad, in, out + head)) {
		/* A number far ahead that the server never saw must not make the client's next ones
		 * unreadable. */
		if (pn == truncated || !quic_aead_open(qc, k, truncated, aad, in, out + head))
			return PARSE_BAD;
		pn = truncated;
	}
	*ret = (struct span){out + head, in.len - QUIC_TAG_BYTES};
	*ret_pn = pn;
	return PARSE_OK;
}
