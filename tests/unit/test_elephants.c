/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "dataplane/dpdk/elephants.h"
#include "tests/unit/harness.h"

static struct elephants e;

static void watch(uint32_t flow, uint16_t port)
{
	struct decided_flow d = {.flow = flow, .version = 4, .lo_port = port};
	elephants_watch(&e, &d);
}

static void test_elephants_are_found_by_their_bytes(void)
{
	struct decided_flow got;
	memset(&e, 0, sizeof(e));
	CU_ASSERT_FALSE(elephants_is_watched(&e, 0));
	CU_ASSERT_FALSE(elephants_is_watched(&e, 77));
	watch(77, 1);
	CU_ASSERT_TRUE(elephants_is_watched(&e, 77));
	CU_ASSERT_FALSE(elephants_is_watched(&e, 77 + 2 * ELEPHANTS_WATCHED)); /* the same place */
	elephants_count(&e, 77, ELEPHANT_BYTES - 1);
	CU_ASSERT_FALSE(elephants_take(&e, &got));
	elephants_count(&e, 77, 1);
	CU_ASSERT_TRUE(elephants_take(&e, &got));
	CU_ASSERT_EQUAL(got.lo_port, 1);
	CU_ASSERT_FALSE(elephants_take(&e, &got));
}

static void test_elephants_a_newer_flow_takes_the_place(void)
{
	struct decided_flow got;
	memset(&e, 0, sizeof(e));
	watch(77, 1);
	elephants_count(&e, 77, ELEPHANT_BYTES - 1);
	watch(77 + 2 * ELEPHANTS_WATCHED, 2);
	CU_ASSERT_FALSE(elephants_is_watched(&e, 77));
	elephants_count(&e, 77 + 2 * ELEPHANTS_WATCHED, 1);
	CU_ASSERT_FALSE(elephants_take(&e, &got)); /* its bytes begin at nothing */
}

static void test_elephants_full_queue_finds_them_again(void)
{
	struct decided_flow got;
	unsigned n = 0;
	memset(&e, 0, sizeof(e));
	watch(77, 1);
	for (unsigned i = 0; i < ELEPHANTS_QUEUED + 3; i++)
		elephants_count(&e, 77, ELEPHANT_BYTES);
	while (elephants_take(&e, &got))
		n++;
	CU_ASSERT_EQUAL(n, ELEPHANTS_QUEUED);
	elephants_count(&e, 77, ELEPHANT_BYTES);
	CU_ASSERT_TRUE(elephants_take(&e, &got));
}

static const struct test tests[] = {
    TEST(test_elephants_are_found_by_their_bytes),
    TEST(test_elephants_a_newer_flow_takes_the_place),
    TEST(test_elephants_full_queue_finds_them_again),
};

HARNESS_MAIN("elephants", tests)
