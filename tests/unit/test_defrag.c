/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/checksum.h"
#include "dataplane/core/defrag.h"
#include "tests/unit/encapsulations.h"
#include "tests/unit/harness.h"

#define PIECES 4

static struct defrag *df;
static struct frame whole, piece[PIECES];

/* A UDP datagram of 64 + 8 bytes in PIECES fragments with IP id `id`, in encapsulation e. */
static void make(const struct encapsulation *e, uint16_t id)
{
	uint8_t data[64];
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 3);
	whole = frame_udp(4000, 53, false, data, sizeof(data));
	for (unsigned i = 0; i < PIECES; i++) {
		struct frame f = {.len = 0};
		uint32_t from = i * 16, n = i == PIECES - 1 ? 72 - from : 16;
		memcpy(f.bytes, whole.bytes, 34);
		memcpy(f.bytes + 34, whole.bytes + 34 + from, n);
		put_be16(f.bytes + 16, (uint16_t)(20 + n));
		put_be16(f.bytes + 18, id);
		put_be16(f.bytes + 20, (uint16_t)(from / 8 | (i == PIECES - 1 ? 0 : 0x2000)));
		f.len = 34 + n;
		piece[i] = encapsulate(e, &f);
	}
	whole = encapsulate(e, &whole);
}

static enum defrag_result give(const struct frame *f, enum link link, uint64_t now_ns, struct decoded *ret)
{
	struct decoded d;
	const uint8_t *frame;
	uint32_t len;
	decode(f->bytes, f->len, link, &d);
	CU_ASSERT_EQUAL_FATAL(d.kind, DECODE_FRAGMENT);
	enum defrag_result r = defrag_put(df, f->bytes, f->len, link, &d, now_ns, &frame, &len);
	if (r == DEFRAG_COMPLETE) {
		uint8_t *g = guarded(frame, len);
		decode(g, len, link, ret);
		if (ret->kind == DECODE_UDP) {
			CU_ASSERT_EQUAL(checksum_l4(g, ret), CHECKSUM_OK);
			CU_ASSERT_EQUAL(ret->payload_len, 64);
		}
		guarded_free(g, len);
	}
	return r;
}

static void test_defrag_puts_any_order_together(void)
{
	static const uint8_t orders[][PIECES] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2},
						 {2, 0, 3, 1}, {0, 3, 1, 2}, {3, 0, 2, 1}};
	for (unsigned e = 0; e < encapsulations_n; e++)
		for (unsigned o = 0; o < sizeof(orders) / sizeof(*orders); o++) {
			struct decoded d = {.kind = DECODE_BAD};
			df = defrag_new(16, 5);
			make(&encapsulations[e], (uint16_t)(o + 1));
			for (unsigned i = 0; i < PIECES; i++) {
				enum defrag_result r =
				    give(&piece[orders[o][i]], encapsulations[e].link, 1, &d);
				CU_ASSERT_EQUAL(r, i == PIECES - 1 ? DEFRAG_COMPLETE : DEFRAG_WAIT);
			}
			if (d.kind != DECODE_UDP)
				printf("# %s\n", encapsulations[e].name);
			CU_ASSERT_EQUAL(d.kind, DECODE_UDP);
			defrag_free(df);
		}
}

static void test_defrag_knows_duplicates_and_refuses_overlaps(void)
{
	struct decoded d;
	df = defrag_new(16, 5);
	make(&encapsulations[0], 1);
	CU_ASSERT_EQUAL(give(&piece[1], LINK_ETHERNET, 1, &d), DEFRAG_WAIT);
	CU_ASSERT_EQUAL(give(&piece[1], LINK_ETHERNET, 1, &d), DEFRAG_DUPLICATE);
	struct frame other = piece[1];
	other.bytes[40] ^= 1;
	CU_ASSERT_EQUAL(give(&other, LINK_ETHERNET, 1, &d), DEFRAG_OVERLAP);
	for (unsigned i = 0; i < PIECES; i++)
		CU_ASSERT_EQUAL(give(&piece[i], LINK_ETHERNET, 1, &d), DEFRAG_OVERLAP);
	defrag_free(df);
}

static void test_defrag_keeps_a_blocked_datagram_refused(void)
{
	struct decoded d;
	df = defrag_new(16, 5);
	make(&encapsulations[0], 1);
	for (unsigned i = 0; i < PIECES - 1; i++)
		give(&piece[i], LINK_ETHERNET, 1, &d);
	CU_ASSERT_EQUAL(give(&piece[PIECES - 1], LINK_ETHERNET, 1, &d), DEFRAG_COMPLETE);
	CU_ASSERT_EQUAL(give(&piece[PIECES - 1], LINK_ETHERNET, 1, &d), DEFRAG_DUPLICATE);
	defrag_refuse(df);
	CU_ASSERT_EQUAL(give(&piece[PIECES - 1], LINK_ETHERNET, 1, &d), DEFRAG_OVERLAP);
	defrag_free(df);
}

static void test_defrag_forgets_after_its_timeout(void)
{
	struct decoded d;
	df = defrag_new(16, 5);
	make(&encapsulations[0], 1);
	for (unsigned i = 0; i < PIECES - 1; i++)
		give(&piece[i], LINK_ETHERNET, 1, &d);
	CU_ASSERT_EQUAL(give(&piece[PIECES - 1], LINK_ETHERNET, DEFRAG_TIMEOUT_NS + 2, &d), DEFRAG_WAIT);
	defrag_free(df);
}

static void test_defrag_refuses_impossible_lengths(void)
{
	struct decoded d;
	df = defrag_new(16, 5);
	make(&encapsulations[0], 1);
	put_be16(piece[3].bytes + 20, 0x1fff); /* the last piece would end past 65,535 */
	CU_ASSERT_EQUAL(give(&piece[3], LINK_ETHERNET, 1, &d), DEFRAG_OVERLAP);
	make(&encapsulations[0], 2);
	put_be16(piece[0].bytes + 16, 20 + 13); /* not the last, yet no multiple of eight */
	CU_ASSERT_EQUAL(give(&piece[0], LINK_ETHERNET, 1, &d), DEFRAG_OVERLAP);
	defrag_free(df);
}

static void test_defrag_is_bounded(void)
{
	struct decoded d;
	df = defrag_new(16, 5);
	make(&encapsulations[0], 0);
	for (unsigned i = 0; i < PIECES - 1; i++)
		give(&piece[i], LINK_ETHERNET, 1, &d);
	for (uint16_t id = 1; id < 500; id++) {
		make(&encapsulations[0], id);
		CU_ASSERT_EQUAL(give(&piece[0], LINK_ETHERNET, 1 + id, &d), DEFRAG_WAIT);
	}
	make(&encapsulations[0], 0);
	CU_ASSERT_EQUAL(give(&piece[PIECES - 1], LINK_ETHERNET, 600, &d), DEFRAG_WAIT); /* long replaced */
	defrag_free(df);
}

/* One fragment of a datagram of zeros, without a link header: n bytes at `off`, behind the headers `head`. */
static enum defrag_result give_zeros(const char *head, uint32_t off, uint32_t n, bool more, uint32_t *ret_len,
				     struct decoded *ret)
{
	static uint8_t bytes[4096];
	const uint8_t *frame;
	size_t len = unhex(head, bytes, sizeof(bytes));
	memset(bytes + len, 0, n);
	if (bytes[0] >> 4 == 4) {
		put_be16(bytes + 2, (uint16_t)(len + n));
		put_be16(bytes + 6, (uint16_t)(off / 8 | (more ? 0x2000 : 0)));
	} else {
		put_be16(bytes + 4, (uint16_t)(len + n - 40));
		put_be16(bytes + len - 6, (uint16_t)(off | more));
	}
	uint8_t *g = guarded(bytes, len + n);
	decode(g, (uint32_t)(len + n), LINK_RAW, ret);
	CU_ASSERT_EQUAL_FATAL(ret->kind, DECODE_FRAGMENT);
	enum defrag_result r = defrag_put(df, g, (uint32_t)(len + n), LINK_RAW, ret, 1, &frame, ret_len);
	if (r == DEFRAG_COMPLETE) {
		uint8_t *put = guarded(frame, *ret_len);
		decode(put, *ret_len, LINK_RAW, ret);
		guarded_free(put, *ret_len);
	}
	guarded_free(g, len + n);
	return r;
}

/* All fragments of `total` data bytes; what the last one, in order, gave. */
static enum defrag_result give_all_zeros(const char *head, uint32_t total, uint32_t *ret_len,
					 struct decoded *ret)
{
	enum defrag_result r = DEFRAG_WAIT;
	for (uint32_t off = 0; off < total && r == DEFRAG_WAIT; off += 1480) {
		bool more = total - off > 1480;
		r = give_zeros(head, off, more ? 1480 : total - off, more, ret_len, ret);
	}
	return r;
}

#define IP4 "45000000 0007 0000 40 fd 0000 c0000201 c6336401" /* protocol 253: for experiments */
#define IP4O                                              \
	"4f000000 0008 0000 40 fd 0000 c0000201 c6336401" \
	"0101010101010101010101010101010101010101 0101010101010101010101010101010101010101"
#define IP6(first)                                                     \
	"60000000 0000 " first " 40 20010db8000000000000000000000001 " \
	"20010db8000000000000000000000002 "

static void test_defrag_takes_the_largest_datagrams(void)
{
	struct decoded d;
	uint32_t len;
	df = defrag_new(16, 5);
	CU_ASSERT_EQUAL(give_all_zeros(IP4, 65515, &len, &d), DEFRAG_COMPLETE);
	CU_ASSERT(len == 65535 && d.kind == DECODE_OTHER && !d.snapped && d.payload_len == 65515);
	CU_ASSERT_EQUAL(give_all_zeros(IP6("2c") "fd000000 00000009", 65535, &len, &d), DEFRAG_COMPLETE);
	CU_ASSERT(len == 65575 && d.kind == DECODE_OTHER && !d.snapped && d.payload_len == 65535);
	defrag_free(df);
}

static void test_defrag_refuses_what_its_header_makes_too_long(void)
{
	struct decoded d;
	uint32_t len;
	df = defrag_new(16, 5);
	CU_ASSERT_EQUAL(give_all_zeros(IP4, 65516, &len, &d), DEFRAG_OVERLAP);
	CU_ASSERT_EQUAL(give_all_zeros(IP4O, 65475, &len, &d), DEFRAG_COMPLETE);
	defrag_free(df);
	df = defrag_new(16, 5);
	CU_ASSERT_EQUAL(give_all_zeros(IP4O, 65476, &len, &d), DEFRAG_OVERLAP);
	CU_ASSERT_EQUAL(give_all_zeros(IP6("00") "2c00 0104 00000000 fd000000 00000009", 65535, &len, &d),
			DEFRAG_OVERLAP);
	defrag_free(df);
}

/* Every header that may stand in front of IPv6's fragment header. */
static void test_defrag_keeps_what_precedes_the_fragment_header(void)
{
	static const struct {
		const char *what, *head;
		uint32_t head_len;
	} rows[] = {
	    {"nothing", IP6("2c") "fd000000 00000001", 40},
	    {"hop-by-hop", IP6("00") "2c00 0104 00000000 fd000000 00000002", 48},
	    {"long routing",
	     IP6("2b") "2c02 0000 00000000 0000000000000000 0000000000000000 fd000000 00000003", 64},
	    {"hop-by-hop, destination", IP6("00") "3c00 0104 00000000 2c00 0104 00000000 fd000000 00000004",
	     56},
	    {"a whole fragment", IP6("2c") "2c00 0000 00000009 fd000000 00000005", 48},
	    {"a whole fragment, reserved byte set", IP6("2c") "2cff 0000 00000009 fd000000 00000006", 48},
	    {"a whole fragment, reserved byte set, destination",
	     IP6("2c") "3cff 0000 00000009 2c00 0104 00000000 fd000000 00000007", 56},
	    {"authentication",
	     IP6("33") "2c04 0000 00000001 00000001 000000000000000000000000 fd000000 00000008", 64},
	    {"authentication, destination",
	     IP6("33") "3c04 0000 00000001 00000001 000000000000000000000000 2c00 0104 00000000 fd000000 00000009",
	     72},
	};
	struct decoded d;
	uint32_t len;
	df = defrag_new(16, 5);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool ok = give_all_zeros(rows[i].head, 3000, &len, &d) == DEFRAG_COMPLETE &&
			  len == rows[i].head_len + 3000 && d.kind == DECODE_OTHER && d.proto == 0xfd &&
			  d.payload_len == 3000;
		if (!ok)
			printf("# %s\n", rows[i].what);
		CU_ASSERT_TRUE(ok);
	}
	defrag_free(df);
}

static enum defrag_result give_all_in(const struct encapsulation *e, uint32_t total, struct decoded *ret)
{
	enum defrag_result r = DEFRAG_WAIT;
	for (uint32_t off = 0; off < total && r == DEFRAG_WAIT; off += 1480) {
		uint32_t n = total - off > 1480 ? 1480 : total - off, len;
		const uint8_t *frame;
		struct frame f = {.len = 14 + 20 + n};
		unhex(IP4, f.bytes + 14, 20);
		put_be16(f.bytes + 16, (uint16_t)(20 + n));
		put_be16(f.bytes + 20, (uint16_t)(off / 8 | (off + n < total ? 0x2000 : 0)));
		f = encapsulate(e, &f);
		decode(f.bytes, f.len, e->link, ret);
		CU_ASSERT_EQUAL_FATAL(ret->kind, DECODE_FRAGMENT);
		r = defrag_put(df, f.bytes, f.len, e->link, ret, 1, &frame, &len);
		if (r == DEFRAG_COMPLETE)
			decode(frame, len, e->link, ret);
	}
	return r;
}

/* PPPoE counts two bytes more than its length field can hold. */
static void test_defrag_takes_the_largest_datagrams_of_tunnels(void)
{
	for (unsigned i = 0; i < encapsulations_n; i++) {
		const struct encapsulation *e = &encapsulations[i];
		bool fits = strcmp(e->name, "pppoe");
		struct decoded d;
		df = defrag_new(16, 5);
		bool ok = give_all_in(e, 65515, &d) == (fits ? DEFRAG_COMPLETE : DEFRAG_OVERLAP) &&
			  (!fits || (d.kind == DECODE_OTHER && d.proto == 0xfd && d.payload_len == 65515));
		if (!ok)
			printf("# %s\n", e->name);
		CU_ASSERT_TRUE(ok);
		defrag_free(df);
	}
}

static void test_defrag_sets_the_length_in_pptp(void)
{
	static const struct encapsulation pptp = {
	    "pptp",
	    LINK_ETHERNET,
	    true,
	    false,
	    "020000000001 020000000002 0800 45000000 00004000 402f 0000 cb007101 cb007102"
	    "3001 880b 0000 0001 00000001 ff03 0021",
	    {{16, 14}, {38, 46}}};
	struct decoded d;
	df = defrag_new(16, 5);
	CU_ASSERT_EQUAL(give_all_in(&pptp, 3000, &d), DEFRAG_COMPLETE);
	CU_ASSERT(d.kind == DECODE_OTHER && d.proto == 0xfd && d.payload_len == 3000);
	defrag_free(df);
}

/* Else headers too long to keep would carry the rest past inspection, whatever comes last. */
static void test_defrag_refuses_headers_too_long_to_keep(void)
{
	static uint8_t bytes[4096];
	struct decoded d;
	const uint8_t *frame;
	uint32_t len, header = 2048; /* of the destination options */
	df = defrag_new(16, 5);
	CU_ASSERT_EQUAL(give_zeros(IP6("2c") "fd000000 00000001", 8, 8, false, &len, &d), DEFRAG_WAIT);
	size_t n = unhex(IP6("3c") "2cff", bytes, sizeof(bytes));
	n += header - 2;
	n += unhex("fd000001 00000001 0000000000000000", bytes + n, sizeof(bytes) - n);
	put_be16(bytes + 4, (uint16_t)(n - 40));
	decode(bytes, (uint32_t)n, LINK_RAW, &d);
	CU_ASSERT_EQUAL(d.kind, DECODE_FRAGMENT);
	CU_ASSERT_EQUAL(defrag_put(df, bytes, (uint32_t)n, LINK_RAW, &d, 1, &frame, &len), DEFRAG_OVERLAP);
	defrag_free(df);
}

/* Captures of several queues are not in order of time. */
static void test_defrag_bears_time_that_runs_back(void)
{
	struct decoded d;
	df = defrag_new(16, 5);
	make(&encapsulations[0], 1);
	for (unsigned i = 0; i < PIECES - 1; i++)
		CU_ASSERT_EQUAL(give(&piece[i], LINK_ETHERNET, 1000 - i, &d), DEFRAG_WAIT);
	CU_ASSERT_EQUAL(give(&piece[PIECES - 1], LINK_ETHERNET, 1, &d), DEFRAG_COMPLETE);
	defrag_free(df);
}

static const struct test tests[] = {
    TEST(test_defrag_takes_the_largest_datagrams),
    TEST(test_defrag_refuses_what_its_header_makes_too_long),
    TEST(test_defrag_keeps_what_precedes_the_fragment_header),
    TEST(test_defrag_takes_the_largest_datagrams_of_tunnels),
    TEST(test_defrag_sets_the_length_in_pptp),
    TEST(test_defrag_refuses_headers_too_long_to_keep),
    TEST(test_defrag_bears_time_that_runs_back),
    TEST(test_defrag_puts_any_order_together),
    TEST(test_defrag_knows_duplicates_and_refuses_overlaps),
    TEST(test_defrag_keeps_a_blocked_datagram_refused),
    TEST(test_defrag_forgets_after_its_timeout),
    TEST(test_defrag_refuses_impossible_lengths),
    TEST(test_defrag_is_bounded),
};
HARNESS_MAIN("defrag", tests)
