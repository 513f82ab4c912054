/* SPDX-License-Identifier: BSD-3-Clause */
/* answer: frames that answer a blocked packet, in that packet's own encapsulation.
 *
 * Model:    takes the frame that caused the answer and rewrites its headers: `back` answers swap MAC, IP and UDP/TCP source
 *           and destination at every layer (VLAN tags, MPLS labels, GRE keys, VNIs stay), `forward` ones keep
 *           them. Lengths and checksums of all layers are set; outer UDP checksums become 0 over IPv4 and right
 *           over IPv6. TTL is 64; IPv4 id 0 with DF, no IP options; IPv6 extension headers are left out.
 * Owner:    writes into the caller's buffer.
 * Threads:  pure.
 * Limits:   ANSWER_MAX_BYTES a frame.
 * Errors:   0 bytes where the cause has no transport header, where it does not fit, and for answers back inside
 *           GTP-U, whose tunnel id for the other direction is not known.
 * Cost:     one copy and one checksum of what is sent.
 */
#ifndef DATAPLANE_CORE_ANSWER_H
#define DATAPLANE_CORE_ANSWER_H

#include <stdbool.h>

#include "common/span.h"
#include "dataplane/core/decode.h"

#define ANSWER_MAX_BYTES 2048

enum answer_way { ANSWER_BACK, ANSWER_FORWARD };

struct answer_cause {
	const uint8_t *frame;
	uint32_t len;
	struct decoded d;
	struct layers layers;
};

/* Decodes the causing frame with its layers. False where nothing can be answered. */
bool answer_cause(const uint8_t *frame, uint32_t len, enum link link, struct answer_cause *ret);

/* TCP segment with `flags` (TCP_* bits), seq, ack and payload. Returns its length. */
size_t answer_tcp(const struct answer_cause *c, enum answer_way way, uint8_t flags, uint32_t seq,
		  uint32_t ack, struct span payload, uint8_t *out, size_t cap);
/* UDP datagram with payload. */
size_t answer_udp(const struct answer_cause *c, enum answer_way way, struct span payload, uint8_t *out,
		  size_t cap);
/* ICMP communication administratively prohibited (RFC 1812 5.2.7.1 code 13; RFC 4443 3.1 code 1), always back, quoting the
 * cause from its innermost IP header. Works for every transport and for fragments with offset 0; 0 for ICMP errors. */
size_t answer_icmp(const struct answer_cause *c, uint8_t *out, size_t cap);

#endif
