/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "control/report/published.h"
#include "control/store/journal.h"
#include "tests/unit/store_fixture.h"

#define DAY ((int64_t)86400)

static struct fixture f;

/* Days since 1970, and how many hits and alarms there were. */
static struct period period(int64_t from, int64_t to, int hits, int alarms)
{
	struct period p = {.from = from * DAY, .to = to * DAY};
	p.tables = json_pack("[{ss s[] s[s] s[{s[s] sb s[i]}]} {ss s[] s[s] s[{s[s] sb s[i]}]}]", "id",
			     "hits_by_protocol_and_action", "keys", "columns", "total", "rows", "keys",
			     "http", "total", 0, "cells", hits, "id", "alarms", "keys", "columns", "raised",
			     "rows", "keys", "breaker", "total", 0, "cells", alarms);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p.tables);
	return p;
}

/* As report_act.c does it. */
static void publish(const struct period *p, const char *act, enum outcome outcome)
{
	char subject[PUBLISHED_SUBJECT], text[PUBLISHED_TEXT_BYTES];
	published_subject(p, subject);
	CU_ASSERT_EQUAL(published_text(p, text, &f.e), 0);
	CU_ASSERT_EQUAL(journal_add(f.s, &f.e, &ana, act, subject, outcome, "%s", text), 0);
}

static int asked(int64_t from, int64_t to, int hits, int alarms)
{
	struct period p = period(from, to, hits, alarms);
	f.e.text[0] = 0;
	int err = published_check(f.s, &p, &f.e);
	period_free(&p);
	return err;
}

static void test_published_binds_periods_that_overlap(void)
{
	static const struct {
		int64_t from, to;
		const char *named; /* NULL: good */
	} cases[] = {
	    {0, 100, NULL},	      {200, 300, NULL},		{0, 1, NULL},
	    {100, 200, NULL},	      {99, 101, "1970-04-11"},	{199, 201, "1970-04-11"},
	    {120, 130, "1970-04-11"}, {0, 400, "1970-12-07"},	{0, 200, "1970-04-11"},
	    {100, 201, "1970-04-11"}, {339, 341, "1970-12-07"}, {300, 340, NULL},
	};
	fixture_open(&f);
	struct period first = period(100, 200, 50, 1), second = period(340, 350, 50, 1);
	publish(&first, PUBLISHED_ACT, OUTCOME_DONE);
	publish(&second, PUBLISHED_ACT, OUTCOME_DONE);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int err = asked(cases[i].from, cases[i].to, 50, 1);
		bool good = cases[i].named ? err == -EEXIST && strstr(f.e.text, cases[i].named) : !err;
		if (!good)
			printf("# %lld to %lld: %d %s\n", (long long)cases[i].from, (long long)cases[i].to,
			       err, f.e.text);
		CU_ASSERT(good);
	}
	/* of several the one that ends last, since behind that one the next may begin */
	CU_ASSERT_EQUAL(asked(0, 400, 50, 1), -EEXIST);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, "begins at 1970-12-17T00:00:00Z or later"));
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, "--internal"));
	period_free(&first);
	period_free(&second);
	fixture_close(&f);
}

static void test_published_binds_the_figures_of_its_period(void)
{
	fixture_open(&f);
	struct period p = period(100, 200, 50, 1), later = period(100, 200, 51, 1);
	publish(&p, PUBLISHED_ACT, OUTCOME_DONE);
	CU_ASSERT_EQUAL(asked(100, 200, 50, 1), 0);
	CU_ASSERT_EQUAL(asked(100, 200, 50, 7), 0); /* what the machines did is told anew */
	CU_ASSERT_EQUAL(asked(100, 200, 51, 1), -EEXIST);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, "figures have changed"));
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, "--internal"));
	/* the first one stands, whatever came behind it */
	publish(&later, PUBLISHED_ACT, OUTCOME_DONE);
	CU_ASSERT_EQUAL(asked(100, 200, 50, 1), 0);
	CU_ASSERT_EQUAL(asked(100, 200, 51, 1), -EEXIST);
	period_free(&p);
	period_free(&later);
	fixture_close(&f);
}

/* Internal reports, refusals, other acts. An act that only an earlier version wrote binds periods, but knows no figures. */
static void test_published_is_what_the_journal_says_was_done(void)
{
	fixture_open(&f);
	struct period p = period(100, 200, 50, 1), internal = period(100, 200, 50, 1);
	internal.internal = true;
	publish(&internal, "report.period", OUTCOME_DONE);
	publish(&p, "report.period", OUTCOME_REFUSED);
	publish(&p, "report.period", OUTCOME_FAILED);
	publish(&p, PUBLISHED_ACT, OUTCOME_REFUSED);
	publish(&p, "report.audit", OUTCOME_DONE);
	CU_ASSERT_EQUAL(asked(150, 250, 50, 1), 0);
	CU_ASSERT_EQUAL(asked(100, 200, 51, 1), 0);
	publish(&p, "report.period", OUTCOME_DONE);
	CU_ASSERT_EQUAL(asked(150, 250, 50, 1), -EEXIST);
	CU_ASSERT_EQUAL(asked(100, 200, 51, 1), 0);
	period_free(&p);
	period_free(&internal);
	fixture_close(&f);
}

static const struct test tests[] = {
    TEST(test_published_binds_periods_that_overlap),
    TEST(test_published_binds_the_figures_of_its_period),
    TEST(test_published_is_what_the_journal_says_was_done),
};
HARNESS_MAIN("published", tests)
