/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ruleset_fixture.h"

static const struct report_note *find_note(const struct fixture *f, enum note_kind kind, uint32_t list,
					   uint32_t line)
{
	const struct report *r = compiler_report(f->c);
	for (uint32_t i = 0; i < r->n_notes; i++)
		if (r->notes[i].kind == kind && r->notes[i].list == list && r->notes[i].line == line)
			return &r->notes[i];
	return NULL;
}

static bool has_note(const struct fixture *f, enum note_kind kind, uint32_t list, uint32_t line,
		     uint32_t other_list, uint32_t other_line)
{
	const struct report_note *n = find_note(f, kind, list, line);
	if (n && n->other_list == other_list && n->other_line == other_line)
		return true;
	printf("# no %s note of %u:%u with %u:%u\n", note_kind_names[kind], list, line, other_list,
	       other_line);
	return false;
}

static uint64_t total(const struct fixture *f, enum note_kind kind)
{
	return compiler_report(f->c)->notes_total[kind];
}

static void test_compile_report_names_rejected_lines(void)
{
	struct fixture f;
	fixture_open_one(&f, "name.test\na b\n\n# c\nother..test\nlast.test\n");
	const struct report *r = compiler_report(f.c);
	CU_ASSERT(r->lines == 6 && r->entries == 2 && total(&f, NOTE_REJECTED) == 2);
	CU_ASSERT_EQUAL(r->by_kind[RULE_DOMAIN][0], 2);
	const struct report_note *n = find_note(&f, NOTE_REJECTED, 0, 2);
	CU_ASSERT_FATAL(n && find_note(&f, NOTE_REJECTED, 0, 5));
	CU_ASSERT(strstr(n->text, "white space inside the entry") && strstr(n->text, "a b"));
	fixture_close(&f);
}

static void test_compile_report_shows_no_control_bytes(void)
{
	struct fixture f;
	fixture_open_one(&f, "name.test\nx\x1b[2J\x7f.test\nb\xfc.test\n");
	const struct report *r = compiler_report(f.c);
	CU_ASSERT_EQUAL(total(&f, NOTE_REJECTED), 2);
	for (uint32_t i = 0; i < r->n_notes; i++)
		for (const char *p = r->notes[i].text; *p; p++)
			CU_ASSERT((unsigned char)*p >= ' ' && *p != 0x7f);
	fixture_close(&f);
}

static void test_compile_duplicate_is_noted_and_the_first_stays(void)
{
	static const char *const lists[] = {
	    "name.test\nNAME.test.\n=name.test\n!name.test\nh.test/a\nh.test/a\nh.test/p*\nh.test/p*\n192.0.2.0/24\n"
	    "192.0.2.0/24\nx*y.name.example\nx*y.name.example\n/abc/\n/abc/\n",
	    "name.test\n!name.test\nh.test:80/./a\n2001:db8::1\n2001:db8::1/128\n"};
	struct fixture f;
	fixture_open(&f, lists, 2);
	static const struct {
		uint32_t list, line, other_list, other_line;
	} want[] = {{0, 2, 0, 1},   {0, 6, 0, 5}, {0, 8, 0, 7}, {0, 10, 0, 9}, {0, 12, 0, 11},
		    {0, 14, 0, 13}, {1, 1, 0, 1}, {1, 2, 0, 4}, {1, 3, 0, 5},  {1, 5, 1, 4}};
	enum { N = sizeof(want) / sizeof(*want) };
	for (unsigned i = 0; i < N; i++)
		CU_ASSERT(has_note(&f, NOTE_DUPLICATE, want[i].list, want[i].line, want[i].other_list,
				   want[i].other_line));
	CU_ASSERT_EQUAL(total(&f, NOTE_DUPLICATE), N);
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "name:name.test"), "except domain a:4");
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "url:h.test/a"), "block url a:5");
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "addr:192.0.2.1"), "block prefix a:9");
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "addr:2001:db8::1"), "block prefix b:4");
	fixture_close(&f);
}

static void test_compile_shadowed_rule_is_noted_and_stays(void)
{
	static const char *const lists[] = {
	    "a.name.test\nname.test\n=name.test\n*.name.test\nname.test/x\nx.name.test/y*\nh.test/a/b\nh.test/a*\n"
	    "h.test/a/c*\n192.0.2.7\n192.0.2.0/24\n*.sub.test\nsub.test/x\na.sub.test/x\n=host.test\nhost.test/x\n"
	    "a.host.test/x\n",
	    "b.a.name.test\n!b.name.test\n!c.b.name.test\n2001:db8::/32\n2001:db8:1::/48\nb.sub.test\n"};
	struct fixture f;
	fixture_open(&f, lists, 2);
	static const struct {
		uint32_t list, line, other_list, other_line;
	} want[] = {{0, 1, 0, 2}, {0, 3, 0, 2}, {0, 4, 0, 2},	{0, 5, 0, 2},	{0, 6, 0, 2},
		    {0, 7, 0, 8}, {0, 9, 0, 8}, {0, 10, 0, 11}, {0, 14, 0, 12}, {0, 16, 0, 15},
		    {1, 1, 0, 2}, {1, 3, 1, 2}, {1, 5, 1, 4},	{1, 6, 0, 12}};
	enum { N = sizeof(want) / sizeof(*want) };
	for (unsigned i = 0; i < N; i++)
		CU_ASSERT(has_note(&f, NOTE_SHADOWED, want[i].list, want[i].line, want[i].other_list,
				   want[i].other_line));
	CU_ASSERT_EQUAL(total(&f, NOTE_SHADOWED), N);
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "url:name.test/x"), "block url a:5");
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "addr:192.0.2.7"), "block prefix a:10");
	fixture_close(&f);
}

static void test_compile_url_rules_are_noted_as_http_only(void)
{
	struct fixture f;
	fixture_open_one(
	    &f, "name.test\nhttps://h.test/a\nh.test/b*\nh.test/*/c\n/abc/\nads*.h.test\n192.0.2.1\n");
	CU_ASSERT_EQUAL(total(&f, NOTE_HTTP_ONLY), 4);
	for (uint32_t line = 2; line <= 5; line++)
		CU_ASSERT_PTR_NOT_NULL(find_note(&f, NOTE_HTTP_ONLY, 0, line));
	const struct report_note *n = find_note(&f, NOTE_HTTP_ONLY, 0, 2);
	CU_ASSERT(n && strcasestr(n->text, "https") && strstr(n->text, "h.test/a"));
	fixture_close(&f);
}

static void test_compile_refused_pattern_is_noted_and_others_stay(void)
{
	struct fixture f;
	fixture_open_one(&f, "/good1/\n/(?=x)ahead/\n/x*/\n/good(2/\n/(a)\\1/\n/good3/\nname*.h.test\n");
	CU_ASSERT_EQUAL(total(&f, NOTE_REJECTED), 4);
	for (uint32_t line = 2; line <= 5; line++)
		CU_ASSERT_PTR_NOT_NULL(find_note(&f, NOTE_REJECTED, 0, line));
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "url:h.test/good1"), "block regex a:1");
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "url:h.test/good3"), "block regex a:6");
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "url:h.test/"), "-");
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "name:name1.h.test"), "block name-glob a:7");
	CU_ASSERT_EQUAL(ruleset_count(f.rs, RULE_REGEX, false), 2);
	CU_ASSERT_EQUAL(total(&f, NOTE_HTTP_ONLY), 2);
	fixture_close(&f);
}

static void test_compile_counts_agree_with_the_ruleset(void)
{
	struct fixture f;
	fixture_open_one(
	    &f, "name.test\n=h.test\n*.s.test\n!x.test\nh.test/a\nh.test/b*\n!h.test/*/c\nn*m.h.test\n"
		"/abc/\n192.0.2.1\n!192.0.2.0/24\n");
	uint64_t sum = 0;
	for (unsigned k = 0; k < RULE_KINDS_N; k++)
		for (unsigned x = 0; x < 2; x++) {
			uint64_t n = compiler_report(f.c)->by_kind[k][x];
			CU_ASSERT_EQUAL(ruleset_count(f.rs, (enum rule_kind)k, x), n);
			sum += n;
		}
	CU_ASSERT(sum == 11 && compiler_report(f.c)->entries == 11 && ruleset_bytes(f.rs) == f.bytes);
	fixture_close(&f);
}

static void test_compile_keeps_a_bounded_number_of_notes(void)
{
	enum { N = REPORT_MAX_NOTES + 500 };
	static char list[16 + N * 8];
	struct fixture f;
	size_t n = (size_t)snprintf(list, sizeof(list), "name.test\n");
	for (unsigned i = 0; i < N; i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "a..b\n");
	fixture_open_one(&f, list);
	CU_ASSERT_EQUAL(total(&f, NOTE_REJECTED), N);
	CU_ASSERT(compiler_report(f.c)->n_notes <= REPORT_MAX_NOTES);
	CU_ASSERT_PTR_NOT_NULL(find_note(&f, NOTE_REJECTED, 0, 2));
	fixture_close(&f);
}

static void test_compile_list_without_what_it_needs_is_refused(void)
{
	static const struct {
		const char *text, *why;
		int rc;
	} rows[] = {
	    {"#! action_http: redirect\nname.test\n", "redirect", -EINVAL},
	    {"#! action_dns: address\nname.test\n", "dns_a", -EINVAL},
	    {"a b\nc d\n", "2 lines", -ENODATA},
	    {"", "0 lines", -ENODATA},
	    {"# nothing\n", "1 lines", -ENODATA},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct compiler *c;
		struct err e = {""};
		CU_ASSERT_EQUAL_FATAL(compiler_new(NULL, &c, &e), 0);
		CU_ASSERT_EQUAL(fixture_add(c, rows[i].text, strlen(rows[i].text), "some.txt", &e),
				rows[i].rc);
		CU_ASSERT(strstr(e.text, "some.txt") && strstr(e.text, rows[i].why));
		compiler_free(c);
	}
}

static void test_compile_refused_list_leaves_nothing(void)
{
	static const char good[] = "good.test\n",
			  bad[] = "#! action_http: redirect\nbad.test\nbad.test/x\nbad.test/y*\n"
				  "b*d.test\n/bad/\n192.0.2.1\n";
	struct fixture f = {0};
	struct report before;
	CU_ASSERT_EQUAL_FATAL(compiler_new(fixture_key, &f.c, &f.e), 0);
	CU_ASSERT_EQUAL(fixture_add(f.c, good, sizeof(good) - 1, "good", &f.e), 0);
	before = *compiler_report(f.c);
	CU_ASSERT_EQUAL(fixture_add(f.c, bad, sizeof(bad) - 1, "bad", &f.e), -EINVAL);
	CU_ASSERT(compiler_report(f.c)->entries == before.entries &&
		  !memcmp(compiler_report(f.c)->by_kind, before.by_kind, sizeof(before.by_kind)));
	CU_ASSERT_STRING_EQUAL(compiler_list_name(f.c, 1), "bad");
	CU_ASSERT_EQUAL(fixture_add(f.c, good, sizeof(good) - 1, "again", &f.e), 0);
	CU_ASSERT_EQUAL_FATAL(compiler_build(f.c, &f.image, &f.bytes, &f.e), 0);
	CU_ASSERT_EQUAL_FATAL(ruleset_over(f.image, f.bytes, &f.rs, &f.e), 0);
	CU_ASSERT_EQUAL_FATAL(ruleset_scratch_new(f.rs, &f.s, &f.e), 0);
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "name:good.test"), "block domain good:1");
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "name:bad.test"), "-");
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "url:bad.test/x"), "-");
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "url:bad.test/yz"), "-");
	CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "addr:192.0.2.1"), "-");
	CU_ASSERT(!ruleset_has_addr4(f.rs));
	fixture_close(&f);
}

static void test_compile_address_action_needs_one_address(void)
{
	struct fixture f;
	fixture_open_one(&f, "#! action_dns: address\n#! dns_aaaa: 2001:db8::1\nname.test\n");
	CU_ASSERT_EQUAL(ruleset_action(f.rs, 0, META_action_dns), ACTION_ADDRESS);
	fixture_close(&f);
}

static void test_compile_same_lists_and_key_give_the_same_image(void)
{
	static const char text[] = "name.test\n=a.name.test\nh.test/a\nh.test/b*\nn*m.h.test\n192.0.2.0/24\n";
	struct fixture a, b;
	fixture_open_one(&a, text);
	fixture_open_one(&b, text);
	CU_ASSERT(a.bytes == b.bytes && !memcmp(a.image, b.image, a.bytes));
	CU_ASSERT(!memcmp(ruleset_digest(a.rs), ruleset_digest(b.rs), 32));
	fixture_close(&a);
	fixture_close(&b);
}

static void test_compile_without_a_key_takes_a_random_one(void)
{
	void *image[2];
	size_t bytes[2];
	for (unsigned i = 0; i < 2; i++) {
		struct compiler *c;
		struct err e;
		CU_ASSERT_EQUAL_FATAL(compiler_new(NULL, &c, &e), 0);
		CU_ASSERT_EQUAL_FATAL(fixture_add(c, "name.test\n", 10, "a", &e), 0);
		CU_ASSERT_EQUAL_FATAL(compiler_build(c, &image[i], &bytes[i], &e), 0);
		compiler_free(c);
	}
	CU_ASSERT(bytes[0] == bytes[1] && memcmp(image[0], image[1], bytes[0]));
	CU_ASSERT_PTR_NULL(memmem(image[0], bytes[0], "name.test", 9));
	for (unsigned i = 0; i < 2; i++)
		compiler_image_free(image[i], bytes[i]);
}

static void test_compile_image_holds_no_entry_in_clear(void)
{
	struct fixture f;
	fixture_open_one(
	    &f, "secretone.test\n=secrettwo.test\nsecretthree.test/secretpath\nh.test/secretprefix*\n");
	CU_ASSERT_PTR_NULL(memmem(f.image, f.bytes, "secret", 6));
	fixture_close(&f);
}

/* The entries of one text, the last line first, as a store would give them. */
static void add_backwards(struct compiler *c, const char *const *lines, unsigned n)
{
	static struct url scratch;
	const char *meta[META_COUNT] = {[META_name] = "backwards"}, *why;
	struct err e;
	CU_ASSERT_EQUAL_FATAL(compiler_begin_list(c, meta, &e), 0);
	for (unsigned i = n; i--;) {
		struct list_entry entry;
		CU_ASSERT_EQUAL_FATAL(
		    list_parse_line((const uint8_t *)lines[i], strlen(lines[i]), &scratch, &entry, &why), 1);
		entry.line = i + 1;
		CU_ASSERT_EQUAL(compiler_add_entry(c, &entry), 0);
	}
}

static void test_compile_entries_may_come_in_any_order(void)
{
	static const char *const lines[] = {"name.test",    "h.test/a*b", "h.test/a*b",
					    "192.0.2.0/24", "/abc/",	  "192.0.2.0/24"};
	struct compiler *c;
	struct err e;
	void *image;
	size_t bytes;
	CU_ASSERT_EQUAL_FATAL(compiler_new(NULL, &c, &e), 0);
	add_backwards(c, lines, 6);
	CU_ASSERT_EQUAL_FATAL(compiler_build(c, &image, &bytes, &e), 0);
	const struct report *r = compiler_report(c);
	CU_ASSERT(r->entries == 6 && r->notes_total[NOTE_DUPLICATE] == 2);
	for (uint32_t i = 0; i < r->n_notes; i++)
		if (r->notes[i].kind == NOTE_DUPLICATE)
			CU_ASSERT_PTR_NOT_NULL(
			    strstr(r->notes[i].text, r->notes[i].line <= 3 ? "h.test/a*b" : "192.0.2.0/24"));
	CU_ASSERT_STRING_EQUAL(compiler_list_name(c, 0), "backwards");
	compiler_image_free(image, bytes);
	compiler_free(c);
}

static void test_compile_nothing_gives_an_empty_ruleset(void)
{
	struct compiler *c;
	struct ruleset *rs;
	struct err e;
	void *image;
	size_t bytes;
	CU_ASSERT_EQUAL_FATAL(compiler_new(NULL, &c, &e), 0);
	CU_ASSERT_EQUAL_FATAL(compiler_build(c, &image, &bytes, &e), 0);
	CU_ASSERT_EQUAL_FATAL(ruleset_over(image, bytes, &rs, &e), 0);
	CU_ASSERT_EQUAL(ruleset_lists(rs), 0);
	ruleset_free(rs);
	compiler_image_free(image, bytes);
	compiler_free(c);
}

static const struct test tests[] = {
    TEST(test_compile_report_names_rejected_lines),
    TEST(test_compile_report_shows_no_control_bytes),
    TEST(test_compile_duplicate_is_noted_and_the_first_stays),
    TEST(test_compile_shadowed_rule_is_noted_and_stays),
    TEST(test_compile_url_rules_are_noted_as_http_only),
    TEST(test_compile_refused_pattern_is_noted_and_others_stay),
    TEST(test_compile_counts_agree_with_the_ruleset),
    TEST(test_compile_keeps_a_bounded_number_of_notes),
    TEST(test_compile_list_without_what_it_needs_is_refused),
    TEST(test_compile_refused_list_leaves_nothing),
    TEST(test_compile_address_action_needs_one_address),
    TEST(test_compile_same_lists_and_key_give_the_same_image),
    TEST(test_compile_without_a_key_takes_a_random_one),
    TEST(test_compile_image_holds_no_entry_in_clear),
    TEST(test_compile_entries_may_come_in_any_order),
    TEST(test_compile_nothing_gives_an_empty_ruleset),
};

HARNESS_MAIN("compile", tests)
