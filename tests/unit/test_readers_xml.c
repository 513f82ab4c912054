/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows as in test_readers.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/import_fixture.h"

#define CHECK(rows) import_check_rows("xml", rows, sizeof(rows) / sizeof(*rows))

#define DUMP(content) "<?xml version=\"1.0\"?>\n<register>\n" content "</register>\n"
#define NO_TYPE	      "the record's type is none of default, url, domain, domain-mask, ip"

static void test_xml_record_orders_the_narrowest_that_it_holds(void)
{
	static const struct import_row rows[] = {
	    {NULL,
	     DUMP(
		 "<content id=\"1\"><decision date=\"2026-01-02\" org=\"x\"/><url>http://a.test/x?a=1&amp;b=2</url>"
		 "<domain>a.test</domain><ip>192.0.2.1</ip></content>\n"
		 "<content><domain>b.test</domain><ip>192.0.2.2</ip></content>\n"
		 "<content><ip>192.0.2.3</ip><ipSubnet>198.51.100.0/24</ipSubnet><ipv6>2001:db8::1</ipv6></content>\n"),
	     "5 192.0.2.3/32; 5 198.51.100.0/24; 5 2001:db8::1/128; 4 b.test; 3 http://a.test/x?a=1&b=2", ""},
	    {NULL,
	     DUMP(
		 "<content>\n<url><![CDATA[http://a.test/x]]></url>\n<url>\n http://a.test/y\n</url><url/></content>\n"),
	     "4 http://a.test/x; 5 http://a.test/y", ""},
	    {NULL, DUMP("<content><domain/><url/><ip>192.0.2.3</ip></content>"), "3 192.0.2.3/32", ""},
	};
	CHECK(rows);
}

static void test_xml_type_says_what_is_ordered(void)
{
	static const struct import_row rows[] = {
	    {NULL,
	     DUMP(
		 "<content blockType=\"domain\"><url>http://a.test/x</url><domain>a.test</domain></content>\n"
		 "<content blockType=\"domain-mask\"><domain>*.b.test</domain><ip>192.0.2.2</ip></content>\n"
		 "<content blockType=\"ip\"><url>http://c.test/</url><domain>c.test</domain><ip>192.0.2.3</ip></content>\n"
		 "<content blockType=\"default\"><url>http://d.test/</url><domain>d.test</domain></content>\n"
		 "<content blockType=\"\"><url>http://e.test/</url><domain>e.test</domain></content>\n"),
	     "4 *.b.test; 5 192.0.2.3/32; 3 a.test; 6 http://d.test/; 7 http://e.test/", ""},
	    {NULL,
	     DUMP(
		 "<content><domain>a.test</domain></content>\n"
		 "<content blockType=\"everything\"><domain>b.test</domain></content>\n"
		 "<content blockType=\"a-type-that-is-longer-than-any-that-is-known\"><domain>b.test</domain></content>\n"
		 "<content blockType=\"ip\"><domain>c.test</domain></content>\n<content><id>7</id></content>\n"),
	     "3 a.test",
	     "4 " NO_TYPE "; 5 " NO_TYPE "; 6 the record holds nothing of what its type orders; "
	     "7 the record holds no URL, no domain and no address"},
	};
	CHECK(rows);
}

static void test_xml_takes_the_children_of_records_alone(void)
{
	static const struct import_row rows[] = {
	    {NULL,
	     DUMP("<url>http://out.test/</url><content><decision><url>http://authority.test/</url></decision>"
		  "<domain>a.test</domain></content>\n"
		  "<content><domain>b<b>c</b>.test</domain><domain>d.test</domain></content>\n"
		  "<content><content><domain>e.test</domain></content><domain>f.test</domain></content>\n"),
	     "3 a.test; 4 d.test; 5 f.test", "4 an element inside of what should be a text"},
	    {NULL,
	     DUMP(
		 "<content><domain>a.test</domain><domain>b.test/x</domain><domain>!c.test</domain></content>"),
	     "3 a.test",
	     "3 no domain: here stand names such as name.test or *.name.test; "
	     "3 an exception ('!') stands in plain lists only: write it as an exception of its own"},
	};
	CHECK(rows);
}

static void test_xml_options_name_elements(void)
{
	static const struct import_row rows[] = {
	    {"record=row,item domain=name type=kind",
	     DUMP(
		 "<row><name>a.test</name></row>\n<x:item xmlns:x=\"urn:x\" kind=\"domain\"><x:name>b.test</x:name>"
		 "<url>http://b.test/</url></x:item>\n"),
	     "3 a.test; 4 b.test", ""},
	    {"bare=page", DUMP("<content><url>a.test</url></content>"), "3 http://a.test/", ""},
	    {"record=row", DUMP("<content><url>http://a.test/</url></content>"), NULL,
	     "list: there is no element row: is it a register, and does the option record name its records?"},
	    {"record=<x>", "", NULL, "options: record: a name of XML, or several with a ',' between them"},
	};
	CHECK(rows);
}

static void test_xml_encodings(void)
{
	static const struct import_row rows[] = {
	    {NULL,
	     "<?xml version=\"1.0\" encoding=\"windows-1252\"?>\n<r><content><domain>b\xfc"
	     "cher.test</domain></content></r>",
	     "2 xn--bcher-kva.test", ""},
	    {NULL,
	     "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<r><content><domain>b\xc3\xbc"
	     "cher.test</domain></content></r>",
	     "2 xn--bcher-kva.test", ""},
	    {NULL, "<?xml version=\"1.0\" encoding=\"UTF-7\"?><r/>", NULL,
	     "list: line 1: an encoding that is not read: save it as UTF-8"},
	};
	CHECK(rows);
}

static void test_xml_serial_and_time(void)
{
	static const struct {
		const char *attributes;
		int64_t serial, time;
	} rows[] = {
	    {"", -1, 0},
	    {"serial=\"17\" updateTime=\"2026-01-02T03:04:05+01:30\"", 17, 1767317645},
	    {"serial=\"1x\" updateTime=\"2026-01-02T03:04:05.5Z\"", -1, 1767323045},
	    {"serial=\"1234567890123456789\" updateTime=\"yesterday\"", -1, 0},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[256];
		struct import_result r;
		struct err e;
		snprintf(text, sizeof(text), "<r %s><content><domain>a.test</domain></content></r>",
			 rows[i].attributes);
		CU_ASSERT_EQUAL_FATAL(import_text("xml", NULL, text, &r, &e), 0);
		CU_ASSERT_EQUAL(r.serial, rows[i].serial);
		CU_ASSERT_EQUAL(r.time, rows[i].time);
		import_result_free(&r);
	}
}

static void test_xml_is_refused_as_a_whole_where_it_is_at_fault(void)
{
#define GOOD "<r>\n<content><domain>a.test</domain></content>\n"
	static const struct import_row rows[] = {
	    {NULL, GOOD, NULL,
	     "list: line 2: not well-formed XML: it ends before its first element is closed: is it cut short?"},
	    {NULL, GOOD "<content><domain>a.te", NULL,
	     "list: line 3: not well-formed XML: it ends before its first element is closed: is it cut short?"},
	    {NULL, GOOD "</x>", NULL,
	     "list: line 3: not well-formed XML: an element is closed by another name"},
	    {NULL, GOOD "<url>a&b=c</url></r>", NULL,
	     "list: line 3: not well-formed XML: a '&' that is no entity: it is written &amp;"},
	    {NULL, GOOD "&copy;</r>", NULL,
	     "list: line 3: not well-formed XML: an entity that XML itself does not have"},
	    {NULL, GOOD "</r><r/>", NULL,
	     "list: line 3: not well-formed XML: something stands behind the end of its first element"},
	    {NULL, "a.test\n", NULL, "list: line 1: no '<' stands at the beginning: is it XML?"},
	    {NULL, " \n", NULL, "list: not one entry in its 1 lines, 0 rejected: is it of the format xml?"},
	    {NULL,
	     GOOD
	     "<i xmlns:xi=\"http://www.w3.org/2001/XInclude\"><xi:include href=\"file:///etc/hostname\"/></i></r>",
	     NULL, "list: line 3: XInclude would have other files read: give the register as one file"},
	};
	CHECK(rows);
}

/* A record of n values, each of `bytes`. */
static int import_large(unsigned n, size_t bytes, struct import_result *ret, struct err *e)
{
	char *text = malloc(n * (bytes + 16) + 200), *p = stpcpy(text, "<r><content>");
	for (unsigned i = 0; i < n; i++) {
		p = stpcpy(p, "<url>");
		memset(p, 'a', bytes);
		p += bytes;
		p = stpcpy(p, "</url>");
	}
	strcpy(p, "</content><content><domain>a.test</domain></content></r>");
	int err = import_bytes("xml", "bare=domain", text, strlen(text), 0, ret, e);
	free(text);
	return err;
}

static void test_xml_record_too_large_is_rejected_whole(void)
{
	static const struct {
		unsigned n;
		size_t bytes;
		const char *why;
	} rows[] = {
	    {65535, 3, NULL},
	    {65537, 3, "the record holds more than 65535 values or 1 MiB: nothing of it is kept"},
	    {1, 1100000, "the record holds more than 65535 values or 1 MiB: nothing of it is kept"},
	    {1, 1000000, "longer than 16384 bytes"},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct import_result r;
		struct err e;
		CU_ASSERT_EQUAL_FATAL(import_large(rows[i].n, rows[i].bytes, &r, &e), 0);
		CU_ASSERT_EQUAL(r.entries, rows[i].why ? 1 : 2);
		CU_ASSERT_EQUAL(r.rejected, rows[i].why ? 1 : 0);
		if (rows[i].why && r.n_notes)
			CU_ASSERT_STRING_EQUAL(r.notes[0].why, rows[i].why);
		import_result_free(&r);
	}
}

static const struct test tests[] = {
    TEST(test_xml_record_orders_the_narrowest_that_it_holds),
    TEST(test_xml_type_says_what_is_ordered),
    TEST(test_xml_takes_the_children_of_records_alone),
    TEST(test_xml_options_name_elements),
    TEST(test_xml_encodings),
    TEST(test_xml_serial_and_time),
    TEST(test_xml_is_refused_as_a_whole_where_it_is_at_fault),
    TEST(test_xml_record_too_large_is_rejected_whole),
};

int main(void)
{
	if (import_fixture_init())
		return 1;
	int r = harness_run("readers_xml", tests, sizeof(tests) / sizeof(*tests));
	import_fixture_fini();
	return r;
}
