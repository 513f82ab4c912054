/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/blocks.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "tests/unit/encapsulations.h"
#include "tests/unit/pipeline_fixture.h"

#define TURNS 200000

static const uint64_t secret[2] = {0x0123456789abcdef, 0xfedcba9876543211};
static struct blocks *b;
static struct err e;

static void open_table(void)
{
	CU_ASSERT_EQUAL_FATAL(blocks_new(secret, &b, &e), 0);
}

/* Number i of 198.51.100.0 on, or of 2001:db8:: on. */
static struct block numbered(unsigned version, uint32_t i, uint64_t until_ns)
{
	struct block one = {.until_ns = until_ns, .list = (uint16_t)i};
	if (version == 4)
		memcpy(one.addr, (const uint8_t[]){[10] = 0xff, [11] = 0xff}, 12);
	else
		memcpy(one.addr, (const uint8_t[]){0x20, 0x01, 0x0d, 0xb8}, 4);
	put_be32(one.addr + 12, version == 4 ? 0xc6336400u + i : i);
	return one;
}

static void put(unsigned version, uint32_t i, uint64_t until_ns)
{
	struct block one = numbered(version, i, until_ns);
	CU_ASSERT_EQUAL(blocks_put(b, &one, &e), 0);
}

static bool matches(unsigned version, uint32_t i, uint64_t now_ns)
{
	/* at either end, beside one that is never blocked */
	static const uint8_t none[16];
	struct block one = numbered(version, i, 0);
	const uint8_t *addr = version == 4 ? one.addr + 12 : one.addr;
	struct blocks_ends ends = {.version = (uint8_t)version, .addr = {addr, none}};
	if (i & 1)
		ends = (struct blocks_ends){.version = (uint8_t)version, .addr = {none, addr}};
	blocks_suspect(b, &ends);
	return blocks_match(b, &ends, now_ns);
}

static void test_blocks_last_until_their_time_and_no_longer(void)
{
	open_table();
	CU_ASSERT_FALSE(blocks_any(b));
	for (unsigned version = 4; version <= 6; version += 2) {
		put(version, 1, 1000);
		CU_ASSERT(blocks_any(b));
		CU_ASSERT(matches(version, 1, 0) && matches(version, 1, 999));
		CU_ASSERT(!matches(version, 1, 1000) && !matches(version, 1, 5000));
		for (uint32_t other = 0; other < 256; other++)
			CU_ASSERT_EQUAL(matches(version, other, 0), other == 1);
		CU_ASSERT_FALSE(matches(10 - version, 1, 0));
		struct block one = numbered(version, 1, 0);
		CU_ASSERT(blocks_remove(b, one.addr) && !blocks_remove(b, one.addr));
		CU_ASSERT(!matches(version, 1, 0) && !blocks_any(b));
	}
	blocks_free(b);
}

static void test_blocks_last_until_the_later_of_two_ends(void)
{
	open_table();
	put(4, 1, 1000);
	struct block shorter = numbered(4, 1, 500), longer = numbered(4, 1, 2000);
	shorter.list = 7;
	CU_ASSERT_EQUAL(blocks_put(b, &shorter, &e), 0);
	CU_ASSERT_EQUAL(shorter.until_ns, 1000);
	CU_ASSERT(matches(4, 1, 999) && !matches(4, 1, 1000));
	CU_ASSERT_EQUAL(blocks_put(b, &longer, &e), 0);
	CU_ASSERT(matches(4, 1, 1999) && !matches(4, 1, 2000));
	CU_ASSERT_EQUAL(blocks_count(b), 1);
	blocks_free(b);
}

static void count_gone(void *ctx, const struct block *one)
{
	*(uint64_t *)ctx += one->until_ns;
}

static void test_blocks_sweep_takes_what_is_over_alone(void)
{
	uint64_t gone = 0;
	open_table();
	for (uint32_t i = 0; i < 300; i++)
		put(i & 1 ? 4 : 6, i, i + 1);
	blocks_sweep(b, 100, count_gone, &gone);
	CU_ASSERT_EQUAL(gone, 100 * 101 / 2);
	CU_ASSERT_EQUAL(blocks_count(b), 200);
	for (uint32_t i = 0; i < 300; i++)
		CU_ASSERT_EQUAL(matches(i & 1 ? 4 : 6, i, 0), i >= 100);
	put(4, 4711, 900); /* in a place that was let go */
	CU_ASSERT(matches(4, 4711, 0));
	blocks_sweep(b, 1000, NULL, NULL);
	CU_ASSERT(!blocks_any(b));
	blocks_free(b);
}

static void test_blocks_full_table_refuses_and_keeps_what_it_has(void)
{
	open_table();
	for (uint32_t i = 0; i < BLOCKS_MAX; i++)
		put(i & 1 ? 4 : 6, i, 1000 + i);
	struct block more = numbered(4, BLOCKS_MAX, 9), again = numbered(6, 0, 5000);
	CU_ASSERT_EQUAL(blocks_put(b, &more, &e), -ENOSPC);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "65536 addresses are blocked already"));
	CU_ASSERT_FALSE(matches(4, BLOCKS_MAX, 0));
	CU_ASSERT_EQUAL(blocks_put(b, &again, &e), 0); /* it has a place */
	unsigned missing = 0, wrong = 0;
	for (uint32_t i = 0; i < BLOCKS_MAX; i++) {
		missing += !matches(i & 1 ? 4 : 6, i, 0);
		wrong += matches(i & 1 ? 6 : 4, i, 0) + matches(4, BLOCKS_MAX + i, 0);
	}
	CU_ASSERT(!missing && !wrong);
	CU_ASSERT(blocks_remove(b, numbered(4, 5, 0).addr));
	CU_ASSERT_EQUAL(blocks_put(b, &more, &e), 0);
	CU_ASSERT(matches(4, BLOCKS_MAX, 0) && !matches(4, 5, 0));
	blocks_free(b);
}

static void test_blocks_are_read_once_each(void)
{
	static bool seen[1000];
	struct block v[7];
	unsigned total = 0, next = 0;
	open_table();
	CU_ASSERT(blocks_read(b, 0, v, 7, &next) == 0 && !next);
	for (uint32_t i = 0; i < 1000; i++)
		put(6, i, i + 1);
	blocks_sweep(b, 500, NULL, NULL);
	do {
		unsigned n = blocks_read(b, next, v, 7, &next);
		for (unsigned i = 0; i < n; i++, total++) {
			CU_ASSERT_EQUAL_FATAL(v[i].until_ns, v[i].list + 1u);
			CU_ASSERT_FALSE(seen[v[i].list]);
			seen[v[i].list] = true;
		}
	} while (next);
	CU_ASSERT_EQUAL(total, 500);
	CU_ASSERT(blocks_read(b, 5000, v, 7, &next) == 0 && !next);
	blocks_free(b);
}

static atomic_bool ended;

/* Others come and go; what stays is always found, what never was is not. */
static void *look(void *wrong)
{
	while (!atomic_load(&ended))
		for (uint32_t i = 0; i < 64; i++)
			*(unsigned *)wrong +=
			    !matches(4, i, 1) + matches(6, 100000 + i, 1) + matches(4, 200 + i, 100);
	return NULL;
}

static void test_blocks_change_under_the_workers_hands(void)
{
	pthread_t thread;
	unsigned wrong = 0;
	open_table();
	atomic_store(&ended, false);
	for (uint32_t i = 0; i < 64; i++)
		put(4, i, 1000);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, look, &wrong), 0);
	for (uint32_t turn = 0; turn < TURNS; turn++) {
		/* each in the place that another has just left; those of 200 on are over by the time that is asked about */
		struct block one = numbered(turn & 1 ? 4 : 6, 200 + turn % 64, turn & 1 ? 50 : 1000);
		CU_ASSERT_EQUAL(blocks_put(b, &one, &e), 0);
		CU_ASSERT(blocks_remove(b, one.addr));
	}
	atomic_store(&ended, true);
	pthread_join(thread, NULL);
	CU_ASSERT_EQUAL(wrong, 0);
	blocks_free(b);
}

static void open_pipeline(bool monitor)
{
	struct pipeline_config cfg = pipeline_config_default;
	open_table();
	cfg.flows = 1024;
	cfg.blocks = b;
	cfg.monitor = monitor;
	open_with(cfg);
}

static void close_pipeline(void)
{
	close_all();
	blocks_free(b);
}

/* frames.h: the server is 198.51.100.1 */
static void test_blocks_hold_in_both_directions_for_their_time(void)
{
	open_pipeline(false);
	struct frame to = frame_udp(7, 9, false, "x", 1), from = frame_udp(7, 9, true, "x", 1),
		     tcp = frame_tcp(7, false, SYN, 1, 0, NULL, 0);
	CU_ASSERT_EQUAL(give(to), VERDICT_PASS);
	put(4, 1, 1000);
	CU_ASSERT_EQUAL(give_at(to, 999), VERDICT_DROP);
	CU_ASSERT_EQUAL(give_at(from, 999), VERDICT_DROP);
	CU_ASSERT_EQUAL(give_at(tcp, 999), VERDICT_DROP);
	CU_ASSERT(out->n_hits == 0 && out->n_answers == 0);
	CU_ASSERT(count()->blocked_addresses == 3 && count()->dropped == 3);
	struct frame neighbour = to;
	neighbour.bytes[14 + 19] = 2;
	CU_ASSERT_EQUAL(give_at(neighbour, 999), VERDICT_PASS);
	CU_ASSERT_EQUAL(give_at(to, 1000), VERDICT_PASS);
	CU_ASSERT_EQUAL(give_at(from, 1000), VERDICT_PASS);
	CU_ASSERT_EQUAL(count()->blocked_addresses, 3);
	close_pipeline();
}

static void test_blocks_hold_for_fragments_and_without_a_ruleset(void)
{
	open_pipeline(false);
	put(4, 1, 1000);
	struct frame f = frame_udp(7, 9, false, "12345678", 8);
	put_be16(f.bytes + 14 + 6, 0x2000); /* more fragments; the checksum does not matter here */
	CU_ASSERT_EQUAL(give(f), VERDICT_DROP);
	put_be16(f.bytes + 14 + 6, 0x0001);
	CU_ASSERT_EQUAL(give(f), VERDICT_DROP);
	CU_ASSERT_EQUAL(give_at(f, 1000), VERDICT_PASS);
	pipeline_set_ruleset(p, NULL, NULL);
	CU_ASSERT_EQUAL(give(f), VERDICT_DROP);
	CU_ASSERT_EQUAL(give_at(f, 1000), VERDICT_PASS);
	CU_ASSERT_EQUAL(give(frame_udp(7, 9, true, "x", 1)), VERDICT_DROP);
	CU_ASSERT_EQUAL(count()->blocked_addresses, 4);
	close_pipeline();
}

static void test_blocks_hold_inside_every_encapsulation(void)
{
	open_pipeline(false);
	struct frame plain = frame_udp(7, 9, false, "x", 1);
	put(4, 1, 1000);
	for (unsigned i = 0; i < encapsulations_n; i++) {
		struct frame f = encapsulate(&encapsulations[i], &plain);
		struct packet pkt = {.data = f.bytes, .len = f.len, .link = (uint8_t)encapsulations[i].link};
		pipeline_burst(p, &pkt, 1, 999);
		if (pkt.verdict != VERDICT_DROP)
			printf("# %s\n", encapsulations[i].name);
		CU_ASSERT_EQUAL(pkt.verdict, VERDICT_DROP);
		pipeline_burst(p, &pkt, 1, 1000);
		CU_ASSERT_EQUAL(pkt.verdict, VERDICT_PASS);
	}
	close_pipeline();
}

static void test_blocks_in_monitor_mode_only_count(void)
{
	open_pipeline(true);
	put(4, 1, 1000);
	CU_ASSERT_EQUAL(give(frame_udp(7, 9, false, "x", 1)), VERDICT_PASS);
	pipeline_set_ruleset(p, NULL, NULL);
	CU_ASSERT_EQUAL(give(frame_udp(7, 9, false, "x", 1)), VERDICT_PASS);
	CU_ASSERT(count()->blocked_addresses == 2 && count()->dropped == 0);
	close_pipeline();
}

static const struct test tests[] = {
    TEST(test_blocks_last_until_their_time_and_no_longer),
    TEST(test_blocks_last_until_the_later_of_two_ends),
    TEST(test_blocks_sweep_takes_what_is_over_alone),
    TEST(test_blocks_full_table_refuses_and_keeps_what_it_has),
    TEST(test_blocks_are_read_once_each),
    TEST(test_blocks_change_under_the_workers_hands),
    TEST(test_blocks_hold_in_both_directions_for_their_time),
    TEST(test_blocks_hold_for_fragments_and_without_a_ruleset),
    TEST(test_blocks_hold_inside_every_encapsulation),
    TEST(test_blocks_in_monitor_mode_only_count),
};
HARNESS_MAIN("blocks", tests)
