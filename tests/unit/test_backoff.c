/* SPDX-License-Identifier: BSD-3-Clause */
#include <limits.h>
#include <string.h>

#include "control/feed/backoff.h"
#include "control/feed/refresh.h"
#include "tests/unit/harness.h"

static const uint32_t draws[] = {0, 1, 2, 7, 14, 15, 16, 59, 1000, 12345678, UINT32_MAX - 1, UINT32_MAX};
#define N_DRAWS (sizeof(draws) / sizeof(*draws))

static void test_backoff_doubles_up_to_the_most_and_draws_from_the_upper_half(void)
{
	static const struct {
		unsigned failures;
		uint32_t base, max, wanted;
	} rows[] = {
	    {0, 30, 3600, 30},
	    {1, 30, 3600, 30},
	    {2, 30, 3600, 60},
	    {5, 30, 3600, 480},
	    {8, 30, 3600, 3600},
	    {UINT_MAX, 30, 3600, 3600},
	    {1, 30, 10, 10},
	    {1, 0, 10, 1},
	    {9, 0, 10, 1},
	    {3, 1, 0, 1},
	    {40, 1, UINT32_MAX, UINT32_MAX},
	    {1, UINT32_MAX, UINT32_MAX, UINT32_MAX},
	    {33, 1, UINT32_MAX, UINT32_MAX},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint32_t most = 0, least = UINT32_MAX;
		for (size_t k = 0; k < N_DRAWS; k++) {
			uint32_t got = backoff_next(rows[i].failures, rows[i].base, rows[i].max, draws[k]);
			most = got > most ? got : most;
			least = got < least ? got : least;
		}
		CU_ASSERT_EQUAL(most, rows[i].wanted);
		CU_ASSERT(least >= 1 && least >= rows[i].wanted / 2);
		uint32_t half = rows[i].wanted / 2;
		CU_ASSERT_EQUAL(backoff_next(rows[i].failures, rows[i].base, rows[i].max, half),
				rows[i].wanted - half);
	}
}

static void test_backoff_comes_no_earlier_than_the_server_asks(void)
{
	for (size_t k = 0; k < N_DRAWS; k++) {
		uint32_t own = backoff_next(3, 30, 3600, draws[k]);
		CU_ASSERT_EQUAL(backoff_asked(3, 30, 3600, 0, draws[k]), own);
		CU_ASSERT_EQUAL(backoff_asked(3, 30, 3600, 1, draws[k]), own);
		uint32_t got = backoff_asked(3, 30, 3600, 1000, draws[k]);
		CU_ASSERT(got >= 1000 && got <= 1100);
		got = backoff_asked(1, 30, 60, 7200, draws[k]);
		CU_ASSERT(got >= 7200 && got <= 7920);
		got = backoff_asked(1, 30, 60, UINT64_MAX, draws[k]);
		CU_ASSERT(got >= BACKOFF_MAX_RETRY_AFTER_S && got <= BACKOFF_MAX_RETRY_AFTER_S / 10 * 11);
	}
	CU_ASSERT_EQUAL(backoff_asked(1, 30, 60, 1000, 100), 1100);
}

static const struct refresh_policy policy = {.every_s = 43200};

static void test_refresh_good_answers_come_again_in_time(void)
{
	static const enum fetch_status good[] = {FETCH_NEW, FETCH_UNCHANGED};
	for (size_t i = 0; i < 2; i++) {
		struct refresh r = {.failures = 4, .why = FETCH_WHY_BUSY, .etag = "\"old\""};
		struct fetch_result f = {.status = good[i], .etag = "\"new\""};
		refresh_after(&r, &policy, &f, 1000, 7);
		CU_ASSERT_EQUAL(r.failures, 0);
		CU_ASSERT_EQUAL(r.why, FETCH_WHY_NONE);
		CU_ASSERT_EQUAL(r.tried_s, 1000);
		CU_ASSERT_EQUAL(r.good_s, 1000);
		CU_ASSERT_EQUAL(r.next_s, 44200);
		CU_ASSERT_STRING_EQUAL(r.etag, "\"old\"");
	}
}

static void test_refresh_keeps_validators_only_of_what_is_in_use(void)
{
	struct refresh r = {.etag = "\"old\"", .last_modified = "Mon"};
	struct fetch_result f = {.status = FETCH_UNCHANGED};
	refresh_accept(&r, &f);
	CU_ASSERT_STRING_EQUAL(r.etag, "\"old\"");
	f = (struct fetch_result){.status = FETCH_NEW, .etag = "\"new\""};
	refresh_accept(&r, &f);
	CU_ASSERT_STRING_EQUAL(r.etag, "\"new\"");
	CU_ASSERT_STRING_EQUAL(r.last_modified, "");
}

static void test_refresh_waits_longer_after_each_failure_that_passes(void)
{
	struct refresh r = {.good_s = 500};
	struct fetch_result f = {.status = FETCH_FAILED, .why = FETCH_WHY_NETWORK};
	static const int64_t most[] = {30, 60, 120, 240, 480, 960, 1920, 3600, 3600};
	for (unsigned i = 0; i < sizeof(most) / sizeof(*most); i++) {
		refresh_after(&r, &policy, &f, 1000, 0);
		CU_ASSERT_EQUAL(r.failures, i + 1);
		CU_ASSERT_EQUAL(r.next_s, 1000 + most[i]);
	}
	CU_ASSERT_EQUAL(r.why, FETCH_WHY_NETWORK);
	CU_ASSERT_EQUAL(r.good_s, 500);
	f.retry_after_s = 7200;
	refresh_after(&r, &policy, &f, 1000, 0);
	CU_ASSERT_EQUAL(r.next_s, 8200);
	r.failures = UINT_MAX;
	refresh_after(&r, &policy, &f, 1000, 0);
	CU_ASSERT_EQUAL(r.failures, UINT_MAX);
}

static void test_refresh_what_needs_a_person_is_tried_seldom(void)
{
	for (unsigned why = 1; why < FETCH_WHY_COUNT; why++) {
		struct refresh r = {0};
		struct fetch_result f = {.status = FETCH_FAILED, .why = why};
		refresh_after(&r, &policy, &f, 1000, 0);
		CU_ASSERT_EQUAL(r.next_s, fetch_why_passes(why) ? 1030 : 4600);
	}
	struct refresh r = {0};
	struct fetch_result f = {.status = FETCH_FAILED, .why = FETCH_WHY_GONE};
	refresh_after(&r, &(struct refresh_policy){.every_s = 600}, &f, 1000, 0);
	CU_ASSERT_EQUAL(r.next_s, 1600);
	refresh_after(&r, &(struct refresh_policy){.every_s = 600, .max_s = 900}, &f, 1000, 0);
	CU_ASSERT_EQUAL(r.next_s, 1900);
}

static void test_refresh_a_cancelled_try_is_not_the_sources_failure(void)
{
	struct refresh r = {.failures = 5, .why = FETCH_WHY_BUSY};
	struct fetch_result f = {.status = FETCH_FAILED, .why = FETCH_WHY_CANCELLED};
	refresh_after(&r, &policy, &f, 1000, 0);
	CU_ASSERT_EQUAL(r.failures, 5);
	CU_ASSERT_EQUAL(r.why, FETCH_WHY_BUSY);
	CU_ASSERT_EQUAL(r.next_s, 1030);
}

static const struct test tests[] = {
    TEST(test_backoff_doubles_up_to_the_most_and_draws_from_the_upper_half),
    TEST(test_backoff_comes_no_earlier_than_the_server_asks),
    TEST(test_refresh_good_answers_come_again_in_time),
    TEST(test_refresh_keeps_validators_only_of_what_is_in_use),
    TEST(test_refresh_waits_longer_after_each_failure_that_passes),
    TEST(test_refresh_what_needs_a_person_is_tried_seldom),
    TEST(test_refresh_a_cancelled_try_is_not_the_sources_failure),
};
HARNESS_MAIN("backoff", tests)
