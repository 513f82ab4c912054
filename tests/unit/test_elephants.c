/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "dataplane/dpdk/elephants.h"
#include "tests/unit/harness.h"

enum { CLIENT = 3, SERVER = 4 }; /* ports */

static struct elephants e;

static void watch(uint32_t flow, uint16_t port)
{
	struct decided_flow d = {.flow = flow, .version = 4, .lo_port = port};
	elephants_watch(&e, &d, CLIENT);
}

static void test_elephants_are_found_by_their_bytes(void)
{
	struct elephant got;
	memset(&e, 0, sizeof(e));
	CU_ASSERT_FALSE(elephants_is_watched(&e, 0));
	CU_ASSERT_FALSE(elephants_is_watched(&e, 77));
	watch(77, 1);
	CU_ASSERT_TRUE(elephants_is_watched(&e, 77));
	CU_ASSERT_FALSE(elephants_is_watched(&e, 77 + 2 * ELEPHANTS_WATCHED)); /* the same place */
	elephants_count(&e, 77, ELEPHANT_BYTES - 1, SERVER);
	CU_ASSERT_FALSE(elephants_take(&e, &got));
	elephants_count(&e, 77, 1, SERVER);
	CU_ASSERT_TRUE(elephants_take(&e, &got));
	CU_ASSERT_EQUAL(got.ends.lo_port, 1);
	CU_ASSERT_FALSE(elephants_take(&e, &got));
}

static void test_elephants_a_newer_flow_takes_the_place(void)
{
	struct elephant got;
	memset(&e, 0, sizeof(e));
	watch(77, 1);
	elephants_count(&e, 77, ELEPHANT_BYTES - 1, SERVER);
	watch(77 + 2 * ELEPHANTS_WATCHED, 2);
	CU_ASSERT_FALSE(elephants_is_watched(&e, 77));
	elephants_count(&e, 77 + 2 * ELEPHANTS_WATCHED, 1, SERVER);
	CU_ASSERT_FALSE(elephants_take(&e, &got)); /* its bytes begin at nothing */
}

static void test_elephants_full_queue_finds_them_again(void)
{
	struct elephant got;
	unsigned n = 0;
	memset(&e, 0, sizeof(e));
	watch(77, 1);
	for (unsigned i = 0; i < ELEPHANTS_QUEUED + 3; i++)
		elephants_count(&e, 77, ELEPHANT_BYTES, SERVER);
	while (elephants_take(&e, &got))
		n++;
	CU_ASSERT_EQUAL(n, ELEPHANTS_QUEUED);
	elephants_count(&e, 77, ELEPHANT_BYTES, SERVER);
	CU_ASSERT_TRUE(elephants_take(&e, &got));
}

static void test_elephants_clients_bytes_do_not_count(void)
{
	struct elephant got;
	memset(&e, 0, sizeof(e));
	watch(77, 1);
	elephants_count(&e, 77, 2 * ELEPHANT_BYTES, CLIENT);
	CU_ASSERT_FALSE(elephants_take(&e, &got));
	elephants_count(&e, 77, ELEPHANT_BYTES, SERVER);
	CU_ASSERT_TRUE(elephants_take(&e, &got));
}

static void test_elephants_forgotten_no_longer_hold(void)
{
	struct elephant got;
	memset(&e, 0, sizeof(e));
	watch(77, 1);
	elephants_count(&e, 77, ELEPHANT_BYTES - 1, SERVER);
	elephants_forget(&e, 77);
	CU_ASSERT_FALSE(elephants_is_watched(&e, 77));
	CU_ASSERT_FALSE(elephants_retracted(&e)); /* nobody was told of it */
	watch(77, 1);
	elephants_count(&e, 77, ELEPHANT_BYTES, SERVER);
	CU_ASSERT_TRUE_FATAL(elephants_take(&e, &got));
	CU_ASSERT_TRUE(elephants_hold(&e, &got));
	elephants_forget(&e, 77 + 2 * ELEPHANTS_WATCHED); /* another one */
	CU_ASSERT_TRUE(elephants_hold(&e, &got));
	elephants_forget(&e, 77);
	CU_ASSERT_FALSE(elephants_hold(&e, &got));
	CU_ASSERT_TRUE(elephants_retracted(&e));
	CU_ASSERT_FALSE(elephants_retracted(&e));
	watch(77, 1); /* another connection of the same ends */
	CU_ASSERT_FALSE(elephants_hold(&e, &got));
	elephants_count(&e, 77, ELEPHANT_BYTES, SERVER);
	CU_ASSERT_TRUE_FATAL(elephants_take(&e, &got));
	elephants_forget_all(&e);
	CU_ASSERT_FALSE(elephants_hold(&e, &got));
	CU_ASSERT_FALSE(elephants_is_watched(&e, 77));
}

static const struct test tests[] = {
    TEST(test_elephants_are_found_by_their_bytes),    TEST(test_elephants_a_newer_flow_takes_the_place),
    TEST(test_elephants_full_queue_finds_them_again), TEST(test_elephants_clients_bytes_do_not_count),
    TEST(test_elephants_forgotten_no_longer_hold),
};

HARNESS_MAIN("elephants", tests)
