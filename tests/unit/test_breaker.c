/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/link/breaker.h"
#include "tests/unit/harness.h"

#define S ((uint64_t)1000000000)

static const struct breaker_config usual = {.window_s = 60, .min_flows = 1000, .max_percent = 5};
static struct breaker b;

static void sample(unsigned node, uint64_t second, uint64_t flows, uint64_t hits)
{
	struct breaker_sample s = {100 * S + second * S, flows, hits};
	breaker_add(&b, node, &s);
}

static struct breaker_verdict judge(uint64_t second)
{
	return breaker_judge(&b, 100 * S + second * S);
}

static void start(const struct breaker_config *c)
{
	breaker_start(&b, c, 100 * S);
}

struct share {
	const char *what;
	struct breaker_config config;
	uint64_t flows, hits;
	bool tripped;
};

static const struct share shares[] = {
    {"nothing at all", {60, 1000, 5}, 0, 0, false},
    {"exactly the share", {60, 1000, 5}, 1000, 50, false},
    {"one hit more", {60, 1000, 5}, 1000, 51, true},
    {"too little traffic to say", {60, 1000, 5}, 999, 999, false},
    {"the least traffic", {60, 1000, 5}, 1000, 1000, true},
    {"hits without flows", {60, 0, 5}, 0, 1000000, false},
    {"one flow, where one is enough", {60, 0, 5}, 1, 1, true},
    {"no hit allowed", {60, 10, 0}, 10, 1, true},
    {"no hit allowed, none came", {60, 10, 0}, 10, 0, false},
    {"several hits a flow allowed", {60, 10, 300}, 10, 30, false},
    {"more than those", {60, 10, 300}, 10, 31, true},
    {"switched off", {0, 10, 5}, 1000, 1000, false},
    {"counters near their end", {60, 10, 5}, UINT64_MAX - 10, UINT64_MAX - 10, true},
    {"many flows, few hits", {60, 10, 5}, UINT64_MAX - 10, UINT64_MAX / 100, false},
};

static void test_breaker_trips_beyond_the_share_alone(void)
{
	for (unsigned i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		start(&shares[i].config);
		sample(0, 0, 7, 3);
		sample(0, 0, 7 + shares[i].flows, 3 + shares[i].hits);
		CU_ASSERT_EQUAL(judge(0).tripped, shares[i].tripped);
		if (judge(0).tripped != shares[i].tripped)
			fprintf(stderr, "breaker: %s\n", shares[i].what);
	}
}

static void test_breaker_counts_from_the_first_sample(void)
{
	start(&usual);
	sample(0, 1, 1000000, 900000); /* what earlier versions did */
	CU_ASSERT_FALSE(judge(1).tripped);
	sample(0, 2, 1002000, 900010);
	struct breaker_verdict v = judge(2);
	CU_ASSERT_FALSE(v.tripped);
	CU_ASSERT_EQUAL(v.flows, 2000);
	CU_ASSERT_EQUAL(v.hits, 10);
	CU_ASSERT_DOUBLE_EQUAL(v.percent, 0.5, 1e-9);
}

static void test_breaker_hears_no_samples_outside_the_window(void)
{
	struct breaker_sample early = {99 * S, 0, 0};
	start(&usual);
	breaker_add(&b, 0, &early);
	sample(0, 0, 1000000, 900000); /* so this is the first */
	sample(0, 61, 2000000, 1900000);
	CU_ASSERT_FALSE(judge(61).tripped);
	CU_ASSERT_FALSE(judge(60).over);
	CU_ASSERT_TRUE(judge(61).over);
	sample(0, 60, 1002000, 902000);
	CU_ASSERT_TRUE(judge(61).tripped);
}

static void test_breaker_late_samples_are_left_out(void)
{
	start(&usual);
	sample(0, 1, 0, 0);
	sample(0, 5, 2000, 10);
	sample(0, 3, 0, 0); /* older than the last: no restart */
	sample(0, 6, 2010, 10);
	CU_ASSERT_EQUAL(judge(6).flows, 2010);
	CU_ASSERT_EQUAL(judge(6).hits, 10);
}

static void test_breaker_a_restart_counts_what_came_since(void)
{
	start(&usual);
	sample(0, 1, 50000, 100);
	sample(0, 2, 51000, 110);
	sample(0, 3, 400, 20); /* restarted */
	CU_ASSERT_EQUAL(judge(3).flows, 1400);
	CU_ASSERT_EQUAL(judge(3).hits, 30);
	CU_ASSERT_FALSE(judge(3).tripped);
	sample(0, 4, 60000, 15); /* again: seen by its hits alone */
	CU_ASSERT_EQUAL(judge(4).flows, 61400);
	CU_ASSERT_EQUAL(judge(4).hits, 45);
}

static void test_breaker_several_data_planes_together_and_alone(void)
{
	start(&usual);
	for (unsigned i = 0; i < 3; i++)
		sample(i, 0, 0, 0);
	for (unsigned i = 0; i < 3; i++)
		sample(i, 1, 400, 24); /* none has enough alone */
	struct breaker_verdict v = judge(1);
	CU_ASSERT_TRUE(v.tripped);
	CU_ASSERT_EQUAL(v.node, -1);
	CU_ASSERT_EQUAL(v.flows, 1200);

	start(&usual);
	sample(0, 0, 0, 0);
	sample(5, 0, 0, 0);
	sample(0, 1, 1000000, 10); /* a large one must not hide a small one */
	sample(5, 1, 1000, 600);
	v = judge(1);
	CU_ASSERT_TRUE(v.tripped);
	CU_ASSERT_EQUAL(v.node, 5);
	CU_ASSERT_EQUAL(v.hits, 600);
	sample(BREAKER_NODES_MAX, 1, 0, 0); /* one too many harms nobody */
}

static void test_breaker_stays_tripped(void)
{
	start(&usual);
	sample(0, 0, 0, 0);
	sample(0, 1, 1000, 1000);
	CU_ASSERT_TRUE(judge(1).tripped);
	sample(0, 2, 1000000, 1000);
	CU_ASSERT_TRUE(judge(2).tripped);
	CU_ASSERT_TRUE(judge(2).over);
	start(&usual);
	CU_ASSERT_FALSE(judge(2).tripped);
}

static const struct test tests[] = {
    TEST(test_breaker_trips_beyond_the_share_alone),
    TEST(test_breaker_counts_from_the_first_sample),
    TEST(test_breaker_hears_no_samples_outside_the_window),
    TEST(test_breaker_late_samples_are_left_out),
    TEST(test_breaker_a_restart_counts_what_came_since),
    TEST(test_breaker_several_data_planes_together_and_alone),
    TEST(test_breaker_stays_tripped),
};

HARNESS_MAIN("breaker", tests)
