/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>

#include "control/store/alarms.h"
#include "tests/unit/audit_hits_fixture.h"

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
	CU_ASSERT_EQUAL(counted(&x, 40), 40);
	json_t *all = audited_leaves(&x, "count");
	const json_t *leaf = json_array_get(all, 0);
	CU_ASSERT_EQUAL(audited_number(leaf, "order"), 2);
	CU_ASSERT_EQUAL(audited_number(leaf, "list"), 12);
	CU_ASSERT_EQUAL(audited_number(leaf, "minute"), (json_int_t)(NOW / 60000000000));
	json_decref(all);
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

/* The log is behind what the store knows, even where no stop was orderly: an act's row takes the log's head along. */
static void test_audit_store_knows_the_head_soon(void)
{
	struct audited x;
	char *text = NULL;
	audited_open(&x);
	audited_settle(&x);
	CU_ASSERT_EQUAL(journal_add(x.f.s, &x.f.e, &ana, "act", "order 1", OUTCOME_DONE, "x"), 0);
	do
		uv_run(&x.loop, UV_RUN_ONCE);
	while (fixture_count(&x.f, "SELECT count(*) FROM outbox"));
	CU_ASSERT_EQUAL_FATAL(
	    store_str(x.f.s, &text, &x.f.e, "SELECT value FROM state WHERE name = 'log-head'", ""), 0);
	CU_ASSERT(strtoull(text, NULL, 10) > 1);
	free(text);
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

static const struct test tests[] = {
    TEST(test_audit_hits_are_leaves_once_whoever_dies),
    TEST(test_audit_hit_says_nothing_of_the_client),
    TEST(test_audit_counts_by_the_minute_survive_a_death),
    TEST(test_audit_tally_accounts_for_every_number),
    TEST(test_audit_acts_are_leaves_once),
    TEST(test_audit_log_that_was_put_back_or_is_gone_is_refused),
    TEST(test_audit_store_knows_the_head_soon),
    TEST(test_audit_store_that_was_put_back_is_said_and_acts_go_on),
};

HARNESS_MAIN("audit", tests)
