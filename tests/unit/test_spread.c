/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "dataplane/core/spread.h"
#include "tests/unit/frames.h"
#include "tests/unit/harness.h"

static const uint64_t secret[2] = {0x0123456789abcdef, 0xfedcba9876543210};

static uint32_t of(const struct frame *f)
{
	return spread(f->bytes, f->len, LINK_ETHERNET, secret);
}

/* The frame behind n tags of the given ethertypes. */
static struct frame tagged(struct frame f, const char *tags, unsigned n)
{
	memmove(f.bytes + 12 + 4 * n, f.bytes + 12, f.len - 12);
	memcpy(f.bytes + 12, tags, 4 * n);
	f.len += 4 * n;
	return f;
}

static void test_spread_brings_both_directions_together(void)
{
	struct frame there = frame_tcp(1000, false, ACK, 1, 1, "x", 1),
		     back = frame_tcp(1000, true, ACK, 1, 1, "x", 1);
	struct frame udp = frame_udp(7, 53, true, "x", 1);
	CU_ASSERT_EQUAL(of(&there), of(&back));
	CU_ASSERT_EQUAL(of(&there), of(&udp)); /* ports do not matter: fragments have none */
	CU_ASSERT_NOT_EQUAL(of(&there), 0);
}

static void test_spread_looks_through_tags_and_fragments(void)
{
	struct frame plain = frame_tcp(1000, false, ACK, 1, 1, "xxxxxxxxxxxxxxxx", 16);
	struct frame vlan = tagged(plain, "\x81\0\0\7", 1), qinq = tagged(plain, "\x88\xa8\0\1\x81\0\0\7", 2);
	struct frame fragment = plain;
	fragment.bytes[14 + 6] = 0; /* offset 8: no ports in it */
	fragment.bytes[14 + 7] = 1;
	CU_ASSERT_EQUAL(of(&vlan), of(&plain));
	CU_ASSERT_EQUAL(of(&qinq), of(&plain));
	CU_ASSERT_EQUAL(of(&fragment), of(&plain));
}

static void test_spread_depends_on_addresses_and_secret(void)
{
	static const uint64_t other[2] = {1, 2};
	struct frame a = frame_tcp(1000, false, ACK, 1, 1, NULL, 0), b = a;
	unsigned seen[4] = {0};
	CU_ASSERT_NOT_EQUAL(of(&a), spread(a.bytes, a.len, LINK_ETHERNET, other));
	for (unsigned i = 0; i < 4096; i++) {
		b.bytes[14 + 15] = (uint8_t)i; /* 192.0.2.x to 198.51.y.1 */
		b.bytes[14 + 18] = (uint8_t)(i >> 8);
		seen[spread_worker(of(&b), 4)]++;
	}
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_TRUE(seen[i] > 900 && seen[i] < 1150);
}

static void test_spread_gives_what_is_no_ip_one_place(void)
{
	struct frame arp = frame_udp(1, 2, false, "", 0);
	memcpy(arp.bytes + 12, "\x08\x06", 2);
	CU_ASSERT_EQUAL(of(&arp), 0);
	CU_ASSERT_EQUAL(spread(arp.bytes, 3, LINK_ETHERNET, secret), 0);
	CU_ASSERT_EQUAL(spread_worker(0, 7), 0);
	CU_ASSERT_EQUAL(spread_worker(UINT32_MAX, 7), 6);
}

static const struct test tests[] = {
    TEST(test_spread_brings_both_directions_together),
    TEST(test_spread_looks_through_tags_and_fragments),
    TEST(test_spread_depends_on_addresses_and_secret),
    TEST(test_spread_gives_what_is_no_ip_one_place),
};

HARNESS_MAIN("spread", tests)
