/* SPDX-License-Identifier: BSD-3-Clause */
/* A list as a whole: thresholds, replays, test entries, differences. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/safety_fixture.h"

/* Names a<from>.test to a<to - 1>.test. */
static char *names(unsigned from, unsigned to)
{
	char *list = malloc((to - from) * 16 + 1), *p = list;
	*p = 0;
	for (unsigned i = from; i < to; i++)
		p += sprintf(p, "a%u.test\n", i);
	return list;
}

static struct safety_report compare(struct safety_fixture *f, unsigned from, unsigned to, unsigned old_from,
				    unsigned old_to, struct safety_request *q)
{
	char *now = names(from, to), *old = names(old_from, old_to);
	struct safety_report r = {0};
	f->n = 0;
	q->entries = safety_write(f, now);
	q->previous = old_to > old_from ? safety_write(f, old) : NULL;
	q->key = &f->key;
	CU_ASSERT_EQUAL_FATAL(safety_check(q, &r, &f->e), 0);
	free(now);
	free(old);
	return r;
}

static void test_lists_change_within_the_thresholds(void)
{
	/* the default: 20 % may go, or 10 entries up to half; 100 % may come, or 100 entries */
	static const struct {
		unsigned from, to, old_from, old_to;
		int want; /* class, or -1 */
	} cases[] = {
	    {0, 8, 0, 10, -1},
	    {3, 10, 0, 10, -1},
	    {5, 10, 0, 10, -1},
	    {6, 10, 0, 10, SAFETY_REMOVED},
	    {1, 2, 0, 1, -1}, /* the only one is replaced */
	    {1, 3, 0, 3, -1},
	    {2, 3, 0, 3, -1},
	    {3, 4, 0, 3, SAFETY_REMOVED},
	    {0, 90, 0, 100, -1},
	    {0, 80, 0, 100, -1},
	    {0, 79, 0, 100, SAFETY_REMOVED},
	    {0, 40, 0, 50, -1},
	    {0, 39, 0, 50, SAFETY_REMOVED},
	    {0, 101, 0, 1, -1},
	    {0, 102, 0, 1, SAFETY_ADDED},
	    {0, 400, 0, 200, -1},
	    {0, 401, 0, 200, SAFETY_ADDED},
	    {0, 5000, 0, 0, -1}, /* the first of all */
	    {0, 10, 0, 10, SAFETY_UNCHANGED},
	};
	struct safety_fixture f;
	safety_open(&f);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct safety_request q = {.policy = safety_policy_default};
		struct safety_report r =
		    compare(&f, cases[i].from, cases[i].to, cases[i].old_from, cases[i].old_to, &q);
		bool right = cases[i].want < 0
				 ? !r.n_findings
				 : r.n_findings == 1 && (int)r.findings[0].class == cases[i].want;
		if (!right)
			printf("# %u-%u after %u-%u: %u findings, %s\n", cases[i].from, cases[i].to,
			       cases[i].old_from, cases[i].old_to, r.n_findings,
			       r.n_findings ? safety_classes[r.findings[0].class].word : "");
		CU_ASSERT(right);
		CU_ASSERT_EQUAL(r.refused, cases[i].want >= 0 && cases[i].want != SAFETY_UNCHANGED);
		safety_report_free(&r);
	}
	safety_close(&f);
}

static void test_lists_refusal_is_accepted_once(void)
{
	struct safety_fixture f;
	char text[1000];
	safety_open(&f);
	struct safety_request q = {.policy = safety_policy_default};
	struct safety_report r = compare(&f, 0, 10, 0, 100, &q);
	CU_ASSERT_FATAL(r.refused && r.n_findings == 1);
	safety_finding_text(&r.findings[0], true, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "90 of 100 entries are gone, at most 20 may be"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "accepting \"removed\""));
	safety_report_free(&r);
	q.accept = 1ull << SAFETY_REMOVED;
	r = compare(&f, 0, 10, 0, 100, &q);
	CU_ASSERT(!r.refused && r.total[SAFETY_REMOVED] == 1 && r.findings[0].accepted);
	safety_report_free(&r);
	/* what is refused always is not accepted */
	q = (struct safety_request){.policy = safety_policy_default, .accept = UINT64_MAX};
	q.stamp.serial = 4;
	q.accepted.serial = 5;
	r = compare(&f, 0, 10, 0, 9, &q);
	CU_ASSERT(r.refused && r.total[SAFETY_REPLAYED] == 1);
	safety_report_free(&r);
	safety_close(&f);
}

static void test_lists_sizes_and_rejected_lines(void)
{
	static const struct {
		unsigned entries, min, max;
		uint64_t lines, rejected;
		int want;
	} cases[] = {
	    {10, 10, 10, 10, 0, -1},
	    {10, 11, 0, 10, 0, SAFETY_TOO_FEW},
	    {10, 1, 9, 10, 0, SAFETY_TOO_LARGE},
	    {0, 0, 0, 0, 0, SAFETY_TOO_FEW}, /* an empty list never replaces one */
	    {10, 1, 0, 20, 10, -1},
	    {10, 1, 0, 21, 11, SAFETY_REJECTED},
	    {10, 1, 0, 3, 2, -1},
	    {10, 1, 0, 3, 3, SAFETY_REJECTED},
	    {10, 1, 0, 1000, 50, -1},
	    {10, 1, 0, 1000, 51, SAFETY_REJECTED},
	};
	struct safety_fixture f;
	safety_open(&f);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct safety_request q = {
		    .policy = safety_policy_default, .lines = cases[i].lines, .rejected = cases[i].rejected};
		q.policy.min_entries = cases[i].min;
		q.policy.max_entries = cases[i].max;
		struct safety_report r = compare(&f, 0, cases[i].entries, 0, 0, &q);
		bool right = cases[i].want < 0
				 ? !r.n_findings
				 : r.n_findings == 1 && (int)r.findings[0].class == cases[i].want;
		if (!right)
			printf("# case %u: %u findings\n", i, r.n_findings);
		CU_ASSERT(right);
		CU_ASSERT_EQUAL(r.refused, cases[i].want >= 0);
		safety_report_free(&r);
	}
	safety_close(&f);
}

static void test_lists_old_ones_sent_again_are_noticed(void)
{
	struct safety_fixture f;
	uint8_t digests[2][32] = {{1}, {2}};
	safety_open(&f);
	struct safety_request q = {.policy = safety_policy_default};
	struct safety_report r = compare(&f, 0, 10, 0, 11, &q);
	memcpy(digests[1], r.digest, 32);
	CU_ASSERT(!r.refused);
	safety_report_free(&r);
	q.earlier = digests;
	q.n_earlier = 2;
	r = compare(&f, 0, 10, 0, 11, &q);
	CU_ASSERT(r.refused && r.total[SAFETY_EARLIER] == 1);
	safety_report_free(&r);
	q.n_earlier = 1;
	r = compare(&f, 0, 10, 0, 11, &q);
	CU_ASSERT(!r.refused);
	safety_report_free(&r);
	q.stamp.time = 100;
	q.accepted.time = 101;
	r = compare(&f, 0, 10, 0, 11, &q);
	CU_ASSERT(r.refused && r.total[SAFETY_REPLAYED] == 1);
	safety_report_free(&r);
	q.stamp.time = 101;
	r = compare(&f, 0, 10, 0, 11, &q);
	CU_ASSERT(!r.refused);
	safety_report_free(&r);
	safety_close(&f);
}

static void test_lists_test_entries_must_be_there(void)
{
	static const char *const tests[] = {"a3.test", "http://missing.test/x", "a7.test"};
	struct safety_fixture f;
	safety_open(&f);
	struct safety_request q = {.policy = safety_policy_default, .tests = tests, .n_tests = 3};
	struct safety_report r = compare(&f, 0, 10, 0, 0, &q);
	CU_ASSERT_FATAL(r.refused && r.n_findings == 1 && r.findings[0].class == SAFETY_TEST_MISSING);
	CU_ASSERT_STRING_EQUAL(r.findings[0].entry, "http://missing.test/x");
	safety_report_free(&r);
	safety_close(&f);
}

/* Random lists: the merge agrees with counting, whatever the order and lines; a list agrees with itself. */
static void test_lists_differences_agree_with_counting(void)
{
	struct safety_fixture f;
	unsigned seed = 1;
	safety_open(&f);
	for (unsigned round = 0; round < 40; round++) {
		bool in[2][300];
		char *list[2];
		uint64_t want[3] = {0}; /* kept, added, removed */
		for (unsigned s = 0; s < 2; s++) {
			char *p = list[s] = malloc(300 * 40 + 1);
			*p = 0;
			for (unsigned k = 0; k < 300; k++) {
				seed = seed * 1103515245 + 12345;
				in[s][k] = seed >> 16 & 1;
				unsigned n = s ? k : 299 - k; /* two orders */
				in[s][k] &= round % 4 < 2 || k % 3;
				if (in[s][k])
					p += sprintf(p, n % 3 ? "=n%u.test\n" : "n%u.test/p\n", n);
			}
		}
		for (unsigned k = 0; k < 300; k++) {
			bool new = in[0][299 - k], old = in[1][k];
			want[0] += new &&old;
			want[1] += new && !old;
			want[2] += old && !new;
		}
		f.n = 0;
		struct safety_request q = {.policy = safety_policy_default, .key = &f.key};
		struct safety_report r = {0};
		q.entries = safety_write(&f, list[0]);
		q.previous = safety_write(&f, list[1]);
		CU_ASSERT_EQUAL_FATAL(safety_check(&q, &r, &f.e), 0);
		CU_ASSERT(r.kept == want[0] && r.added == want[1] && r.removed == want[2]);
		CU_ASSERT(r.entries == want[0] + want[1] && r.previous == want[0] + want[2]);
		safety_report_free(&r);
		q.previous = q.entries;
		CU_ASSERT_EQUAL_FATAL(safety_check(&q, &r, &f.e), 0);
		CU_ASSERT(!r.added && !r.removed && r.total[SAFETY_UNCHANGED] == 1);
		safety_report_free(&r);
		free(list[0]);
		free(list[1]);
	}
	safety_close(&f);
}

static void test_lists_broken_files_are_errors(void)
{
	static const char *const contents[] = {"name.test\n",	 "1 name.test\n",
					       "x\tname.test\n", "1\tna me\n",
					       "1\tname.test",	 "99999999999\tname.test\n",
					       "1\t\n",		 "\n"};
	struct safety_fixture f;
	safety_open(&f);
	for (unsigned i = 0; i < sizeof(contents) / sizeof(*contents); i++) {
		struct seal_writer *w;
		struct safety_report r = {0};
		f.n = 0;
		struct safety_request q = {.entries = safety_write(&f, ""), .key = &f.key};
		CU_ASSERT_EQUAL_FATAL(seal_create(q.entries, &f.key, &w, &f.e), 0);
		CU_ASSERT_EQUAL_FATAL(seal_write(w, contents[i], strlen(contents[i]), &f.e), 0);
		CU_ASSERT_EQUAL_FATAL(seal_commit(w, &f.e), 0);
		CU_ASSERT_EQUAL(safety_check(&q, &r, &f.e), -EBADMSG);
		CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, "row 1"));
		CU_ASSERT_PTR_NULL(r.findings);
	}
	struct safety_request q = {.entries = "/nonexistent/x.entries", .key = &f.key};
	struct safety_report r = {0};
	CU_ASSERT(safety_check(&q, &r, &f.e) < 0);
	atomic_bool cancel = true;
	q = (struct safety_request){
	    .entries = safety_write(&f, "name.test\n"), .key = &f.key, .cancel = &cancel};
	CU_ASSERT_EQUAL(safety_check(&q, &r, &f.e), -ECANCELED);
	safety_close(&f);
}

static const struct test tests[] = {
    TEST(test_lists_change_within_the_thresholds), TEST(test_lists_refusal_is_accepted_once),
    TEST(test_lists_sizes_and_rejected_lines),	   TEST(test_lists_old_ones_sent_again_are_noticed),
    TEST(test_lists_test_entries_must_be_there),   TEST(test_lists_differences_agree_with_counting),
    TEST(test_lists_broken_files_are_errors),
};
HARNESS_MAIN("safety_lists", tests)
