/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/core/answer_page.h"
#include "tests/unit/ruleset_fixture.h"

static struct fixture rules;
static const struct rule_ref rule = {.id = 0xabcdef0123456789, .is_set = 1};
static uint8_t out[PAGE_MAX_BYTES + 1];

static const char list[] =
    "#! authority: Court of <b>\"X\"&'Y'\n#! legal_basis: Act 1\n#! reference: 7/2026\n"
    "#! appeal: https://court.example/appeal?a=1&b=2\n#! redirect: https://info.example/\nblocked.example\n";

static size_t render(const char *text, const char *accept_language, bool head)
{
	struct page_set *ps;
	fixture_open_one(&rules, text);
	CU_ASSERT_EQUAL_FATAL(page_set_new(NULL, &ps, NULL), 0);
	struct span a = {(const uint8_t *)accept_language, strlen(accept_language)};
	size_t n = page_render(ps, rules.rs, &rule, a, head, out, PAGE_MAX_BYTES);
	out[n] = 0;
	page_set_free(ps);
	fixture_close(&rules);
	return n;
}

static bool has(const char *text)
{
	return strstr((const char *)out, text);
}

static void test_page_is_a_whole_451_answer_in_each_language(void)
{
	static const struct {
		const char *accept, *language, *words;
	} rows[] = {
	    {"sq", "sq", "Autoriteti"},	  {"en-GB,en;q=0.9", "en", "Legal basis"},
	    {"hr", "sr", "Pravni osnov"}, {"mk,en;q=0.5", "mk", "Правен основ"},
	    {"", "sq", "Baza ligjore"},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = render(list, rows[i].accept, false);
		char want[64];
		CU_ASSERT_EQUAL(memcmp(out, "HTTP/1.1 451 Unavailable For Legal Reasons\r\n", 44), 0);
		snprintf(want, sizeof(want), "Content-Language: %s\r\n", rows[i].language);
		CU_ASSERT_TRUE(has(want));
		CU_ASSERT_TRUE(has(rows[i].words));
		CU_ASSERT_TRUE(has("Cache-Control: no-store\r\n"));
		CU_ASSERT_TRUE(has("7/2026"));
		CU_ASSERT_FALSE(has("blocked.example"));
		CU_ASSERT_FALSE(has("{{"));
		CU_ASSERT_FALSE(has("<script"));
		const char *body = strstr((const char *)out, "\r\n\r\n") + 4,
			   *length = strstr((const char *)out, "Content-Length: ");
		CU_ASSERT_EQUAL(strtoul(length + 16, NULL, 10), n - (size_t)(body - (const char *)out));
	}
}

static void test_page_escapes_what_the_list_says(void)
{
	render(list, "en", false);
	CU_ASSERT_TRUE(has("Court of &lt;b&gt;&quot;X&quot;&amp;&#39;Y&#39;"));
	CU_ASSERT_TRUE(has("<a href=\"https://court.example/appeal?a=1&amp;b=2\">"));
	CU_ASSERT_TRUE(has("Link: <https://court.example/appeal?a=1&b=2>; rel=\"blocked-by\"\r\n"));
}

static void test_page_hides_what_is_not_known(void)
{
	render("blocked.example\n", "en", false);
	CU_ASSERT_FALSE(has("Legal basis"));
	CU_ASSERT_FALSE(has("appeal"));
	CU_ASSERT_FALSE(has("Link:"));
	CU_ASSERT_TRUE(has("For children and parents"));
	render("#! helpline: ask us\nblocked.example\n", "en", false);
	CU_ASSERT_TRUE(has("ask us"));
	CU_ASSERT_FALSE(has("For children and parents"));
}

static void test_page_names_rule_category_and_helplines(void)
{
	static const struct {
		const char *language, *category, *helpline;
	} rows[] = {
	    {"sq", "<dd>lojëra fati të palicencuara</dd>",
	     "<a href=\"tel:116111\">ALO 116 111</a> (kontrolluar 20"},
	    {"en", "<dd>unlicensed gambling</dd>", ">+355 4 2259571</a> (checked 20"},
	    {"sr", "<dd>nelicencirane igre na sreću</dd>", ">19833</a> (provereno 20"},
	    {"mk", "<dd>нелиценцирани игри на среќа</dd>", ">070 390 632</a> (проверено 20"},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		render("#! category: gambling\nblocked.example\n", rows[i].language, false);
		CU_ASSERT_TRUE(has(rows[i].category));
		CU_ASSERT_TRUE(has(rows[i].helpline));
		CU_ASSERT_TRUE(has("<dd>abcdef0123456789</dd>"));
	}
}

/* Only behind a "=" at the end of the address. */
static void test_page_addresses_take_the_rule(void)
{
	render("#! appeal: https://court.example/appeal?lang=en&rule=\nblocked.example\n", "en", false);
	CU_ASSERT_TRUE(has("<a href=\"https://court.example/appeal?lang=en&amp;rule=abcdef0123456789\">"));
	CU_ASSERT_TRUE(has("Link: <https://court.example/appeal?lang=en&rule=>;"));
	render("#! appeal: https://court.example/?a=b\nblocked.example\n", "en", false);
	CU_ASSERT_TRUE(has("<a href=\"https://court.example/?a=b\">"));
	fixture_open_one(&rules, "#! redirect: https://info.example/blocked?r=\nblocked.example\n");
	out[page_redirect(rules.rs, &rule, out, sizeof(out))] = 0;
	CU_ASSERT_TRUE(has("Location: https://info.example/blocked?r=abcdef0123456789\r\n"));
	fixture_close(&rules);
}

static void test_page_answers_head_without_body(void)
{
	size_t n = render(list, "en", true);
	CU_ASSERT_EQUAL(memcmp(out + n - 4, "\r\n\r\n", 4), 0);
	CU_ASSERT_FALSE(has("<html"));
}

static void test_page_redirects_where_the_list_says(void)
{
	fixture_open_one(&rules, list);
	size_t n = page_redirect(rules.rs, &rule, out, sizeof(out));
	out[n] = 0;
	CU_ASSERT_TRUE(has("302 Found\r\nLocation: https://info.example/\r\n"));
	fixture_close(&rules);
	fixture_open_one(&rules, "blocked.example\n");
	CU_ASSERT_EQUAL(page_redirect(rules.rs, &rule, out, sizeof(out)), 0);
	fixture_close(&rules);
}

static void test_page_language_follows_the_reader(void)
{
	static const struct {
		const char *accept, *def, *want;
	} rows[] = {
	    {"de,en;q=0.3", "sq", "en"},
	    {"en;q=0.3,mk;q=0.8", "sq", "mk"},
	    {"sr-Latn-RS", "sq", "sr"},
	    {"bs", "en", "sr"},
	    {"en;q=0", "mk", "mk"},
	    {"*", "sr", "sr"},
	    {"EN-us", "sq", "en"},
	    {"eng", "sq", "sq"},
	    {",;,q=1,;;", "mk", "mk"},
	    {"en;q=abc,sq;q=0.1", "mk", "sq"},
	    {"", "", "sq"},
	    {"mk ; q=0.5, sq", "en", "sq"},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len = strlen(rows[i].accept);
		uint8_t *g = guarded(rows[i].accept, len);
		const char *got = page_languages[page_language((struct span){g, len}, rows[i].def)];
		if (strcmp(got, rows[i].want))
			printf("# %s: %s\n", rows[i].accept, got);
		CU_ASSERT_STRING_EQUAL(got, rows[i].want);
		guarded_free(g, len);
	}
}

/* What page_set_new says of a template; "" where it takes it. */
static const char *template_error(const char *text)
{
	static struct err e;
	char path[] = "/tmp/roja-page-XXXXXX";
	int fd = mkstemp(path);
	struct page_set *ps;
	e.text[0] = 0;
	CU_ASSERT_EQUAL_FATAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	if (!page_set_new(path, &ps, &e))
		page_set_free(ps);
	unlink(path);
	return e.text;
}

#define OTHERS "<!-- roja:page en -->\nb\n<!-- roja:page sr -->\nc\n<!-- roja:page mk -->\nd\n"

static void test_page_template_errors_name_the_place(void)
{
	CU_ASSERT_STRING_EQUAL(template_error("<!-- roja:page sq -->\na{{authority}}\n" OTHERS), "");
	CU_ASSERT_PTR_NOT_NULL(strstr(template_error("<!-- roja:page sq -->\n\n{{autority}}\n" OTHERS),
				      ":3: {{autority}}: no such"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(template_error("<!-- roja:page sq -->\n{{#appeal}}x\n" OTHERS), "never closed"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(template_error("<!-- roja:page sq -->\n{{#appeal}}{{#name}}\n" OTHERS), "do not nest"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(template_error("<!-- roja:page sq -->\n{{appeal\n" OTHERS), "without }}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(template_error(OTHERS), "no page for sq"));
	CU_ASSERT_PTR_NOT_NULL(strstr(template_error("<!-- roja:page de -->\n" OTHERS), ":1: "));
	/* links of ampersands alone: each is shown twice, as five bytes */
	char links[4000] = "<!-- roja:page sq -->\n";
	for (unsigned i = 0; i < 8; i++)
		strcat(links, "{{appeal_link}}");
	strcat(links, OTHERS);
	CU_ASSERT_PTR_NOT_NULL(strstr(template_error(links), "could grow"));
	char big[30000] = "<!-- roja:page sq -->\n";
	for (unsigned i = 0; i < 20; i++)
		strcat(big, "{{authority}}{{name}}");
	strcat(big, OTHERS);
	CU_ASSERT_PTR_NOT_NULL(strstr(template_error(big), "could grow"));
}

static const struct test tests[] = {
    TEST(test_page_is_a_whole_451_answer_in_each_language),
    TEST(test_page_escapes_what_the_list_says),
    TEST(test_page_hides_what_is_not_known),
    TEST(test_page_names_rule_category_and_helplines),
    TEST(test_page_addresses_take_the_rule),
    TEST(test_page_answers_head_without_body),
    TEST(test_page_redirects_where_the_list_says),
    TEST(test_page_language_follows_the_reader),
    TEST(test_page_template_errors_name_the_place),
};
HARNESS_MAIN("page", tests)
