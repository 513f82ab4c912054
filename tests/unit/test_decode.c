/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "dataplane/core/decode.h"
#include "tests/unit/encapsulations.h"
#include "tests/unit/harness.h"

static void test_decode_finds_the_innermost_packet(void)
{
	struct frame tcp = frame_tcp(4000, false, ACK, 7, 9, "hello", 5),
		     udp = frame_udp(4000, 99, false, "data", 4);
	for (unsigned i = 0; i < encapsulations_n; i++) {
		const struct encapsulation *e = &encapsulations[i];
		struct frame f = encapsulate(e, &tcp), g = encapsulate(e, &udp);
		struct decoded d;
		decode(f.bytes, f.len, e->link, &d);
		bool ok = d.kind == DECODE_TCP && d.version == 4 && d.sport == 4000 && d.dport == 443 &&
			  d.seq == 7 && d.ack == 9 && d.payload_len == 5 &&
			  !memcmp(f.bytes + d.payload, "hello", 5) && d.tunneled == e->tunneled &&
			  !memcmp(d.src, "\xc0\x00\x02\x01", 4) && !d.snapped;
		decode(g.bytes, g.len, e->link, &d);
		ok &= d.kind == DECODE_UDP && d.dport == 99 && d.payload_len == 4;
		if (!ok)
			printf("# %s\n", e->name);
		CU_ASSERT_TRUE(ok);
	}
}

static void test_decode_layers_lie_end_to_end(void)
{
	struct frame tcp = frame_tcp(4000, false, ACK, 7, 9, "hello", 5);
	for (unsigned i = 0; i < encapsulations_n; i++) {
		struct frame f = encapsulate(&encapsulations[i], &tcp);
		struct decoded d, plain;
		struct layers l;
		uint32_t at = 0;
		decode_layers(f.bytes, f.len, encapsulations[i].link, &d, &l);
		decode(f.bytes, f.len, encapsulations[i].link, &plain);
		CU_ASSERT(d.kind == plain.kind && d.l3 == plain.l3 && d.l4 == plain.l4 &&
			  d.payload == plain.payload && d.tunneled == plain.tunneled);
		for (unsigned k = 0; k < l.n; k++) {
			CU_ASSERT_EQUAL(l.at[k].off, at);
			at += l.at[k].len;
		}
		CU_ASSERT_EQUAL(at, d.payload);
		CU_ASSERT_EQUAL(l.at[l.n - 1].kind, LAYER_TCP);
	}
}

static void test_decode_never_reads_past_a_truncated_frame(void)
{
	struct frame tcp = frame_tcp(4000, false, ACK, 7, 9, "hello", 5);
	for (unsigned i = 0; i < encapsulations_n; i++) {
		struct frame f = encapsulate(&encapsulations[i], &tcp);
		for (uint32_t len = 0; len < f.len; len++) {
			uint8_t *g = guarded(f.bytes, len);
			struct decoded d;
			struct layers l;
			decode(g, len, encapsulations[i].link, &d);
			if (d.kind == DECODE_TCP) {
				CU_ASSERT(d.payload + d.payload_len <= len);
				CU_ASSERT_TRUE(d.snapped);
			}
			decode_layers(g, len, encapsulations[i].link, &d, &l);
			guarded_free(g, len);
		}
	}
}

static void test_decode_leaves_padding_out(void)
{
	struct frame f = frame_tcp(1, false, ACK, 7, 9, "x", 1);
	struct decoded d;
	f.len = 60;
	decode(f.bytes, f.len, LINK_ETHERNET, &d);
	CU_ASSERT_EQUAL(d.payload_len, 1);
}

struct row {
	const char *what, *hex;
	enum decode_kind kind;
};

#define M    "020000000001020000000002"
#define SIX  M "86dd 60000000 "
#define SIXA " 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "

static const struct row rows[] = {
    {"arp", M "0806 0001080006040001020000000001c0000201000000000000c0000202", DECODE_NOT_IP},
    {"nothing", "", DECODE_BAD},
    {"ihl below 5",
     M "0800 44000028000040004006 0000 c0000201 c6336401 00010002 00000001 00000002 50100000 00000000",
     DECODE_BAD},
    {"tcp offset behind the packet",
     M "0800 45000028000040004006 0000 c0000201 c6336401 00010002 00000001 00000002 f0100000 00000000",
     DECODE_BAD},
    {"first fragment", M "0800 4500001c0007200040110000 c0000201 c6336401 0001000200100000", DECODE_FRAGMENT},
    {"icmp", M "0800 4500001c0000000040010000 c0000201 c6336401 0800000000000000", DECODE_OTHER},
    {"ipv6 hop-by-hop and destination options",
     SIX "0018 00" SIXA "3c00 000000000000 1100 000000000000 0001 0002 0008 0000", DECODE_UDP},
    {"ipv6 fragment", SIX "0010 2c" SIXA "1100 0001 0000002a 0001000200080000", DECODE_FRAGMENT},
    {"ipv6 atomic fragment is whole", SIX "0010 2c" SIXA "1100 0000 0000002a 0001000200080000", DECODE_UDP},
    {"ipv6 no next header", SIX "0008 3b" SIXA "0000000000000000", DECODE_OTHER},
    {"ipv6 esp", SIX "0008 32" SIXA "0000000000000000", DECODE_OTHER},
};

static void test_decode_tells_what_it_is(void)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint8_t bytes[512];
		size_t n = unhex(rows[i].hex, bytes, sizeof(bytes));
		uint8_t *g = guarded(bytes, n);
		struct decoded d;
		decode(g, (uint32_t)n, LINK_ETHERNET, &d);
		if (d.kind != rows[i].kind)
			printf("# %s: %u\n", rows[i].what, d.kind);
		CU_ASSERT_EQUAL(d.kind, rows[i].kind);
		guarded_free(g, n);
	}
}

static void test_decode_bounds_its_depth(void)
{
	uint8_t bytes[14 + 40 * 4 + 4] = {[12] = 0x81};
	for (unsigned i = 0; i < 40; i++)
		memcpy(bytes + 14 + 4 * i, "\0\1\x81\0", 4);
	struct decoded d;
	decode(bytes, sizeof(bytes), LINK_ETHERNET, &d);
	CU_ASSERT_EQUAL(d.kind, DECODE_BAD);
}

static const struct test tests[] = {
    TEST(test_decode_finds_the_innermost_packet),
    TEST(test_decode_layers_lie_end_to_end),
    TEST(test_decode_never_reads_past_a_truncated_frame),
    TEST(test_decode_leaves_padding_out),
    TEST(test_decode_tells_what_it_is),
    TEST(test_decode_bounds_its_depth),
};
HARNESS_MAIN("decode", tests)
