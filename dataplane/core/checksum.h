/* SPDX-License-Identifier: BSD-3-Clause */
/* checksum: the Internet checksum (RFC 1071) over IP, TCP, UDP and ICMP.
 *
 * Threads:  pure.
 * Cost:     about one cycle per 16 bytes once the data is in cache.
 */
#ifndef DATAPLANE_CORE_CHECKSUM_H
#define DATAPLANE_CORE_CHECKSUM_H

#include <stddef.h>

#include "dataplane/core/decode.h"

enum checksum {
	CHECKSUM_OK, /* right, or absent (UDP over IPv4 with 0) */
	CHECKSUM_BAD,
	CHECKSUM_PARTIAL, /* the pseudo-header's sum alone: left to the NIC; seen in captures made on the sender */
	CHECKSUM_UNKNOWN, /* a snapped packet */
};

/* One's complement sum of len bytes added to `sum`, not folded; a chain may only be broken at even lengths. */
uint64_t checksum_add(const void *p, size_t len, uint64_t sum);
/* Folds and complements; the value to store, in network byte order as a host integer for put_be16. */
uint16_t checksum_fold(uint64_t sum);
/* Sum of the pseudo-header for the innermost IP header of a decoded frame. */
uint64_t checksum_pseudo(const struct decoded *d, uint8_t proto, uint32_t l4_len);

/* Of the transport header and payload of a decoded TCP or UDP packet. */
enum checksum checksum_l4(const uint8_t *frame, const struct decoded *d);
/* Of the innermost IPv4 header; always OK for IPv6. */
enum checksum checksum_ip(const uint8_t *frame, const struct decoded *d);

#endif
