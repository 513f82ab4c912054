/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>
#include <string.h>

#include "dataplane/core/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const uint8_t address[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};

static void check_query(const uint8_t *p, size_t len, const struct dns_query *q)
{
	uint8_t out[512];
	assert(q->name_len <= 253);
	assert(q->question.p == p + 12 && q->question.len >= 5 && 12 + q->question.len <= len);
	assert(!memchr(q->name, 0, q->name_len));
	for (int how = DNS_NXDOMAIN; how <= DNS_ADDRESS; how++) {
		size_t n =
		    dns_answer_build(out, sizeof(out), q, (enum dns_answer)how, address, address, false);
		assert(n >= 12 + q->question.len && n <= sizeof(out));
		assert(!memcmp(out + 12, q->question.p, q->question.len) && out[2] & 0x80);
		struct dns_query again;
		assert(dns_query_parse(out, n, &again) == PARSE_NOT_MINE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct dns_query q;
	size_t used, cut = len / 2;
	enum parse udp = dns_query_parse(p, len, &q);
	assert(udp == PARSE_OK || udp == PARSE_NOT_MINE);
	if (udp == PARSE_OK)
		check_query(p, len, &q);

	enum parse tcp = dns_query_parse_tcp(p, len, &q, &used);
	assert(tcp != PARSE_BAD);
	assert(tcp != PARSE_OK || used <= len);
	assert(tcp != PARSE_MORE || used > len);
	if (tcp == PARSE_OK)
		check_query(p + 2, used - 2, &q);
	enum parse some = dns_query_parse_tcp(p, cut, &q, &used);
	assert(some == PARSE_MORE || some == tcp);
	return 0;
}
