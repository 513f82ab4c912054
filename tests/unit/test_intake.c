/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/link/intake.h"
#include "tests/unit/events_fixture.h"

/* A sink that keeps lines, and whose disk does what the test says. */
static struct {
	uint64_t lines[4 * RECORDS];
	unsigned n;
	int refuse; /* what on_events says; 0: takes */
	uint64_t tickets, durable;
	unsigned troubles;
} sink;

/* One that intake_sound lets pass. */
static void put_hit(unsigned ring, uint32_t line)
{
	struct event ev = {.type = EVENT_HIT};
	ev.hit.line = line;
	ev.hit.ip_version = 4;
	CU_ASSERT(events_put(p, ring, &ev));
}

static int on_events(void *ctx, const uint8_t file_id[16], unsigned ring, const struct event *ev, unsigned n)
{
	(void)ctx, (void)file_id, (void)ring;
	for (unsigned i = 0; i < n && !sink.refuse; i++)
		sink.lines[sink.n++] = ev[i].hit.line;
	return sink.refuse;
}

static uint64_t commit(void *ctx)
{
	(void)ctx;
	return ++sink.tickets;
}

static bool durable(void *ctx, uint64_t ticket)
{
	(void)ctx;
	return sink.durable >= ticket;
}

static void on_trouble(void *ctx, const char *sentence)
{
	(void)ctx, (void)sentence;
	sink.troubles++;
}

static struct intake *begin(void)
{
	static const struct intake_sink hooks = {NULL, on_events, commit, durable, on_trouble};
	struct intake *t;
	memset(&sink, 0, sizeof(sink));
	set_up();
	events_close_consumer(c); /* the intake is it */
	c = NULL;
	CU_ASSERT_EQUAL_FATAL(intake_new(path, &hooks, &t, &e), 0);
	return t;
}

static uint64_t acknowledged(unsigned ring)
{
	struct events_counts n;
	events_producer_counts(p, ring, &n);
	return n.acknowledged;
}

static void test_intake_gives_back_what_is_durable_alone(void)
{
	struct intake *t = begin();
	for (uint32_t i = 0; i < 3; i++)
		put_hit(0, i);
	put_hit(1, 9);
	intake_turn(t);
	CU_ASSERT_EQUAL(sink.n, 4);
	CU_ASSERT_EQUAL(sink.tickets, 1);
	CU_ASSERT_EQUAL(acknowledged(0) + acknowledged(1), 0);
	/* what comes meanwhile waits */
	put_hit(0, 3);
	intake_turn(t);
	CU_ASSERT_EQUAL(sink.n, 4);
	CU_ASSERT_EQUAL(acknowledged(0), 0);
	sink.durable = 1;
	intake_turn(t);
	CU_ASSERT_EQUAL(acknowledged(0), 3);
	CU_ASSERT_EQUAL(acknowledged(1), 1);
	CU_ASSERT_EQUAL(sink.n, 5);
	CU_ASSERT_EQUAL(sink.tickets, 2);
	sink.durable = 2;
	intake_turn(t);
	CU_ASSERT_EQUAL(acknowledged(0), 4);
	CU_ASSERT_EQUAL(sink.tickets, 2); /* nothing was taken: no ticket */
	intake_free(t);
	clean_up();
}

static void test_intake_hands_again_what_was_refused(void)
{
	struct intake *t = begin();
	put_hit(0, 1);
	put_hit(1, 2);
	sink.refuse = -EAGAIN;
	unsigned first = intake_turn(t), second = intake_turn(t);
	CU_ASSERT(first > 0 && second > first);
	CU_ASSERT_EQUAL(sink.tickets, 0);
	sink.refuse = 0;
	sink.durable = 9;
	intake_turn(t);
	intake_turn(t);
	intake_turn(t);
	CU_ASSERT_EQUAL(sink.n, 2);
	CU_ASSERT_EQUAL(acknowledged(0) + acknowledged(1), 2);
	CU_ASSERT_EQUAL(intake_counts(t)->taken, 2);
	intake_free(t);
	clean_up();
}

/* A refusal in the second ring, while the first one's records wait for their ticket. */
static void test_intake_refused_batch_is_not_given_back(void)
{
	struct intake *t = begin();
	put_hit(0, 1);
	intake_turn(t);
	CU_ASSERT_EQUAL(sink.n, 1);
	put_hit(0, 2);
	put_hit(1, 3);
	sink.refuse = -EAGAIN;
	sink.durable = 1;
	intake_turn(t);
	CU_ASSERT_EQUAL(acknowledged(0), 1);
	CU_ASSERT_EQUAL(acknowledged(1), 0);
	sink.refuse = 0;
	sink.durable = 9;
	for (unsigned i = 0; i < 4; i++)
		intake_turn(t);
	CU_ASSERT_EQUAL(sink.n, 3);
	CU_ASSERT_EQUAL(acknowledged(0), 2);
	CU_ASSERT_EQUAL(acknowledged(1), 1);
	CU_ASSERT_EQUAL(sink.troubles, 0);
	intake_free(t);
	clean_up();
}

/* The next process gets again what was not given back. */
static void test_intake_dies_before_it_gives_back(void)
{
	struct intake *t = begin();
	put_hit(0, 1);
	intake_turn(t);
	intake_free(t);
	static const struct intake_sink hooks = {NULL, on_events, commit, durable, on_trouble};
	CU_ASSERT_EQUAL_FATAL(intake_new(path, &hooks, &t, &e), 0);
	sink.durable = 9;
	intake_turn(t);
	intake_turn(t);
	CU_ASSERT_EQUAL(sink.n, 2);
	CU_ASSERT_EQUAL(sink.lines[1], 1);
	CU_ASSERT_EQUAL(acknowledged(0), 1);
	intake_free(t);
	clean_up();
}

static const struct test tests[] = {
    TEST(test_intake_gives_back_what_is_durable_alone),
    TEST(test_intake_hands_again_what_was_refused),
    TEST(test_intake_refused_batch_is_not_given_back),
    TEST(test_intake_dies_before_it_gives_back),
};

HARNESS_MAIN("intake", tests)
