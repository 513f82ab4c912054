/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/http/rates.h"

#include <string.h>

#include "tests/unit/harness.h"

static struct rates rates;

static void address6(uint8_t ret[16], unsigned network, unsigned host)
{
	static const uint8_t prefix[4] = {0x20, 0x01, 0x0d, 0xb8};
	memset(ret, 0, 16);
	memcpy(ret, prefix, 4);
	memcpy(ret + 4, &network, 4);
	memcpy(ret + 12, &host, 4);
}

static void address4(uint8_t ret[16], uint8_t last)
{
	const uint8_t a[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2, [15] = last};
	memcpy(ret, a, 16);
}

static unsigned take(const uint8_t a[16], unsigned n, uint64_t now)
{
	unsigned taken = 0;
	while (n--)
		taken += rates_take(&rates, a, now);
	return taken;
}

static void test_an_address_has_so_many_in_its_window(void)
{
	uint8_t a[16], b[16];
	address4(a, 1);
	address4(b, 2);
	CU_ASSERT_EQUAL_FATAL(rates_init(&rates, NULL), 0);
	CU_ASSERT_EQUAL(take(a, RATE_MAX + 5, 1000), RATE_MAX);
	CU_ASSERT_EQUAL(take(b, 1, 1000), 1);
	CU_ASSERT_EQUAL(take(a, 1, 1000 + RATE_WINDOW_MS - 1), 0);
	CU_ASSERT_EQUAL(take(a, RATE_MAX + 5, 1000 + RATE_WINDOW_MS), RATE_MAX);
}

static void test_an_ipv6_network_is_one_an_ipv4_address_is_not(void)
{
	uint8_t a[16];
	unsigned taken = 0;
	CU_ASSERT_EQUAL_FATAL(rates_init(&rates, NULL), 0);
	for (unsigned host = 1; host <= 100; host++) {
		address6(a, 7, host);
		taken += take(a, 1, 1000);
	}
	CU_ASSERT_EQUAL(taken, RATE_MAX);
	address6(a, 8, 1);
	CU_ASSERT_EQUAL(take(a, 1, 1000), 1);
	for (unsigned last = 1; last <= 100; last++) {
		address4(a, (uint8_t)last);
		CU_ASSERT_EQUAL(take(a, 1, 1000), 1);
	}
}

/* A flood of networks pushes the oldest out, and is itself never refused or out of bounds. */
static void test_more_addresses_than_fit_forget_the_oldest(void)
{
	uint8_t a[16];
	unsigned taken = 0, n = RATES_SLOTS * 4;
	CU_ASSERT_EQUAL_FATAL(rates_init(&rates, NULL), 0);
	for (unsigned i = 0; i < n; i++) {
		address6(a, i, 0);
		taken += take(a, 1, 1000 + i);
	}
	CU_ASSERT_EQUAL(taken, n);
	CU_ASSERT_EQUAL(take(a, RATE_MAX, 1000 + n), RATE_MAX - 1); /* the newest is known */
}

/* What is kept tells no address: the same one is another entry with another key. */
static void test_addresses_are_kept_as_keyed_hashes(void)
{
	uint8_t a[16];
	uint64_t kept[2] = {0};
	address4(a, 1);
	for (unsigned k = 0; k < 2; k++) {
		CU_ASSERT_EQUAL_FATAL(rates_init(&rates, NULL), 0);
		take(a, 1, 1000);
		for (unsigned i = 0; i < RATES_SLOTS; i++)
			kept[k] |= rates.slots[i].address;
		CU_ASSERT_PTR_NULL(memmem(&rates, sizeof(rates), a + 10, 6));
	}
	CU_ASSERT(kept[0] && kept[1] && kept[0] != kept[1]);
}

static const struct test tests[] = {
    TEST(test_an_address_has_so_many_in_its_window),
    TEST(test_an_ipv6_network_is_one_an_ipv4_address_is_not),
    TEST(test_more_addresses_than_fit_forget_the_oldest),
    TEST(test_addresses_are_kept_as_keyed_hashes),
};

HARNESS_MAIN("rates", tests)
