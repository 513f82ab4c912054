/* SPDX-License-Identifier: BSD-3-Clause */
/* What must be refused, what must not, and what is said of it. The public suffixes are real ones: there are no reserved ones. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/safety_fixture.h"

/* Lists of a few entries, so that thresholds do not speak. */
static struct safety_request request(struct safety_fixture *f, const char *list)
{
	return (struct safety_request){.entries = safety_write(f, list),
				       .key = &f->key,
				       .guard = f->guard,
				       .policy = safety_policy_default,
				       .lines = 1};
}

static struct safety_report run(struct safety_fixture *f, const struct safety_request *q)
{
	struct safety_report r = {0};
	int err = safety_check(q, &r, &f->e);
	if (err)
		printf("# %s\n", f->e.text);
	CU_ASSERT_EQUAL_FATAL(err, 0);
	return r;
}

/* "class class" of all findings, in the order of the table; "-" none. */
static const char *found(const struct safety_report *r)
{
	static char text[400];
	text[0] = 0;
	for (int i = 0; i < SAFETY_CLASSES_N; i++)
		if (r->total[i]) {
			strcat(text, *text ? " " : "");
			strcat(text, safety_classes[i].word);
		}
	return *text ? text : "-";
}

struct row {
	const char *entry, *want;
	bool refused;
};

static const struct row rows[] = {
    /* suffixes */
    {"test", "top-level operator", true},
    {"*.rs", "top-level", true},
    {"=mk", "top-level", true},
    {"edu.mk", "public-suffix", true},
    {"*.co.rs", "public-suffix", true},
    {"=gov.rs", "public-suffix", true},
    {"anything.ck", "public-suffix", true},
    {"name.anything.ck", "-", false},
    {"web.app", "hosting-suffix", true},
    {"*.web.app", "hosting-suffix", true},
    {"http://web.app/*", "hosting-suffix", true},
    {"name.web.app", "-", false},
    {"name.co.rs", "-", false},
    {"name.test", "-", false},
    {"localhost", "special-name", true},
    {"printer.local", "special-name", true},
    {"2.0.192.in-addr.arpa", "special-name", true},
    {"local.test", "-", false},
    {"notlocal", "top-level", true},
    /* the operator's own and help: the name, above it, below it, its pages */
    {"operator.test", "operator", true},
    {"=operator.test", "operator", true},
    {"www.operator.test", "operator", true},
    {"mail.operator.test", "operator", true},
    {"operator.test/page", "operator", true},
    {"https://mail.operator.test/page*", "operator https-url", true},
    {"anoperator.test", "-", false},
    {"operator.test.example", "-", false},
    {"help.test", "emergency", true},
    {"chat.help.test", "emergency", true},
    {"*.help.test", "emergency", true},
    {"help.test/x/y", "emergency", true},
    {"selfhelp.test", "-", false},
    /* platforms: as a whole, not a customer's page or name */
    {"blog.test", "platform", true},
    {"=blog.test", "platform", true},
    {"www.blog.test", "platform", true},
    {"*.blog.test", "platform", true},
    {"blog.test/", "platform-page", true},
    {"http://www.blog.test/", "platform-page", true},
    {"https://blog.test", "platform-page https-url", true},
    {"blog.test/*", "platform", true},
    {"blog.test:8080/*", "platform", true},
    {"blog.test/u*", "platform-prefix", true},
    {"blog.test/@*", "platform-prefix", true},
    {"blog.test/@somebody*", "-", false},
    {"blog.test/somebody", "-", false},
    {"https://blog.test/somebody", "https-url", false},
    {"somebody.blog.test", "-", false},
    {"=somebody.blog.test", "-", false},
    {"myblog.test", "-", false},
    {"blog.test.example", "-", false},
    {"video.test", "platform", true}, /* above www.video.test */
    {"www.video.test", "platform", true},
    {"=video.test", "-", false},
    {"cloud.test", "platform", true},
    {"=cloud.test", "-", false},
    {"*.cloud.test", "platform", true},
    {"other.cloud.test", "-", false},
    {"ocsp.test", "infrastructure", true},
    /* addresses */
    {"203.0.113.7", "address", true},
    {"203.0.113.0/24", "address", true},
    {"203.0.112.0/23", "address wide-prefix", true},
    {"2001:db8::1", "address", true},
    {"2001:db8:1::/48", "address", true},
    {"2001:db8::/47", "address wide-prefix", true},
    {"198.51.100.9", "address shared-network", true},
    {"198.51.0.0/16", "address wide-prefix shared-network", true},
    {"192.0.2.3", "operator address", true},
    {"192.0.2.16", "address", true},
    {"192.0.2.0/24", "operator address", true},
    {"10.1.2.3", "reserved-address address", true},
    {"8.0.0.0/6", "reserved-address address wide-prefix", true},
    {"11.0.0.1", "address", true},
    {"http://198.51.100.9/page", "-", false},
    /* patterns */
    {"bl*g.test", "platform-pattern", true},
    {"*o*.test", "operator", true},
    {"bad*.blog.test", "-", false},
    {"pay*.name.test", "-", false},
    {"a*.com", "wide-pattern", true},
    {"a*.example", "-", false},
    {"*e*.rs", "wide-pattern", true},
    {"xq*.*", "-", false},
    {"/./", "wide-pattern", true},
    {"/^[^\\/]*\\.com\\//", "wide-pattern", true},
    {"/\\.(com|net)\\//", "wide-pattern", true},
    {"/gallery[0-9]+\\.jpg$/", "any-host", true},
    {"/^blog\\.test\\//", "platform-pattern", true},
    {"/^blog\\.test\\/bad/", "-", false},
    {"/^name\\.test\\/x[0-9]+$/", "-", false},
    {"/(^|\\.)help\\.test/", "emergency", true},
    {"name.test/*/x.jpg", "-", false},
    {"*.blog.test/bad*", "-", false},
    {"/^[^\\/]*\\/gallery/", "any-host", true},
    {"/blog\\.test\\/bad/", "any-host", true}, /* also ?x=blog.test/bad of others */
    {"b*.test/*", "platform-pattern", true},
    /* others */
    {"!name.test", "exception", true},
    {"https://name.test/a", "https-url", false},
    {"http://name.test/a", "-", false},
    {"a.b.c.d.e.f.g.h.i.name.test", "deep-name", false},
};

static void test_safety_each_entry_is_judged(void)
{
	unsigned failed = 0;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct safety_fixture f;
		safety_open(&f);
		struct safety_request q = request(&f, rows[i].entry);
		struct safety_report r = run(&f, &q);
		struct row want = rows[i];
		char words[400];
		strcpy(words, found(&r));
		/* the table's order of classes is not the reader's */
		if (strlen(words) != strlen(want.want) || r.refused != want.refused) {
			printf("# %s: \"%s\" refused %d, wanted \"%s\" refused %d\n", want.entry, words,
			       r.refused, want.want, want.refused);
			failed++;
		} else {
			char copy[400];
			strcpy(copy, want.want);
			for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
				if (!strstr(words, w)) {
					printf("# %s: \"%s\", wanted \"%s\"\n", want.entry, words, want.want);
					failed++;
				}
		}
		safety_report_free(&r);
		safety_close(&f);
	}
	CU_ASSERT_EQUAL(failed, 0);
}

static void test_safety_override_allows_what_may_be_allowed(void)
{
	static const char *const overrides[] = {
	    "web.app", "test", "help.test", "blog.test", "bl*g.test", "198.51.100.9/32", "10.1.2.3/32"};
	static const struct row cases[] = {{"web.app", "", false},	{"test", "", true},
					   {"help.test", "", true},	{"blog.test", "", false},
					   {"=blog.test", "", true},	{"bl*g.test", "", false},
					   {"198.51.100.9", "", false}, {"198.51.100.8", "", true},
					   {"10.1.2.3", "", true},	{"www.blog.test", "", true}};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct safety_fixture f;
		safety_open(&f);
		struct safety_request q = request(&f, cases[i].entry);
		q.overrides = overrides;
		q.n_overrides = sizeof(overrides) / sizeof(*overrides);
		struct safety_report r = run(&f, &q);
		if (r.refused != cases[i].refused)
			printf("# %s\n", cases[i].entry);
		CU_ASSERT_EQUAL(r.refused, cases[i].refused);
		safety_report_free(&r);
		safety_close(&f);
	}
}

static void test_safety_addresses_of_an_order_for_addresses_need_no_override(void)
{
	struct safety_fixture f;
	safety_open(&f);
	struct safety_request q = request(&f, "203.0.113.7\n");
	q.policy.addresses_assessed = true;
	struct safety_report r = run(&f, &q);
	CU_ASSERT(!r.refused);
	safety_report_free(&r);
	q = request(&f, "198.51.100.7\n");
	q.policy.addresses_assessed = true;
	r = run(&f, &q);
	CU_ASSERT(r.refused);
	safety_report_free(&r);
	safety_close(&f);
}

static void test_safety_guarded_entries_are_left_out_where_configured(void)
{
	struct safety_fixture f;
	safety_open(&f);
	struct safety_request q =
	    request(&f, "name.test\nblog.test\nother.test\n=help.test\nb*g.test\n198.51.100.1\n");
	q.policy.skip_guarded = true;
	struct safety_report r = run(&f, &q);
	CU_ASSERT(!r.refused && r.refusing == 0);
	static const uint32_t want[] = {2, 4, 5, 6};
	CU_ASSERT_EQUAL_FATAL(r.n_skipped, 4);
	CU_ASSERT(!memcmp(r.skipped, want, sizeof(want)));
	CU_ASSERT(!safety_is_skipped(r.skipped, r.n_skipped, 1) &&
		  safety_is_skipped(r.skipped, r.n_skipped, 4));
	for (unsigned i = 0; i < r.n_findings; i++)
		CU_ASSERT(r.findings[i].accepted && r.findings[i].skipped);
	safety_report_free(&r);
	q = request(&f, "blog.test\n");
	q.policy.skip_guarded = true;
	r = run(&f, &q);
	CU_ASSERT(r.refused && r.total[SAFETY_TOO_FEW]); /* nothing is left */
	safety_report_free(&r);
	safety_close(&f);
}

static void test_safety_findings_are_bounded_and_counted(void)
{
	struct safety_fixture f;
	enum { N = 3000 };
	char *list = malloc(N * 40), *p = list;
	for (unsigned i = 0; i < N; i++)
		p += sprintf(p, "n%u.help.test\nhttps://n%u.test/\n", i, i);
	safety_open(&f);
	struct safety_request q = request(&f, list);
	struct safety_report r = run(&f, &q);
	CU_ASSERT_EQUAL(r.total[SAFETY_EMERGENCY], N);
	CU_ASSERT_EQUAL(r.total[SAFETY_HTTPS_URL], N);
	CU_ASSERT_EQUAL(r.refusing, N);
	CU_ASSERT_EQUAL_FATAL(r.n_findings, 2 * SAFETY_MAX_FINDINGS);
	CU_ASSERT(r.findings[0].class == SAFETY_EMERGENCY &&
		  r.findings[r.n_findings - 1].class == SAFETY_HTTPS_URL);
	CU_ASSERT(r.findings[0].line < r.findings[1].line);
	safety_report_free(&r);
	safety_close(&f);
	free(list);
}

static void test_safety_finding_says_what_to_do(void)
{
	struct safety_fixture f;
	char text[2000];
	safety_open(&f);
	struct safety_request q = request(&f, "\nblog.test\n");
	struct safety_report r = run(&f, &q);
	CU_ASSERT_EQUAL_FATAL(r.n_findings, 1);
	safety_finding_text(&r.findings[0], true, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "line 2 'blog.test'"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "everybody's blogs"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "rojactl override add 'blog.test' 'ASSESSMENT'"));
	safety_finding_text(&r.findings[0], false, text, sizeof(text));
	CU_ASSERT_PTR_NULL(strstr(text, "blog"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "line 2"));
	CU_ASSERT(safety_finding_text(&r.findings[0], true, text, 10) > 10 && strlen(text) == 9);
	safety_report_free(&r);
	safety_close(&f);
}

static void test_safety_every_class_has_its_words(void)
{
	static char page[65536];
	char word[64];
	FILE *f = fopen(GUARD_FOLDER "/../../docs/safety.md", "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	page[fread(page, 1, sizeof(page) - 1, f)] = 0;
	fclose(f);
	for (int i = 0; i < SAFETY_CLASSES_N; i++) {
		CU_ASSERT_EQUAL(safety_class_find(safety_classes[i].word), i);
		CU_ASSERT(*safety_classes[i].help && *safety_classes[i].advice);
		snprintf(word, sizeof(word), "| `%s` | %s |", safety_classes[i].word,
			 safety_severity_names[safety_classes[i].severity]);
		if (!strstr(page, word))
			printf("# docs/safety.md has no row %s\n", word);
		CU_ASSERT_PTR_NOT_NULL(strstr(page, word));
	}
	CU_ASSERT_EQUAL(safety_class_find("nothing"), -1);
	for (int i = 0; i < SELFCHECK_KINDS_N; i++) {
		snprintf(word, sizeof(word), "| `%s` | %s |", selfcheck_kinds[i].word,
			 selfcheck_kinds[i].fails ? "**no**" : "yes");
		CU_ASSERT_PTR_NOT_NULL(strstr(page, word));
	}
	for (int i = 0; i < GUARD_GROUPS_N; i++) {
		snprintf(word, sizeof(word), "| `%s` | `%s` |", guard_groups[i].word,
			 safety_classes[guard_groups[i].class].word);
		CU_ASSERT_PTR_NOT_NULL(strstr(page, word));
	}
	for (int k = 0; k < RULE_KINDS_N; k++)
		CU_ASSERT_PTR_NOT_NULL(safety_precisions[k].help);
	CU_ASSERT(safety_precisions[RULE_URL].tls == PRECISION_NONE &&
		  safety_precisions[RULE_URL].http == PRECISION_URL);
}

static const struct test tests[] = {
    TEST(test_safety_each_entry_is_judged),
    TEST(test_safety_override_allows_what_may_be_allowed),
    TEST(test_safety_addresses_of_an_order_for_addresses_need_no_override),
    TEST(test_safety_guarded_entries_are_left_out_where_configured),
    TEST(test_safety_findings_are_bounded_and_counted),
    TEST(test_safety_finding_says_what_to_do),
    TEST(test_safety_every_class_has_its_words),
};
HARNESS_MAIN("safety", tests)
