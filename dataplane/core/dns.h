/* SPDX-License-Identifier: BSD-3-Clause */
/* dns: the question of a DNS query (RFC 1035 4.1), and the answer that blocks it.
 *
 * Model:    strict enough to be tried on any UDP port: a standard query with one question, whose sections
 *           parse to the last byte. Over TCP the caller strips the two length bytes.
 * Owner:    the name is copied out; `question` points into the caller's bytes.
 * Threads:  pure.
 * Limits:   255-byte names, no compression in the question, 16 additional records.
 * Errors:   PARSE_OK or PARSE_NOT_MINE (over TCP also PARSE_MORE).
 * Cost:     O(name).
 */
#ifndef DATAPLANE_CORE_DNS_H
#define DATAPLANE_CORE_DNS_H

#include <stdbool.h>

#include "common/parse.h"
#include "common/span.h"

struct dns_query {
	uint16_t id, flags, qtype, qclass;
	bool edns; /* an OPT record is present, with: */
	bool dnssec_ok;
	uint16_t udp_size;
	struct span question; /* name, type and class as sent */
	uint8_t name_len;     /* 0 for the root */
	uint8_t name[256];    /* labels joined with '.', as sent; a label byte '.' or NUL makes it NOT_MINE */
};

enum parse dns_query_parse(const uint8_t *p, size_t len, struct dns_query *ret);
/* At the start of a TCP stream (RFC 7766): *ret_used is the message with its length bytes, with
 * PARSE_MORE how many bytes are wanted. */
enum parse dns_query_parse_tcp(const uint8_t *p, size_t len, struct dns_query *ret, size_t *ret_used);

enum dns_answer { DNS_NXDOMAIN, DNS_ADDRESS };

/* The answer in `out`, at most cap bytes: NXDOMAIN, or the address given (4 or 16 bytes; NOERROR without an
 * answer for other types), with Extended DNS Error 16 "Censored" (RFC 8914) where the query had EDNS. `tcp`
 * puts the length in front. TTL 60. Returns its length, 0 where it does not fit. */
size_t dns_answer_build(uint8_t *out, size_t cap, const struct dns_query *q, enum dns_answer how,
			const uint8_t *a, const uint8_t *aaaa, bool tcp);

#endif
