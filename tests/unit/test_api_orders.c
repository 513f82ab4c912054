/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/order_fields.h"
#include "control/store/probes.h"
#include "control/store/versions.h"
#include "tests/unit/api_fixture.h"

static json_t *ask(const struct who *who, const char *name, json_t *params, int want)
{
	return api_ask(&methods_orders, who, name, params, want);
}

static json_t *order(int64_t id)
{
	return json_pack("{sI}", "order", (json_int_t)id);
}

static json_t *order_with(int64_t id, const char *key, const char *text)
{
	return json_pack("{sIss}", "order", (json_int_t)id, key, text);
}

static void test_api_orders_parameters_are_the_fields(void)
{
	const struct rpc_method *m = api_row(&methods_orders, "order.add");
	CU_ASSERT_EQUAL_FATAL(m->n_params, order_fields_n);
	for (unsigned i = 0; i < order_fields_n; i++) {
		CU_ASSERT_STRING_EQUAL(m->params[i].name, order_fields[i].key);
		CU_ASSERT_EQUAL(m->params[i].required, order_fields[i].required);
		CU_ASSERT_EQUAL(m->params[i].type == RPC_BOOL, order_fields[i].type == ORDER_FLAG);
		CU_ASSERT_EQUAL(m->params[i].type == RPC_U64, order_fields[i].type == ORDER_SECONDS);
	}
}

static void test_api_orders_life(void)
{
	api_begin();
	json_t *added = ask(&ana, "order.add", fixture_fields(NULL), 0);
	int64_t id = api_number(added, "order");
	CU_ASSERT(id > 0);
	CU_ASSERT(api_number(added, "proposal") > 0);
	CU_ASSERT_EQUAL(api.pokes, 1);

	json_decref(ask(&ana, "order.approve", order(id), -EPERM));
	CU_ASSERT_PTR_NOT_NULL(strstr(api.f.e.text, "somebody else"));
	json_t *approved = ask(&ben, "order.approve", order(id), 0);
	CU_ASSERT_STRING_EQUAL(api_text(approved, "state"), "approved");
	CU_ASSERT_EQUAL(api_number(approved, "decided"), 1);

	json_t *revoked = ask(&ana, "order.revoke", order_with(id, "reason", "a court said so"), 0);
	CU_ASSERT(api_number(revoked, "proposal") > api_number(added, "proposal"));
	json_decref(ask(&ana, "order.revoke", order_with(id, "reason", "again"), -EALREADY));
	json_decref(ask(&ben, "order.approve", order(id), 0));
	json_t *shown = ask(&eva, "order.show", order(id), 0);
	CU_ASSERT_STRING_EQUAL(api_text(shown, "state"), "revoked");
	CU_ASSERT_STRING_EQUAL(api_text(shown, "ended_why"), "a court said so");
	CU_ASSERT_EQUAL(json_array_size(json_object_get(shown, "proposals")), 2);
	json_decref(shown);
	json_decref(revoked);
	json_decref(approved);
	json_decref(added);
	api_end();
}

/* Every refusal says which field, and is in the journal. */
static void test_api_orders_refuses_by_the_fields_name(void)
{
	static const char *const missing[] = {"authority", "reference", "legal_basis", "category",
					      "received",  "expires",	"precision"};
	api_begin();
	for (unsigned i = 0; i < sizeof(missing) / sizeof(*missing); i++) {
		json_decref(ask(&ana, "order.add", fixture_fields(missing[i]), -EINVAL));
		CU_ASSERT(!strncmp(api.f.e.text, missing[i], strlen(missing[i])));
	}
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM orders"), 0);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM journal WHERE outcome = 'refused'"), 7);
	api_end();
}

static const struct {
	const char *method, *key, *text;
	int want;
} refused[] = {
    {"order.approve", "note", "", -EINVAL},
    {"order.approve", "note", "two\nlines", -EINVAL},
    {"order.refuse", "reason", "   ", -EINVAL},
    {"order.revoke", "reason", "not approved yet", -EPERM},
    {"order.review", "note", "not approved yet", -EPERM},
};

static void test_api_orders_words_are_checked(void)
{
	char text[1002];
	api_begin();
	struct proposed p = fixture_propose(&api.f);
	for (unsigned i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		json_decref(ask(&ben, refused[i].method, order_with(p.order, refused[i].key, refused[i].text),
				refused[i].want));
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	json_decref(ask(&ben, "order.refuse", order_with(p.order, "reason", text), -EINVAL));
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM proposals WHERE state = 'open'"), 3);
	text[1000] = 0;
	json_decref(ask(&ben, "order.refuse", order_with(p.order, "reason", text), 0));
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM proposals WHERE state = 'refused'"), 3);
	json_decref(ask(&ben, "order.approve", order(p.order), -ENOENT));
	json_decref(ask(&ben, "order.show", order(99), -ENOENT));
	json_decref(ask(&ben, "order.approve", order(99), -ENOENT));
	CU_ASSERT_STRING_EQUAL(api.f.e.text, "there is no order 99");
	api_end();
}

static void test_api_orders_lists_pages(void)
{
	api_begin();
	for (unsigned i = 0; i < 5; i++)
		json_decref(ask(&ana, "order.add", fixture_fields(NULL), 0));
	json_decref(ask(&ben, "order.approve", order(2), 0));
	json_t *all = ask(&eva, "order.list", json_object(), 0);
	CU_ASSERT_EQUAL(json_array_size(all), 5);
	CU_ASSERT_EQUAL(api_number(json_array_get(all, 0), "order"), 5);
	CU_ASSERT(api_is_documented(&methods_orders, "order.list", all));
	json_t *page = ask(&eva, "order.list", json_pack("{sisi}", "limit", 2, "offset", 3), 0);
	CU_ASSERT_EQUAL(json_array_size(page), 2);
	CU_ASSERT_EQUAL(api_number(json_array_get(page, 1), "order"), 1);
	json_t *approved = ask(&eva, "order.list", json_pack("{ss}", "state", "approved"), 0);
	CU_ASSERT_EQUAL(json_array_size(approved), 1);
	json_decref(ask(&eva, "order.list", json_pack("{ss}", "state", "aproved"), -EINVAL));
	CU_ASSERT_PTR_NOT_NULL(strstr(api.f.e.text, "state: "));
	json_decref(approved);
	json_decref(page);
	json_decref(all);
	api_end();
}

/* An answer that would not fit is cut between rows. */
static void test_api_orders_lists_fit_into_an_answer(void)
{
	char text[401];
	memset(text, '"', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	api_begin();
	for (unsigned i = 0; i < 200; i++) {
		json_t *fields = fixture_fields(NULL);
		json_object_set_new(fields, "authority", json_string(text));
		json_object_set_new(fields, "title", json_string(text));
		json_decref(ask(&ana, "order.add", fields, 0));
	}
	json_t *all = ask(&eva, "order.list", json_object(), 0);
	size_t n = json_array_size(all);
	CU_ASSERT(n > 50);
	CU_ASSERT(n < 200);
	CU_ASSERT(json_dumpb(all, NULL, 0, JSON_COMPACT) < RPC_ANSWER_MAX - 1000);
	CU_ASSERT_EQUAL(api_number(json_array_get(all, 0), "order"), 200);
	json_t *rest = ask(&eva, "order.list", json_pack("{sI}", "offset", (json_int_t)n), 0);
	CU_ASSERT_EQUAL(api_number(json_array_get(rest, 0), "order"), (int64_t)(200 - n));
	json_decref(rest);
	json_decref(all);
	api_end();
}

/* In force since 3.5 s after its approval on `n` data planes, as version 7. */
static void enforce(int64_t id, unsigned n)
{
	static const char *const nodes[] = {"left", "right"};
	for (unsigned i = 0; i < n; i++)
		CU_ASSERT_EQUAL(
		    store_run(
			api.f.s, &api.f.e,
			"INSERT INTO order_times(order_id, dataplane, version_id, compiled, enforced_ns)"
			" SELECT id, ?, 7, approved + 1, approved_ns + 3500000000 FROM orders"
			" WHERE id = ?",
			"ti", nodes[i], id),
		    0);
}

static int64_t approved_order(void)
{
	struct proposed p = fixture_propose(&api.f);
	json_decref(ask(&ben, "order.approve", order(p.order), 0));
	return p.order;
}

static void test_api_orders_show_says_when_it_was_enforced(void)
{
	api_begin();
	int64_t id = approved_order();
	enforce(id, 2);
	json_t *shown = ask(&eva, "order.show", order(id), 0), *times = json_object_get(shown, "times");
	CU_ASSERT(api_is_documented(&methods_orders, "order.show", shown));
	CU_ASSERT_EQUAL(json_array_size(times), 2);
	CU_ASSERT_STRING_EQUAL(api_text(json_array_get(times, 0), "dataplane"), "left");
	CU_ASSERT_DOUBLE_EQUAL(
	    json_number_value(json_object_get(json_array_get(times, 1), "after_approval_s")), 3.5, 1e-6);
	CU_ASSERT_STRING_EQUAL(api_text(shown, "legal_basis"), "Law 1, Art. 2");
	CU_ASSERT_EQUAL(api_number(json_array_get(json_object_get(shown, "lists"), 0), "entries"), 2);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(shown, "proposals")), 3);
	json_decref(shown);
	api_end();
}

static void test_api_orders_confirms_what_is_in_force(void)
{
	api_begin();
	int64_t id = approved_order();
	enforce(id, 2);
	json_t *f = ask(&ana, "order.confirm", order(id), 0);
	const char *text = api_text(f, "text");
	CU_ASSERT(api_is_documented(&methods_orders, "order.confirm", f));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "THE BLOCK IS IN FORCE"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "BLLOKIMI ËSHTË NË FUQI"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "Your reference: 1196\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "Baza ligjore: Law 1, Art. 2\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "Entries blocked: 2\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, ", 3.5 seconds after approval\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "- right: "));
	CU_ASSERT_PTR_NULL(strstr(text, "Not in force"));
	CU_ASSERT_EQUAL(
	    fixture_count(&api.f,
			  "SELECT count(*) FROM confirmations c JOIN orders o ON o.id = c.order_id"
			  " WHERE o.confirmed = c.created AND c.who = 'ana' AND length(c.text) > 500"),
	    1);
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM journal WHERE act = 'order.confirm'"
					      " AND outcome = 'done' AND text LIKE '%2 of 2 data planes%'"),
			1);
	json_decref(f);
	api_end();
}

/* In one language, as HTML; and the pages that HTTPS hides are counted apart. */
static void test_api_orders_confirms_as_html(void)
{
	api_begin();
	int64_t id = approved_order();
	enforce(id, 2);
	CU_ASSERT_EQUAL(store_run(api.f.s, &api.f.e,
				  "UPDATE imports SET entries = 12, skipped = 2, rejected = 1,"
				  " report = '{\"totals\": {\"https-url\": 3}}'",
				  ""),
			0);
	const struct probe_row probe = {.order = id,
					.at = 1767225600,
					.dataplane = "left",
					.workers = 1,
					.entries = 10,
					.enforced = 7,
					.unenforceable = 3,
					.neighbours = 20,
					.text = ""};
	CU_ASSERT_EQUAL(probes_keep(api.f.s, &api.f.e, &probe), 0);
	json_t *params = json_pack("{sI ss sb}", "order", (json_int_t)id, "language", "sq", "html", 1);
	json_t *f = api_ask(&methods_report, &ana, "report.confirm", params, 0);
	const char *html = api_text(f, "html"), *text = api_text(f, "text");
	CU_ASSERT(api_is_documented(&methods_report, "report.confirm", f));
	CU_ASSERT_PTR_NULL(strstr(text, "THE BLOCK"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "Zëra të bllokuar: 10\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "Prej tyre, të zbatuar në HTTP, TLS, QUIC dhe DNS: 7\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "Prej tyre, të zbatuar vetëm në HTTP të pakriptuar: 3\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "Zëra të lënë jashtë, pasi do të kishin bllokuar të tjerë: 2\n"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text, "Testi i fundit i filtrit: left, 2026-01-01T00:00:00Z: 10 zëra të provuar, 7 do të"
			 " ndaleshin, 0 do të kalonin, 3 nuk mund të zbatohen"));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "<html lang=\"sq\">"));
	CU_ASSERT_PTR_NOT_NULL(strstr(html, "BLLOKIMI ËSHTË NË FUQI"));
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM journal WHERE act = 'report.confirm'"
					      " AND outcome = 'done' AND text LIKE '%, as HTML %'"),
			1);
	json_decref(f);
	params = json_pack("{sI ss}", "order", (json_int_t)id, "language", "fr");
	json_decref(api_ask(&methods_report, &ana, "report.confirm", params, -EINVAL));
	api_end();
}

static void test_api_orders_confirms_no_more_than_is_true(void)
{
	api_begin();
	struct proposed p = fixture_propose(&api.f);
	json_decref(ask(&ana, "order.confirm", order(p.order), -EPERM));
	json_decref(ask(&ben, "order.approve", order(p.order), 0));
	json_decref(ask(&ana, "order.confirm", order(p.order), -EPERM));
	CU_ASSERT_EQUAL(fixture_count(&api.f, "SELECT count(*) FROM confirmations"), 0);
	enforce(p.order, 1);
	json_t *f = ask(&ana, "order.confirm", order(p.order), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(api_text(f, "text"), "in a part of our network"));
	CU_ASSERT_PTR_NOT_NULL(strstr(api_text(f, "text"), "Not in force on: right\n"));
	json_decref(f);
	/* a stop took it out of force */
	CU_ASSERT_EQUAL(
	    store_run(api.f.s, &api.f.e, "UPDATE order_times SET released_ns = enforced_ns + 1", ""), 0);
	json_decref(ask(&ana, "order.confirm", order(p.order), -EPERM));
	json_decref(ask(&ana, "order.confirm", order(99), -ENOENT));
	api_end();
}

static void test_api_orders_confirms_an_end(void)
{
	api_begin();
	int64_t id = approved_order();
	enforce(id, 2);
	json_decref(ask(&ana, "order.revoke", order_with(id, "reason", "lifted"), 0));
	json_decref(ask(&ben, "order.approve", order(id), 0));
	json_decref(ask(&ana, "order.confirm", order(id), -EPERM)); /* it is still in force everywhere */
	CU_ASSERT_EQUAL(store_run(api.f.s, &api.f.e,
				  "UPDATE order_times SET released_ns = enforced_ns + 60000000000"
				  " WHERE dataplane = 'left'",
				  ""),
			0);
	json_t *f = ask(&ana, "order.confirm", order(id), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(api_text(f, "text"), "Order revoked: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(api_text(f, "text"), "- left: in force from "));
	CU_ASSERT_PTR_NOT_NULL(strstr(api_text(f, "text"), "Still in force on: right\n"));
	json_decref(f);
	api_end();
}

static void test_api_orders_in_shadow_mode_are_not_confirmed(void)
{
	api_begin();
	json_t *fields = fixture_fields(NULL);
	json_object_set_new(fields, "mode", json_string("shadow"));
	json_decref(ask(&ana, "order.add", fields, 0));
	json_decref(ask(&ben, "order.approve", order(1), 0));
	enforce(1, 2);
	json_decref(ask(&ana, "order.confirm", order(1), -EPERM));
	CU_ASSERT_PTR_NOT_NULL(strstr(api.f.e.text, "shadow"));
	api_end();
}

static const struct test tests[] = {
    TEST(test_api_orders_parameters_are_the_fields),
    TEST(test_api_orders_life),
    TEST(test_api_orders_refuses_by_the_fields_name),
    TEST(test_api_orders_words_are_checked),
    TEST(test_api_orders_lists_pages),
    TEST(test_api_orders_lists_fit_into_an_answer),
    TEST(test_api_orders_show_says_when_it_was_enforced),
    TEST(test_api_orders_confirms_what_is_in_force),
    TEST(test_api_orders_confirms_as_html),
    TEST(test_api_orders_confirms_no_more_than_is_true),
    TEST(test_api_orders_confirms_an_end),
    TEST(test_api_orders_in_shadow_mode_are_not_confirmed),
};
HARNESS_MAIN("api_orders", tests)
