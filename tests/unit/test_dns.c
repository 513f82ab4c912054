/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/dns.h"

#include <stdio.h>

#include "tests/unit/harness.h"

#define HEAD	 "1234 0100 0001 0000 0000 0000 "
#define HEAD_OPT "1234 0110 0001 0000 0000 0001 "
#define NAME	 "03 77 57 77 07 626c6f636b6564 04 74657374 00 " /* wWw.blocked.test */
#define OPT	 "00 0029 04d0 0000 8000 000c 000a 0008 0102030405060708 "

static struct dns_query q;

/* clang-format off */
static const struct {
	const char *what, *hex;
	enum parse answer;
	const char *name;
	unsigned type;
} queries[] = {
	{"A", HEAD NAME "0001 0001", PARSE_OK, "wWw.blocked.test", 1},
	{"HTTPS with cookie", HEAD_OPT NAME "0041 0001" OPT, PARSE_OK, "wWw.blocked.test", 65},
	{"root", HEAD "00 0002 0001", PARSE_OK, "", 2},
	{"bytes that are no host name", HEAD "02 ff 20 01 5f 00 0001 0001", PARSE_OK, "\xff ._", 1},
	{"additional record with a pointer", HEAD_OPT NAME "0001 0001 c00c 00fa 00ff 00000000 0002 abcd", PARSE_OK, "wWw.blocked.test", 1},
	{"response", "1234 8180 0001 0000 0000 0000" NAME "0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"opcode status", "1234 1100 0001 0000 0000 0000" NAME "0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"opcode update", "1234 2800 0001 0000 0000 0000" NAME "0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"no question", "1234 0100 0000 0000 0000 0000" NAME "0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"two questions", "1234 0100 0002 0000 0000 0000" NAME "0001 0001" NAME "0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"answers", "1234 0100 0001 0001 0000 0000" NAME "0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"authority", "1234 0100 0001 0000 0001 0000" NAME "0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"trailing byte", HEAD NAME "0001 0001 00", PARSE_NOT_MINE, NULL, 0},
	{"additional record missing", HEAD_OPT NAME "0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"additional record cut", HEAD_OPT NAME "0001 0001 00 0029 04d0 0000 0000 0001", PARSE_NOT_MINE, NULL, 0},
	{"OPT with a name", HEAD_OPT NAME "0001 0001 01 61 00 0029 04d0 0000 0000 0000", PARSE_NOT_MINE, NULL, 0},
	{"dot in a label", HEAD "03 61 2e 62 00 0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"NUL in a label", HEAD "03 61 00 62 00 0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"pointer in the question", HEAD "01 61 c0 0c 0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"reserved label type", HEAD "41 61 00 0001 0001", PARSE_NOT_MINE, NULL, 0},
	{"name without an end", HEAD "10 61 62 63 64 65", PARSE_NOT_MINE, NULL, 0},
	{"class cut", HEAD NAME "0001 00", PARSE_NOT_MINE, NULL, 0},
	{"header only", HEAD, PARSE_NOT_MINE, NULL, 0},
	{"nothing", "", PARSE_NOT_MINE, NULL, 0},
};
/* clang-format on */

static void test_dns_reads_a_query_to_its_last_byte(void)
{
	for (unsigned i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		uint8_t b[512];
		size_t n = unhex(queries[i].hex, b, sizeof(b));
		uint8_t *g = guarded(b, n);
		bool right = dns_query_parse(g, n, &q) == queries[i].answer;
		if (queries[i].answer == PARSE_OK) {
			right &= q.name_len == strlen(queries[i].name) &&
				 !memcmp(q.name, queries[i].name, q.name_len);
			right &= q.id == 0x1234 && q.qtype == queries[i].type && q.qclass == 1;
			right &= q.question.p == g + 12;
			for (size_t cut = 0; cut < n; cut++)
				CU_ASSERT(dns_query_parse(g, cut, &q) == PARSE_NOT_MINE);
		}
		if (!right)
			printf("# %s\n", queries[i].what);
		CU_ASSERT(right);
		guarded_free(g, n);
	}
}

static void test_dns_reads_edns(void)
{
	uint8_t b[512];
	size_t n = unhex(HEAD_OPT NAME "0001 0001" OPT, b, sizeof(b));
	CU_ASSERT(dns_query_parse(b, n, &q) == PARSE_OK && q.edns && q.dnssec_ok && q.udp_size == 1232);
	n = unhex(HEAD NAME "0001 0001", b, sizeof(b));
	CU_ASSERT(dns_query_parse(b, n, &q) == PARSE_OK && !q.edns && !q.dnssec_ok && q.udp_size == 0);
}

/* Names of 255 bytes on the wire are the longest. */
static void test_dns_bounds_the_name(void)
{
	for (unsigned last = 60; last <= 63; last++) {
		uint8_t b[512];
		size_t n = unhex(HEAD, b, sizeof(b));
		for (unsigned i = 0; i < 4; i++) {
			size_t label = i == 3 ? last : 63;
			b[n++] = (uint8_t)label;
			memset(b + n, 'a', label);
			n += label;
		}
		n += unhex("00 0001 0001", b + n, 5);
		uint8_t *g = guarded(b, n);
		CU_ASSERT(dns_query_parse(g, n, &q) == (last <= 61 ? PARSE_OK : PARSE_NOT_MINE));
		CU_ASSERT(last != 61 || q.name_len == 253);
		guarded_free(g, n);
	}
}

static void test_dns_over_tcp_waits_for_the_message(void)
{
	uint8_t b[512];
	size_t used, n = unhex("0022" HEAD NAME "0001 0001 ffff", b, sizeof(b));
	for (size_t i = 0; i < n - 2; i++) {
		uint8_t *g = guarded(b, i);
		CU_ASSERT(dns_query_parse_tcp(g, i, &q, &used) == PARSE_MORE && used > i && used <= n - 2);
		guarded_free(g, i);
	}
	CU_ASSERT(dns_query_parse_tcp(b, n, &q, &used) == PARSE_OK && used == n - 2);
	CU_ASSERT(q.name_len == 16);
	n = unhex("0022 1234 81", b, sizeof(b));
	CU_ASSERT(dns_query_parse_tcp(b, n, &q, &used) == PARSE_NOT_MINE);
	n = unhex("0022 1234 0100 0002", b, sizeof(b));
	CU_ASSERT(dns_query_parse_tcp(b, n, &q, &used) == PARSE_NOT_MINE);
	n = unhex("0010", b, sizeof(b));
	CU_ASSERT(dns_query_parse_tcp(b, n, &q, &used) == PARSE_NOT_MINE);
}

static const uint8_t a[4] = {192, 0, 2, 1};
static const uint8_t aaaa[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};

#define EDE "00 0029 04d0 0000 0000 0006 000f 0002 0010"

/* clang-format off */
static const struct {
	const char *what, *query;
	enum dns_answer how;
	const char *answer;
} answers[] = {
	{"NXDOMAIN, RD copied", HEAD NAME "0001 0001", DNS_NXDOMAIN,
	 "1234 8183 0001 0000 0000 0000" NAME "0001 0001"},
	{"RD clear stays clear, AD is not copied", "1234 0020 0001 0000 0000 0000" NAME "0001 0001", DNS_NXDOMAIN,
	 "1234 8083 0001 0000 0000 0000" NAME "0001 0001"},
	{"EDE, CD and DO copied", HEAD_OPT NAME "0041 0001" OPT, DNS_NXDOMAIN,
	 "1234 8193 0001 0000 0000 0001" NAME "0041 0001" "00 0029 04d0 0000 8000 0006 000f 0002 0010"},
	{"address", HEAD NAME "0001 0001", DNS_ADDRESS,
	 "1234 8180 0001 0001 0000 0000" NAME "0001 0001" "c00c 0001 0001 0000003c 0004 c0000201"},
	{"address for IPv6, with EDE", "1234 0100 0001 0000 0000 0001" NAME "001c 0001" "00 0029 1000 0000 0000 0000", DNS_ADDRESS,
	 "1234 8180 0001 0001 0000 0001" NAME "001c 0001" "c00c 001c 0001 0000003c 0010 20010db8000000000000000000000001" EDE},
	{"no address for other types", HEAD NAME "0041 0001", DNS_ADDRESS,
	 "1234 8180 0001 0000 0000 0000" NAME "0041 0001"},
	{"no address for other classes", HEAD NAME "0001 0003", DNS_ADDRESS,
	 "1234 8180 0001 0000 0000 0000" NAME "0001 0003"},
};
/* clang-format on */

static void test_dns_answer_is_exact(void)
{
	for (unsigned i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		uint8_t b[512], want[512], out[512];
		size_t n = unhex(answers[i].query, b, sizeof(b));
		size_t len = unhex(answers[i].answer, want, sizeof(want));
		CU_ASSERT(dns_query_parse(b, n, &q) == PARSE_OK);
		size_t got = dns_answer_build(out, sizeof(out), &q, answers[i].how, a, aaaa, false);
		if (got != len || memcmp(out, want, len))
			printf("# %s\n", answers[i].what);
		CU_ASSERT(got == len && !memcmp(out, want, len));
		got = dns_answer_build(out, sizeof(out), &q, answers[i].how, a, aaaa, true);
		CU_ASSERT(got == len + 2 && be16(out) == len && !memcmp(out + 2, want, len));
	}
}

static void test_dns_answer_fits_or_is_not_built(void)
{
	uint8_t b[512];
	size_t n = unhex(HEAD_OPT NAME "0001 0001" OPT, b, sizeof(b));
	CU_ASSERT(dns_query_parse(b, n, &q) == PARSE_OK);
	size_t whole = dns_answer_build(b + 256, 256, &q, DNS_ADDRESS, a, aaaa, true);
	CU_ASSERT(whole > 0);
	for (size_t cap = 0; cap <= whole; cap++) {
		uint8_t *g = guarded(b, cap);
		CU_ASSERT(dns_answer_build(g, cap, &q, DNS_ADDRESS, a, aaaa, true) ==
			  (cap < whole ? 0 : whole));
		guarded_free(g, cap);
	}
	CU_ASSERT(dns_answer_build(b + 256, 256, &q, DNS_ADDRESS, NULL, NULL, false) == whole - 2 - 16);
}

static const struct test tests[] = {
    TEST(test_dns_reads_a_query_to_its_last_byte),
    TEST(test_dns_reads_edns),
    TEST(test_dns_bounds_the_name),
    TEST(test_dns_over_tcp_waits_for_the_message),
    TEST(test_dns_answer_is_exact),
    TEST(test_dns_answer_fits_or_is_not_built),
};

HARNESS_MAIN("dns", tests)
