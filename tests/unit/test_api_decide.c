/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/versions.h"
#include "tests/unit/api_fixture.h"

static json_t *ask(const struct who *who, const char *name, json_t *params, int want)
{
	return api_ask(&methods_decide, who, name, params, want);
}

static void act(const struct who *who, const char *name, json_t *params, int want)
{
	api_do(&methods_decide, who, name, params, want);
}

static json_t *number(const char *key, int64_t id)
{
	return json_pack("{sI}", key, (json_int_t)id);
}

static json_t *with(const char *key, int64_t id, const char *word, const char *text)
{
	return json_pack("{sIss}", key, (json_int_t)id, word, text);
}

/* Of somebody with these roles. */
static json_t *as(unsigned roles, const char *name, json_t *params)
{
	json_t *said = NULL;
	api.call.roles = roles;
	CU_ASSERT_EQUAL(api_row(&methods_decide, name)->run(&api.call, params, &said, &api.f.e), 0);
	json_decref(params);
	return said;
}

int engine_rollback(struct engine *engine, const struct who *who, int64_t id, const char *reason,
		    uint64_t *ret_job, struct err *e)
{
	(void)engine, (void)who, (void)reason;
	if (id == 1)
		return err_set(e, -ENOENT, "there is no version 1");
	*ret_job = 40 + (uint64_t)id;
	return 0;
}

static void test_api_decide_proposals_by_two_people(void)
{
	api_begin();
	struct proposed p = fixture_propose(&api.f);
	json_t *open = ask(&eva, "proposal.list", json_pack("{ss}", "state", "open"), 0);
	CU_ASSERT_EQUAL(json_array_size(open), 3);
	CU_ASSERT(api_is_documented(&methods_decide, "proposal.list", open));
	act(&ana, "proposal.approve", number("proposal", p.order_proposal), -EPERM);
	CU_ASSERT_PTR_NOT_NULL(strstr(api.f.e.text, "somebody else"));
	act(&ben, "proposal.withdraw", number("proposal", p.order_proposal), -EPERM);
	json_t *done =
	    ask(&ben, "proposal.approve", with("proposal", p.order_proposal, "note", "by telephone"), 0);
	CU_ASSERT_STRING_EQUAL(api_text(done, "state"), "approved");
	CU_ASSERT(api_is_documented(&methods_decide, "proposal.approve", done));
	act(&eva, "proposal.approve", number("proposal", p.order_proposal), -EALREADY);
	act(&ben, "proposal.refuse", with("proposal", p.list_proposal, "reason", ""), -EINVAL);
	act(&ben, "proposal.refuse", with("proposal", p.import_proposal, "reason", "not the right file"), 0);
	act(&ana, "proposal.withdraw", number("proposal", p.list_proposal), 0);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM proposals WHERE state = 'open'"), 0);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM journal WHERE act LIKE 'proposal.%'"
					      " AND outcome = 'done'"),
			3);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM journal WHERE outcome = 'refused'"), 4);
	json_decref(done);
	json_decref(open);
	api_end();
}

/* One of each kind, and what proposal.show says that it is about. */
static void test_api_decide_shows_what_a_proposal_is_about(void)
{
	static const struct {
		const char *kind, *member;
	} abouts[] = {{"order", "reference"},
		      {"list", "format"},
		      {"import", "sha256"},
		      {"exception", "entry"},
		      {"override", "entry"}};
	api_begin();
	fixture_propose(&api.f);
	act(&ana, "exception.add", json_pack("{ssss}", "entry", "Name.test", "reason", "ours"), 0);
	act(&ana, "override.add", json_pack("{ssss}", "entry", "shared.test", "assessment", "harmless"), 0);
	for (int64_t id = 1; id <= 5; id++) {
		json_t *one = ask(&ben, "proposal.show", number("proposal", id), 0);
		json_t *about = json_object_get(one, "about");
		CU_ASSERT(api_is_documented(&methods_decide, "proposal.show", one));
		CU_ASSERT_STRING_EQUAL(api_text(one, "kind"), abouts[id - 1].kind);
		CU_ASSERT_STRING_NOT_EQUAL(api_text(about, abouts[id - 1].member), "(none)");
		json_decref(one);
	}
	act(&ben, "proposal.show", number("proposal", 6), -ENOENT);
	api_end();
}

static const struct {
	const char *entry, *kept; /* kept NULL: refused */
} entries[] = {
    {"Name.TEST", "name.test"},
    {"=name.test", "=name.test"},
    {"*.name.test", "*.name.test"},
    {"secret.test", "secret.test"},
    {"https://Name.test:443/a/../b", "https://name.test/b"},
    {"192.0.2.7", "192.0.2.7/32"},
    {"2001:db8::/32", "2001:db8::/32"},
    {"!name.test", NULL},
    {"", NULL},
    {"# a comment", NULL},
    {"name.test\nother.test", NULL},
    {"secret name.test", NULL},
    {"secret..test", NULL},
};

static void test_api_decide_entries_are_canonical(void)
{
	api_begin();
	for (unsigned i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		json_t *params = json_pack("{ssss}", "entry", entries[i].entry, "reason", "ours");
		act(&ana, "exception.add", params, entries[i].kept ? 0 : -EINVAL);
		if (!entries[i].kept) {
			CU_ASSERT(!strncmp(api.f.e.text, "entry: ", 7));
			CU_ASSERT_PTR_NULL(strstr(api.f.e.text, "secret"));
			continue;
		}
		json_t *all = as(ROLE_OPERATOR, "exception.list", json_object());
		CU_ASSERT_STRING_EQUAL(api_text(json_array_get(all, 0), "entry"), entries[i].kept);
		json_decref(all);
	}
	CU_ASSERT_EQUAL(
	    fixture_count(
		&api.f,
		"SELECT count(*) FROM journal WHERE text LIKE '%secret%' OR text LIKE '%other.test%'"),
	    0);
	api_end();
}

/* Of who only looks, entries are hidden: in lists and in proposals. */
static void test_api_decide_entries_are_hidden_from_viewers(void)
{
	static const char *const names[] = {"exception.list", "override.list", "proposal.show",
					    "proposal.show"};
	static const unsigned roles[] = {ROLE_VIEWER, ROLE_AUDITOR | ROLE_VIEWER, ROLE_ADMIN | ROLE_VIEWER,
					 ROLE_OPERATOR | ROLE_VIEWER, ROLE_APPROVER | ROLE_VIEWER};
	api_begin();
	act(&ana, "exception.add", json_pack("{ssss}", "entry", "name.test", "reason", "ours"), 0);
	act(&ana, "override.add", json_pack("{ssss}", "entry", "name.test", "assessment", "ours"), 0);
	for (unsigned i = 0; i < 4; i++)
		for (unsigned r = 0; r < sizeof(roles) / sizeof(*roles); r++) {
			json_t *said =
			    as(roles[r], names[i], i < 2 ? json_object() : number("proposal", i - 1));
			char *text = json_dumps(said, JSON_COMPACT);
			CU_ASSERT_EQUAL(strstr(text, "name.test") != NULL, r >= 3);
			CU_ASSERT_EQUAL(strstr(text, "\"hidden\"") != NULL, r < 3);
			free(text);
			json_decref(said);
		}
	api_end();
}

static void test_api_decide_exceptions_begin_and_end(void)
{
	api_begin();
	json_t *added = ask(&ana, "exception.add",
			    json_pack("{ssssss}", "entry", "name.test", "reason", "ours", "expires",
				      "2999-01-01T06:00+01:00"),
			    0);
	CU_ASSERT(api_is_documented(&methods_decide, "exception.add", added));
	act(&ana, "exception.remove", with("exception", 1, "reason", "too early"), -ENOENT);
	act(&ben, "proposal.approve", number("proposal", api_number(added, "proposal")), 0);
	json_t *all = ask(&ben, "exception.list", json_pack("{ss}", "state", "active"), 0);
	CU_ASSERT_STRING_EQUAL(api_text(json_array_get(all, 0), "expires"), "2999-01-01T05:00:00Z");
	json_t *removed = ask(&ana, "exception.remove", with("exception", 1, "reason", "over"), 0);
	act(&ben, "proposal.approve", number("proposal", api_number(removed, "proposal")), 0);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM exceptions WHERE state = 'ended'"), 1);
	json_decref(removed);
	json_decref(all);
	json_decref(added);
	act(&ana, "exception.add",
	    json_pack("{ssssss}", "entry", "name.test", "reason", "ours", "expires", "2001-01-01"), -EINVAL);
	act(&ana, "exception.add",
	    json_pack("{ssssss}", "entry", "name.test", "reason", "ours", "expires", "soon"), -EINVAL);
	act(&ana, "override.add",
	    json_pack("{sssssi}", "entry", "name.test", "assessment", "harmless", "order", 9), -ENOENT);
	act(&ana, "override.add", json_pack("{ssss}", "entry", "name.test", "assessment", " "), -EINVAL);
	act(&ana, "override.remove", number("override", 1), -ENOENT);
	api_end();
}

static const struct {
	const char *what, *list;
	int order, want;
} stops[] = {
    {"all", NULL, 0, 0},
    {"all", "gambling", 0, -EINVAL},
    {"all", NULL, 1, -EINVAL},
    {"list", "gambling", 0, 0},
    {"list", "1", 0, 0},
    {"list", NULL, 0, -EINVAL},
    {"list", "gambling", 1, -EINVAL},
    {"list", "other", 0, -ENOENT},
    {"order", NULL, 1, 0},
    {"order", NULL, 0, -EINVAL},
    {"order", NULL, 2, -ENOENT},
    {"order", "gambling", 1, -EINVAL},
    {"dataplane", NULL, 0, -EINVAL},
};

static void test_api_decide_stops(void)
{
	unsigned n = 0;
	api_begin();
	fixture_propose(&api.f);
	for (unsigned i = 0; i < sizeof(stops) / sizeof(*stops); i++) {
		json_t *params = json_pack("{ssss}", "what", stops[i].what, "reason", "over-blocks");
		if (stops[i].list)
			json_object_set_new(params, "list", json_string(stops[i].list));
		if (stops[i].order)
			json_object_set_new(params, "order", json_integer(stops[i].order));
		act(&ana, "stop.add", params, stops[i].want);
		n += !stops[i].want;
		CU_ASSERT_EQUAL(api.pokes, n);
	}
	act(&ana, "stop.confirm", number("stop", 1), -EPERM);
	act(&ben, "stop.confirm", number("stop", 1), 0);
	act(&ben, "stop.confirm", number("stop", 1), -ENOENT);
	act(&ana, "stop.end", number("stop", 2), 0);
	act(&ana, "stop.end", with("stop", 2, "reason", "again"), -ENOENT);
	json_t *all = ask(&eva, "stop.list", json_object(), 0);
	CU_ASSERT_EQUAL(json_array_size(all), 4);
	CU_ASSERT(api_is_documented(&methods_decide, "stop.list", all));
	CU_ASSERT_EQUAL(api_number(json_array_get(all, 3), "stop"), 2); /* ended ones last */
	CU_ASSERT_STRING_EQUAL(api_text(json_array_get(all, 3), "list"), "gambling");
	json_decref(all);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM alarms WHERE kind = 'stop'"), 4);
	api_end();
}

static void compiled(int64_t id, const char *plan)
{
	int64_t activation;
	CU_ASSERT_EQUAL(version_add(api.f.s, &api.f.e,
				    &(struct version_new){.id = id,
							  .plan = plan,
							  .plan_digest = "00",
							  .file = "f",
							  .digest = "00",
							  .report = "{\"entries\":2}",
							  .bytes = 100,
							  .rules = 2}),
			0);
	CU_ASSERT_EQUAL(version_activate(api.f.s, &api.f.e, id, "it was approved", &activation), 0);
	CU_ASSERT_EQUAL(version_acked(api.f.s, &api.f.e, activation, "left", 1800000000000000000,
				      1800000000012000000, NULL),
			0);
}

static void test_api_decide_versions(void)
{
	api_begin();
	fixture_propose(&api.f);
	compiled(3, "{\"lists\":[]}");
	compiled(4, "{\"lists\":[{\"order\":1,\"list\":1,\"import\":1}]}");
	json_t *all = ask(&eva, "version.list", json_object(), 0);
	CU_ASSERT_EQUAL(json_array_size(all), 2);
	CU_ASSERT(api_is_documented(&methods_decide, "version.list", all));
	CU_ASSERT_EQUAL(api_number(json_array_get(all, 0), "version"), 4);
	CU_ASSERT(json_is_true(json_object_get(json_array_get(all, 0), "active")));
	CU_ASSERT(json_is_false(json_object_get(json_array_get(all, 1), "active")));
	json_t *one = ask(&eva, "version.show", number("version", 4), 0);
	CU_ASSERT(api_is_documented(&methods_decide, "version.show", one));
	CU_ASSERT_EQUAL(api_number(one, "lists_n"), 1);
	CU_ASSERT_STRING_EQUAL(api_text(json_array_get(json_object_get(one, "lists"), 0), "list"),
			       "gambling");
	CU_ASSERT_EQUAL(api_number(json_object_get(one, "report"), "entries"), 2);
	CU_ASSERT_DOUBLE_EQUAL(
	    json_number_value(json_object_get(json_array_get(json_object_get(one, "times"), 0), "after_ms")),
	    12, 1e-6);
	json_decref(one);
	json_decref(all);
	act(&eva, "version.show", number("version", 9), -ENOENT);
	api_end();
}

static void test_api_decide_rollback_is_a_job(void)
{
	struct err e;
	uv_loop_t loop;
	api_begin();
	CU_ASSERT_EQUAL_FATAL(uv_loop_init(&loop), 0);
	CU_ASSERT_EQUAL_FATAL(jobs_new(&loop, &api.call.jobs, &e), 0);
	json_t *job = ask(&ana, "version.rollback", with("version", 2, "reason", "it over-blocks"), 0);
	CU_ASSERT_EQUAL(api_number(job, "job"), 42);
	json_decref(job);
	act(&ana, "version.rollback", with("version", 1, "reason", "it over-blocks"), -ENOENT);
	act(&ana, "version.rollback", with("version", 2, "reason", "\t"), -EINVAL);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM journal WHERE act = 'version.rollback'"
					      " AND outcome = 'refused'"),
			2);
	jobs_stop(api.call.jobs);
	uv_run(&loop, UV_RUN_DEFAULT);
	jobs_free(api.call.jobs);
	CU_ASSERT_EQUAL(uv_loop_close(&loop), 0);
	api_end();
}

static const struct test tests[] = {
    TEST(test_api_decide_proposals_by_two_people),
    TEST(test_api_decide_shows_what_a_proposal_is_about),
    TEST(test_api_decide_entries_are_canonical),
    TEST(test_api_decide_entries_are_hidden_from_viewers),
    TEST(test_api_decide_exceptions_begin_and_end),
    TEST(test_api_decide_stops),
    TEST(test_api_decide_versions),
    TEST(test_api_decide_rollback_is_a_job),
};
HARNESS_MAIN("api_decide", tests)
