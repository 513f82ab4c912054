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

static const struct test tests[] = {
    TEST(test_defrag_puts_any_order_together),
    TEST(test_defrag_knows_duplicates_and_refuses_overlaps),
    TEST(test_defrag_keeps_a_blocked_datagram_refused),
    TEST(test_defrag_forgets_after_its_timeout),
    TEST(test_defrag_refuses_impossible_lengths),
    TEST(test_defrag_is_bounded),
};
HARNESS_MAIN("defrag", tests)
