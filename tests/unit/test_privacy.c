/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "control/audit/privacy.h"
#include "control/store/order_fields.h"
#include "control/store/versions.h"
#include "tests/unit/store_fixture.h"

static const uint8_t client[16] = {192, 0, 2, 7}, other[16] = {192, 0, 2, 8};

/* An order of a kind, as number *id; version 1 holds list 0 of order 1, list 1 of order 2 ... */
static void add_order(struct fixture *f, const char *category, const char *records, const char *basis)
{
	json_t *fields = fixture_fields("category");
	int64_t id, proposal;
	json_object_set_new(fields, "category", json_string(category));
	if (records)
		json_object_set_new(fields, "records", json_string(records));
	if (basis)
		json_object_set_new(fields, "records_basis", json_string(basis));
	CU_ASSERT_EQUAL_FATAL(order_add(f->s, &f->e, &ana, fields, &id, &proposal), 0);
	json_decref(fields);
}

static void add_version(struct fixture *f)
{
	const struct version_new v = {
	    .id = 1,
	    .plan =
		"{\"lists\":[{\"order\":1,\"list\":11},{\"order\":2,\"list\":12},{\"order\":3,\"list\":13},"
		"{\"order\":4,\"list\":14}]}",
	    .plan_digest = "d",
	    .file = "f",
	    .digest = "d",
	    .report = "{}"};
	CU_ASSERT_EQUAL_FATAL(version_add(f->s, &f->e, &v), 0);
}

static void test_privacy_orders_decide_what_hits_leave(void)
{
	static const enum records wanted[] = {RECORDS_EVENTS, RECORDS_COUNTS, RECORDS_PSEUDONYMS,
					      RECORDS_COUNTS};
	struct fixture f;
	struct privacy *p;
	fixture_open(&f);
	add_order(&f, "court", NULL, NULL);
	add_order(&f, "csam", NULL, NULL);
	add_order(&f, "court", "pseudonyms", "Example Act, Article 9");
	add_order(&f, "court", "counts", NULL);
	add_version(&f);
	CU_ASSERT_EQUAL_FATAL(privacy_new(f.s, &p, &f.e), 0);
	for (unsigned i = 0; i < 4; i++) {
		struct privacy_place place = privacy_place(p, 1, i);
		CU_ASSERT_EQUAL(place.records, wanted[i]);
		CU_ASSERT_EQUAL(place.order, i + 1);
		CU_ASSERT_EQUAL(place.list, 11 + i);
	}
	/* what is not known is counted alone */
	CU_ASSERT_EQUAL(privacy_place(p, 1, 4).records, RECORDS_COUNTS);
	CU_ASSERT_EQUAL(privacy_place(p, 2, 0).records, RECORDS_COUNTS);
	CU_ASSERT_EQUAL(privacy_place(p, 2, 0).order, 0);
	privacy_free(p);
	fixture_close(&f);
}

static void test_privacy_single_records_need_a_basis(void)
{
	static const struct {
		const char *category, *records, *basis;
		int want;
	} rows[] = {
	    {"court", "events", NULL, 0},
	    {"court", "counts", NULL, 0},
	    {"court", "pseudonyms", NULL, -EINVAL},
	    {"court", "pseudonyms", "Example Act, Article 9", 0},
	    {"csam", "events", NULL, -EINVAL},
	    {"csam", "events", "Example Act, Article 9", 0},
	    {"csam", "counts", NULL, 0},
	    {"court", "addresses", NULL, -EINVAL},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err e = {""};
		json_t *fields = fixture_fields("category");
		json_object_set_new(fields, "category", json_string(rows[i].category));
		json_object_set_new(fields, "records", json_string(rows[i].records));
		if (rows[i].basis)
			json_object_set_new(fields, "records_basis", json_string(rows[i].basis));
		CU_ASSERT_EQUAL(order_check(fields, clock_now(), &e), rows[i].want);
		CU_ASSERT(!rows[i].want || !strncmp(e.text, "records", 7));
		json_decref(fields);
	}
}

struct pseudonym {
	uint8_t b[PRIVACY_PSEUDONYM_BYTES];
	bool fresh;
};

static struct pseudonym ask(struct privacy *p, int64_t day, int64_t order, const uint8_t *address,
			    unsigned bytes)
{
	struct pseudonym ret;
	CU_ASSERT_EQUAL(privacy_pseudonym(p, day, order, address, bytes, ret.b, &ret.fresh), 0);
	return ret;
}

static bool same(struct pseudonym a, struct pseudonym b)
{
	return !memcmp(a.b, b.b, sizeof(a.b));
}

static void test_privacy_pseudonyms_link_one_client_of_one_order_on_one_day(void)
{
	struct fixture f;
	struct privacy *p, *again;
	fixture_open(&f);
	CU_ASSERT_EQUAL_FATAL(privacy_new(f.s, &p, &f.e), 0);
	struct pseudonym first = ask(p, 20000, 1, client, 4);
	CU_ASSERT(first.fresh);
	struct pseudonym second = ask(p, 20000, 1, client, 4);
	CU_ASSERT(!second.fresh && same(first, second));
	CU_ASSERT_FALSE(same(first, ask(p, 20000, 2, client, 4)));
	CU_ASSERT_FALSE(same(first, ask(p, 20000, 1, other, 4)));
	CU_ASSERT_FALSE(same(first, ask(p, 20000, 1, client, 16))); /* as IPv6 */
	struct pseudonym next_day = ask(p, 20001, 1, client, 4);
	CU_ASSERT(next_day.fresh && !same(first, next_day));
	/* back on the first day: its key is gone for good */
	CU_ASSERT_FALSE(same(first, ask(p, 20000, 1, client, 4)));
	CU_ASSERT_FALSE(privacy_forget(p, 20000));
	CU_ASSERT(privacy_forget(p, 20001));
	CU_ASSERT_FALSE(privacy_forget(p, 20001));
	/* another start has another key */
	CU_ASSERT_EQUAL_FATAL(privacy_new(f.s, &again, &f.e), 0);
	CU_ASSERT_FALSE(same(ask(again, 20000, 1, client, 4), ask(p, 20000, 1, client, 4)));
	privacy_free(again);
	privacy_free(p);
	fixture_close(&f);
}

static const struct test tests[] = {
    TEST(test_privacy_orders_decide_what_hits_leave),
    TEST(test_privacy_single_records_need_a_basis),
    TEST(test_privacy_pseudonyms_link_one_client_of_one_order_on_one_day),
};

HARNESS_MAIN("privacy", tests)
