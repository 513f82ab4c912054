/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "control/report/doc.h"
#include "tests/unit/harness.h"

/* text -> what HTML says in its place */
static const struct {
	const char *text, *html;
} escapes[] = {
    {"plain", "plain"},
    {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
    {"\"><img src=x onerror='a'>", "&quot;&gt;&lt;img src=x onerror=&#39;a&#39;&gt;"},
    {"R&D &amp;", "R&amp;D &amp;amp;"},
    {"Bllokim ë", "Bllokim ë"},
    {"a\x01\x1b[2Jb\nc", "a\xef\xbf\xbd\xef\xbf\xbd[2Jb\xef\xbf\xbd"
			 "c"},
    {"bad \xff\xc3 utf-8", "bad \xef\xbf\xbd\xef\xbf\xbd utf-8"},
    {"", ""},
};

static char *escaped(const char *text)
{
	char *ret = NULL;
	size_t n;
	FILE *f = open_memstream(&ret, &n);
	doc_escape(f, text);
	fclose(f);
	return ret;
}

static void test_report_doc_escapes_what_people_wrote(void)
{
	for (unsigned i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
		char *html = escaped(escapes[i].text);
		CU_ASSERT_STRING_EQUAL(html, escapes[i].html);
		free(html);
	}
}

/* A doc of every kind of block, with the same hostile text in each place. */
static void fill(struct doc *d, enum language language, const char *text)
{
	doc_init(d, language);
	doc_title(d, text);
	doc_part(d, text);
	doc_paragraph(d, text);
	doc_field(d, "label", text);
	doc_field(d, "left out", NULL);
	doc_number(d, "number", -7);
	doc_item(d, "%s: %d", text, 3);
	doc_table(d, text, json_pack("[ss]", "what", "how many"), json_pack("[[si][si]]", text, 12, "b", 3));
}

static unsigned count(const char *in, const char *what)
{
	unsigned n = 0;
	for (; (in = strstr(in, what)); in += strlen(what))
		n++;
	return n;
}

static void test_report_doc_html_holds_nothing_hostile(void)
{
	struct doc d[LANGUAGES_N];
	struct err e;
	char *html = NULL;
	fill(&d[0], ENGLISH, "</title></bdi><script src=\"https://x.example/\">");
	fill(&d[1], ALBANIAN, "' onload='a");
	CU_ASSERT_EQUAL_FATAL(doc_html(d, LANGUAGES_N, &html, &e), 0);
	CU_ASSERT_EQUAL(count(html, "<script"), 0);
	CU_ASSERT_EQUAL(count(html, "' onload"), 0);
	CU_ASSERT_EQUAL(count(html, "&lt;/title&gt;"), 8); /* the page's title, and seven places */
	CU_ASSERT_EQUAL(count(html, "<bdi>"), count(html, "</bdi>"));
	CU_ASSERT_EQUAL(count(html, "<article lang=\"en\">"), 1);
	CU_ASSERT_EQUAL(count(html, "<article lang=\"sq\">"), 1);
	CU_ASSERT_EQUAL(count(html, "<th scope=\"col\">"), 4);
	CU_ASSERT_EQUAL(count(html, "<th scope=\"row\">"), 4);
	CU_ASSERT_EQUAL(count(html, "left out"), 0);
	/* it fetches nothing */
	CU_ASSERT_EQUAL(count(html, "href="), 0);
	CU_ASSERT_EQUAL(count(html, "<link"), 0);
	CU_ASSERT_EQUAL(count(html, "url("), 0);
	CU_ASSERT_EQUAL(count(html, "default-src 'none'"), 1);
	free(html);
	doc_fini(&d[0]);
	doc_fini(&d[1]);
}

static void test_report_doc_text_moves_no_cursor(void)
{
	struct doc d;
	struct err e;
	char *text = NULL;
	fill(&d, ENGLISH, "a\x1b[2J");
	CU_ASSERT_EQUAL_FATAL(doc_text(&d, 1, &text, &e), 0);
	CU_ASSERT_EQUAL(count(text, "\x1b"), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(
	    text, "a\\x1b[2J\n\na\\x1b[2J\na\\x1b[2J\n\nlabel: a\\x1b[2J\nnumber: -7\n\n- a\\x1b[2J: 3\n\n"));
	free(text);
	doc_fini(&d);
}

static void test_report_doc_text_aligns_by_characters(void)
{
	struct doc d;
	struct err e;
	char *text = NULL;
	doc_init(&d, ALBANIAN);
	doc_table(&d, "Tabela", json_pack("[ss]", "çfarë", "sa"),
		  json_pack("[[ss][si]]", "ë", "<10", "abc", 120));
	CU_ASSERT_EQUAL_FATAL(doc_text(&d, 1, &text, &e), 0);
	CU_ASSERT_STRING_EQUAL(text, "Tabela\n\nçfarë   sa\në      <10\nabc    120\n");
	free(text);
	doc_fini(&d);
}

static const struct test tests[] = {
    TEST(test_report_doc_escapes_what_people_wrote),
    TEST(test_report_doc_html_holds_nothing_hostile),
    TEST(test_report_doc_text_moves_no_cursor),
    TEST(test_report_doc_text_aligns_by_characters),
};
HARNESS_MAIN("report_doc", tests)
