/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/quote.h"
#include "tests/unit/harness.h"

static void check(void (*print)(FILE *, const char *), const char *const (*rows)[2], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *text = NULL;
		size_t len = 0;
		FILE *f = open_memstream(&text, &len);
		print(f, rows[i][0]);
		fclose(f);
		if (strcmp(text, rows[i][1]))
			printf("# %s, not %s\n", text, rows[i][1]);
		CU_ASSERT_STRING_EQUAL(text, rows[i][1]);
		free(text);
	}
}

static void test_quote_json_is_valid_whatever_the_bytes(void)
{
	static const char *const rows[][2] = {
	    {"", "\"\""},
	    {"name.test", "\"name.test\""},
	    {"a\"b\\c", "\"a\\\"b\\\\c\""},
	    {"a\n\x1b\x7f", "\"a\\u000a\\u001b\\u007f\""},
	    {"b\xc3\xbc", "\"b\xc3\xbc\""},
	    {"\xc2\x85x", "\"\\u0085x\""},
	    {"\xff\xc3", "\"\\ufffd\\ufffd\""},
	    {"\xe2\x82", "\"\\ufffd\\ufffd\""},
	    {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
	};
	check(quote_json, rows, sizeof(rows) / sizeof(*rows));
}

static void test_quote_plain_text_moves_no_cursor(void)
{
	static const char *const rows[][2] = {
	    {"a\"b\\c", "a\"b\\c"},	{"a\x1b[2J\r\n", "a\\x1b[2J\\x0d\\x0a"},
	    {"b\xc3\xbc", "b\xc3\xbc"}, {"\xc2\x9bx", "\\xc2\\x9bx"},
	    {"\xff", "\\xff"},
	};
	check(quote_plain, rows, sizeof(rows) / sizeof(*rows));
}

static void test_quote_into_a_buffer_is_cut_between_characters(void)
{
	static const struct {
		const char *in, *out;
		size_t cap;
	} rows[] = {{"abc", "abc", 4},	   {"abc", "ab", 3},
		    {"abc", "", 1},	   {"", "", 1},
		    {"a\x1b[", "a", 5},	   {"a\x1b[", "a\\x1b", 6},
		    {"a\xc3\xbc", "a", 3}, {"a\xc3\xbc", "a\xc3\xbc", 4}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *to = malloc(rows[i].cap);
		quote_into(to, rows[i].cap, rows[i].in);
		CU_ASSERT_STRING_EQUAL(to, rows[i].out);
		free(to);
	}
}

static const struct test tests[] = {
    TEST(test_quote_json_is_valid_whatever_the_bytes),
    TEST(test_quote_plain_text_moves_no_cursor),
    TEST(test_quote_into_a_buffer_is_cut_between_characters),
};
HARNESS_MAIN("quote", tests)
