/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/holds.h"
#include "tests/unit/api_fixture.h"

int engine_rollback(struct engine *engine, const struct who *who, int64_t id, const char *reason,
		    uint64_t *ret_job, struct err *e)
{
	(void)engine, (void)who, (void)id, (void)reason, (void)ret_job;
	return err_set(e, -ENOENT, "nobody goes back here");
}

static json_t *ask(const struct who *who, const char *name, json_t *params, int want)
{
	return api_ask(&methods_audit, who, name, params, want);
}

static void act(const struct who *who, const char *name, json_t *params, int want)
{
	api_do(&methods_audit, who, name, params, want);
}

static void decide(const struct who *who, const char *how, int64_t proposal, int want)
{
	api_do(&methods_decide, who, how,
	       json_pack("{sI ss}", "proposal", (json_int_t)proposal,
			 strcmp(how, "proposal.approve") ? "reason" : "note", "a letter of the court"),
	       want);
}

static int64_t held(void)
{
	return fixture_count(&api.f, "SELECT count(DISTINCT order_id) FROM holds WHERE " HOLD_COUNTS);
}

static json_t *of(const char *what, int64_t id, const char *reason)
{
	return json_pack("{sI ss}", what, (json_int_t)id, "reason", reason);
}

static void test_api_audit_holds_begin_and_end_by_two_people(void)
{
	api_begin();
	struct proposed p = fixture_propose(&api.f);
	act(&ana, "hold.add", of("order", 99, "a court asks"), -ENOENT);
	act(&ana, "hold.add", of("order", p.order, ""), -EINVAL);
	json_t *said = ask(&ana, "hold.add", of("order", p.order, "a court asks"), 0);
	CU_ASSERT(api_is_documented(&methods_audit, "hold.add", said));
	int64_t hold = api_number(said, "hold"), proposal = api_number(said, "proposal");
	json_decref(said);
	CU_ASSERT_EQUAL(held(), 1); /* what would be removed meanwhile does not come back */
	act(&ana, "hold.release", of("hold", hold, "over"), -ENOENT);
	decide(&ana, "proposal.approve", proposal, -EPERM);
	decide(&ben, "proposal.approve", proposal, 0);
	CU_ASSERT_EQUAL(held(), 1);
	json_t *all = ask(&eva, "hold.list", json_object(), 0);
	CU_ASSERT_EQUAL(json_array_size(all), 1);
	CU_ASSERT(api_is_documented(&methods_audit, "hold.list", all));
	CU_ASSERT_STRING_EQUAL(api_text(json_array_get(all, 0), "state"), "active");
	CU_ASSERT_STRING_EQUAL(api_text(json_array_get(all, 0), "reference"), "1196");
	json_decref(all);
	said = ask(&ben, "hold.release", of("hold", hold, "the case is closed"), 0);
	proposal = api_number(said, "proposal");
	json_decref(said);
	act(&ana, "hold.release", of("hold", hold, "over"), -EALREADY);
	CU_ASSERT_EQUAL(held(), 1);
	decide(&ben, "proposal.approve", proposal, -EPERM);
	decide(&ana, "proposal.approve", proposal, 0);
	CU_ASSERT_EQUAL(held(), 0);
	all = ask(&eva, "hold.list", json_pack("{ss}", "state", "ended"), 0);
	CU_ASSERT_EQUAL(json_array_size(all), 1);
	json_decref(all);
	/* adds: a refusal, two refusals of the release and of the hold; what was done, by both */
	CU_ASSERT_EQUAL(
	    fixture_count(&api.f,
			  "SELECT count(*) FROM journal WHERE outcome = 'done' AND subject LIKE 'hold%'"),
	    2);
	api_end();
}

static void test_api_audit_a_hold_that_nobody_approves_holds_for_a_while(void)
{
	api_begin();
	struct proposed p = fixture_propose(&api.f);
	json_t *said = ask(&ana, "hold.add", of("order", p.order, "a court asks"), 0);
	int64_t proposal = api_number(said, "proposal");
	json_decref(said);
	said = json_pack("{sI}", "proposal", (json_int_t)proposal);
	said = api_ask(&methods_decide, &eva, "proposal.show", said, 0);
	CU_ASSERT_STRING_EQUAL(api_text(json_object_get(said, "about"), "reason"), "a court asks");
	json_decref(said);
	CU_ASSERT_EQUAL(store_run(api.f.s, &api.f.e, "UPDATE holds SET created = created - 31 * 86400", ""),
			0);
	CU_ASSERT_EQUAL(held(), 0);
	decide(&ben, "proposal.refuse", proposal, 0);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT state = 'refused' FROM holds"), 1);
	api_end();
}

static const struct test tests[] = {
    TEST(test_api_audit_holds_begin_and_end_by_two_people),
    TEST(test_api_audit_a_hold_that_nobody_approves_holds_for_a_while),
};

HARNESS_MAIN("api_audit", tests)
