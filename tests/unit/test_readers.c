/* SPDX-License-Identifier: BSD-3-Clause */
/* Each row: options, text, what is kept ("LINE ENTRY; ..."), what is rejected ("LINE WHY; ..."). Entries NULL: the file is
 * refused with that sentence. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/feed/reader.h"
#include "tests/unit/import_fixture.h"

#define CHECK(format, rows) import_check_rows(format, rows, sizeof(rows) / sizeof(*rows))

#define NO_URL                                                                                               \
	"no URL: write http://name.test/ for the root page alone, name.test/* for all pages; whole domains " \
	"belong into a list of domains"
#define NO_DOMAIN "no domain: here stand names such as name.test or *.name.test"
#define LOST                                                                                                       \
	"a quote stands inside a field of this record: where records end cannot be known, so nothing of the file " \
	"is used. A quote inside a field in quotes is written twice"
#define COLUMNS "another number of columns than the first record has: is a separator missing, or a quote?"

static void test_urls_are_urls_and_nothing_else(void)
{
	static const struct import_row rows[] = {
	    {NULL, "http://name.test/a\nhttps://name.test/b?c\nname.test/\n# comment\n\nhttp://name.test\n",
	     "3 http://name.test/; 1 http://name.test/a; 2 https://name.test/b?c", ""},
	    {NULL, "name.test/a\nname.test\n", "1 http://name.test/a", "2 " NO_URL},
	    {NULL, "name.test/a\n192.0.2.1\n192.0.2.0/24\n=name.test\n", "1 http://name.test/a",
	     "2 " NO_URL "; 3 " NO_URL "; 4 " NO_URL},
	    {"bare=page", "name.test\nname.test/b\n", "1 http://name.test/; 2 http://name.test/b", ""},
	    {"bare=domain", "name.test\nname.test/b\n*.name.test\n",
	     "3 *.name.test; 2 http://name.test/b; 1 name.test", ""},
	    {NULL, "name.test/a\nname.test/*\nname.test/*/b\n", "1 http://name.test/a",
	     "2 a '*' in a URL: set the option wildcards=yes if this authority means any bytes by it, else write %2A; "
	     "3 a '*' in a URL: set the option wildcards=yes if this authority means any bytes by it, else write %2A"},
	    {"wildcards=yes", "name.test/*\nname.test/*/b\n", "1 http://name.test/*; 2 http://name.test/*/b",
	     ""},
	    {NULL, "name.test/a\n!name.test/b\n/name/\n", "1 http://name.test/a",
	     "2 an exception ('!') stands in plain lists only: write it as an exception of its own; 3 " NO_URL},
	    {NULL, "name.test/a\nname.test/b #c\n", "1 http://name.test/a",
	     "2 white space and a '#': if it is a comment, this format has none"},
	    {NULL, "name.test/a\nftp://name.test/x\n", "1 http://name.test/a",
	     "2 only http and https URLs can be judged: write name.test to block the host for every protocol"},
	};
	CHECK("urls", rows);
}

static void test_domains_are_names_with_their_subdomains(void)
{
	static const struct import_row rows[] = {
	    {NULL, "Name.test\r\n# c\r\nother.test.\r\n*.name.test\r\n",
	     "4 *.name.test; 1 name.test; 3 other.test", ""},
	    {NULL, "name.test\nname.test/a\n192.0.2.1\n=name.test\nads*.name.test\n/a/\n", "1 name.test",
	     "2 " NO_DOMAIN "; 3 " NO_DOMAIN "; 4 " NO_DOMAIN "; 5 " NO_DOMAIN "; 6 " NO_DOMAIN},
	    {NULL, "# only\n# comments\n", NULL,
	     "list: not one entry in its 2 lines, 0 rejected: is it of the format domains?"},
	};
	CHECK("domains", rows);
}

static void test_a_field_is_never_cut_and_kept(void)
{
	char *text = malloc(200000), *got;
	struct import_result r;
	struct err e;
	/* spaces up to where a long line is cut */
	memset(text, ' ', 200000);
	memcpy(text, "good.test\nname.test", 19);
	strcpy(text + 150000, "junk\nlast.test\n");
	CU_ASSERT_EQUAL_FATAL(import_text("domains", NULL, text, &r, &e), 0);
	got = import_entries();
	CU_ASSERT_STRING_EQUAL(got, "1 good.test; 3 last.test");
	CU_ASSERT_EQUAL(r.rejected, 1);
	import_result_free(&r);
	free(got);
	/* the same in a column, where a field's beginning is kept */
	memset(text, ' ', 200000);
	memcpy(text, "good.test\nname.test", 19);
	strcpy(text + 30000, "junk\nlast.test\n");
	CU_ASSERT_EQUAL_FATAL(import_text("csv", NULL, text, &r, &e), 0);
	got = import_entries();
	CU_ASSERT_STRING_EQUAL(got, "1 good.test; 3 last.test");
	CU_ASSERT_STRING_EQUAL(r.notes[0].why, "longer than 16384 bytes");
	import_result_free(&r);
	free(got);
	free(text);
}

static void test_hosts_are_hosts_alone(void)
{
	static const struct import_row rows[] = {
	    {NULL,
	     "127.0.0.1 localhost\n::1 localhost ip6-localhost\nff02::1 ip6-allnodes\nfe80::1%lo0 localhost\n"
	     "0.0.0.0 name.test # why\n127.0.0.1\tb.test  c.test\n:: d.test#x\n# comment\n0.0.0.0 localhost e.test\n",
	     "6 =b.test; 6 =c.test; 7 =d.test; 9 =e.test; 5 =name.test", ""},
	    {NULL, "0.0.0.0 a.test\n0.0.0.0 b.test c..test d.test\n", "1 =a.test",
	     "2 an empty label: remove the extra dot (name.test is the name and its subdomains, *.name.test the "
	     "subdomains only)"},
	    {NULL, "0.0.0.0 a.test\nname.test\n0.0.0.0\n0.0.0.0 *.b.test\n0.0.0.0 192.0.2.1\n", "1 =a.test",
	     "2 an address without a name: a line of a hosts file is such as 0.0.0.0 name.test; "
	     "3 an address without a name: a line of a hosts file is such as 0.0.0.0 name.test; "
	     "4 '=' stands before a host name alone: write =name.test, or the URL without '='; "
	     "5 an address has no subdomains and is no host name: write it alone, as 192.0.2.1 or 192.0.2.0/24"},
	    {NULL, "0.0.0.0 a.test\n192.0.2.1 b.test\nb.test c.test\n", "1 =a.test",
	     "2 the address is not 0.0.0.0, 127.0.0.1, :: or ::1: the line says where a name is, not that it is "
	     "blocked. If it is the authority's own page, give the option address; "
	     "3 no address in front: a line of a hosts file is such as 0.0.0.0 name.test"},
	    {"address=192.0.2.1", "192.0.2.1 b.test\n192.0.2.10 c.test\n", "1 =b.test",
	     "2 the address is not 0.0.0.0, 127.0.0.1, :: or ::1: the line says where a name is, not that it is "
	     "blocked. If it is the authority's own page, give the option address"},
	    {"address=name.test", "0.0.0.0 a.test\n", NULL,
	     "options: address: an address, such as 192.0.2.1"},
	};
	CHECK("hosts", rows);
}

static void test_csv_takes_one_column(void)
{
	static const struct import_row rows[] = {
	    {NULL, "a.test\nb.test\n\nc.test", "1 a.test; 2 b.test; 4 c.test", ""},
	    {"column=2", "1,a.test,x\r\n2,b.test,y\r\n", "1 a.test; 2 b.test", ""},
	    {"column=2 header=yes", "id,name\n1,a.test\n", "2 a.test", ""},
	    {"column=domain", "id, Domain ,note\n1,a.test,\"x, \"\"y\"\"\nz\"\n2,b.test,\n",
	     "2 a.test; 4 b.test", ""},
	    {"column=the;name separator=semicolon", "id;\"the;name\"\n1;a.test\n", "2 a.test", ""},
	    {"separator=tab column=2", "1\ta.test\n", "1 a.test", ""},
	    {"separator=bar column=2", "1|\"a.test\"\n", "1 a.test", ""},
	    {"kind=url", "\"http://a.test/x,y\"\nb.test\n", "1 http://a.test/x,y", "2 " NO_URL},
	    {"kind=url bare=page", "\"http://a.test/\"\"\"\nb.test\n",
	     "1 http://a.test/%22; 2 http://b.test/", ""},
	    {"kind=ip", "192.0.2.1\n2001:db8::/32\na.test\n", "1 192.0.2.1/32; 2 2001:db8::/32",
	     "3 no address: here stand 192.0.2.1, 192.0.2.0/24, 2001:db8::/32"},
	    {"kind=host", "a.test\n", "1 =a.test", ""},
	    {"kind=plain", "a.test\n!=b.test\n", "2 !=b.test; 1 a.test", ""},
	    {NULL, "\xef\xbb\xbf\"a.test\"\n", "1 a.test", ""},
	};
	CHECK("csv", rows);
}

static void test_csv_rejects_what_is_no_record(void)
{
	static const struct import_row rows[] = {
	    {"column=2", "1,a.test\n2,b.test,c.test\n3\n,d.test\n5,\n", "1 a.test; 4 d.test",
	     "2 " COLUMNS "; 3 " COLUMNS "; 5 nothing stands here"},
	    {"column=2", "1,a.test\n3,c\"d\"\n4,e.test\n", "1 a.test; 3 e.test",
	     "2 a quote inside a field without quotes: put the field in quotes, its own quotes twice"},
	    {"column=2", "1,a.test\n2,\"b\".test\n", NULL, "list: line 2: " LOST},
	    {"column=2", "1,a.test,x\n2,b.test, \"note\n7,other.test,\n\"\n", NULL, "list: line 2: " LOST},
	    {"column=2", "1,a.test\n2,\"b.test\n3,\"c.test\"\n", NULL, "list: line 2: " LOST},
	    {NULL, "a.test\n#b.test\n\"c.test\nd.test\"\n", "1 a.test",
	     "2 a '#' in front: if it is a comment, this format has none; "
	     "3 control characters: save the list as plain UTF-8 text, one entry a line"},
	    {NULL, "a.test\n\"b.test\nc.test\n", NULL,
	     "list: line 2: a field in quotes begins in this record and is not closed: where it ends cannot be known, "
	     "so nothing of the file is used"},
	    {"column=3", "1,a.test\n", NULL,
	     "list: line 1: there are 2 columns, so no column 3: correct the option column, or separator"},
	    {"column=name", "id,domain\n1,a.test\n", NULL,
	     "list: line 1: the header has no column name: correct the option column, or separator"},
	    {"column=0", "a.test\n", NULL,
	     "options: column: a number from 1 to 1000, or the name that the header gives the column"},
	    {"separator=,", "a.test\n", NULL, "options: separator is one of comma|semicolon|tab|bar"},
	    {"column=domain", "domain\n", NULL,
	     "list: not one entry in its 1 lines, 0 rejected: is it of the format csv?"},
	};
	CHECK("csv", rows);
}

static void test_jsonl_takes_the_one_field(void)
{
	static const struct import_row rows[] = {
	    {NULL,
	     "{\"url\":\"http://a.test/x\",\"id\":1}\n{\"domain\":\"b.test\"}\n\n{\"ip\":\"192.0.2.1\"}\r\n"
	     "{\"host\":\"c.test\",\"domain\":null}\n",
	     "4 192.0.2.1/32; 5 =c.test; 2 b.test; 1 http://a.test/x", ""},
	    {NULL, "{\"domain\":\"b\\u00fccher.test\"}\n", "1 xn--bcher-kva.test", ""},
	    {"field=name", "{\"name\":\"a.test\",\"url\":\"http://b.test/\"}\n", "1 a.test", ""},
	    {"field=name kind=url bare=page", "{\"name\":\"a.test\"}\n", "1 http://a.test/", ""},
	    {NULL, "{\"domain\":\"a.test\"}\n{\"domain\":\"b.test\",\"url\":\"http://b.test/x\"}\n",
	     "1 a.test",
	     "2 more than one of url, domain, host and ip: say by the option field which one is ordered"},
	    {NULL,
	     "{\"domain\":\"a.test\"}\n{\"domain\":[\"b.test\"]}\n{\"name\":\"c.test\"}\n[]\nd.test\n{\"domain\":\n",
	     "1 a.test",
	     "2 the field is no text; "
	     "3 the object has none of the fields url, domain, host, ip: name yours by the option field; "
	     "4 no JSON object: each line is one, such as {\"domain\": \"name.test\"}; "
	     "5 no JSON object: each line is one, such as {\"domain\": \"name.test\"}; "
	     "6 no JSON object: each line is one, such as {\"domain\": \"name.test\"}"},
	    {NULL,
	     "{\"domain\":\"a.test\"}\n{\"domain\":\"b.test\",\"domain\":\"c.test\"}\n{\"domain\":\"d\\u0000.test\"}\n"
	     "{\"domain\":\"e.test\"} x\n{\"domain\":\"f.test\\nother.test\"}\n{\"domain\":\"!g.test\"}\n",
	     "1 a.test",
	     "2 no JSON object: each line is one, such as {\"domain\": \"name.test\"}; "
	     "3 no JSON object: each line is one, such as {\"domain\": \"name.test\"}; "
	     "4 no JSON object: each line is one, such as {\"domain\": \"name.test\"}; "
	     "5 control characters: save the list as plain UTF-8 text, one entry a line; "
	     "6 an exception ('!') stands in plain lists only: write it as an exception of its own"},
	    {NULL,
	     "{\"domain\":\"a.test\",\"x\":[[[[[[[1]]]]]]]}\n{\"domain\":\"b.test\",\"x\":[[[[[[[[1]]]]]]]]}\n"
	     "{\"domain\":\"c.test\",\"x\":\"[[[[[[[[[[[[\\\"[[[\"}\n",
	     "1 a.test; 3 c.test", "2 objects and arrays are nested more than 8 deep"},
	    {"field=name", "{\"domain\":\"a.test\"}\n", NULL,
	     "list: not one entry in its 1 lines, 1 rejected: is it of the format jsonl?"},
	};
	CHECK("jsonl", rows);
}

/* What people read of a format's options is what its rows say. */
static void test_readers_tell_their_options(void)
{
	for (unsigned i = 0; readers[i]; i++) {
		const struct reader *x = readers[i];
		char text[512] = "";
		for (const struct reader_option *o = x->options; o && o->name; o++) {
			size_t n = strlen(text);
			snprintf(text + n, sizeof(text) - n, "%s%s=%s", n ? " " : "", o->name, o->values);
			CU_ASSERT(*o->help && (!*o->standard || !o->check || !o->check(o->standard)));
		}
		CU_ASSERT_STRING_EQUAL(text, x->format.options ? x->format.options : "");
		CU_ASSERT_PTR_EQUAL(import_formats[i], &x->format);
	}
}

static char *read_page(void)
{
	char *text = calloc(1, 1 << 20);
	FILE *f = fopen(FEEDS_PAGE, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

static void check_page(const char *page, const char *row)
{
	const char *at = strstr(page, row);
	if (!at)
		printf("# docs/feeds.md lacks: %s", row + 1);
	CU_ASSERT_PTR_NOT_NULL(at);
}

/* "yes|no" as a cell: `yes`, `no` */
static void write_values(const char *values, char *to)
{
	to = stpcpy(to, "`");
	for (; *values; values++)
		to = *values == '|' ? stpcpy(to, "`, `") : stpncpy(to, values, 1);
	strcpy(to, "`");
}

static void test_readers_page_has_every_format_and_option(void)
{
	char *page = read_page(), row[1024], values[256];
	for (unsigned i = 0; readers[i]; i++) {
		const struct import_format *x = &readers[i]->format;
		snprintf(row, sizeof(row), "\n| `%s` | %s |\n", x->name, x->help);
		check_page(page, row);
		snprintf(row, sizeof(row), "\n### %s\n", x->name);
		check_page(page, row);
		for (const struct reader_option *o = readers[i]->options; o && o->name; o++) {
			write_values(o->values, values);
			const char *quote = *o->standard ? "`" : "";
			snprintf(row, sizeof(row), "\n| `%s` | `%s` | %s | %s%s%s | %s |\n", x->name, o->name,
				 values, quote, o->standard, quote, o->help);
			check_page(page, row);
		}
	}
	free(page);
}

static const struct test tests[] = {
    TEST(test_urls_are_urls_and_nothing_else),
    TEST(test_domains_are_names_with_their_subdomains),
    TEST(test_a_field_is_never_cut_and_kept),
    TEST(test_hosts_are_hosts_alone),
    TEST(test_csv_takes_one_column),
    TEST(test_csv_rejects_what_is_no_record),
    TEST(test_jsonl_takes_the_one_field),
    TEST(test_readers_tell_their_options),
    TEST(test_readers_page_has_every_format_and_option),
};

int main(void)
{
	if (import_fixture_init())
		return 1;
	int r = harness_run("readers", tests, sizeof(tests) / sizeof(*tests));
	import_fixture_fini();
	return r;
}
