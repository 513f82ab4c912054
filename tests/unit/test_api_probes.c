/* SPDX-License-Identifier: BSD-3-Clause */
/* probe.* over a store; the engine is what stands here. */
#include "control/api/probes.h"
#include "control/store/probes.h"
#include "tests/unit/api_fixture.h"

static struct {
	int err;
	int64_t uid, order;
} asked;

int engine_probe(struct engine *g, int64_t uid, int64_t order, uint64_t *ret_job, struct err *e)
{
	(void)g;
	asked.uid = uid;
	asked.order = order;
	*ret_job = 17;
	return asked.err ? err_set(e, asked.err, "a probe runs already") : 0;
}

static int64_t add_order(void)
{
	json_t *added = api_ask(&methods_orders, &ana, "order.add", fixture_fields(NULL), 0);
	int64_t id = api_number(added, "order");
	json_decref(added);
	api_do(&methods_orders, &ben, "order.approve", json_pack("{sI}", "order", (json_int_t)id), 0);
	return id;
}

static void keep(int64_t order, const char *dataplane, uint64_t missed, uint64_t harmed)
{
	const struct probe_row row = {.order = order,
				      .at = 1790000000,
				      .version = 3,
				      .dataplane = dataplane,
				      .workers = 2,
				      .entries = 10,
				      .enforced = 10 - missed,
				      .missed = missed,
				      .unenforceable = 1,
				      .neighbours = 20,
				      .harmed = harmed,
				      .text = "1 pass by an exception"};
	CU_ASSERT_EQUAL(probes_keep(api.f.s, &api.f.e, &row), 0);
}

static json_t *list(int64_t order)
{
	json_t *params = json_object();
	if (order)
		json_object_set_new(params, "order", json_integer(order));
	return api_ask(&methods_probe, &eva, "probe.list", params, 0);
}

static void test_api_probes_are_listed_the_worst_first(void)
{
	int64_t last;
	api_begin();
	CU_ASSERT(!probes_last(api.f.s, &api.f.e, &last) && last == 0);
	int64_t good = add_order(), bad = add_order();
	keep(good, "left", 0, 0);
	keep(good, "right", 0, 0);
	keep(bad, "left", 3, 0);
	keep(bad, "left", 2, 0); /* in the place of the one before */
	keep(bad, "right", 0, 1);
	CU_ASSERT(!probes_last(api.f.s, &api.f.e, &last) && last == 1790000000);
	json_t *all = list(0), *one = list(good);
	CU_ASSERT_EQUAL_FATAL(json_array_size(all), 4);
	CU_ASSERT_TRUE(api_is_documented(&methods_probe, "probe.list", all));
	CU_ASSERT_EQUAL(api_number(json_array_get(all, 0), "missed"), 2);
	CU_ASSERT_EQUAL(api_number(json_array_get(all, 1), "harmed"), 1);
	CU_ASSERT_EQUAL(api_number(json_array_get(all, 3), "order"), good);
	CU_ASSERT_EQUAL(json_array_size(one), 2);
	json_decref(all);
	json_decref(one);
	json_t *shown =
	    api_ask(&methods_orders, &eva, "order.show", json_pack("{sI}", "order", (json_int_t)bad), 0);
	const json_t *probes = json_object_get(shown, "probes");
	CU_ASSERT_EQUAL_FATAL(json_array_size(probes), 2);
	CU_ASSERT_STRING_EQUAL(api_text(json_array_get(probes, 1), "dataplane"), "right");
	CU_ASSERT_STRING_EQUAL(api_text(json_array_get(probes, 1), "time"), "2026-09-21T14:13:20Z");
	json_decref(shown);
	api_end();
}

static void test_api_probes_begin_as_a_job_and_are_journalled(void)
{
	struct jobs *jobs;
	api_begin();
	CU_ASSERT_EQUAL_FATAL(jobs_new(NULL, &jobs, &api.f.e), 0); /* none runs */
	api.call.jobs = jobs;
	json_t *begun = api_ask(&methods_probe, &ana, "probe.run", json_pack("{si}", "order", 5), 0);
	CU_ASSERT_EQUAL(api_number(begun, "job"), 17);
	CU_ASSERT(asked.uid == ana.uid && asked.order == 5);
	json_decref(begun);
	asked.err = -EBUSY;
	api_do(&methods_probe, &ana, "probe.run", json_object(), -EBUSY);
	asked.err = 0;
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM journal WHERE act = 'probe.run' AND"
					      " subject = 'order 5' AND outcome = 'done'"),
			1);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM journal WHERE act = 'probe.run' AND"
					      " subject = 'all orders' AND outcome <> 'done'"),
			1);
	jobs_free(jobs);
	api_end();
}

static const struct test tests[] = {
    TEST(test_api_probes_are_listed_the_worst_first),
    TEST(test_api_probes_begin_as_a_job_and_are_journalled),
};
HARNESS_MAIN("api_probes", tests)
