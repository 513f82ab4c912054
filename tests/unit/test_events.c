/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/events.h"
#include "common/events_file.h"
#include "tests/unit/harness.h"

#define RECORDS 64

static char folder[64], path[96], old[112];
static struct events_producer *p;
static struct events_consumer *c;
static struct event got[2 * RECORDS];
static struct err e;

static void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/roja-events-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/events", folder);
	snprintf(old, sizeof(old), "%s.old", path);
	CU_ASSERT_EQUAL_FATAL(events_open_producer(path, 2, RECORDS, &p, &e), 0);
	CU_ASSERT_EQUAL_FATAL(events_open_consumer(path, &c, &e), 0);
}

static void clean_up(void)
{
	static const char *const names[] = {"events", "events.old", "events.consumer"};
	char name[128];
	events_close_producer(p);
	events_close_consumer(c);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s/%s", folder, names[i]);
		unlink(name);
	}
	CU_ASSERT_EQUAL(rmdir(folder), 0); /* nothing else was left */
}

static bool put(unsigned ring, uint32_t line)
{
	struct event ev = {.type = EVENT_HIT};
	ev.hit.line = line;
	return events_put(p, ring, &ev);
}

static void put_many(unsigned ring, unsigned n, unsigned *ret_lost)
{
	*ret_lost = 0;
	for (unsigned i = 0; i < n; i++)
		*ret_lost += !put(ring, i);
}

static void reopen_producer(void)
{
	events_close_producer(p);
	p = NULL;
	CU_ASSERT_EQUAL_FATAL(events_open_producer(path, 2, RECORDS, &p, &e), 0);
}

static void reopen_consumer(void)
{
	events_close_consumer(c);
	c = NULL;
	CU_ASSERT_EQUAL_FATAL(events_open_consumer(path, &c, &e), 0);
}

/* What the file holds, to be spoilt. */
static struct events_map map_file(void)
{
	struct events_map m;
	CU_ASSERT_EQUAL_FATAL(events_map(path, open(path, O_RDWR), true, &m, &e), 0);
	return m;
}

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

/* Each row is the control block as a death between two stores leaves it, with 5 records put and acknowledged. */
static const struct {
	const char *death;
	uint64_t next_seq, gap_first, want_seq, want_gap;
} deaths[] = {
    {"none", 6, 0, 6, 0},
    {"record published, number not moved on", 5, 0, 6, 0},
    {"first loss noted, number not moved on", 6, 6, 6, 0},
    {"first loss counted", 7, 6, 8, 6},
    {"gap published, not cleared", 6, 4, 6, 0},
    {"gap published, number not moved on", 5, 4, 6, 0},
};

static void test_events_recover_from_a_death_at_any_store(void)
{
	for (unsigned i = 0; i < sizeof(deaths) / sizeof(*deaths); i++) {
		unsigned lost, n;
		set_up();
		put_many(0, 5, &lost);
		n = events_peek(c, 0, got, 9);
		events_ack(c, 0, n);
		events_close_producer(p);
		p = NULL;
		struct events_map m = map_file();
		events_ring(&m, 0)->next_seq = deaths[i].next_seq;
		events_ring(&m, 0)->gap_first = deaths[i].gap_first;
		events_unmap(&m);
		CU_ASSERT_EQUAL_FATAL(events_open_producer(path, 2, RECORDS, &p, &e), 0);
		put(0, 9);
		n = events_peek(c, 0, got, 9);
		CU_ASSERT_EQUAL(n, deaths[i].want_gap ? 2 : 1);
		CU_ASSERT_EQUAL(got[n - 1].seq, deaths[i].want_seq);
		if (deaths[i].want_gap)
			CU_ASSERT_EQUAL(got[0].gap.first, deaths[i].want_gap);
		clean_up();
	}
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

static void test_events_one_producer_and_one_consumer_a_file(void)
{
	struct events_producer *p2;
	struct events_consumer *c2;
	set_up();
	CU_ASSERT_EQUAL(events_open_producer(path, 2, RECORDS, &p2, &e), -EBUSY);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, path));
	CU_ASSERT_EQUAL(events_open_consumer(path, &c2, &e), -EBUSY);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, path));
	clean_up();
}

static void test_events_other_geometry_is_set_aside_not_lost(void)
{
	set_up();
	put(0, 1);
	events_close_consumer(c);
	events_close_producer(p);
	p = NULL;
	CU_ASSERT_EQUAL_FATAL(events_open_producer(path, 3, RECORDS, &p, &e), 0);
	CU_ASSERT_EQUAL_FATAL(events_open_consumer(path, &c, &e), 0);
	CU_ASSERT_EQUAL(events_rings(c), 3);
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 0);
	CU_ASSERT_EQUAL(access(old, F_OK), 0);
	clean_up();
}

static const struct {
	const char *what;
	size_t at;
	uint32_t value;
} damages[] = {
    {"no event file", offsetof(struct events_header, magic), 0},
    {"another version", offsetof(struct events_header, format), 99},
    {"another version", offsetof(struct events_header, endian), 0x04030201},
    {"impossible", offsetof(struct events_header, rings), 0},
    {"impossible", offsetof(struct events_header, records), 65},
    {"size", offsetof(struct events_header, records), 128},
    {"size", offsetof(struct events_header, rings), 1},
};

static void test_events_damaged_files_are_refused_and_set_aside(void)
{
	for (unsigned i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		set_up();
		events_close_consumer(c);
		events_close_producer(p);
		c = NULL;
		p = NULL;
		int fd = open(path, O_RDWR);
		CU_ASSERT_EQUAL(pwrite(fd, &damages[i].value, 4, (off_t)damages[i].at), 4);
		close(fd);
		CU_ASSERT_EQUAL(events_open_consumer(path, &c, &e), -EINVAL);
		CU_ASSERT_PTR_NOT_NULL(strstr(e.text, damages[i].what));
		CU_ASSERT_EQUAL(events_open_producer(path, 2, RECORDS, &p, &e), 0);
		CU_ASSERT_EQUAL(access(old, F_OK), 0);
		clean_up();
	}
}

static void test_events_hostile_counts_neither_loop_nor_overrun(void)
{
	static const uint64_t hostile[][2] = {
	    {0, UINT64_MAX}, {UINT64_MAX, 0}, {5, 3}, {1000, 1}, {UINT64_MAX, UINT64_MAX - 3}};
	for (unsigned i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		set_up();
		struct events_map m = map_file();
		events_ring(&m, 0)->tail = hostile[i][0];
		events_ring(&m, 0)->head = hostile[i][1];
		events_unmap(&m);
		reopen_consumer();
		CU_ASSERT_TRUE(events_peek(c, 0, got, 2 * RECORDS) <= RECORDS);
		events_ack(c, 0, UINT64_MAX);
		for (unsigned k = 0; k < 3 * RECORDS; k++)
			put(0, k);
		clean_up();
	}
}

static void test_events_missing_file_says_what_to_do(void)
{
	struct events_consumer *none;
	CU_ASSERT_EQUAL(events_open_observer("/tmp/roja-events-none/events", &none, &e), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "has roja-dataplane run?"));
}

static const struct test tests[] = {
    TEST(test_events_arrive_in_order_and_stay_until_acknowledged),
    TEST(test_events_acknowledges_only_what_was_peeked),
    TEST(test_events_one_gap_tells_each_run_of_losses),
    TEST(test_events_numbers_go_on_after_the_producers_death),
    TEST(test_events_recover_from_a_death_at_any_store),
    TEST(test_events_observer_sees_and_takes_nothing),
    TEST(test_events_one_producer_and_one_consumer_a_file),
    TEST(test_events_other_geometry_is_set_aside_not_lost),
    TEST(test_events_damaged_files_are_refused_and_set_aside),
    TEST(test_events_hostile_counts_neither_loop_nor_overrun),
    TEST(test_events_missing_file_says_what_to_do),
};

HARNESS_MAIN("events", tests)
