/* SPDX-License-Identifier: BSD-3-Clause */
/* quic: open a client's Initial packets and find the CRYPTO data in them.
 *
 * Model:    stateless over one datagram (RFC 9000 17.2, RFC 9001 5, RFC 9369); what must be remembered
 *           between datagrams (keys of the connection's first Destination Connection ID, RFC 9001 5.2;
 *           CRYPTO data) is the caller's. Versions: v1, v2, drafts 22-34 and the variants in use (mvfst,
 *           T050/T051, MsQuic) from one table of {version, salt, labels, packet type bits}.
 * Owner:    quic_crypto_new/free hold OpenSSL's contexts; outputs go to the caller's buffers.
 * Threads:  one quic_crypto per worker.
 * Limits:   one datagram; QUIC_MAX_CID bytes a connection id.
 * Errors:   enum parse; a wrong tag is PARSE_BAD and must not be believed.
 * Cost:     1,600 cycles to derive keys, 1,900 to open a 1,200-byte Initial (perf/bench_quic); no heap after
 *           quic_crypto_new.
 */
#ifndef DATAPLANE_CORE_QUIC_H
#define DATAPLANE_CORE_QUIC_H

#include <stdbool.h>

#include "common/parse.h"
#include "common/span.h"

#define QUIC_MAX_CID	 20
#define QUIC_MAX_PAYLOAD 65536

struct quic_crypto;

enum quic_type { QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE, QUIC_RETRY, QUIC_VERSION_NEGOTIATION };

/* One long-header packet of a datagram. Spans point into it. */
struct quic_packet {
	uint8_t type; /* enum quic_type, already translated for v2 */
	uint32_t version;
	struct span dcid, scid, token;
	struct span whole; /* first byte to last of this packet; the next coalesced one follows */
	uint32_t pn_off;   /* in whole: offset of the protected packet number (INITIAL, 0-RTT, HANDSHAKE) */
};

struct quic_keys {
	uint8_t key[16], iv[12], hp[16];
};

struct quic_frame { /* a CRYPTO frame */
	uint64_t offset;
	struct span data;
};

struct quic_crypto *quic_crypto_new(void);
void quic_crypto_free(struct quic_crypto *qc);

/* Whether a UDP payload can begin with a QUIC long header of a known version: a few compares. Version
 * negotiation, which only ever answers one, is none. */
bool quic_probe(const uint8_t *p, size_t len);

/* The long-header packet at p. PARSE_NOT_MINE: short header, unknown or reserved version, or padding after
 * the last packet. PARSE_BAD: connection ids too long, or lengths beyond the datagram (also one cut by a snap
 * length). The connection ids of version negotiation may have up to 255 bytes. */
enum parse quic_packet_parse(const uint8_t *p, size_t len, struct quic_packet *ret);

/* Keys of one direction of Initials, from the connection's first DCID (after Retry: the Retry's SCID, which
 * is the DCID of the client's next Initial). A server may go on in another version with the same DCID (RFC
 * 9368 2.3): keys belong to a version and a DCID. */
void quic_keys_derive(struct quic_crypto *qc, uint32_t version, const uint8_t *cid, size_t cid_len,
		      bool server, struct quic_keys *ret);

/* Removes protection; `out` has room for pkt->whole.len bytes; *ret is the plaintext in it. `largest_pn` is
 * the largest packet number opened before with these keys, or 0; a forged large one does not hide packets
 * with small numbers. */
enum parse quic_initial_open(struct quic_crypto *qc, const struct quic_packet *pkt, const struct quic_keys *k,
			     uint64_t largest_pn, uint8_t *out, struct span *ret, uint64_t *ret_pn);

/* The next CRYPTO frame of an Initial's plaintext, other frames skipped. PARSE_OK, PARSE_MORE (no more
 * frames; c is at its end), PARSE_BAD. *ret_close is set when CONNECTION_CLOSE was seen, and never cleared.
 */
enum parse quic_frame_next(struct cursor *c, struct quic_frame *ret, bool *ret_close);

/* A server's Initial in `out` with CONNECTION_CLOSE (0x1c) and crypto error access_denied (0x131): `dcid` is
 * the client's SCID, `scid` the server's own id once it has answered (a client then ignores any other, RFC 9000
 * 7.2), the DCID of the client's latest Initial before, keys are the server's of the connection's first DCID. At most 80 bytes:
 * it elicits no acknowledgement and so needs no padding (14.1). Returns its length, 0 where it does not fit.
 */
size_t quic_close_build(struct quic_crypto *qc, uint32_t version, struct span dcid, struct span scid,
			const struct quic_keys *server, uint8_t *out, size_t cap);

/* For tests and generators: a client Initial with `payload` (frames), padded so that the datagram has
 * `datagram` bytes (not padded where it has as many already). Returns its length, 0 where it does not fit. */
size_t quic_initial_build(struct quic_crypto *qc, uint32_t version, struct span dcid, struct span scid,
			  struct span token, const struct quic_keys *k, uint64_t pn, struct span payload,
			  size_t datagram, uint8_t *out, size_t cap);

#endif
