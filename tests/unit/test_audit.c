/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>

#include "control/audit/index.h"
#include "control/store/alarms.h"
#include "tests/unit/audit_fixture.h"

#define NOW 1795708800000000000ull /* 2026-11-26T16:00:00Z */

static const uint8_t file[16] = {0xf1, 1}, next_file[16] = {0xf1, 2};

/* Order 1 leaves events, order 2 counts, order 3 pseudonyms: lists 0, 1 and 2 of version 1. */
static void orders(struct audited *x)
{
	static const char *const records[] = {"events", "counts", "pseudonyms"};
	for (unsigned i = 0; i < 3; i++) {
		json_t *fields = fixture_fields(NULL);
		int64_t id, proposal;
		json_object_set_new(fields, "records", json_string(records[i]));
		json_object_set_new(fields, "records_basis", json_string("Example Act, Article 9"));
		CU_ASSERT_EQUAL_FATAL(order_add(x->f.s, &x->f.e, &ana, fields, &id, &proposal), 0);
		json_decref(fields);
	}
	CU_ASSERT_EQUAL_FATAL(
	    version_add(x->f.s, &x->f.e,
			&(struct version_new){
			    .id = 1,
			    .plan = "{\"lists\":[{\"order\":1,\"list\":11},{\"order\":2,\"list\":12},"
				    "{\"order\":3,\"list\":13}]}",
			    .plan_digest = "d",
			    .file = "f",
			    .digest = "d",
			    .report = "{}"}),
	    0);
}

static struct event hit(uint64_t seq, uint16_t list)
{
	struct event ev = {.type = EVENT_HIT, .seq = seq, .time_ns = NOW + seq};
	ev.hit = (struct event_hit){.version = 1, .rule = 0xabcdef, .line = 7, .list = list, .ip_version = 4};
	memcpy(ev.hit.src, (uint8_t[]){192, 0, 2, 77}, 4);
	memcpy(ev.hit.dst, (uint8_t[]){198, 51, 100, 77}, 4);
	return ev;
}

static void give(struct audited *x, const uint8_t id[16], uint64_t first, unsigned n, uint16_t list)
{
	struct event ev[64];
	for (unsigned i = 0; i < n; i++)
		ev[i] = hit(first + i, list);
	CU_ASSERT_EQUAL(audit_events(x->a, "left", id, 0, ev, n), 0);
}

static void test_audit_hits_are_leaves_once_whoever_dies(void)
{
	struct audited x;
	audited_open(&x);
	orders(&x);
	give(&x, file, 1, 10, 0);
	audited_settle(&x);
	CU_ASSERT_EQUAL(audited_count(&x, "hit"), 10);
	give(&x, file, 5, 10, 0); /* 5 to 10 were not given back to the ring: they come again */
	audited_settle(&x);
	CU_ASSERT_EQUAL(audited_count(&x, "hit"), 14);
	audited_stop(&x);
	CU_ASSERT_EQUAL_FATAL(audited_start(&x), 0);
	give(&x, file, 10, 10, 0);
	give(&x, next_file, 1, 1, 0); /* another file's numbers begin anew */
	audited_settle(&x);
	json_t *all = audited_leaves(&x, "hit");
	CU_ASSERT_EQUAL_FATAL(json_array_size(all), 20);
	for (unsigned i = 0; i < 19; i++)
		CU_ASSERT_EQUAL(audited_number(json_array_get(all, i), "seq"), i + 1);
	CU_ASSERT(audited_number(json_array_get(all, 0), "source") !=
		  audited_number(json_array_get(all, 19), "source"));
	json_decref(all);
	CU_ASSERT_EQUAL(audited_count(&x, "source"), 2);
	audited_close(&x);
}

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

static void test_audit_hit_says_nothing_of_the_client(void)
{
	struct audited x;
	audited_open(&x);
	orders(&x);
	give(&x, file, 1, 1, 0);
	give(&x, file, 2, 2, 2);
	audited_settle(&x);
	json_t *all = audited_leaves(&x, "hit");
	CU_ASSERT_EQUAL_FATAL(json_array_size(all), 3);
	const char *who[3];
	for (unsigned i = 0; i < 3; i++) {
		json_t *leaf = json_array_get(all, i);
		char *text = json_dumps(leaf, 0);
		CU_ASSERT_PTR_NULL(strstr(text, "192.0.2"));
		CU_ASSERT_PTR_NULL(strstr(text, "c000024d")); /* the address in hexadecimal */
		CU_ASSERT_PTR_NULL(strstr(text, "c633644d"));
		free(text);
		who[i] = json_string_value(json_object_get(leaf, "pseudonym"));
	}
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(json_array_get(all, 0), "rule")),
			       "0000000000abcdef");
	CU_ASSERT_STRING_EQUAL(who[0], "");
	CU_ASSERT_EQUAL(strlen(who[1]), 16);
	CU_ASSERT_STRING_EQUAL(who[1], who[2]);
	json_decref(all);
	audited_close(&x);
}

static void test_audit_counts_by_the_minute_survive_a_death(void)
{
	struct audited x;
	audited_open(&x);
	orders(&x);
	give(&x, file, 1, 30, 1);
	audited_settle(&x);
	CU_ASSERT_EQUAL(audited_count(&x, "hit"), 0);
	audited_stop(&x); /* the minute of these events is long over: the next second closes it */
	CU_ASSERT_EQUAL_FATAL(audited_start(&x), 0);
	give(&x, file, 20, 21, 1);
	audited_settle(&x);
	json_int_t hits = 0;
	json_t *all = NULL;
	while (hits < 40) { /* one leaf, or two where a second passed in between */
		json_decref(all);
		uv_run(&x.loop, UV_RUN_ONCE);
		audited_settle(&x);
		all = audited_leaves(&x, "count");
		hits = 0;
		for (size_t i = 0; i < json_array_size(all); i++)
			hits += audited_number(json_array_get(all, i), "hits");
	}
	CU_ASSERT_EQUAL(hits, 40);
	const json_t *leaf = json_array_get(all, 0);
	CU_ASSERT_EQUAL(audited_number(leaf, "order"), 2);
	CU_ASSERT_EQUAL(audited_number(leaf, "list"), 12);
	CU_ASSERT_EQUAL(audited_number(leaf, "minute"), (json_int_t)(NOW / 60000000000));
	json_decref(all);
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

static void test_audit_tally_accounts_for_every_number(void)
{
	struct audited x;
	audited_open(&x);
	orders(&x);
	struct event lost = {.type = EVENT_GAP, .seq = 21, .time_ns = NOW, .gap = {11, 20, 1}};
	struct event start = {.type = EVENT_START, .seq = 22, .time_ns = NOW, .start = {77}};
	give(&x, file, 5, 3, 0); /* begins behind 4 */
	give(&x, file, 8, 3, 1);
	CU_ASSERT_EQUAL(audit_events(x.a, "left", file, 0, &lost, 1), 0);
	CU_ASSERT_EQUAL(audit_events(x.a, "left", file, 0, &start, 1), 0);
	give(&x, file, 25, 1, 0); /* 23 and 24 were damaged */
	audited_settle(&x);
	audited_stop(&x);
	CU_ASSERT_EQUAL_FATAL(audited_start(&x), 0);
	json_t *all = audited_leaves(&x, "tally"), *sources = audited_leaves(&x, "source");
	CU_ASSERT_EQUAL_FATAL(json_array_size(all), 1);
	const json_t *t = json_array_get(all, 0);
	CU_ASSERT_EQUAL(audited_number(json_array_get(sources, 0), "begin"), 4);
	CU_ASSERT_EQUAL(audited_number(t, "seq"), 25);
	CU_ASSERT_EQUAL(audited_number(t, "hits"), 4);
	CU_ASSERT_EQUAL(audited_number(t, "counted"), 3);
	CU_ASSERT_EQUAL(audited_number(t, "others"), 2);
	CU_ASSERT_EQUAL(audited_number(t, "lost"), 12);
	json_decref(all);
	json_decref(sources);
	audited_close(&x);
}

static void test_audit_acts_are_leaves_once(void)
{
	struct audited x;
	audited_open(&x);
	orders(&x);
	for (int i = 0; i < 700; i++)
		CU_ASSERT_EQUAL(
		    journal_add(x.f.s, &x.f.e, &ana, "order.add", "order 1", OUTCOME_REFUSED, "no %d", i), 0);
	CU_ASSERT_EQUAL(alarm_raise(x.f.s, &x.f.e, ALARM_BREAKER, "version 1", "too much"), 0);
	CU_ASSERT_EQUAL(alarm_ack(x.f.s, &x.f.e, 1, &ben, "seen"), 0);
	audited_settle(&x);
	audited_settle(&x);
	json_t *acts = audited_leaves(&x, "act");
	size_t n = json_array_size(acts), refused = 0;
	for (size_t i = 0; i < n; i++) {
		const json_t *leaf = json_array_get(acts, i);
		CU_ASSERT_EQUAL(audited_number(leaf, "act_id"), (json_int_t)i + 1);
		refused += !strcmp(json_string_value(json_object_get(leaf, "outcome")), "refused");
	}
	CU_ASSERT_EQUAL(refused, 700);
	CU_ASSERT_EQUAL(audited_count(&x, "order"), 3);
	CU_ASSERT_EQUAL(audited_count(&x, "version"), 1);
	CU_ASSERT_EQUAL(audited_count(&x, "alarm"), 3); /* raised; who saw it ended it as well */
	json_decref(acts);
	audited_stop(&x);
	CU_ASSERT_EQUAL_FATAL(audited_start(&x), 0);
	audited_settle(&x);
	CU_ASSERT_EQUAL(audited_count(&x, "act"), n);
	CU_ASSERT_EQUAL(fixture_count(&x.f, "SELECT count(*) FROM outbox"), 0);
	audited_close(&x);
}

static void copy(struct audited *x, const char *from, const char *to)
{
	char command[400];
	snprintf(command, sizeof(command), "cd %s && rm -rf %s && cp -a %s %s", x->f.folder, to, from, to);
	CU_ASSERT_EQUAL(system(command), 0);
}

static void test_audit_log_that_was_put_back_or_is_gone_is_refused(void)
{
	struct audited x;
	audited_open(&x);
	orders(&x);
	audited_settle(&x);
	audited_stop(&x);
	copy(&x, "audit", "earlier");
	CU_ASSERT_EQUAL_FATAL(audited_start(&x), 0);
	give(&x, file, 1, 10, 0);
	audited_settle(&x);
	audited_stop(&x);
	copy(&x, "audit", "last");
	copy(&x, "earlier", "audit");
	CU_ASSERT_EQUAL(audited_start(&x), -EBADMSG);
	CU_ASSERT_PTR_NOT_NULL(strstr(x.f.e.text, "put back"));
	audited_stop(&x);
	copy(&x, "/dev/null", "audit");
	CU_ASSERT_EQUAL(unlink("audit"), -1);
	char path[96];
	snprintf(path, sizeof(path), "%s/audit", x.f.folder);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(audited_start(&x), -EBADMSG);
	audited_stop(&x);
	/* the last one is fine; and another begins where a person says so */
	copy(&x, "last", "audit");
	CU_ASSERT_EQUAL(audited_start(&x), 0);
	CU_ASSERT_EQUAL(audited_count(&x, "hit"), 10);
	audited_stop(&x);
	CU_ASSERT_EQUAL(audit_forget(x.f.s, &x.f.e), 0);
	copy(&x, "earlier", "other");
	char command[200];
	snprintf(command, sizeof(command), "rm -r %s/audit", x.f.folder);
	CU_ASSERT_EQUAL(system(command), 0);
	CU_ASSERT_EQUAL_FATAL(audited_start(&x), 0);
	audited_settle(&x);
	json_t *acts = audited_leaves(&x, "act");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(json_array_get(acts, 0), "act")), "log.new");
	json_decref(acts);
	audited_close(&x);
}

static void test_audit_store_that_was_put_back_is_said_and_acts_go_on(void)
{
	struct audited x;
	audited_open(&x);
	audited_settle(&x);
	audited_stop(&x);
	store_close(x.f.s);
	copy(&x, "store.db", "earlier.db");
	CU_ASSERT_EQUAL_FATAL(store_open(x.f.folder, &x.f.key, &x.f.s, &x.f.e), 0);
	CU_ASSERT_EQUAL_FATAL(audited_start(&x), 0);
	CU_ASSERT_EQUAL(journal_add(x.f.s, &x.f.e, &ana, "later", "order 1", OUTCOME_DONE, "x"), 0);
	audited_settle(&x);
	audited_stop(&x);
	store_close(x.f.s);
	copy(&x, "earlier.db", "store.db");
	CU_ASSERT_EQUAL_FATAL(store_open(x.f.folder, &x.f.key, &x.f.s, &x.f.e), 0);
	CU_ASSERT_EQUAL_FATAL(audited_start(&x), 0);
	CU_ASSERT_EQUAL(journal_add(x.f.s, &x.f.e, &ana, "after", "order 1", OUTCOME_DONE, "x"), 0);
	audited_settle(&x);
	CU_ASSERT_EQUAL(audited_count(&x, "act"), 2);
	CU_ASSERT_EQUAL(audited_count(&x, "recovered"), 1);
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
    TEST(test_audit_hits_are_leaves_once_whoever_dies),
    TEST(test_audit_forgets_the_oldest_files_after_a_start_too),
    TEST(test_audit_hit_says_nothing_of_the_client),
    TEST(test_audit_counts_by_the_minute_survive_a_death),
    TEST(test_audit_counts_of_a_wrong_clock_are_leaves_too),
    TEST(test_audit_tally_accounts_for_every_number),
    TEST(test_audit_acts_are_leaves_once),
    TEST(test_audit_log_that_was_put_back_or_is_gone_is_refused),
    TEST(test_audit_store_that_was_put_back_is_said_and_acts_go_on),
    TEST(test_audit_says_a_trouble_once_and_its_end),
};

HARNESS_MAIN("audit", tests)
