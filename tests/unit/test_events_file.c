/* SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/events_fixture.h"

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

static void make_with_rings(unsigned rings)
{
	events_close_producer(p);
	p = NULL;
	CU_ASSERT_EQUAL_FATAL(events_open_producer(path, rings, RECORDS, &p, &e), 0);
}

static void test_events_other_geometry_is_set_aside_not_lost(void)
{
	uint8_t id[16];
	struct events_consumer *late;
	set_up();
	put(0, 41);
	memcpy(id, events_id(c), sizeof(id));
	make_with_rings(3);
	CU_ASSERT_STRING_EQUAL_FATAL(events_set_aside(p), old);
	CU_ASSERT_TRUE(events_replaced(c)); /* who had it open takes what is left */
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 1);
	put(0, 42);
	make_with_rings(4); /* and once more: neither is overwritten */
	CU_ASSERT_STRING_NOT_EQUAL_FATAL(events_set_aside(p), old);
	CU_ASSERT_EQUAL_FATAL(events_open_consumer(events_set_aside(p), &late, &e), 0);
	CU_ASSERT_EQUAL(events_peek(late, 0, got, 9), 1);
	CU_ASSERT_EQUAL(got[0].hit.line, 42);
	events_close_consumer(late);
	reopen_consumer();
	CU_ASSERT_EQUAL(events_rings(c), 4);
	CU_ASSERT_FALSE(events_replaced(c));
	CU_ASSERT_NOT_EQUAL(memcmp(id, events_id(c), sizeof(id)), 0);
	CU_ASSERT_EQUAL(events_peek(c, 0, got, 9), 0);
	clean_up();
}

static void test_events_other_geometry_replaces_what_was_taken(void)
{
	set_up();
	put(0, 1);
	events_peek(c, 0, got, 9);
	events_ack(c, 0, 1);
	make_with_rings(3);
	CU_ASSERT_PTR_NULL(events_set_aside(p));
	CU_ASSERT_NOT_EQUAL(access(old, F_OK), 0);
	CU_ASSERT_TRUE(events_replaced(c));
	clean_up();
}

static void test_events_starts_however_many_are_set_aside(void)
{
	char last[128], name[128];
	set_up();
	events_old_name(path, EVENTS_OLD_MAX - 1, last, sizeof(last));
	for (unsigned i = 0; i < EVENTS_OLD_MAX + 2; i++) {
		put(0, i);
		make_with_rings(3 + i % 2);
		events_old_name(path, i, name, sizeof(name));
		CU_ASSERT_STRING_EQUAL(events_set_aside(p), i < EVENTS_OLD_MAX ? name : last);
	}
	clean_up();
}

/* A full disk is found when the file is made. A limit on files stands in for it. */
static void test_events_no_room_is_said_at_open(void)
{
	struct rlimit was, small = {events_file_bytes(2, RECORDS), RLIM_INFINITY};
	struct events_producer *none = NULL;
	set_up();
	put(0, 41);
	events_close_producer(p);
	getrlimit(RLIMIT_FSIZE, &was);
	small.rlim_max = was.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &small), 0);
	CU_ASSERT_EQUAL(events_open_producer(path, 3, RECORDS, &none, &e), -EFBIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, path));
	setrlimit(RLIMIT_FSIZE, &was);
	CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0); /* nothing half made, and what waited is kept */
	CU_ASSERT_EQUAL(access(old, F_OK), 0);
	p = NULL;
	clean_up();
}

static void test_events_impossible_geometry_is_refused(void)
{
	static const unsigned bad[][2] = {
	    {0, 64}, {EVENTS_RINGS_MAX + 1, 64}, {1, 32}, {1, 65}, {1, 1u << 25}};
	struct events_producer *none = NULL;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CU_ASSERT_EQUAL(
		    events_open_producer("/tmp/roja-events-none/events", bad[i][0], bad[i][1], &none, &e),
		    -EINVAL);
	CU_ASSERT_PTR_NULL(none);
}

static void test_events_links_are_not_followed(void)
{
	char elsewhere[112];
	struct events_producer *none;
	set_up();
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", folder);
	CU_ASSERT_EQUAL(symlink(path, elsewhere), 0);
	CU_ASSERT_EQUAL(events_open_producer(elsewhere, 2, RECORDS, &none, &e), -ELOOP);
	unlink(elsewhere);
	CU_ASSERT_EQUAL(link(path, elsewhere), 0);
	CU_ASSERT_EQUAL(events_open_producer(elsewhere, 2, RECORDS, &none, &e), -EINVAL);
	unlink(elsewhere);
	clean_up();
}

static void test_events_file_is_for_owner_and_group(void)
{
	struct stat st;
	mode_t mask = umask(0);
	set_up();
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0660);
	CU_ASSERT_TRUE((size_t)st.st_blocks * 512 >= events_file_bytes(2, RECORDS)); /* no hole to fault in */
	umask(mask);
	clean_up();
}

static void test_events_file_gets_its_folders_group(void)
{
	struct stat st;
	if (geteuid())
		return; /* only root can give files away */
	set_up();
	events_close_producer(p);
	p = NULL;
	unlink(path);
	CU_ASSERT_EQUAL(chown(folder, 0, 65534), 0);
	make_with_rings(2);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_uid, 0);
	CU_ASSERT_EQUAL(st.st_gid, 65534);
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

/* What no death leaves: the producer begins anew, and nothing is thrown away. */
static const struct {
	const char *what;
	uint64_t tail, next_seq, head, seq_of_last;
} unsound[] = {
    {"more waits than there is room", RECORDS + 6, RECORDS + 7, 5, 5},
    {"acknowledged what was not put", 5, 6, 6, 5},
    {"acknowledged less than nothing", 5, 6, UINT64_MAX, 5},
    {"no next number", 5, 0, 5, 5},
    {"numbers at their end", 5, UINT64_MAX - 5, 5, 5},
    {"a number used twice", 5, 6, 0, 4},
    {"fewer numbers than records", 5, 4, 5, 3},
    {"a record ahead of its number", 5, 6, 0, 9},
};

static void test_events_unsound_rings_are_set_aside(void)
{
	for (unsigned i = 0; i < sizeof(unsound) / sizeof(*unsound); i++) {
		unsigned lost;
		set_up();
		put_many(0, 5, &lost);
		struct events_map m = map_file();
		struct events_ring *r = events_ring(&m, 0);
		r->tail = unsound[i].tail;
		r->next_seq = unsound[i].next_seq;
		r->head = unsound[i].head;
		events_record(&m, 0, 4)->seq = unsound[i].seq_of_last;
		events_unmap(&m);
		reopen_producer();
		CU_ASSERT_PTR_NOT_NULL(events_set_aside(p));
		CU_ASSERT_TRUE(put(0, 1));
		clean_up();
	}
}

static void test_events_hostile_counts_neither_loop_nor_overrun(void)
{
	static const uint64_t hostile[][2] = {
	    {0, UINT64_MAX}, {UINT64_MAX, 0}, {5, 3}, {1000, 1}, {UINT64_MAX, UINT64_MAX - 3}};
	for (unsigned i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		struct events_consumer *o;
		set_up();
		struct events_map m = map_file();
		events_ring(&m, 0)->tail = hostile[i][0];
		events_ring(&m, 0)->head = hostile[i][1];
		events_unmap(&m);
		CU_ASSERT_EQUAL_FATAL(events_open_observer(path, &o, &e), 0);
		CU_ASSERT_TRUE(events_peek(o, 0, got, 2 * RECORDS) <= RECORDS);
		events_close_consumer(o);
		reopen_consumer();
		CU_ASSERT_TRUE(events_peek(c, 0, got, 2 * RECORDS) <= RECORDS);
		CU_ASSERT_EQUAL(events_peek(c, 0, got, 2 * RECORDS), 0);
		events_ack(c, 0, UINT64_MAX);
		for (unsigned k = 0; k < 3 * RECORDS; k++)
			put(0, k);
		clean_up();
	}
}

/* The consumer's own mark was spoilt: what may still be there comes again, and the ring does not stay full for ever. */
static void test_events_consumer_mends_its_mark(void)
{
	static const uint64_t heads[] = {6, 1u << 20, UINT64_MAX - 100};
	for (unsigned i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		unsigned lost;
		set_up();
		put_many(0, 5, &lost);
		struct events_map m = map_file();
		events_ring(&m, 0)->head = heads[i];
		events_unmap(&m);
		CU_ASSERT_FALSE(put(0, 1)); /* as if full, until the consumer comes */
		reopen_consumer();
		CU_ASSERT_EQUAL(events_peek(c, 0, got, RECORDS), 5);
		CU_ASSERT_EQUAL(got[0].seq, 1);
		events_ack(c, 0, 5);
		CU_ASSERT_TRUE(put(0, 1));
		CU_ASSERT_EQUAL(events_peek(c, 0, got, RECORDS), 2);
		CU_ASSERT_EQUAL(got[0].gap.first, 6);
		clean_up();
	}
}

static void test_events_a_spoilt_number_does_not_stop_acknowledging(void)
{
	unsigned lost;
	set_up();
	put_many(0, RECORDS, &lost);
	struct events_map m = map_file();
	events_record(&m, 0, 7)->seq = UINT64_MAX;
	events_unmap(&m);
	unsigned n = events_peek(c, 0, got, RECORDS);
	events_ack(c, 0, got[n - 1].seq);
	CU_ASSERT_TRUE(put(0, 1));
	clean_up();
}

static void test_events_missing_file_says_what_to_do(void)
{
	struct events_consumer *none;
	CU_ASSERT_EQUAL(events_open_observer("/tmp/roja-events-none/events", &none, &e), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "has roja-dataplane run?"));
}

static const struct test tests[] = {
    TEST(test_events_one_producer_and_one_consumer_a_file),
    TEST(test_events_other_geometry_is_set_aside_not_lost),
    TEST(test_events_other_geometry_replaces_what_was_taken),
    TEST(test_events_starts_however_many_are_set_aside),
    TEST(test_events_no_room_is_said_at_open),
    TEST(test_events_impossible_geometry_is_refused),
    TEST(test_events_links_are_not_followed),
    TEST(test_events_file_is_for_owner_and_group),
    TEST(test_events_file_gets_its_folders_group),
    TEST(test_events_damaged_files_are_refused_and_set_aside),
    TEST(test_events_unsound_rings_are_set_aside),
    TEST(test_events_hostile_counts_neither_loop_nor_overrun),
    TEST(test_events_consumer_mends_its_mark),
    TEST(test_events_a_spoilt_number_does_not_stop_acknowledging),
    TEST(test_events_missing_file_says_what_to_do),
};

HARNESS_MAIN("events_file", tests)
