/* SPDX-License-Identifier: BSD-3-Clause */
/* The first byte chooses: the rest is a datagram (even), or the frames of an Initial that is built and opened
 * (odd), in the version that the next bits choose. */
#include <assert.h>
#include <stdlib.h>

#include "dataplane/core/quic.h"

static const uint32_t versions[] = {0x00000001, 0x6b3343cf, 0xff00001d, 0xff000016,
				    0xfaceb002, 0x54303531, 0x709a50c4, 0xabcd0000};

static bool within(struct span s, const uint8_t *p, size_t len)
{
	return s.len == 0 || (s.p >= p && s.len <= len && s.p + s.len <= p + len);
}

static void read_frames(struct span plain)
{
	struct cursor c = cursor_over(plain.p, plain.len);
	struct quic_frame f;
	enum parse r;
	bool closed = false;
	for (const uint8_t *before = c.p; (r = quic_frame_next(&c, &f, &closed)) == PARSE_OK; before = c.p) {
		assert(c.p > before && c.p <= c.end);
		assert(within(f.data, plain.p, plain.len));
		assert(f.offset + f.data.len < (uint64_t)1 << 62);
	}
	assert(r == PARSE_BAD || (r == PARSE_MORE && c.p == c.end));
}

/* A copy ends where the sanitizer sees it. */
static uint8_t *exact(size_t len)
{
	uint8_t *p = malloc(len ? len : 1);
	if (!p)
		abort();
	return p;
}

static void open_packet(struct quic_crypto *qc, const struct quic_packet *pkt)
{
	struct quic_keys k;
	struct span plain;
	uint64_t pn;
	uint8_t *out = exact(pkt->whole.len);
	quic_keys_derive(qc, pkt->version, pkt->dcid.p, pkt->dcid.len, false, &k);
	if (quic_initial_open(qc, pkt, &k, 0, out, &plain, &pn) == PARSE_OK) {
		assert(within(plain, out, pkt->whole.len));
		read_frames(plain);
	}
	free(out);
}

static void datagram(struct quic_crypto *qc, const uint8_t *p, size_t len)
{
	struct quic_packet pkt;
	for (size_t at = 0; at < len; at += pkt.whole.len) {
		bool probed = quic_probe(p + at, len - at);
		enum parse r = quic_packet_parse(p + at, len - at, &pkt);
		assert(r != PARSE_MORE);
		if (r != PARSE_OK)
			return;
		assert(pkt.whole.p == p + at && pkt.whole.len > 0 && pkt.whole.len <= len - at);
		assert(within(pkt.dcid, p, len) && within(pkt.scid, p, len) && within(pkt.token, p, len));
		assert(probed == (pkt.version != 0));
		if (!pkt.version) {
			assert(pkt.type == QUIC_VERSION_NEGOTIATION);
			return;
		}
		assert(pkt.dcid.len <= QUIC_MAX_CID && pkt.scid.len <= QUIC_MAX_CID &&
		       pkt.type <= QUIC_RETRY);
		assert(pkt.pn_off <= pkt.whole.len);
		open_packet(qc, &pkt);
	}
}

static void built(struct quic_crypto *qc, uint8_t choice, const uint8_t *p, size_t len)
{
	static const uint8_t cid[20] = {1, 2, 3, 4, 5, 6, 7, 8};
	uint32_t version = versions[choice & 7];
	struct span dcid = {cid, 1 + (choice >> 3) % 20u}, none = {NULL, 0}, frames = {p, len}, plain;
	struct quic_packet pkt;
	struct quic_keys k;
	uint64_t pn;
	size_t cap = len + 1300;
	uint8_t *packet = exact(cap), *out = exact(cap);
	quic_keys_derive(qc, version, dcid.p, dcid.len, false, &k);
	size_t n = quic_initial_build(qc, version, dcid, none, none, &k, choice, frames, 1200, packet, cap);
	assert(n >= 1200 && n <= cap);
	assert(quic_packet_parse(packet, n, &pkt) == PARSE_OK && pkt.whole.len == n &&
	       pkt.type == QUIC_INITIAL);
	assert(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn) == PARSE_OK && pn == choice);
	assert(plain.len >= len && (len == 0 || !memcmp(plain.p, p, len)));
	read_frames(plain);
	packet[n - 1 - (choice & 15)] ^= 1;
	assert(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn) == PARSE_BAD);
	free(packet);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct quic_crypto *qc;
	if (!qc && !(qc = quic_crypto_new()))
		abort();
	if (len == 0 || len > 60000)
		return 0;
	if (p[0] & 1)
		built(qc, p[0] >> 1, p + 1, len - 1);
	else
		datagram(qc, p + 1, len - 1);
	return 0;
}
