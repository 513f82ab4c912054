/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/audit/index.h"
#include "control/store/alarms.h"
#include "tests/unit/api_fixture.h"
#include "tests/unit/leaves_fixture.h"

static json_t *ask(const struct who *who, const char *name, json_t *params, int want)
{
	return api_ask(&methods_watch, who, name, params, want);
}

static void act(const struct who *who, const char *name, json_t *params, int want)
{
	api_do(&methods_watch, who, name, params, want);
}

/* Of somebody with these roles. */
static json_t *as(unsigned roles, const char *name, json_t *params)
{
	json_t *said = NULL;
	api.call.roles = roles;
	CU_ASSERT_EQUAL(api_row(&methods_watch, name)->run(&api.call, params, &said, &api.f.e), 0);
	json_decref(params);
	return said;
}

static void begin(void)
{
	api_begin();
	leaves_open(api.f.folder);
	CU_ASSERT_EQUAL_FATAL(index_open(api.f.folder, leaves.log, api.f.s, &api.call.index, &api.f.e), 0);
}

static void end(void)
{
	index_close(api.call.index);
	leaves_close();
	api_end();
}

static void follow(void)
{
	bool more = true;
	leaves_durable();
	while (more)
		CU_ASSERT_EQUAL_FATAL(index_follow(api.call.index, INDEX_MOST, &more, &api.f.e), 0);
}

/* n hits of line 5 of list 1, of order 1, some days ago, and one of a version that nobody knows. */
static void hit_at(unsigned n, unsigned days)
{
	fixture_propose(&api.f);
	leaves_source(1, "left");
	for (unsigned i = 0; i <= n; i++)
		leaves_hit(1, i < n, i < n, 5, 0xabc,
			   (uint64_t)(clock_now() - days * 86400) * LEAVES_NS + 7000000);
	follow();
}

static void hit(unsigned n)
{
	hit_at(n, 0);
}

static const struct {
	int after, order, limit; /* -1: not asked */
	int first, n;
} pages[] = {
    {-1, -1, -1, 1, 10}, {-1, -1, 3, 8, 3}, {0, -1, 3, 1, 3},  {8, -1, -1, 9, 2}, {10, -1, -1, 0, 0},
    {-1, 1, 4, 6, 4},	 {2, 1, 4, 3, 4},   {-1, 2, -1, 0, 0}, {99, 1, -1, 0, 0}, {-1, 1, -1, 1, 9},
};

/* The last ones; or those behind a number, so that whoever follows misses none. */
static void test_api_watch_hits_page(void)
{
	begin();
	hit(9);
	for (unsigned i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		json_t *params = json_object();
		if (pages[i].after >= 0)
			json_object_set_new(params, "after", json_integer(pages[i].after));
		if (pages[i].order >= 0)
			json_object_set_new(params, "order", json_integer(pages[i].order));
		if (pages[i].limit >= 0)
			json_object_set_new(params, "limit", json_integer(pages[i].limit));
		json_t *all = ask(&eva, "hits.list", params, 0);
		CU_ASSERT_EQUAL(json_array_size(all), (size_t)pages[i].n);
		for (int k = 0; k < pages[i].n; k++)
			CU_ASSERT_EQUAL(api_number(json_array_get(all, k), "hit"), pages[i].first + k);
		json_decref(all);
	}
	json_t *all = ask(&eva, "hits.list", json_object(), 0);
	const json_t *one = json_array_get(all, 0);
	CU_ASSERT(api_is_documented(&methods_watch, "hits.list", all));
	CU_ASSERT_STRING_EQUAL(api_text(one, "list"), "gambling");
	CU_ASSERT_STRING_EQUAL(api_text(one, "reference"), "1196");
	CU_ASSERT_STRING_EQUAL(api_text(one, "rule"), "0000000000000abc");
	CU_ASSERT_EQUAL(strlen(api_text(one, "time")), 24);
	CU_ASSERT_STRING_EQUAL(api_text(one, "time") + 19, ".007Z");
	CU_ASSERT(json_is_null(json_object_get(json_array_get(all, 9), "order")));
	json_decref(all);
	end();
}

static size_t rows_of(json_t *params)
{
	json_t *all = ask(&eva, "hits.list", params, 0);
	size_t n = json_array_size(all);
	json_decref(all);
	return n;
}

static void test_api_watch_hits_by_each_parameter(void)
{
	begin();
	hit(9);
	leaves_order(1, "Test Authority", "court");
	leaves_count("right", 1, 1, 40, (uint64_t)clock_now() / 60);
	follow();
	CU_ASSERT_EQUAL(rows_of(json_pack("{ss}", "authority", "Test Authority")), 10);
	CU_ASSERT_EQUAL(rows_of(json_pack("{ss}", "authority", "Another")), 0);
	CU_ASSERT_EQUAL(rows_of(json_pack("{ss}", "category", "court")), 10);
	CU_ASSERT_EQUAL(rows_of(json_pack("{ss}", "node", "left")), 10);
	CU_ASSERT_EQUAL(rows_of(json_pack("{ss}", "action", "drop")), 10);
	CU_ASSERT_EQUAL(rows_of(json_pack("{ss}", "from", "2020-01-01")), 11);
	CU_ASSERT_EQUAL(rows_of(json_pack("{ss}", "to", "2020-01-01T06:00:00Z")), 0);
	act(&eva, "hits.list", json_pack("{ss}", "from", "yesterday"), -EINVAL);
	act(&eva, "hits.list", json_pack("{ss}", "action", "burn"), -EINVAL);
	json_t *all = ask(&eva, "hits.list", json_pack("{ss}", "node", "right"), 0);
	const json_t *minute = json_array_get(all, 0);
	CU_ASSERT_EQUAL(api_number(minute, "hits"), 40);
	CU_ASSERT(json_is_null(json_object_get(minute, "line")) &&
		  json_is_null(json_object_get(minute, "rule")));
	CU_ASSERT_STRING_EQUAL(api_text(minute, "time") + 16, ":00.000Z");
	json_decref(all);
	end();
}

static void test_api_watch_stats(void)
{
	static const char *const bys[] = {"order", "authority", "category", "list", "protocol", "action"};
	begin();
	hit(9);
	for (unsigned i = 0; i < 6; i++) {
		json_t *all = ask(&eva, "stats", json_pack("{ss}", "by", bys[i]), 0);
		const json_t *most = json_array_get(all, 0);
		CU_ASSERT_EQUAL(json_array_size(all), i < 4 ? 2 : 1);
		CU_ASSERT_EQUAL(api_number(most, "hits"), i < 4 ? 9 : 10);
		CU_ASSERT_EQUAL(api_number(most, "last_hour"), i < 4 ? 9 : 10);
		CU_ASSERT_PTR_NOT_NULL(json_object_get(most, bys[i]));
		CU_ASSERT(!json_is_null(json_object_get(most, bys[i])));
		CU_ASSERT(api_is_documented(&methods_watch, "stats", all));
		json_decref(all);
	}
	end();
	begin();
	hit_at(9, 10);
	json_t *all = ask(&eva, "stats", json_object(), 0);
	CU_ASSERT_EQUAL(api_number(json_array_get(all, 0), "hits"), 9);
	CU_ASSERT_EQUAL(api_number(json_array_get(all, 0), "last_day"), 0);
	json_decref(all);
	all = ask(&eva, "stats", json_pack("{si}", "days", 2), 0);
	CU_ASSERT_EQUAL(json_array_size(all), 0);
	json_decref(all);
	act(&eva, "stats", json_pack("{ss}", "by", "address"), -EINVAL);
	act(&eva, "stats", json_pack("{sI}", "days", (json_int_t)INT64_MAX), -EINVAL);
	end();
}

static size_t alarms(const char *state)
{
	json_t *all = ask(&eva, "alarm.list", json_pack("{ss*}", "state", state), 0);
	size_t n = json_array_size(all);
	json_decref(all);
	return n;
}

static void test_api_watch_alarms(void)
{
	begin();
	CU_ASSERT_EQUAL(alarm_raise(api.f.s, &api.f.e, ALARM_BREAKER, "version 3", "it hit too much"), 0);
	CU_ASSERT_EQUAL(alarm_raise(api.f.s, &api.f.e, ALARM_STOP, "stop 1", "ana stopped all"), 0);
	CU_ASSERT_EQUAL(alarm_raise(api.f.s, &api.f.e, ALARM_ROLLBACK, "version 2", "ana went back"), 0);
	CU_ASSERT_EQUAL(
	    journal_add(api.f.s, &api.f.e, &ana, "version.rollback", "version 2", OUTCOME_DONE, "-"), 0);
	CU_ASSERT_EQUAL(alarms(NULL), 3);
	act(&ana, "alarm.ack", json_pack("{siss}", "alarm", 1, "note", "rules corrected"), 0);
	act(&ana, "alarm.ack", json_pack("{si}", "alarm", 2), 0);
	act(&ana, "alarm.ack", json_pack("{si}", "alarm", 2), -EALREADY);
	act(&ana, "alarm.ack", json_pack("{si}", "alarm", 3), -EPERM);
	CU_ASSERT_EQUAL(alarms(NULL), 1);
	act(&ben, "alarm.ack", json_pack("{siss}", "alarm", 3, "note", "\r"), -EINVAL);
	act(&ben, "alarm.ack", json_pack("{si}", "alarm", 3), 0);
	act(&ben, "alarm.ack", json_pack("{si}", "alarm", 4), -ENOENT);
	CU_ASSERT_EQUAL(alarms("open"), 0);
	CU_ASSERT_EQUAL(alarms("acked"), 3);
	CU_ASSERT_EQUAL(alarms("cleared"), 2); /* the stop goes on */
	CU_ASSERT_EQUAL(alarms("all"), 3);
	json_t *all = ask(&eva, "alarm.list", json_pack("{ss}", "state", "all"), 0);
	CU_ASSERT(api_is_documented(&methods_watch, "alarm.list", all));
	json_decref(all);
	act(&eva, "alarm.list", json_pack("{ss}", "state", "new"), -EINVAL);
	end();
}

static const char words[] = "It is a school's page.\nPlease look.";

static json_t *appeal(void)
{
	return json_pack("{ssssssss}", "subject", "planted.test", "text", words, "contact", "+355 planted",
			 "rule", "0000000000000abc");
}

static void test_api_watch_appeals(void)
{
	begin();
	hit(2);
	json_t *added = ask(&ana, "appeal.add", appeal(), 0);
	CU_ASSERT(api_is_documented(&methods_watch, "appeal.add", added));
	CU_ASSERT_EQUAL(strlen(api_text(added, "ticket")), 16);
	json_t *all = as(ROLE_APPROVER, "appeal.list", json_object());
	CU_ASSERT(api_is_documented(&methods_watch, "appeal.list", all));
	CU_ASSERT_STRING_EQUAL(api_text(json_array_get(all, 0), "subject"), "planted.test");
	json_t *one = as(ROLE_OPERATOR, "appeal.show", json_pack("{si}", "appeal", 1));
	CU_ASSERT(api_is_documented(&methods_watch, "appeal.show", one));
	CU_ASSERT_STRING_EQUAL(api_text(one, "text"), words);
	CU_ASSERT_STRING_EQUAL(api_text(one, "list"), "gambling");
	CU_ASSERT_EQUAL(api_number(one, "line"), 5);
	act(&ben, "appeal.decide", json_pack("{sissss}", "appeal", 1, "outcome", "maybe", "note", "why"),
	    -EINVAL);
	act(&ben, "appeal.decide",
	    json_pack("{sissss}", "appeal", 1, "outcome", "upheld", "note", "planted.test is let through"),
	    0);
	act(&ben, "appeal.decide", json_pack("{sissss}", "appeal", 1, "outcome", "upheld", "note", "why"),
	    -ENOENT);
	act(&ben, "appeal.show", json_pack("{si}", "appeal", 2), -ENOENT);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM appeals WHERE state = 'upheld'"), 1);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM alarms WHERE cleared IS NULL"), 0);
	json_decref(one);
	json_decref(all);
	json_decref(added);
	end();
}

/* What an appeal says is for those who act on it, and for no journal. */
static void test_api_watch_appeals_are_hidden_from_viewers(void)
{
	begin();
	act(&ana, "appeal.add", appeal(), 0);
	act(&ben, "appeal.decide",
	    json_pack("{sissss}", "appeal", 1, "outcome", "rejected", "note", "planted.test is a mirror"), 0);
	const char *const names[] = {"appeal.list", "appeal.show", "journal.list", "alarm.list"};
	for (unsigned i = 0; i < 4; i++) {
		json_t *said =
		    as(ROLE_VIEWER, names[i], i == 1 ? json_pack("{si}", "appeal", 1) : json_object());
		char *text = json_dumps(said, JSON_COMPACT);
		CU_ASSERT_PTR_NULL(strstr(text, "planted"));
		CU_ASSERT_PTR_NULL(strstr(text, "school"));
		free(text);
		json_decref(said);
	}
	end();
}

static void test_api_watch_appeals_refuse(void)
{
	char text[4002];
	begin();
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	act(&ana, "appeal.add", json_pack("{ssss}", "subject", "", "text", "why"), -EINVAL);
	act(&ana, "appeal.add", json_pack("{ssss}", "subject", "name.test", "text", text), -EINVAL);
	act(&ana, "appeal.add", json_pack("{ssssss}", "subject", "name.test", "text", "why", "rule", "abc"),
	    -EINVAL);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM appeals"), 0);
	/* a rule that was never hit */
	act(&ana, "appeal.add",
	    json_pack("{ssssss}", "subject", "name.test", "text", "why", "rule", "0123456789abcdef"), 0);
	end();
}

static void test_api_watch_journal_pages(void)
{
	begin();
	for (int i = 1; i <= 5; i++)
		CU_ASSERT_EQUAL(journal_add(api.f.s, &api.f.e, &ana, "act", "subject", OUTCOME_DONE, "%d", i),
				0);
	json_t *last = ask(&eva, "journal.list", json_pack("{si}", "limit", 2), 0);
	CU_ASSERT_EQUAL(api_number(json_array_get(last, 1), "id"), 5);
	CU_ASSERT_EQUAL(json_array_size(last), 2);
	CU_ASSERT(api_is_documented(&methods_watch, "journal.list", last));
	json_t *next = ask(&eva, "journal.list", json_pack("{sisi}", "after", 1, "limit", 2), 0);
	CU_ASSERT_EQUAL(api_number(json_array_get(next, 0), "id"), 2);
	CU_ASSERT_EQUAL(json_array_size(next), 2);
	json_decref(next);
	json_decref(last);
	end();
}

/* 1,000 rows as long as they can be: the last ones are kept, or the first behind a number. */
static void test_api_watch_journal_fits_into_an_answer(void)
{
	char text[512];
	memset(text, '"', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	begin();
	CU_ASSERT_EQUAL(store_begin(api.f.s, &api.f.e), 0);
	for (int i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(
		    journal_add(api.f.s, &api.f.e, &ana, "act", "subject", OUTCOME_DONE, "%s", text), 0);
	CU_ASSERT_EQUAL(store_commit(api.f.s, &api.f.e), 0);
	for (int behind = 0; behind < 2; behind++) {
		json_t *params = json_pack("{si}", "limit", 1000);
		if (behind)
			json_object_set_new(params, "after", json_integer(0));
		json_t *all = ask(&eva, "journal.list", params, 0);
		size_t n = json_array_size(all);
		CU_ASSERT(n > 100);
		CU_ASSERT(n < 1000);
		CU_ASSERT(json_dumpb(all, NULL, 0, JSON_COMPACT) < RPC_ANSWER_MAX - 1000);
		CU_ASSERT_EQUAL(api_number(json_array_get(all, 0), "id"), behind ? 1 : (int64_t)(1001 - n));
		json_decref(all);
	}
	end();
}

static const struct test tests[] = {
    TEST(test_api_watch_hits_page),
    TEST(test_api_watch_hits_by_each_parameter),
    TEST(test_api_watch_stats),
    TEST(test_api_watch_alarms),
    TEST(test_api_watch_appeals),
    TEST(test_api_watch_appeals_are_hidden_from_viewers),
    TEST(test_api_watch_appeals_refuse),
    TEST(test_api_watch_journal_pages),
    TEST(test_api_watch_journal_fits_into_an_answer),
};
HARNESS_MAIN("api_watch", tests)
