/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/list.h"
#include "rules/list_write.h"
#include "tests/unit/harness.h"
#include "tests/unit/vectors.h"

static struct url scratch;

static int parse(const char *p, size_t len, struct list_entry *e, const char **why)
{
	uint8_t *g = guarded(p, len);
	int rc = list_parse_line(g, len, &scratch, e, why);
	/* The text of a regular expression lies in the line. */
	static uint8_t kept[LIST_LINE_MAX];
	if (rc == 1 && e->text.p >= g && e->text.p < g + len) {
		memcpy(kept, e->text.p, e->text.len);
		e->text.p = kept;
	}
	guarded_free(g, len);
	return rc;
}

static bool is_text(struct span s, const char *want)
{
	return s.len == strlen(want) && !memcmp(s.p, want, s.len);
}

/* What list_entry_write makes of it is read as the same entry. */
static bool comes_back(const struct list_entry *e)
{
	char text[LIST_ENTRY_MAX];
	struct list_entry again;
	const char *why;
	size_t n = list_entry_write(e, text, sizeof(text));
	static char kept[LIST_ENTRY_MAX];
	memcpy(kept, e->text.p, e->text.len);
	struct list_entry was = *e;
	return n < sizeof(text) && list_entry_write(e, text, n) == n && parse(text, n, &again, &why) == 1 &&
	       again.kind == was.kind && again.exception == was.exception && again.https == was.https &&
	       again.text.len == was.text.len && !memcmp(again.text.p, kept, was.text.len) &&
	       (was.kind != RULE_PREFIX ||
		(again.prefix_len == was.prefix_len && !memcmp(again.addr, was.addr, sizeof(was.addr))));
}

static bool run_entry(const struct vector *v)
{
	struct list_entry e;
	const char *why = "", *kind = v->cell[1].text;
	int rc = parse(v->cell[0].text, v->cell[0].len, &e, &why);
	if (!strcmp(kind, "refused"))
		return rc == -1 && !strcmp(why, v->cell[2].text);
	if (rc != 1 || e.exception != (*kind == '!') || !is_text(e.text, v->cell[2].text))
		return false;
	return !strcmp(kind + e.exception, rule_kind_names[e.kind]) && comes_back(&e);
}

static void test_list_vectors_of_the_page_hold(void)
{
	unsigned failed;
	CU_ASSERT(vectors_run("entry", run_entry, &failed) > 80);
	CU_ASSERT_EQUAL(failed, 0);
}

static void test_list_page_names_every_kind_and_key(void)
{
	char row[512];
	for (unsigned k = 0; k < RULE_KINDS_N; k++) {
		snprintf(row, sizeof(row), "\n| %s | `", rule_kind_names[k]);
		CU_ASSERT(vectors_page_has(row));
	}
	for (unsigned f = 0; f < META_COUNT; f++) {
		const struct meta_row *m = &meta_rows[f];
		snprintf(row, sizeof(row), *m->def ? "\n| `%s` | `%s` | %s |\n" : "\n| `%s` |%s | %s |\n",
			 m->key, m->def, m->help);
		CU_ASSERT(vectors_page_has(row));
	}
}

static void test_list_prefix_has_network_and_length(void)
{
	static const uint8_t v4[16] = {[10] = 0xff, 0xff, 192, 0, 2}, v6[16] = {0x20, 0x01, 0x0d, 0xb8};
	struct list_entry e;
	const char *why;
	CU_ASSERT(parse("192.0.2.0/24", 12, &e, &why) == 1 && e.prefix_len == 120 && !memcmp(e.addr, v4, 16));
	CU_ASSERT(parse("2001:db8::/32", 13, &e, &why) == 1 && e.prefix_len == 32 && !memcmp(e.addr, v6, 16));
	CU_ASSERT(parse("2001:db8::", 10, &e, &why) == 1 && e.prefix_len == 128 && !memcmp(e.addr, v6, 16));
	CU_ASSERT(parse("::ffff:0:0/96", 13, &e, &why) == -1);
	CU_ASSERT(parse("::fffe:0:0/95", 13, &e, &why) == -1);
}

static void test_list_url_knows_host_and_https(void)
{
	struct list_entry e;
	const char *why;
	CU_ASSERT(parse("https://Host.test:8080/a", 24, &e, &why) == 1 && e.https && e.host_len == 14);
	CU_ASSERT(parse("http://host.test/a", 18, &e, &why) == 1 && !e.https && e.host_len == 9);
	CU_ASSERT(parse("https.test/a*", 13, &e, &why) == 1 && !e.https && e.host_len == 10);
}

static void test_list_blank_lines_and_comments_are_nothing(void)
{
	static const char *const lines[] = {"", " ", "\t\r", "#", "# name.test", "  # x", "#name.test"};
	struct list_entry e;
	const char *why;
	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		CU_ASSERT_EQUAL(parse(lines[i], strlen(lines[i]), &e, &why), 0);
}

/* What list_read reported, as text. */
struct log {
	char text[8192];
	int stop_at;
};

static void note(struct log *l, const char *fmt, ...)
{
	va_list ap;
	size_t n = strlen(l->text);
	va_start(ap, fmt);
	vsnprintf(l->text + n, sizeof(l->text) - n, fmt, ap);
	va_end(ap);
}

static int on_entry(void *ctx, const struct list_entry *e)
{
	struct log *l = ctx;
	note(l, "%u %.*s;", e->line, (int)e->text.len, (const char *)e->text.p);
	return (int)e->line == l->stop_at ? 42 : 0;
}

static int on_meta(void *ctx, enum meta_field f, const char *value)
{
	note(ctx, "%s=%s;", meta_rows[f].key, value);
	return 0;
}

static int on_rejected(void *ctx, uint32_t line, const char *why, struct span text)
{
	(void)text;
	note(ctx, "%u!%.20s;", line, why);
	return 0;
}

static int read_text(const char *p, size_t len, struct log *l, struct list_totals *t, struct err *e)
{
	FILE *f = tmpfile();
	CU_ASSERT_FATAL(f && fwrite(p, 1, len, f) == len);
	rewind(f);
	const struct list_events ev = {l, on_entry, on_meta, on_rejected};
	int rc = list_read(f, "some.txt", &ev, t, e);
	fclose(f);
	return rc;
}

static void test_list_reads_lines_of_any_ending(void)
{
	static const char text[] =
	    "\xef\xbb\xbf#! name: A list\r\n#!legal-basis:law 1\n\n# c\r\na.test\r\n b.test # x\n"
	    "a b\n#! name: late\nc.test";
	struct log l = {.text = ""};
	struct list_totals t;
	struct err e;
	CU_ASSERT_EQUAL(read_text(text, sizeof(text) - 1, &l, &t, &e), 0);
	CU_ASSERT_STRING_EQUAL(l.text,
			       "name=A list;legal_basis=law 1;5 a.test;6 b.test;7!white space inside t;"
			       "8!metadata after the f;9 c.test;");
	CU_ASSERT(t.lines == 9 && t.entries == 3 && t.rejected == 2);
}

static void test_list_refuses_metadata_it_cannot_use(void)
{
	static const char *const lines[] = {
	    "#! colour: red",
	    "#! name",
	    "#! name:",
	    "#! category: fun",
	    "#! language: de",
	    "#! action_tls: page",
	    "#! action_http: alert",
	    "#! redirect: javascript:x",
	    "#! redirect: http://a.test/\" x",
	    "#! appeal: nobody",
	    "#! dns_a: 2001:db8::1",
	    "#! dns_aaaa: 192.0.2.1",
	    "#! authority: a\x01",
	    "#! authority: \xff",
	};
	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct log l = {.text = ""};
		struct list_totals t;
		struct err e;
		CU_ASSERT_EQUAL(read_text(lines[i], strlen(lines[i]), &l, &t, &e), -ENODATA);
		CU_ASSERT(t.rejected == 1 && !strncmp(l.text, "1!", 2));
	}
}

static void test_list_takes_metadata_that_is_valid(void)
{
	static const char text[] =
	    "#! category: csam\n#! language: mk\n#! action_tls: reset\n#! action-http: redirect\n"
	    "#! redirect: https://a.test/b?c\n#! appeal: some.one@a.test\n#! dns_a: 192.0.2.1\n"
	    "#! dns_aaaa: 2001:db8::1\n#! authority: Autoriteti i Komunikimeve, Tiran\xc3\xab\na.test";
	struct log l = {.text = ""};
	struct list_totals t;
	struct err e;
	CU_ASSERT_EQUAL(read_text(text, sizeof(text) - 1, &l, &t, &e), 0);
	CU_ASSERT_EQUAL(t.rejected, 0);
}

static void test_list_reads_on_behind_an_endless_line(void)
{
	static const size_t lengths[] = {LIST_LINE_MAX, LIST_LINE_MAX + 1, 262143, 262144, 262145, 600000};
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct log l = {.text = ""};
		struct list_totals t;
		struct err e;
		char *text = malloc(lengths[i] + 32);
		size_t n = (size_t)sprintf(text, "a.test\n");
		memset(text + n, 'x', lengths[i]);
		n += lengths[i];
		n += (size_t)sprintf(text + n, "\nb.test\n");
		CU_ASSERT_EQUAL(read_text(text, n, &l, &t, &e), 0);
		CU_ASSERT(t.lines == 3 && t.entries == 2 && t.rejected == 1);
		CU_ASSERT(strstr(l.text, "3 b.test;") != NULL);
		free(text);
	}
}

static void test_list_lines_cross_the_buffer_whole(void)
{
	size_t lines = 100000, n = 0;
	char *text = malloc(lines * 24);
	struct list_totals t;
	struct err e;
	struct log l = {.text = ""};
	for (size_t i = 0; i < lines; i++)
		n += (size_t)sprintf(text + n, "n%zu.name.test\n", i);
	CU_ASSERT_EQUAL(read_text(text, n, &l, &t, &e), 0);
	CU_ASSERT(t.lines == lines && t.entries == lines && !t.rejected);
	free(text);
}

static void test_list_of_bad_lines_alone_is_refused(void)
{
	struct log l = {.text = ""};
	struct list_totals t;
	struct err e;
	CU_ASSERT_EQUAL(read_text("<html>\n<p>404\n", 14, &l, &t, &e), -ENODATA);
	CU_ASSERT(strstr(e.text, "some.txt") != NULL);
	CU_ASSERT_EQUAL(t.rejected, 2);
	CU_ASSERT_EQUAL(read_text("# nothing\n", 10, &l, &t, &e), -ENODATA);
	CU_ASSERT_EQUAL(read_text("", 0, &l, &t, &e), -ENODATA);
}

static void test_list_stops_where_the_callback_says(void)
{
	struct log l = {.stop_at = 2};
	struct list_totals t;
	struct err e;
	CU_ASSERT_EQUAL(read_text("a.test\nb.test\nc.test\n", 21, &l, &t, &e), 42);
	CU_ASSERT_STRING_EQUAL(l.text, "1 a.test;2 b.test;");
}

static void test_meta_actions_are_those_of_their_field(void)
{
	CU_ASSERT_EQUAL(meta_action(META_action_http, "page"), ACTION_PAGE);
	CU_ASSERT_EQUAL(meta_action(META_action_tls, "page"), -1);
	CU_ASSERT_EQUAL(meta_action(META_action_dns, "nxdomain"), ACTION_NXDOMAIN);
	CU_ASSERT_EQUAL(meta_action(META_name, "page"), -1);
	CU_ASSERT_EQUAL(meta_find("legal-basis", 11), META_legal_basis);
	CU_ASSERT_EQUAL(meta_find("legal_basi", 10), -1);
	CU_ASSERT_EQUAL(meta_find("legal_basis2", 12), -1);
	CU_ASSERT_EQUAL(meta_find("", 0), -1);
	for (unsigned f = META_action_http; f <= META_action_ip; f++)
		CU_ASSERT(meta_action(f, meta_rows[f].def) >= 0);
}

static const struct test tests[] = {
    TEST(test_list_vectors_of_the_page_hold),
    TEST(test_list_page_names_every_kind_and_key),
    TEST(test_list_prefix_has_network_and_length),
    TEST(test_list_url_knows_host_and_https),
    TEST(test_list_blank_lines_and_comments_are_nothing),
    TEST(test_list_reads_lines_of_any_ending),
    TEST(test_list_refuses_metadata_it_cannot_use),
    TEST(test_list_takes_metadata_that_is_valid),
    TEST(test_list_reads_on_behind_an_endless_line),
    TEST(test_list_lines_cross_the_buffer_whole),
    TEST(test_list_of_bad_lines_alone_is_refused),
    TEST(test_list_stops_where_the_callback_says),
    TEST(test_meta_actions_are_those_of_their_field),
};

HARNESS_MAIN("list", tests)
