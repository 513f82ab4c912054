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

/* Whether any byte of the record is the address's. */
static bool holds(const struct event *ev, uint8_t byte)
{
	return memchr(ev, byte, sizeof(*ev)) != NULL;
}

static void put_of(uint8_t address)
{
	struct event ev = {.type = EVENT_HIT, .time_ns = 1};
	ev.hit.line = 7;
	memset(ev.hit.src, address, sizeof(ev.hit.src));
	memset(ev.hit.dst, address, sizeof(ev.hit.dst));
	memset(&ev.hit.sport, address, sizeof(ev.hit.sport));
	memset(&ev.hit.dport, address, sizeof(ev.hit.dport));
	CU_ASSERT_TRUE(events_put(p, 0, &ev));
}

static void test_events_acknowledging_wipes_who_it_was_and_nothing_else(void)
{
	struct event gap = {.type = EVENT_GAP};
	set_up();
	struct events_map m = map_file();
	for (unsigned i = 0; i < 4; i++)
		put_of(0xee);
	memset(gap.room, 0xee, sizeof(gap.room));
	CU_ASSERT_TRUE(events_put(p, 0, &gap)); /* another kind: its bytes are no addresses */
	CU_ASSERT_EQUAL(events_peek(c, 0, got, RECORDS), 5);
	CU_ASSERT_TRUE(holds(events_record(&m, 0, 0), 0xee)); /* peeking wipes nothing */
	events_ack(c, 0, got[1].seq);
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(holds(events_record(&m, 0, i), 0xee), i > 1);
	CU_ASSERT_EQUAL(events_record(&m, 0, 0)->seq, 1);
	CU_ASSERT_EQUAL(events_record(&m, 0, 0)->hit.line, 7);
	CU_ASSERT_TRUE(holds(&got[0], 0xee)); /* the copy is the consumer's */
	events_ack(c, 0, UINT64_MAX);
	CU_ASSERT_FALSE(holds(events_record(&m, 0, 3), 0xee));
	CU_ASSERT_TRUE(holds(events_record(&m, 0, 4), 0xee));
	events_unmap(&m);
	clean_up();
}

/* As a death between the two stores leaves it: what was acknowledged is wiped, and does not come again. */
static void test_events_the_next_consumer_ends_the_wiping(void)
{
	set_up();
	struct events_map m = map_file();
	for (unsigned i = 0; i < 4; i++)
		put_of(0xee);
	events_ring(&m, 0)->wiping = 3;
	reopen_consumer();
	CU_ASSERT_EQUAL(events_ring(&m, 0)->head, 3);
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(holds(events_record(&m, 0, i), 0xee), i == 3);
	CU_ASSERT_EQUAL(events_peek(c, 0, got, RECORDS), 1);
	CU_ASSERT_EQUAL(got[0].seq, 4);
	events_ring(&m, 0)->wiping = 1000; /* cannot be: as if it were not there */
	reopen_consumer();
	CU_ASSERT_EQUAL(events_peek(c, 0, got, RECORDS), 1);
	CU_ASSERT_TRUE(holds(&got[0], 0xee));
	events_unmap(&m);
	clean_up();
}

static void test_events_observer_leaves_out_what_is_being_wiped(void)
{
	struct events_consumer *o;
	set_up();
	struct events_map m = map_file();
	for (unsigned i = 0; i < 4; i++)
		put_of(0xee);
	CU_ASSERT_EQUAL_FATAL(events_open_observer(path, &o, &e), 0);
	events_ring(&m, 0)->wiping = 2;
	CU_ASSERT_EQUAL(events_peek(o, 0, got, RECORDS), 2);
	CU_ASSERT_EQUAL(got[0].seq, 3);
	events_close_consumer(o);
	events_unmap(&m);
	clean_up();
}

static const struct test tests[] = {
    TEST(test_events_acknowledging_wipes_who_it_was_and_nothing_else),
    TEST(test_events_the_next_consumer_ends_the_wiping),
    TEST(test_events_observer_leaves_out_what_is_being_wiped),
    TEST(test_events_arrive_in_order_and_stay_until_acknowledged),
    TEST(test_events_acknowledges_only_what_was_peeked),
    TEST(test_events_one_gap_tells_each_run_of_losses),
    TEST(test_events_numbers_go_on_after_the_producers_death),
    TEST(test_events_gap_is_told_without_another_event),
    TEST(test_events_acknowledges_by_number_not_by_count),
    TEST(test_events_observer_sees_and_takes_nothing),
};

HARNESS_MAIN("events", tests)
