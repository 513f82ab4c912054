/* SPDX-License-Identifier: BSD-3-Clause */
/* test_audit_limits: what the intake does at its bounds, with a wrong clock, and when something fails for a while. */
#include <errno.h>
#include <fcntl.h>

#include "control/audit/index.h"
#include "tests/unit/audit_hits_fixture.h"

/* A data plane that got new files again and again: the one before the newest may still be emptied, whatever it is called. */
static void test_audit_forgets_the_oldest_files_after_a_start_too(void)
{
	struct audited x;
	static const uint8_t before_newest[16] = {0x01}, newest[16] = {0xff};
	audited_open(&x);
	orders(&x);
	for (uint8_t i = 1; i <= 16; i++)
		give(&x, (uint8_t[16]){0xf1, i}, 1, 1, 0);
	give(&x, before_newest, 1, 10, 0);
	audited_settle(&x);
	audited_stop(&x);
	CU_ASSERT_EQUAL_FATAL(audited_start(&x), 0);
	give(&x, newest, 1, 1, 0);
	give(&x, before_newest, 5, 10, 0);
	audited_settle(&x);
	CU_ASSERT_EQUAL(audited_count(&x, "hit"), 16 + 14 + 1);
	CU_ASSERT_EQUAL(audited_count(&x, "source"), 18);
	audited_close(&x);
}

/* The map has room for some of them only: none is taken, and later each counts once. */
static void test_audit_counts_find_room_together_or_wait(void)
{
	struct audited x;
	struct event ev[5];
	char key[16];
	audited_open(&x);
	orders(&x);
	audited_settle(&x);
	for (unsigned i = 0; i < 5; i++) {
		ev[i] = hit(i + 1, 1);
		ev[i].time_ns += i * 60000000000;
	}
	int err = 0;
	unsigned n = 0;
	for (; !err; n++) {
		snprintf(key, sizeof(key), "fill/%u", n);
		err = log_set(audit_log(x.a), key, "x", 1);
	}
	CU_ASSERT_EQUAL(err, -ENOSPC);
	for (unsigned i = 1; i <= 3; i++) {
		snprintf(key, sizeof(key), "fill/%u", n - 1 - i);
		log_set(audit_log(x.a), key, NULL, 0);
	}
	audited_settle(&x);
	CU_ASSERT(audit_events(x.a, "left", file, 0, ev, 5) < 0);
	audited_settle(&x);
	log_set(audit_log(x.a), "fill/0", NULL, 0);
	for (unsigned i = 1; i < 10; i++) {
		snprintf(key, sizeof(key), "fill/%u", i);
		log_set(audit_log(x.a), key, NULL, 0);
	}
	audited_settle(&x);
	audited_stop(&x);
	CU_ASSERT_EQUAL_FATAL(audited_start(&x), 0);
	CU_ASSERT_EQUAL(audit_events(x.a, "left", file, 0, ev, 5), 0);
	audited_settle(&x);
	CU_ASSERT_EQUAL(counted(&x, 5), 5);
	audited_close(&x);
}

/* A clock that was years ahead: its minutes are leaves once it is right, and not in years. */
static void test_audit_counts_of_a_wrong_clock_are_leaves_too(void)
{
	struct audited x;
	audited_open(&x);
	orders(&x);
	struct event ev = hit(1, 1);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	ev.time_ns = ((uint64_t)now.tv_sec + 5 * 365 * 86400) * 1000000000;
	CU_ASSERT_EQUAL(audit_events(x.a, "left", file, 0, &ev, 1), 0);
	audited_settle(&x);
	for (unsigned i = 0; i < 10 && !audited_count(&x, "count"); i++) {
		uv_run(&x.loop, UV_RUN_ONCE);
		uint64_t until = uv_now(&x.loop) + 1000;
		while (uv_now(&x.loop) < until)
			uv_run(&x.loop, UV_RUN_ONCE);
		audited_settle(&x);
	}
	CU_ASSERT_EQUAL(audited_count(&x, "count"), 1);
	audited_close(&x);
}

/* "for ever" is a year that nanoseconds of 63 bits do not reach. What comes behind it is a leaf, too. */
static void test_audit_order_without_an_end_is_a_leaf(void)
{
	struct audited x;
	int64_t id, proposal;
	json_t *fields = fixture_fields(NULL);
	audited_open(&x);
	json_object_set_new(fields, "expires", json_string("9999-12-31"));
	CU_ASSERT_EQUAL_FATAL(order_add(x.f.s, &x.f.e, &ana, fields, &id, &proposal), 0);
	json_decref(fields);
	CU_ASSERT_EQUAL(journal_add(x.f.s, &x.f.e, &ana, "later", "order 1", OUTCOME_DONE, "x"), 0);
	audited_settle(&x);
	json_t *all = audited_leaves(&x, "order"), *acts = audited_leaves(&x, "act");
	CU_ASSERT_EQUAL(json_array_size(all), 1);
	const char *expires = json_string_value(json_object_get(json_array_get(all, 0), "expires"));
	CU_ASSERT(expires && !strncmp(expires, "2262-04-11T23:47:16", 19));
	CU_ASSERT_EQUAL((int64_t)json_array_size(acts), fixture_count(&x.f, "SELECT count(*) FROM journal"));
	json_decref(all);
	json_decref(acts);
	audited_close(&x);
}

/* What no leaf can say is said to be so, once, and holds up nothing. */
static void test_audit_row_that_no_leaf_can_say_holds_up_nothing(void)
{
	struct audited x;
	audited_open(&x);
	struct proposed p = fixture_propose(&x.f);
	audited_settle(&x);
	CU_ASSERT_EQUAL(store_run(x.f.s, &x.f.e,
				  "UPDATE imports SET entries = -1, state = 'withdrawn' WHERE id = ?", "i",
				  p.import),
			0);
	CU_ASSERT_EQUAL(journal_add(x.f.s, &x.f.e, &ana, "later", "order 1", OUTCOME_DONE, "x"), 0);
	audited_settle(&x);
	size_t acts = audited_count(&x, "act");
	CU_ASSERT_EQUAL(audited_count(&x, "recovered"), 1);
	CU_ASSERT_EQUAL(audited_count(&x, "import"), 1);
	CU_ASSERT_EQUAL((int64_t)acts, fixture_count(&x.f, "SELECT count(*) FROM journal"));
	audited_close(&x);
}

static unsigned lines_with(const char *path, const char *what)
{
	char line[1024];
	unsigned n = 0;
	FILE *in = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(in);
	while (fgets(line, sizeof(line), in))
		n += strstr(line, what) != NULL;
	fclose(in);
	return n;
}

/* Four seconds of the loop, with acts; returns its turns. */
static unsigned seconds(struct audited *x)
{
	unsigned turns = 0;
	uint64_t until = uv_now(&x->loop) + 4000;
	CU_ASSERT_EQUAL(journal_add(x->f.s, &x->f.e, &ana, "act", "order 1", OUTCOME_DONE, "x"), 0);
	for (; uv_now(&x->loop) < until; turns++)
		uv_run(&x->loop, UV_RUN_ONCE);
	return turns;
}

/* Somebody else holds the index: said once, tried each second, and said that it is over. */
static void test_audit_says_a_trouble_once_and_its_end(void)
{
	struct audited x;
	char said[100], index[100];
	/* SQLite's lock of who writes: "WAL-Index Format", 2.1 */
	struct flock write_lock = {.l_type = F_WRLCK, .l_start = 120, .l_len = 1};
	audited_open(&x);
	audited_settle(&x);
	snprintf(said, sizeof(said), "%s/said", x.f.folder);
	snprintf(index, sizeof(index), "%s/audit/index.db-shm", x.f.folder);
	int other = open(index, O_RDWR | O_CLOEXEC);
	CU_ASSERT_EQUAL_FATAL(fcntl(other, F_OFD_SETLK, &write_lock), 0);
	int err = dup(STDERR_FILENO), to = open(said, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	dup2(to, STDERR_FILENO);
	unsigned turns = seconds(&x);
	close(other);
	seconds(&x);
	dup2(err, STDERR_FILENO);
	close(err);
	close(to);
	CU_ASSERT_EQUAL(lines_with(said, "the log:"), 2);
	CU_ASSERT_EQUAL(lines_with(said, "is over"), 1);
	CU_ASSERT(turns < 500);
	CU_ASSERT_EQUAL(index_applied(audit_index(x.a)), log_status(audit_log(x.a))->durable);
	audited_close(&x);
}

static const struct test tests[] = {
    TEST(test_audit_forgets_the_oldest_files_after_a_start_too),
    TEST(test_audit_counts_find_room_together_or_wait),
    TEST(test_audit_counts_of_a_wrong_clock_are_leaves_too),
    TEST(test_audit_order_without_an_end_is_a_leaf),
    TEST(test_audit_row_that_no_leaf_can_say_holds_up_nothing),
    TEST(test_audit_says_a_trouble_once_and_its_end),
};

HARNESS_MAIN("audit_limits", tests)
