/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "rules/prefixset.h"
#include "tests/unit/harness.h"

#define PREFIXES_MAX   300
#define V4(a, b, c, d) (PREFIX_V4_FROM | (prefix_addr)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define DB8	       ((prefix_addr)0x20010db8 << 96)

struct fixture {
	struct prefix p[PREFIXES_MAX], sorted[PREFIXES_MAX];
	size_t n;
	struct prefix_range r[2 * PREFIXES_MAX];
	struct image_range4 r4[2 * PREFIXES_MAX];
	struct image_range6 r6[2 * PREFIXES_MAX];
	size_t n_ranges, n4, n6;
};

static struct fixture f;

static prefix_addr host_bits(unsigned len)
{
	return len == 128 ? 0 : ~(prefix_addr)0 >> len;
}

/* The role is the place in f.p, from 1. */
static void add(prefix_addr addr, unsigned len)
{
	prefix_addr from = addr & ~host_bits(len);
	f.p[f.n] = (struct prefix){from, from | host_bits(len), (uint8_t)len, (uint32_t)f.n + 1};
	f.n++;
}

static void build(void)
{
	memcpy(f.sorted, f.p, sizeof(f.p));
	f.n_ranges = prefixset_flatten(f.sorted, f.n, f.r);
	f.n4 = f.n6 = 0;
	for (size_t i = 0; i < f.n_ranges; i++) {
		const struct prefix_range *r = &f.r[i];
		if (r->from >= PREFIX_V4_FROM && r->to <= PREFIX_V4_TO)
			f.r4[f.n4++] = (struct image_range4){(uint32_t)r->from, (uint32_t)r->to, r->role};
		else
			f.r6[f.n6++] = (struct image_range6){{(uint64_t)(r->from >> 64), (uint64_t)r->from},
							     {(uint64_t)(r->to >> 64), (uint64_t)r->to},
							     r->role,
							     0};
	}
}

static uint32_t look_up(prefix_addr addr)
{
	if (addr >= PREFIX_V4_FROM && addr <= PREFIX_V4_TO)
		return prefixset_find4(f.r4, f.n4, (uint32_t)addr);
	return prefixset_find6(f.r6, f.n6, (uint64_t)(addr >> 64), (uint64_t)addr);
}

/* The same by comparing with every prefix: the longest, then the first given. */
static uint32_t compare_all(prefix_addr addr)
{
	uint32_t best = 0;
	for (size_t i = 0; i < f.n; i++)
		if (addr >= f.p[i].from && addr <= f.p[i].to && (!best || f.p[i].len > f.p[best - 1].len))
			best = (uint32_t)i + 1;
	return best;
}

static bool agrees(prefix_addr addr)
{
	return look_up(addr) == compare_all(addr);
}

static bool agrees_at_the_ends(void)
{
	bool ok = true;
	for (size_t i = 0; i < f.n; i++)
		for (int d = -1; d <= 1; d++)
			ok &= agrees(f.p[i].from + (prefix_addr)d) && agrees(f.p[i].to + (prefix_addr)d);
	return ok;
}

static bool ranges_ascend(void)
{
	for (size_t i = 0; i < f.n_ranges; i++)
		if (f.r[i].from > f.r[i].to || (i && f.r[i].from <= f.r[i - 1].to))
			return false;
	return f.n_ranges <= 2 * f.n;
}

static void test_prefixset_longest_prefix_wins(void)
{
	f.n = 0;
	add(V4(192, 0, 2, 0), 120);
	add(V4(192, 0, 2, 128), 121);
	add(V4(192, 0, 2, 129), 128);
	add(V4(198, 51, 100, 0), 121);
	add(DB8, 32);
	add(DB8 | 1, 128);
	add(DB8 | (prefix_addr)1 << 80, 48);
	build();
	CU_ASSERT(ranges_ascend() && agrees_at_the_ends());
	static const struct {
		prefix_addr addr;
		uint32_t role;
	} rows[] = {
	    {V4(192, 0, 2, 1), 1},
	    {V4(192, 0, 2, 128), 2},
	    {V4(192, 0, 2, 129), 3},
	    {V4(192, 0, 2, 130), 2},
	    {V4(192, 0, 3, 0), 0},
	    {V4(192, 0, 1, 255), 0},
	    {V4(198, 51, 100, 0), 4},
	    {V4(198, 51, 100, 128), 0},
	    {DB8, 5},
	    {DB8 | 1, 6},
	    {DB8 | 2, 5},
	    {DB8 | (prefix_addr)1 << 80, 7},
	    {DB8 - 1, 0},
	    {DB8 + ((prefix_addr)1 << 96), 0},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CU_ASSERT_EQUAL(look_up(rows[i].addr), rows[i].role);
}

static void test_prefixset_first_and_last_address_are_looked_up(void)
{
	f.n = 0;
	add(V4(0, 0, 0, 0), 104);
	add(V4(0, 0, 0, 0), 128);
	add(V4(255, 255, 255, 255), 128);
	add(V4(240, 0, 0, 0), 100);
	build();
	CU_ASSERT(ranges_ascend() && agrees_at_the_ends());
	f.n = 0;
	add(0, 128);
	add((prefix_addr)0xff << 120, 8);
	add(~(prefix_addr)0, 128);
	add(~(prefix_addr)0, 16);
	build();
	CU_ASSERT(ranges_ascend() && agrees_at_the_ends());
}

static void test_prefixset_equal_prefixes_name_the_first(void)
{
	f.n = 0;
	add(V4(192, 0, 2, 0), 120);
	add(V4(192, 0, 2, 0), 120);
	add(V4(192, 0, 2, 0), 120);
	build();
	CU_ASSERT(f.n_ranges == 1 && f.r[0].role == 1);
}

static void test_prefixset_empty_holds_nothing(void)
{
	f.n = 0;
	build();
	CU_ASSERT(!f.n_ranges && !look_up(0) && !look_up(~(prefix_addr)0) && !look_up(V4(192, 0, 2, 1)));
}

static void test_prefixset_every_length_can_nest(void)
{
	f.n = 0;
	for (unsigned len = 1; len <= 128; len++)
		add(DB8 | 1, len);
	build();
	CU_ASSERT(ranges_ascend() && agrees_at_the_ends());
}

static uint64_t seed = 88172645463325252u;

static uint64_t draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* In a small part of the space, so that they nest and touch. */
static void test_prefixset_agrees_with_comparing_all(void)
{
	bool ok = true;
	for (unsigned round = 0; round < 20; round++) {
		f.n = 0;
		while (f.n < 1 + round * 14) {
			if (round & 1)
				add(DB8 | (prefix_addr)(draw() & 0xff) << 88 | (draw() & 0x3ff),
				    30 + (unsigned)(draw() % 99));
			else
				add(V4(198, 51, 0, 0) | (draw() & 0xffff), 106 + (unsigned)(draw() % 23));
		}
		build();
		ok &= ranges_ascend() && agrees_at_the_ends();
		for (unsigned i = 0; i < 500; i++)
			ok &= agrees(V4(198, 51, 0, 0) | (draw() & 0xffff));
	}
	CU_ASSERT(ok);
}

static const struct test tests[] = {
    TEST(test_prefixset_longest_prefix_wins),
    TEST(test_prefixset_first_and_last_address_are_looked_up),
    TEST(test_prefixset_equal_prefixes_name_the_first),
    TEST(test_prefixset_empty_holds_nothing),
    TEST(test_prefixset_every_length_can_nest),
    TEST(test_prefixset_agrees_with_comparing_all),
};

HARNESS_MAIN("prefixset", tests)
