/* SPDX-License-Identifier: BSD-3-Clause */
/* trial_frames: builds the frames of trials: Ethernet, IPv4 or IPv6, TCP or UDP, with right checksums. For trial.c and tests. */
#ifndef DATAPLANE_CORE_TRIAL_FRAMES_H
#define DATAPLANE_CORE_TRIAL_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/span.h"

#define TRIAL_HEADERS_MAX (14 + 40 + 20)
#define TRIAL_HELLO_MAX	  (512 + 253)
#define TRIAL_QUERY_MAX	  (12 + 255 + 4)

/* The two ends of a frame; both IPv4 (::ffff:a.b.c.d) or both IPv6. */
struct trial_ends {
	const uint8_t *src, *dst;
	uint16_t sport, dport;
};

/* Each returns the frame's bytes; room has TRIAL_HEADERS_MAX and the payload's. */
size_t trial_tcp(const struct trial_ends *ends, uint8_t flags, uint32_t seq, uint32_t ack,
		 struct span payload, uint8_t *room);
size_t trial_udp(const struct trial_ends *ends, struct span payload, uint8_t *room);

/* A TLS 1.3 ClientHello for `name`; with a record header, or bare as QUIC carries it. `number` makes its random. */
size_t trial_hello(struct span name, bool bare, uint32_t number, uint8_t room[TRIAL_HELLO_MAX]);
/* A DNS query for its addresses (RFC 1035, 4.1); 0: it is no name. */
size_t trial_query(struct span name, uint16_t id, uint8_t room[TRIAL_QUERY_MAX]);

#endif
