/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/events_fixture.h"

static void test_events_arrive_in_order_and_stay_until_acknowledged(void)
{
	set_up();
	for (uint32_t i = 1; i <= 5; i++)
		CU_ASSERT_TRUE(put(0, i));
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 3), 3);
	CU_ASSERT_EQUAL(events_peek(c, 0, got + 3, 9), 2);
	for (uint32_t i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL(got[i].seq, i + 1);
		CU_ASSERT_EQUAL(got[i].hit.line, i + 1);
	}
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 0);
	CU_ASSERT_EQUAL(events_peek(c, 1, got, 9), 0); /* rings are apart */
	events_ack(c, 0, 2);
	reopen_consumer(); /* it died: what it had not acknowledged comes again */
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 3);
	CU_ASSERT_EQUAL(got[0].seq, 3);
	clean_up();
}

static void test_events_acknowledges_only_what_was_peeked(void)
{
	set_up();
	put(0, 1);
	put(0, 2);
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 1), 1);
	events_ack(c, 0, UINT64_MAX);
	reopen_consumer();
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 1);
	CU_ASSERT_EQUAL(got[0].seq, 2);
	clean_up();
}

static void test_events_one_gap_tells_each_run_of_losses(void)
{
	unsigned lost;
	struct events_counts n;
	set_up();
	put_many(0, RECORDS + 10, &lost);
	CU_ASSERT_EQUAL(lost, 10);
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 2 * RECORDS), RECORDS);
	events_ack(c, 0, 1);
	CU_ASSERT_FALSE(put(0, 1)); /* one place: the gap and the event need two */
	events_ack(c, 0, 2);
	CU_ASSERT_TRUE(put(0, 777));
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 2);
	CU_ASSERT_EQUAL(got[0].type, EVENT_GAP);
	CU_ASSERT_EQUAL(got[0].gap.first, RECORDS + 1);
	CU_ASSERT_EQUAL(got[0].gap.last, RECORDS + 11);
	CU_ASSERT_EQUAL(got[0].seq, RECORDS + 12);
	CU_ASSERT_EQUAL(got[1].seq, RECORDS + 13);
	CU_ASSERT_EQUAL(got[1].hit.line, 777);
	events_producer_counts(p, 0, &n);
	CU_ASSERT_EQUAL(n.lost, 11);
	CU_ASSERT_EQUAL(n.gaps, 1);
	CU_ASSERT_EQUAL(n.put, RECORDS + 2);
	clean_up();
}

static void test_events_numbers_go_on_after_the_producers_death(void)
{
	unsigned lost;
	set_up();
	put_many(0, 3, &lost);
	reopen_producer();
	CU_ASSERT_TRUE(put(0, 1));
	put_many(0, RECORDS, &lost);
	CU_ASSERT_EQUAL(lost, 4);
	reopen_producer(); /* with a gap that is not in the ring yet */
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 2 * RECORDS), RECORDS);
	CU_ASSERT_EQUAL(got[3].seq, 4);
	events_ack(c, 0, RECORDS);
	CU_ASSERT_TRUE(put(0, 1));
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 2);
	CU_ASSERT_EQUAL(got[0].gap.first, RECORDS + 1);
	CU_ASSERT_EQUAL(got[0].gap.last, RECORDS + 4);
	CU_ASSERT_EQUAL(got[1].seq, RECORDS + 6);
	clean_up();
}

static void test_events_gap_is_told_without_another_event(void)
{
	unsigned lost;
	set_up();
	CU_ASSERT_TRUE(events_put_gap(p, 0, 5)); /* none is due */
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 0);
	put_many(0, RECORDS + 3, &lost);
	CU_ASSERT_FALSE(events_put_gap(p, 0, 5)); /* no room */
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 2 * RECORDS), RECORDS);
	events_ack(c, 0, 1);
	CU_ASSERT_TRUE(events_put_gap(p, 0, 5));
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 1);
	CU_ASSERT_EQUAL(got[0].type, EVENT_GAP);
	CU_ASSERT_EQUAL(got[0].time_ns, 5);
	CU_ASSERT_EQUAL(got[0].gap.first, RECORDS + 1);
	CU_ASSERT_EQUAL(got[0].gap.last, RECORDS + 3);
	events_ack(c, 0, UINT64_MAX);
	CU_ASSERT_TRUE(put(0, 1)); /* no second record of the same gap */
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 1);
	CU_ASSERT_EQUAL(got[0].seq, RECORDS + 5);
	clean_up();
}

static void test_events_acknowledges_by_number_not_by_count(void)
{
	unsigned lost;
	struct events_counts n;
	set_up();
	put_many(0, RECORDS + 100, &lost);
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 2 * RECORDS), RECORDS);
	events_ack(c, 0, RECORDS);
	put(0, 1);
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 2);
	events_ack(c, 0, RECORDS + 50); /* lost: before the gap record's own */
	events_consumer_counts(c, 0, &n);
	CU_ASSERT_EQUAL(n.acknowledged, RECORDS);
	events_ack(c, 0, RECORDS + 101);
	events_consumer_counts(c, 0, &n);
	CU_ASSERT_EQUAL(n.acknowledged, RECORDS + 1);
	clean_up();
}

static void test_events_observer_sees_and_takes_nothing(void)
{
	struct events_consumer *o;
	set_up();
	put(0, 1);
	CU_ASSERT_EQUAL_FATAL(events_open_observer(path, &o, &e), 0);
	CU_ASSERT_EQUAL(events_rings(o), 2);
	CU_ASSERT_EQUAL(events_peek(o, 0, got, 9), 1);
	events_ack(o, 0, 1);
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 1);
	events_ack(c, 0, 1);
	put(0, 2);
	CU_ASSERT_EQUAL(events_peek(o, 0, got, 9), 1);
	CU_ASSERT_EQUAL(got[0].seq, 2);
	events_close_consumer(o);
	clean_up();
}

static const struct test tests[] = {
    TEST(test_events_arrive_in_order_and_stay_until_acknowledged),
    TEST(test_events_acknowledges_only_what_was_peeked),
    TEST(test_events_one_gap_tells_each_run_of_losses),
    TEST(test_events_numbers_go_on_after_the_producers_death),
    TEST(test_events_gap_is_told_without_another_event),
    TEST(test_events_acknowledges_by_number_not_by_count),
    TEST(test_events_observer_sees_and_takes_nothing),
};

HARNESS_MAIN("events", tests)
