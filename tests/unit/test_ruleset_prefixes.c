/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/harness.h"
#include "tests/unit/ruleset_fixture.h"

static char got[4096];

static int write_down(void *ctx, const uint8_t addr[16], unsigned bits, unsigned list)
{
	char text[INET6_ADDRSTRLEN];
	bool v4 = bits >= 96 && !memcmp(addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
	(void)ctx;
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? addr + 12 : addr, text, sizeof(text));
	size_t n = strlen(got);
	snprintf(got + n, sizeof(got) - n, "%s%s/%u:%u", n ? " " : "", text, v4 ? bits - 96 : bits, list);
	return 0;
}

static const struct {
	const char *list, *want;
} rows[] = {
    {"www.blocked.test\n", ""},
    {"192.0.2.0/24\n", "192.0.2.0/24:0"},
    {"192.0.2.7\n", "192.0.2.7/32:0"},
    {"192.0.2.0/24\n192.0.2.128/25\n", "192.0.2.0/25:0 192.0.2.128/25:0"},
    {"192.0.2.0/24\n!192.0.2.0/24\n", ""},
    {"192.0.2.0/24\n!192.0.2.0/25\n", "192.0.2.128/25:0"},
    {"192.0.2.0/30\n!192.0.2.1\n", "192.0.2.0/32:0 192.0.2.2/31:0"},
    {"192.0.2.0/30\n192.0.2.4/30\n!192.0.2.3\n!192.0.2.4\n",
     "192.0.2.0/31:0 192.0.2.2/32:0 192.0.2.5/32:0 192.0.2.6/31:0"},
    {"192.0.2.0/25\n198.51.100.0/24\n!192.0.2.0/24\n", "198.51.100.0/24:0"},
    {"!198.51.100.9\n203.0.113.0/31\n", "203.0.113.0/31:0"},
    {"2001:db8::/32\n!2001:db8:8000::/33\n", "2001:db8::/33:0"},
    {"2001:db8::1\n192.0.2.1\n", "192.0.2.1/32:0 2001:db8::1/128:0"},
};

static void test_prefixes_hold_exactly_what_is_blocked(void)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct fixture f;
		fixture_open_one(&f, rows[i].list);
		got[0] = '\0';
		CU_ASSERT(ruleset_prefixes(f.rs, write_down, NULL) == 0);
		if (strcmp(got, rows[i].want))
			printf("# row %u: got \"%s\", want \"%s\"\n", i, got, rows[i].want);
		CU_ASSERT(!strcmp(got, rows[i].want));
		fixture_close(&f);
	}
}

static int refuse(void *ctx, const uint8_t addr[16], unsigned bits, unsigned list)
{
	(void)addr, (void)bits, (void)list;
	return --*(int *)ctx ? 0 : -7;
}

static void test_prefixes_end_where_the_caller_says(void)
{
	struct fixture f;
	int left = 2;
	fixture_open_one(&f, "192.0.2.0/31\n192.0.2.4\n192.0.2.9\n");
	CU_ASSERT(ruleset_prefixes(f.rs, refuse, &left) == -7);
	fixture_close(&f);
}

static const struct test tests[] = {
    TEST(test_prefixes_hold_exactly_what_is_blocked),
    TEST(test_prefixes_end_where_the_caller_says),
};

HARNESS_MAIN("ruleset_prefixes", tests)
