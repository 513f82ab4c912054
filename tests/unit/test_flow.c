/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "dataplane/core/flow.h"
#include "tests/unit/harness.h"

static const uint64_t secret[2] = {0x0123456789abcdefull, 0xfedcba9876543210ull};

/* A decoded packet's addresses and ports; `reply` is the other direction. */
static struct decoded packet(uint32_t *addrs, uint16_t sport, uint16_t dport, bool reply)
{
	struct decoded d = {.kind = DECODE_TCP, .version = 4, .proto = 6};
	d.src = (const uint8_t *)&addrs[reply];
	d.dst = (const uint8_t *)&addrs[!reply];
	d.sport = reply ? dport : sport;
	d.dport = reply ? sport : dport;
	return d;
}

static struct flow *add(struct flow_table *t, uint16_t sport, uint64_t now_ns, uint8_t state,
			struct flow *evicted)
{
	uint32_t addrs[2] = {0x010200c0, 0x017100cb};
	struct decoded d = packet(addrs, sport, 443, false);
	struct flow_key k;
	flow_key_of(&d, &k);
	struct flow *f = flow_insert(t, &k, flow_hash(t, &k), now_ns, evicted);
	f->state = state;
	return f;
}

static void test_flow_key_is_the_same_for_both_directions(void)
{
	uint32_t addrs[2] = {0x010200c0, 0x017100cb};
	struct decoded out = packet(addrs, 40000, 443, false), back = packet(addrs, 40000, 443, true);
	struct flow_key a, b;
	bool out_lo = flow_key_of(&out, &a), back_lo = flow_key_of(&back, &b);
	CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof(a)), 0);
	CU_ASSERT_NOT_EQUAL(out_lo, back_lo);
	uint8_t six[2][16] = {{0x20, 0x01, 0x0d, 0xb8, [15] = 1}, {0x20, 0x01, 0x0d, 0xb8, [15] = 2}};
	out =
	    (struct decoded){.version = 6, .proto = 17, .src = six[0], .dst = six[1], .sport = 1, .dport = 2};
	back =
	    (struct decoded){.version = 6, .proto = 17, .src = six[1], .dst = six[0], .sport = 2, .dport = 1};
	out_lo = flow_key_of(&out, &a);
	back_lo = flow_key_of(&back, &b);
	CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof(a)), 0);
	CU_ASSERT_NOT_EQUAL(out_lo, back_lo);
}

static void test_flow_key_orders_ports_of_one_address(void)
{
	uint32_t addrs[2] = {0x010200c0, 0x010200c0};
	struct decoded out = packet(addrs, 40000, 443, false), back = packet(addrs, 40000, 443, true);
	struct flow_key a, b;
	bool out_lo = flow_key_of(&out, &a), back_lo = flow_key_of(&back, &b);
	CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof(a)), 0);
	CU_ASSERT_NOT_EQUAL(out_lo, back_lo);
}

static void test_flow_found_until_removed(void)
{
	struct flow_table *t = flow_table_new(1024, secret);
	struct flow evicted;
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	for (uint16_t i = 0; i < 300; i++)
		add(t, i, 0, FLOW_PROBE, &evicted)->base = i;
	for (uint16_t i = 0; i < 300; i++) {
		uint32_t addrs[2] = {0x010200c0, 0x017100cb};
		struct decoded d = packet(addrs, i, 443, true);
		struct flow_key k;
		flow_key_of(&d, &k);
		uint64_t h = flow_hash(t, &k);
		struct flow *f = flow_find(t, &k, h);
		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		CU_ASSERT_EQUAL(f->base, i);
		CU_ASSERT_PTR_EQUAL(flow_at(t, flow_index(t, f)), f);
		flow_remove(t, f);
		CU_ASSERT_PTR_NULL(flow_find(t, &k, h));
	}
	CU_ASSERT_EQUAL(flow_count(t), 0);
	flow_table_free(t);
}

static void test_flow_epochs_share_a_bucket_but_are_apart(void)
{
	struct flow_table *t = flow_table_new(8, secret);
	struct flow evicted;
	struct flow_key k = add(t, 7, 0, FLOW_PROBE, &evicted)->key;
	uint64_t h = flow_hash(t, &k);
	k.epoch = 1;
	CU_ASSERT_EQUAL(flow_hash(t, &k), h);
	CU_ASSERT_PTR_NULL(flow_find(t, &k, h));
	flow_insert(t, &k, h, 0, &evicted)->state = FLOW_PROBE;
	CU_ASSERT_PTR_NOT_NULL(flow_find(t, &k, h));
	CU_ASSERT_EQUAL(flow_count(t), 2);
	flow_table_free(t);
}

/* Fills the only bucket; returns what made room for one more. */
static struct flow ninth(const uint8_t states[8], const uint64_t ages_ms[8])
{
	struct flow_table *t = flow_table_new(8, secret);
	struct flow evicted;
	for (uint16_t i = 0; i < 8; i++)
		add(t, i, (100000 - ages_ms[i]) * 1000000ull, states[i], &evicted)->base = i;
	add(t, 8, 100000 * 1000000ull, FLOW_PROBE, &evicted);
	CU_ASSERT_EQUAL(flow_count(t), 8);
	flow_table_free(t);
	return evicted;
}

static void test_flow_evicts_decided_before_undecided(void)
{
	const uint8_t states[8] = {FLOW_TLS,   FLOW_HTTP, FLOW_TLS,  FLOW_PROBE,
				   FLOW_OTHER, FLOW_TLS,  FLOW_QUIC, FLOW_TLS};
	const uint64_t ages[8] = {900, 900, 900, 900, 1, 900, 900, 900};
	CU_ASSERT_EQUAL(ninth(states, ages).base, 4);
}

static void test_flow_evicts_oldest(void)
{
	const uint8_t states[8] = {FLOW_TLS, FLOW_TLS, FLOW_TLS, FLOW_TLS,
				   FLOW_TLS, FLOW_TLS, FLOW_TLS, FLOW_TLS};
	const uint64_t ages[8] = {10, 20, 30, 40, 50, 900, 70, 80};
	CU_ASSERT_EQUAL(ninth(states, ages).base, 5);
}

static void test_flow_evicts_long_idle_before_decided(void)
{
	const uint8_t states[8] = {FLOW_OTHER, FLOW_OTHER, FLOW_TLS,   FLOW_OTHER,
				   FLOW_OTHER, FLOW_OTHER, FLOW_OTHER, FLOW_OTHER};
	const uint64_t ages[8] = {10, 20, 90000, 40, 50, 60, 70, 80};
	CU_ASSERT_EQUAL(ninth(states, ages).base, 2);
}

static const struct test tests[] = {
    TEST(test_flow_key_is_the_same_for_both_directions),
    TEST(test_flow_key_orders_ports_of_one_address),
    TEST(test_flow_found_until_removed),
    TEST(test_flow_epochs_share_a_bucket_but_are_apart),
    TEST(test_flow_evicts_decided_before_undecided),
    TEST(test_flow_evicts_oldest),
    TEST(test_flow_evicts_long_idle_before_decided),
};
HARNESS_MAIN("flow", tests)
