/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bytes.h"
#include "dataplane/core/blocks.h"
#include "dataplane/dpdk/clock.h"
#include "tests/dataplane/bench.h"
#include "tests/unit/frames.h"

enum { LEFT, RIGHT, SIDE };
#define FLOWS 64
#define JUMBO 9000

static struct bench b;
static uint8_t buffer[65536];

/* A UDP datagram of flow 0.. that carries a number; `back`: from the server. */
static uint32_t numbered(uint8_t *f, unsigned flow, uint32_t number, uint32_t len, bool back)
{
	memset(f, (int)(number + flow), len);
	put_be16(f + 12, 0x0800);
	uint8_t *ip = f + 14;
	memset(ip, 0, 28);
	ip[0] = 0x45;
	put_be16(ip + 2, (uint16_t)(len - 14));
	ip[8] = 64;
	ip[9] = 17;
	put_be32(ip + (back ? 16 : 12), 0xc0000200u + flow); /* 192.0.2.0/24 */
	put_be32(ip + (back ? 12 : 16), 0xc6336401u);	     /* 198.51.100.1 */
	put_be16(ip + 20, back ? 6000 : 5000);
	put_be16(ip + 22, back ? 5000 : 6000);
	put_be16(ip + 24, (uint16_t)(len - 34));
	put_be32(f + 42, number);
	return len;
}

static void test_workers_leave_every_byte_as_it_is(void)
{
	static const uint32_t lengths[] = {1, 13, 14, 33, 60, 64, 1514, 2000, 4000, JUMBO};
	static uint8_t f[JUMBO];
	bench_open(&b, &(struct bench_options){0});
	bench_ruleset(bench_file("listed.roja"), "listed.example");
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("listed.roja"), 0, &b.e), 0);
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		for (unsigned pieces = 1; pieces < 7; pieces++) {
			uint32_t len = lengths[i];
			if (len < pieces || len / pieces > 2000)
				continue;
			for (uint32_t k = 0; k < len; k++)
				f[k] = (uint8_t)rand();
			if (len > 46 && pieces & 1)
				numbered(f, pieces, i, len, false);
			CU_ASSERT_TRUE(bench_push(&b, LEFT, 0, f, len, pieces));
			CU_ASSERT_EQUAL(bench_wait(&b, RIGHT, 0, buffer, sizeof(buffer)), len);
			CU_ASSERT_EQUAL(memcmp(buffer, f, len), 0);
		}
	CU_ASSERT_EQUAL(bench_pull(&b, LEFT, 0, buffer, sizeof(buffer)), 0);
	CU_ASSERT(BENCH_SUM(&b, in_pieces) > 0);
	bench_close(&b);
}

/* What left at the right, flow by flow: the numbers must rise. Returns how many came. */
static unsigned collect(uint32_t next[FLOWS], unsigned *ret_disordered)
{
	unsigned n = 0;
	for (unsigned q = 0; q < BENCH_QUEUES; q++)
		for (uint32_t len; (len = bench_pull(&b, RIGHT, q, buffer, sizeof(buffer))); n++) {
			unsigned flow = be32(buffer + 26) & (FLOWS - 1);
			uint32_t number = be32(buffer + 42);
			*ret_disordered += number < next[flow];
			next[flow] = number + 1;
		}
	return n;
}

static unsigned push_numbered(uint32_t from, unsigned n)
{
	uint8_t f[128];
	unsigned pushed = 0;
	for (unsigned i = 0; i < n; i++) {
		unsigned flow = (from + i) % FLOWS;
		uint32_t len = numbered(f, flow, from + i, 100, false);
		pushed += bench_push(&b, LEFT, flow & 1, f, len, 1);
	}
	return pushed;
}

static void test_workers_put_pieces_together_for_who_needs_it(void)
{
	static uint8_t f[JUMBO];
	bench_open(&b, &(struct bench_options){.one_piece = true});
	for (unsigned i = 0; i < sizeof(f); i++)
		f[i] = (uint8_t)rand();
	CU_ASSERT_TRUE(bench_push(&b, LEFT, 0, f, JUMBO, 5)); /* fits no buffer */
	CU_ASSERT_TRUE(bench_push(&b, LEFT, 0, f, 1500, 3));
	CU_ASSERT_EQUAL(bench_wait(&b, RIGHT, 0, buffer, sizeof(buffer)), 1500);
	CU_ASSERT_EQUAL(memcmp(buffer, f, 1500), 0);
	CU_ASSERT_EQUAL(BENCH_SUM(&b, too_large), 1);
	bench_close(&b);
}

static void test_workers_keep_the_order_of_a_flow(void)
{
	uint32_t next[FLOWS] = {0};
	unsigned pushed = 0, came = 0, disordered = 0;
	bench_open(&b, &(struct bench_options){.workers = 2, .queues = 2, .spread = true});
	for (unsigned turn = 0; turn < 100; turn++) {
		pushed += push_numbered(turn * 256, 256);
		do
			came += collect(next, &disordered);
		while (pushed - came > 1024);
	}
	for (unsigned tries = 0; came < pushed && tries < 100000; tries++, usleep(50))
		came += collect(next, &disordered);
	CU_ASSERT_EQUAL(came, pushed);
	CU_ASSERT_EQUAL(disordered, 0);
	CU_ASSERT(BENCH_SUM(&b, handed_in) > 0);
	CU_ASSERT_EQUAL(BENCH_SUM(&b, handed_in), BENCH_SUM(&b, handed_out));
	bench_close(&b);
}

static void test_workers_stop_with_nothing_on_its_way(void)
{
	unsigned lost = 0, disordered = 0;
	for (unsigned turn = 0; turn < 40; turn++) {
		uint32_t next[FLOWS] = {0};
		bench_open(&b, &(struct bench_options){.workers = 2, .queues = 2, .spread = true});
		unsigned pushed = push_numbered(0, 3000);
		bench_stop(&b);
		lost += pushed - bench_left(&b) - collect(next, &disordered) -
			(unsigned)BENCH_SUM(&b, handed_dead);
		bench_close(&b);
	}
	CU_ASSERT_EQUAL(lost, 0);
	CU_ASSERT_EQUAL(disordered, 0);
}

static void test_workers_swap_rulesets_under_load(void)
{
	static const char *const files[2] = {"one.roja", "two.roja"};
	uint32_t next[FLOWS] = {0};
	unsigned pushed = 0, came = 0, disordered = 0;
	bench_open(&b, &(struct bench_options){.workers = 2, .queues = 2, .spread = true});
	for (unsigned i = 0; i < 2; i++) {
		bench_ruleset(bench_file(files[i]), i ? "one.example" : "two.example");
	}
	for (unsigned turn = 0; turn < 200; turn++) {
		pushed += push_numbered(turn * 256, 256);
		CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file(files[turn & 1]), 0, &b.e), 0);
		came += collect(next, &disordered);
		for (unsigned i = 0; i < b.workers.n; i++)
			CU_ASSERT(atomic_load(&atomic_load(&b.generations.current)->switched_ns[i]) > 0);
	}
	CU_ASSERT(generations_load(&b.generations, "/nonexistent.roja", 0, &b.e) < 0);
	CU_ASSERT(generations_load(&b.generations, bench_file(files[0]), 3, &b.e) < 0);
	CU_ASSERT_EQUAL(atomic_load(&b.generations.current)->version, 200);
	for (unsigned tries = 0; came < pushed && tries < 100000; tries++, usleep(50))
		came += collect(next, &disordered);
	CU_ASSERT_EQUAL(came, pushed);
	CU_ASSERT_EQUAL(disordered, 0);
	generations_reclaim(&b.generations);
	CU_ASSERT_PTR_NULL(b.generations.retired);
	bench_close(&b);
}

static uint64_t version(void)
{
	return atomic_load(&b.generations.current)->version;
}

/* What the data plane says after a restart is what it said before: the file's own version. */
static void test_workers_judge_by_the_version_that_a_sealed_file_says(void)
{
	struct seal_key key = {.bytes = {1}, .id = {1}}, other = {.bytes = {2}, .id = {2}};
	bench_open(&b, &(struct bench_options){.key = &key});
	bench_sealed(bench_file("seven.roja"), "one.example", 7, &key);
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("seven.roja"), 0, &b.e), 0);
	CU_ASSERT_EQUAL(version(), 7);
	/* again, without a version: the same; with one: that */
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("seven.roja"), 0, &b.e), 0);
	CU_ASSERT_EQUAL(version(), 7);
	CU_ASSERT(atomic_load(&atomic_load(&b.generations.current)->switched_ns[0]) > 0);
	generations_reclaim(&b.generations);
	CU_ASSERT_PTR_NULL(b.generations.retired);
	CU_ASSERT(generations_load(&b.generations, bench_file("seven.roja"), 7, &b.e) < 0);
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("seven.roja"), 9, &b.e), 0);
	CU_ASSERT_EQUAL(version(), 9);
	/* a version is never used twice for different rulesets */
	bench_sealed(bench_file("nine.roja"), "two.example", 9, &key);
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("nine.roja"), 0, &b.e), 0);
	CU_ASSERT_EQUAL(version(), 10);
	bench_sealed(bench_file("twenty.roja"), "two.example", 20, &key);
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("twenty.roja"), 0, &b.e), 0);
	CU_ASSERT_EQUAL(version(), 20);
	bench_sealed(bench_file("foreign.roja"), "two.example", 30, &other);
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("foreign.roja"), 0, &b.e), -EKEYREJECTED);
	bench_ruleset(bench_file("clear.roja"), "one.example");
	CU_ASSERT_EQUAL(version(), 20);
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("clear.roja"), 0, &b.e), 0);
	CU_ASSERT_EQUAL(version(), 21);
	bench_close(&b);
	bench_open(&b, &(struct bench_options){0});
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("seven.roja"), 0, &b.e), -EKEYREJECTED);
	CU_ASSERT_PTR_NULL(atomic_load(&b.generations.current));
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("clear.roja"), 0, &b.e), 0);
	CU_ASSERT_EQUAL(version(), 1);
	bench_close(&b);
}

/* A frame of the flow in each direction; how many came through. */
static unsigned pass_of(unsigned flow)
{
	uint8_t f[128];
	unsigned came = 0;
	for (unsigned back = 0; back < 2; back++) {
		bench_push(&b, back ? RIGHT : LEFT, 0, f, numbered(f, flow, 1, 100, back), 1);
		bench_push(&b, back ? RIGHT : LEFT, 0, f, numbered(f, 9, 1, 100, back),
			   1); /* comes whatever happens */
		uint32_t len = bench_wait(&b, back ? LEFT : RIGHT, 0, buffer, sizeof(buffer));
		if (be32(buffer + (back ? 30 : 26)) == 0xc0000200u + flow) {
			came++;
			len = bench_wait(&b, back ? LEFT : RIGHT, 0, buffer, sizeof(buffer));
		}
		CU_ASSERT(len == 100 && be32(buffer + (back ? 30 : 26)) == 0xc0000209u);
	}
	return came;
}

static void test_workers_drop_blocked_addresses_for_their_time(void)
{
	struct block one = {.addr = {[10] = 0xff, 0xff, 192, 0, 2, 3}, .until_ns = UINT64_MAX};
	bench_open(&b, &(struct bench_options){0});
	bench_ruleset(bench_file("listed.roja"), "blocked.example");
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("listed.roja"), 0, &b.e), 0);
	CU_ASSERT(pass_of(3) == 2 && pass_of(4) == 2);
	CU_ASSERT_EQUAL(blocks_put(b.blocks, &one, &b.e), 0);
	CU_ASSERT(pass_of(3) == 0 && pass_of(4) == 2);
	CU_ASSERT_EQUAL(BENCH_SUM(&b, verdict_drops), 2);
	CU_ASSERT(blocks_remove(b.blocks, one.addr));
	CU_ASSERT_EQUAL(pass_of(3), 2);
	/* with a time, by the clock of the workers */
	one.until_ns = clock_monotonic_ns() + 50000000;
	CU_ASSERT_EQUAL(blocks_put(b.blocks, &one, &b.e), 0);
	while (pass_of(3) < 2)
		CU_ASSERT(clock_monotonic_ns() < one.until_ns + 10000000000u);
	CU_ASSERT(clock_monotonic_ns() >= one.until_ns);
	bench_close(&b);
}

static atomic_bool hang, hung;

static void hang_here(struct rte_mbuf *m)
{
	(void)m;
	atomic_store(&hung, true);
	while (atomic_load(&hang))
		usleep(100);
}

/* As a driver does that takes the tag off, for a frame that came with tag 0x3007. */
static void strip(struct rte_mbuf *m)
{
	m->vlan_tci = 0x3007;
	m->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
}

static bool is_tagged(uint32_t len)
{
	return len == 104 && be16(buffer + 12) == 0x8100 && be16(buffer + 14) == 0x3007 &&
	       be16(buffer + 16) == 0x0800;
}

static void push_to_both(bool expect)
{
	uint8_t f[128];
	for (unsigned flow = 0; flow < FLOWS; flow++) {
		numbered(f, flow, flow, 100, false);
		CU_ASSERT_TRUE(bench_push(&b, LEFT, 0, f, 100, 1));
		if (expect)
			CU_ASSERT_TRUE(is_tagged(bench_wait(&b, RIGHT, 0, buffer, sizeof(buffer))));
	}
}

static void hang_second_worker(enum config_fail fail)
{
	uint8_t f[128];
	atomic_store(&hang, true);
	atomic_store(&hung, false);
	bench_open(&b, &(struct bench_options){
			   .workers = 2, .queues = 2, .spread = true, .heartbeat_ms = 20, .fail = fail});
	bench_hook(LEFT, 1, hang_here);
	bench_hook(LEFT, 0, strip);
	numbered(f, 0, 0, 100, false);
	CU_ASSERT_TRUE(bench_push(&b, LEFT, 1, f, 100, 1));
	while (!atomic_load(&hung))
		usleep(100);
	uint64_t beat_ns = worker_beat_ns(b.workers.v[1]);
	while (worker_beat_ns(b.workers.v[0]) < beat_ns + 50000000u)
		usleep(100);
}

static void let_go(void)
{
	atomic_store(&hang, false);
	CU_ASSERT_TRUE(workers_stop(&b.workers));
	bench_close(&b);
}

static void test_workers_stand_in_for_one_that_hangs(void)
{
	hang_second_worker(CONFIG_FAIL_OPEN);
	push_to_both(true);
	CU_ASSERT(BENCH_SUM(&b, handed_dead) > 0 && BENCH_SUM(&b, handed_dead) < FLOWS);
	CU_ASSERT_EQUAL(BENCH_SUM(&b, handed_out), 0);
	let_go();
}

static void test_workers_drop_for_one_that_hangs_if_fail_is_closed(void)
{
	hang_second_worker(CONFIG_FAIL_CLOSED);
	push_to_both(false);
	while (bench_left(&b))
		usleep(100);
	unsigned came = 0;
	while (came + BENCH_SUM(&b, handed_dead) < FLOWS)
		came += bench_pull(&b, RIGHT, 0, buffer, sizeof(buffer)) > 0;
	CU_ASSERT(came > 0 && came < FLOWS);
	let_go();
}

static void test_workers_stop_though_one_hangs(void)
{
	hang_second_worker(CONFIG_FAIL_OPEN);
	push_to_both(true);
	CU_ASSERT_FALSE(workers_stop(&b.workers));
	let_go();
}

static void test_workers_keep_a_ruleset_that_one_hangs_on(void)
{
	bench_ruleset(bench_file("listed.roja"), "listed.example");
	hang_second_worker(CONFIG_FAIL_OPEN);
	for (unsigned i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("listed.roja"), 0, &b.e), 0);
	CU_ASSERT_PTR_NOT_NULL(b.generations.retired);
	CU_ASSERT(atomic_load(&atomic_load(&b.generations.current)->switched_ns[0]) > 0);
	CU_ASSERT_EQUAL(atomic_load(&atomic_load(&b.generations.current)->switched_ns[1]), 0);
	push_to_both(true);
	atomic_store(&hang, false);
	while (b.generations.retired) {
		generations_reclaim(&b.generations);
		usleep(100);
	}
	let_go();
}

/* A frame of a listed name, from a client whose handshake was not seen. */
static struct frame hello(uint16_t port, const char *name)
{
	uint8_t bytes[1024];
	size_t len = hello_build(name, 0, false, bytes);
	return frame_tcp(port, false, ACK | PSH, 1001, 1, bytes, len);
}

static void open_listed(enum config_mode mode)
{
	bench_open(&b, &(struct bench_options){.mode = mode, .mirror = mode == CONFIG_MODE_MIRROR});
	bench_ruleset(bench_file("listed.roja"), "listed.example");
	CU_ASSERT_EQUAL(generations_load(&b.generations, bench_file("listed.roja"), 0, &b.e), 0);
}

static void push_hello(unsigned port)
{
	struct frame syn = frame_tcp(40000, false, SYN, 1000, 0, NULL, 0), f = hello(40000, "listed.example");
	CU_ASSERT_TRUE(bench_push(&b, port, 0, syn.bytes, syn.len, 1));
	CU_ASSERT_TRUE(bench_push(&b, port, 0, f.bytes, f.len, 1));
}

static void test_workers_inline_block_and_answer_both_sides(void)
{
	open_listed(CONFIG_MODE_INLINE);
	push_hello(LEFT);
	CU_ASSERT_EQUAL(bench_wait(&b, RIGHT, 0, buffer, sizeof(buffer)), 54); /* the SYN */
	CU_ASSERT(bench_wait(&b, LEFT, 0, buffer, sizeof(buffer)) > 0);
	CU_ASSERT(bench_wait(&b, RIGHT, 0, buffer, sizeof(buffer)) > 0);
	CU_ASSERT_EQUAL(buffer[47] & RST, RST);
	while (!BENCH_SUM(&b, hits))
		usleep(100);
	CU_ASSERT_EQUAL(BENCH_SUM(&b, hits), 1);
	CU_ASSERT_EQUAL(BENCH_SUM(&b, verdict_drops), 1);
	bench_close(&b);
}

static void test_workers_monitor_forward_what_they_report(void)
{
	open_listed(CONFIG_MODE_MONITOR);
	push_hello(LEFT);
	CU_ASSERT_EQUAL(bench_wait(&b, RIGHT, 0, buffer, sizeof(buffer)), 54);
	CU_ASSERT(bench_wait(&b, RIGHT, 0, buffer, sizeof(buffer)) > 54);
	while (!BENCH_SUM(&b, hits))
		usleep(100);
	CU_ASSERT_EQUAL(BENCH_SUM(&b, answers), 0);
	bench_close(&b);
}

static void test_workers_mirror_answer_at_the_named_port_alone(void)
{
	open_listed(CONFIG_MODE_MIRROR);
	push_hello(SIDE); /* what arrives where answers leave is no copy of anything */
	while (bench_left(&b))
		usleep(100);
	push_hello(LEFT);
	for (unsigned n = 0; n < 2; n++)
		CU_ASSERT(bench_wait(&b, SIDE, 0, buffer, sizeof(buffer)) > 0);
	while (BENCH_SUM(&b, unpaired) + BENCH_SUM(&b, verdict_drops) < 4)
		usleep(100);
	bench_stop(&b);
	CU_ASSERT_EQUAL(BENCH_SUM(&b, hits), 1);
	CU_ASSERT_EQUAL(bench_pull(&b, LEFT, 0, buffer, sizeof(buffer)), 0);
	CU_ASSERT_EQUAL(bench_pull(&b, RIGHT, 0, buffer, sizeof(buffer)), 0);
	bench_close(&b);
}

static const struct test tests[] = {
    TEST(test_workers_leave_every_byte_as_it_is),
    TEST(test_workers_put_pieces_together_for_who_needs_it),
    TEST(test_workers_keep_the_order_of_a_flow),
    TEST(test_workers_stop_with_nothing_on_its_way),
    TEST(test_workers_swap_rulesets_under_load),
    TEST(test_workers_judge_by_the_version_that_a_sealed_file_says),
    TEST(test_workers_drop_blocked_addresses_for_their_time),
    TEST(test_workers_stand_in_for_one_that_hangs),
    TEST(test_workers_drop_for_one_that_hangs_if_fail_is_closed),
    TEST(test_workers_stop_though_one_hangs),
    TEST(test_workers_keep_a_ruleset_that_one_hangs_on),
    TEST(test_workers_inline_block_and_answer_both_sides),
    TEST(test_workers_monitor_forward_what_they_report),
    TEST(test_workers_mirror_answer_at_the_named_port_alone),
};

HARNESS_MAIN("workers", tests)
