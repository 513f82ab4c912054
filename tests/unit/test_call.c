/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/call.h"

#include <errno.h>

#include "tests/unit/store_fixture.h"

static unsigned pokes;

void engine_poke(struct engine *engine)
{
	(void)engine;
	pokes++;
}

static struct call call_of(struct fixture *f)
{
	pokes = 0;
	return (struct call){.who = ana, .roles = ROLE_OPERATOR | ROLE_VIEWER, .fd = -1, .store = f->s};
}

/* Journals, and fails where the parameters say so. */
static int act(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	int err = journal_add(c->store, e, &c->who, "test.act", "thing", OUTCOME_DONE, "done");
	if (!err && call_flag(params, "fail"))
		err = err_set(e, -EPERM, "not today");
	return err ? err : call_done(json_pack("{sI}", "n", (json_int_t)7), ret, e);
}

static void test_call_an_act_is_committed_with_its_row(void)
{
	struct fixture f;
	json_t *result = NULL, *params = json_pack("{sb}", "fail", 0);
	fixture_open(&f);
	struct call c = call_of(&f);
	CU_ASSERT_EQUAL(call_transact(&c, "test.act", "thing", act, params, &result, &f.e), 0);
	CU_ASSERT_EQUAL(call_number(result, "n"), 7);
	CU_ASSERT_EQUAL(pokes, 1);
	store_close(f.s);
	CU_ASSERT_EQUAL_FATAL(store_open(f.folder, &f.key, &f.s, &f.e), 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal"), 1);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal WHERE outcome = 'done'"), 1);
	json_decref(result);
	json_decref(params);
	fixture_close(&f);
}

static void test_call_a_refused_act_leaves_its_refusal_alone(void)
{
	struct fixture f;
	json_t *result = NULL, *params = json_pack("{sb}", "fail", 1);
	fixture_open(&f);
	struct call c = call_of(&f);
	CU_ASSERT_EQUAL(call_transact(&c, "test.act", "thing", act, params, &result, &f.e), -EPERM);
	CU_ASSERT_PTR_NULL(result);
	CU_ASSERT_STRING_EQUAL(f.e.text, "not today");
	CU_ASSERT_EQUAL(pokes, 0);
	CU_ASSERT_EQUAL(fixture_count(&f, "SELECT count(*) FROM journal"), 1);
	CU_ASSERT_EQUAL(fixture_count(&f,
				      "SELECT count(*) FROM journal WHERE outcome = 'refused' AND who = 'ana'"
				      " AND act = 'test.act' AND subject = 'thing' AND text = 'not today'"),
			1);
	json_decref(params);
	fixture_close(&f);
}

static void test_call_journals_what_needs_no_transaction(void)
{
	struct fixture f;
	fixture_open(&f);
	struct call c = call_of(&f);
	CU_ASSERT_EQUAL(call_journal(&c, "a", "s", 0, NULL, &f.e), 0);
	err_set(&f.e, 0, "no such thing");
	CU_ASSERT_EQUAL(call_journal(&c, "a", "s", -ENOENT, "unused", &f.e), -ENOENT);
	CU_ASSERT_EQUAL(
	    fixture_count(&f, "SELECT count(*) FROM journal WHERE outcome = 'done' AND text = ''"), 1);
	CU_ASSERT_EQUAL(
	    fixture_count(
		&f, "SELECT count(*) FROM journal WHERE outcome = 'refused' AND text = 'no such thing'"),
	    1);
	fixture_close(&f);
}

static const struct {
	const char *list;
	bool there;
} lists[] = {
    {"gambling", true},
    {"1", true},
    {"001", true},
    {"2", false},
    {"0", false},
    {"", false},
    {"-1", false},
    {"1x", false},
    {"Gambling", false},
    {"9223372036854775807", false},
    {"18446744073709551617", false},
    {"99999999999999999999999999", false},
};

static void test_call_lists_are_found_by_name_or_number(void)
{
	struct fixture f;
	fixture_open(&f);
	struct call c = call_of(&f);
	fixture_propose(&f);
	for (unsigned i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct list_row l;
		json_t *params = json_pack("{ss}", "list", lists[i].list);
		int err = call_list(&c, params, &l, &f.e);
		if (err != (lists[i].there ? 0 : -ENOENT))
			printf("# \"%s\": %d\n", lists[i].list, err);
		CU_ASSERT_EQUAL(err, lists[i].there ? 0 : -ENOENT);
		if (!err) {
			CU_ASSERT_STRING_EQUAL(l.name, "gambling");
			list_row_free(&l);
		}
		json_decref(params);
	}
	fixture_close(&f);
}

static void test_call_pages_are_bounded(void)
{
	json_t *none = json_object(), *some = json_pack("{si}", "limit", 5),
	       *many = json_pack("{si}", "limit", 5000);
	CU_ASSERT_EQUAL(call_limit(none, 100, 1000), 100);
	CU_ASSERT_EQUAL(call_limit(some, 100, 1000), 5);
	CU_ASSERT_EQUAL(call_limit(many, 100, 1000), 1000);
	json_decref(none);
	json_decref(some);
	json_decref(many);
}

static int work(void *arg, const atomic_bool *cancel, struct err *e)
{
	(void)arg, (void)cancel, (void)e;
	return 0;
}

static int done(void *ctx, void *arg, int err, bool cancelled, json_t **ret, struct err *e)
{
	(void)ctx, (void)arg, (void)cancelled, (void)ret, (void)e;
	return err;
}

static void test_call_jobs_of_a_user_are_bounded(void)
{
	struct fixture f;
	static const struct control_config config = {.limits = {.jobs_per_user = 3}};
	static const struct job_work w = {.work = work, .done = done};
	uv_loop_t loop;
	uint64_t id;
	fixture_open(&f);
	struct call c = call_of(&f);
	c.config = &config;
	CU_ASSERT_EQUAL_FATAL(uv_loop_init(&loop), 0);
	CU_ASSERT_EQUAL_FATAL(jobs_new(&loop, &c.jobs, &f.e), 0);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(call_may_begin(&c, &f.e), 0);
		CU_ASSERT_EQUAL(jobs_add(c.jobs, "test", ana.uid, &w, &id, &f.e), 0);
	}
	CU_ASSERT_EQUAL(call_may_begin(&c, &f.e), -EBUSY);
	c.who = ben;
	CU_ASSERT_EQUAL(call_may_begin(&c, &f.e), 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	c.who = ana;
	CU_ASSERT_EQUAL(call_may_begin(&c, &f.e), 0);
	jobs_stop(c.jobs);
	jobs_free(c.jobs);
	CU_ASSERT_EQUAL(uv_loop_close(&loop), 0);
	fixture_close(&f);
}

static const struct test tests[] = {
    TEST(test_call_an_act_is_committed_with_its_row),
    TEST(test_call_a_refused_act_leaves_its_refusal_alone),
    TEST(test_call_journals_what_needs_no_transaction),
    TEST(test_call_lists_are_found_by_name_or_number),
    TEST(test_call_pages_are_bounded),
    TEST(test_call_jobs_of_a_user_are_bounded),
};

HARNESS_MAIN("call", tests)
