/* SPDX-License-Identifier: BSD-3-Clause */
/* What a sink keeps between the log and the wire: its queue, and what is settled. */
#include <string.h>

#include "control/sink/queue.h"
#include "control/sink/settle.h"
#include "tests/unit/harness.h"

static struct span entry_of(const char *text)
{
	return (struct span){(const uint8_t *)text, strlen(text)};
}

static void test_portion_joins_a_run_of_removed_bodies(void)
{
	struct portion *p = portion_new(3);
	const struct span gone = {NULL, 0};
	CU_ASSERT_TRUE(portion_add(p, 3, entry_of("abc")));
	CU_ASSERT_TRUE(portion_add(p, 4, gone));
	CU_ASSERT_TRUE(portion_add(p, 5, gone));
	CU_ASSERT_TRUE(portion_add(p, 6, entry_of("")));
	CU_ASSERT_TRUE(portion_add(p, 7, gone));
	portion_skip(p, 8);
	CU_ASSERT_TRUE(portion_add(p, 9, gone)); /* 8 is there, and not wanted */
	CU_ASSERT_EQUAL(p->place, 10);
	CU_ASSERT_EQUAL(p->n, 5);
	static const struct {
		uint64_t first, last;
		uint32_t len;
	} wanted[] = {{3, 3, 3}, {4, 5, PORTION_GONE}, {6, 6, 0}, {7, 7, PORTION_GONE}, {9, 9, PORTION_GONE}};
	for (unsigned i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL(p->leaves[i].index, wanted[i].first);
		CU_ASSERT_EQUAL(p->leaves[i].last, wanted[i].last);
		CU_ASSERT_EQUAL(p->leaves[i].len, wanted[i].len);
	}
	CU_ASSERT_EQUAL(memcmp(p->p + p->leaves[0].at, "abc", 3), 0);
	portion_free(p);
}

static void test_portion_and_queue_are_bounded(void)
{
	static uint8_t large[8192];
	struct portion *p = portion_new(0);
	uint64_t n = 0;
	while (portion_add(p, n, (struct span){large, sizeof(large)}))
		n++;
	CU_ASSERT_EQUAL(n, PORTION_BYTES / sizeof(large));
	CU_ASSERT_EQUAL(p->place, n);
	portion_free(p);
	p = portion_new(0);
	for (n = 0; portion_add(p, n, entry_of("")); n++)
		;
	CU_ASSERT_EQUAL(n, PORTION_LEAVES);
	portion_free(p);
	struct queue q;
	CU_ASSERT_EQUAL_FATAL(queue_init(&q, 0), 0);
	for (n = 0; queue_has_room(&q) && n < 1000; n++)
		CU_ASSERT_TRUE(queue_put(&q, portion_new(n)));
	CU_ASSERT_EQUAL(n, QUEUE_BYTES / sizeof(struct portion));
	p = queue_take(&q);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(p->place, 0);
	CU_ASSERT_TRUE(queue_has_room(&q));
	portion_free(p);
	queue_fini(&q);
}

static void test_queue_rewinds_to_what_is_settled(void)
{
	struct queue q;
	struct queue_figures f;
	uint64_t place = 99;
	CU_ASSERT_EQUAL_FATAL(queue_init(&q, 10), 0);
	CU_ASSERT_FALSE(queue_rewound(&q, &place));
	CU_ASSERT_EQUAL(place, 99);
	CU_ASSERT_TRUE(queue_put(&q, portion_new(10)));
	CU_ASSERT_TRUE(queue_put(&q, portion_new(20)));
	portion_free(queue_take(&q));
	queue_settle(&q, 15, 5);
	queue_settle(&q, 12, 0); /* never back */
	queue_rewind(&q, "cut");
	CU_ASSERT_PTR_NULL(queue_take(&q));
	CU_ASSERT_FALSE(queue_has_room(&q));
	CU_ASSERT_FALSE(queue_put(&q, portion_new(30))); /* read before it was known */
	queue_look(&q, &f);
	CU_ASSERT(f.settled == 15 && f.sent == 5 && f.failures == 1 && !f.is_up);
	CU_ASSERT_STRING_EQUAL(f.trouble, "cut");
	CU_ASSERT_TRUE(queue_rewound(&q, &place));
	CU_ASSERT_EQUAL(place, 15);
	CU_ASSERT_FALSE(queue_rewound(&q, &place));
	CU_ASSERT_TRUE(queue_put(&q, portion_new(15)));
	queue_up(&q);
	queue_look(&q, &f);
	CU_ASSERT(f.is_up && !*f.trouble && !*f.stale);
	queue_stale(&q, "old");
	queue_up(&q);
	queue_look(&q, &f);
	CU_ASSERT_STRING_EQUAL(f.stale, "old"); /* it is no trouble: the sink goes on */
	CU_ASSERT(f.is_up && !*f.trouble);
	queue_fini(&q);
}

static void test_settle_by_time_waits_for_the_kernel_and_then_some(void)
{
	struct settle s = {0};
	settle_begin(&s);
	settle_wrote(&s, 10, 100);
	settle_wrote(&s, 20, 200);
	settle_acked(&s, 99, 1000);
	CU_ASSERT_EQUAL(settle_place(&s, 1000000), 0); /* not acknowledged, however long */
	settle_acked(&s, 100, 2000);
	CU_ASSERT_EQUAL(settle_place(&s, 2000 + SETTLE_MS - 1), 0);
	CU_ASSERT_EQUAL(settle_place(&s, 2000 + SETTLE_MS), 10);
	settle_acked(&s, 200, 8000);
	CU_ASSERT_EQUAL(settle_place(&s, 8000 + SETTLE_MS - 1), 10);
	CU_ASSERT_EQUAL(settle_place(&s, 8000 + SETTLE_MS), 20);
	settle_wrote(&s, 30, 300);
	settle_acked(&s, 300, 14000);
	settle_begin(&s); /* cut: what was not settled is forgotten */
	CU_ASSERT_EQUAL(settle_place(&s, 1000000), 0);
}

/* Under a steady stream, what is settled follows at SETTLE_MS and a slot, never sooner. */
static void test_settle_follows_a_stream(void)
{
	struct settle s = {0};
	settle_begin(&s);
	for (uint64_t now = 1; now <= 60000; now += 10) {
		settle_wrote(&s, now, now);
		settle_acked(&s, now, now);
		uint64_t place = settle_place(&s, now);
		CU_ASSERT(place + SETTLE_MS <= now || !place);
		CU_ASSERT(now < SETTLE_MS + 2 * SETTLE_SLOT || place + SETTLE_MS + 2 * SETTLE_SLOT >= now);
	}
}

static void test_settle_by_proof_counts_nothing_else(void)
{
	struct settle s = {.proves = true};
	settle_begin(&s);
	settle_proven(&s); /* of nothing */
	CU_ASSERT_EQUAL(settle_place(&s, 0), 0);
	settle_wrote(&s, 10, 100);
	settle_wrote(&s, 20, 200);
	settle_acked(&s, 200, 1000);
	CU_ASSERT_EQUAL(settle_place(&s, 1000000), 0);
	settle_proven(&s);
	CU_ASSERT_EQUAL(settle_place(&s, 1000000), 20);
	settle_begin(&s); /* the next connection: its kernel takes everything, which proves nothing */
	settle_wrote(&s, 30, 100);
	settle_acked(&s, 100, 2000);
	CU_ASSERT_EQUAL(settle_place(&s, 2000000), 20);
}

static void test_settle_marks_are_bounded(void)
{
	struct settle s = {0};
	settle_begin(&s);
	uint64_t n = 0;
	while (settle_room(&s)) {
		n++;
		settle_wrote(&s, n, n);
	}
	CU_ASSERT_EQUAL(n, SETTLE_MARKS);
	settle_acked(&s, 1, 0);
	CU_ASSERT_TRUE(settle_room(&s));
}

static const struct test tests[] = {
    TEST(test_portion_joins_a_run_of_removed_bodies),
    TEST(test_portion_and_queue_are_bounded),
    TEST(test_queue_rewinds_to_what_is_settled),
    TEST(test_settle_by_time_waits_for_the_kernel_and_then_some),
    TEST(test_settle_follows_a_stream),
    TEST(test_settle_by_proof_counts_nothing_else),
    TEST(test_settle_marks_are_bounded),
};
HARNESS_MAIN("sink", tests)
