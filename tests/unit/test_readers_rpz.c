/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows as in test_readers.c. */
#include <string.h>

#include "tests/unit/import_fixture.h"

#define CHECK(rows) import_check_rows("rpz", rows, sizeof(rows) / sizeof(*rows))

#define HEAD                                                                                             \
	"$TTL 1h\n@ IN SOA ns.name.test. admin.name.test. (\n\t2026010203 ; serial\n\t1h 15m 30d 2h )\n" \
	"  IN NS ns.name.test.\n"
#define LOCAL                                                                                                      \
	"an answer of the zone's own (local data): what a blocked name shows is said by the order; write CNAME . " \
	"to block it"
#define TO_NAME                                                                                                      \
	"CNAME to a name (a page of the zone's own): what a blocked name shows is said by the order; write CNAME . " \
	"to block it"
#define OUTSIDE \
	"the name is not below the zone's own: give the option zone, or write names without a last dot"

static void test_rpz_names_are_hosts_and_wildcards_subdomains(void)
{
	static const struct import_row rows[] = {
	    {NULL,
	     HEAD
	     "a.test CNAME .\n*.a.test 300 IN CNAME .\nB.TEST\tIN 1h CNAME *. ; NODATA\nc.test CNAME rpz-drop.\n"
	     "ok.a.test CNAME rpz-passthru.\n*.ok.a.test CNAME RPZ-PASSTHRU.\nold.test CNAME old.test.\n",
	     "11 !*.ok.a.test; 10 !=ok.a.test; 12 !=old.test; 7 *.a.test; 6 =a.test; 8 =b.test; 9 =c.test",
	     ""},
	};
	CHECK(rows);
}

static void test_rpz_origins_and_zones(void)
{
	static const struct import_row rows[] = {
	    {NULL,
	     "$ORIGIN rpz.example.\n" HEAD "a.test CNAME .\nb.test.rpz.example. CNAME .\nc.test. CNAME .\n",
	     "7 =a.test; 8 =b.test", "9 " OUTSIDE},
	    {NULL,
	     "rpz.example. SOA n. m. 1 2 3 4 5\n$ORIGIN RPZ.example.\na.test CNAME .\n$ORIGIN test\n b.test CNAME .\n"
	     "c CNAME .\n",
	     "3 =a.test; 6 =c.test",
	     "5 no type: a record is a name, a type and its data, such as name.test CNAME ."},
	    {"zone=rpz.example", "a.test.rpz.example. CNAME .\nb.test CNAME .\nc.test.rpz.test. CNAME .\n",
	     "1 =a.test; 2 =b.test", "3 " OUTSIDE},
	    {NULL, "a.test CNAME .\n CNAME .\n", "1 =a.test", ""},
	    {NULL, "; c\n\n  CNAME .\na.test CNAME .\n", "4 =a.test",
	     "3 no name in front, nor in the record before"},
	    {NULL, "a.test CNAME .\nxrpz.invalid. CNAME .\n", "1 =a.test", "2 " OUTSIDE},
	};
	CHECK(rows);
}

static void test_rpz_addresses(void)
{
#define BAD_ADDRESS "an address of rpz-ip is such as 24.0.2.0.192.rpz-ip or 32.zz.db8.2001.rpz-ip"
	static const struct import_row rows[] = {
	    {NULL,
	     "24.0.2.0.192.rpz-ip CNAME .\n32.1.2.0.192.rpz-ip CNAME rpz-passthru.\n32.zz.db8.2001.rpz-ip CNAME .\n"
	     "128.1.zz.db8.2001.rpz-ip CNAME .\n128.8.7.6.5.4.3.db8.2001.rpz-ip CNAME .\n",
	     "2 !192.0.2.1/32; 1 192.0.2.0/24; 5 2001:db8:3:4:5:6:7:8/128; 3 2001:db8::/32; 4 2001:db8::1/128",
	     ""},
	    {NULL,
	     "a.test CNAME .\n24.1.2.0.192.rpz-ip CNAME .\n24.rpz-ip CNAME .\n33.0.2.0.192.rpz-ip CNAME .\n"
	     "128.1.2.3.4.5.6.7.8.9.a.rpz-ip CNAME .\n24.0.2.0.rpz-ip CNAME .\n0.zz.rpz-ip CNAME .\n",
	     "1 =a.test",
	     "2 bits are set behind the prefix length: write the network address (192.0.2.0/24), or the single address "
	     "without a length; 3 " BAD_ADDRESS
	     "; 4 the prefix length is too large: at most 32 for IPv4, 128 for IPv6; "
	     "5 " BAD_ADDRESS
	     "; 6 looks like an address and is not one: write 192.0.2.1, 2001:db8::1, or a range as prefixes such as "
	     "192.0.2.0/24; 7 a prefix length of 0 is every address: write the networks that were ordered"},
	};
	CHECK(rows);
}

static void test_rpz_rejects_what_is_no_plain_block(void)
{
	static const struct import_row rows[] = {
	    {NULL,
	     "a.test CNAME .\nb.test A 192.0.2.1\nc.test TXT \"x ; ) y\" z\nd.test CNAME page.name.test.\n"
	     "e.test CNAME rpz-tcp-only.\nf.test\ng.test CNAME . .\n",
	     "1 =a.test",
	     "2 " LOCAL "; 3 " LOCAL "; 4 " TO_NAME
	     "; 5 rpz-tcp-only neither blocks a name nor lets it pass; "
	     "6 no type: a record is a name, a type and its data, such as name.test CNAME .; "
	     "7 CNAME is followed by one name"},
	    {NULL,
	     "a.test CNAME .\n* CNAME .\nx.*.test CNAME .\n32.1.2.0.192.rpz-client-ip CNAME .\n"
	     "ns.test.rpz-nsdname CNAME .\n32.1.2.0.192.rpz-nsip CNAME .\n",
	     "1 =a.test",
	     "2 a bare '*' would match every name: write the names that were ordered; "
	     "3 a '*' is the first label of a name, or stands nowhere; "
	     "4 rpz-client-ip is about who asks, not about what is blocked; "
	     "5 rpz-nsdname would block every name of a name server: write the names that were ordered; "
	     "6 rpz-nsip would block every name of a name server: write the names that were ordered"},
	    {NULL,
	     "a.test CNAME .\nb\\046test CNAME .\nc.test CNAME . )\n\"d.test CNAME .\n!e.test CNAME .\n"
	     "f..test CNAME .\na.test RRSIG x y z\ng.test CH CNAME .\n",
	     "1 =a.test",
	     "2 a byte that no host name holds, or an escape: names are letters, digits, '-', '_' and '.'; "
	     "3 a ')' without its '('; 4 a quote that is not closed; "
	     "5 a byte that no host name holds, or an escape: names are letters, digits, '-', '_' and '.'; "
	     "6 an empty label: remove the extra dot (name.test is the name and its subdomains, *.name.test the "
	     "subdomains only); 8 " LOCAL},
	};
	CHECK(rows);
}

static void test_rpz_is_refused_where_it_is_not_whole(void)
{
#define NOT_WHOLE                                                                                                   \
	" is not followed, and the list would not be whole without it: give the zone as one file of records, as a " \
	"transfer (AXFR) or named-compilezone writes it"
	static const struct import_row rows[] = {
	    {NULL, "a.test CNAME .\n$INCLUDE other.zone\n", NULL, "list: line 2: $INCLUDE" NOT_WHOLE},
	    {NULL, "a.test CNAME .\n$GENERATE 1-9 a$ CNAME .\n", NULL, "list: line 2: $GENERATE" NOT_WHOLE},
	    {NULL, "a.test CNAME .\n@ SOA a. b. ( 1 2 3\n", NULL,
	     "list: line 2: a '(' is opened in this record and not closed: is the zone cut short?"},
	    {NULL, "@ SOA a. b. 1 2 3 4\n", NULL,
	     "list: line 1: the SOA is not complete: is the zone cut short?"},
	    {NULL, HEAD "a.test CNAME .\n" HEAD, NULL,
	     "list: line 8: a second SOA: are these two zones in one file, or a zone's changes (IXFR)?"},
	    {NULL, "a.test CNAME .\nz.test. SOA a. b. 1 2 3 4 5\n", NULL,
	     "list: line 2: the SOA is of another name than the records before: put it first"},
	    {NULL, HEAD, NULL, "list: not one entry in its 5 lines, 0 rejected: is it of the format rpz?"},
	    {"zone=a/b", "a.test CNAME .\n", NULL, "options: zone: the zone's name, such as rpz.name.test"},
	};
	CHECK(rows);
}

static void test_rpz_serial(void)
{
	struct import_result r;
	struct err e;
	CU_ASSERT_EQUAL_FATAL(import_text("rpz", NULL, HEAD "a.test CNAME .\n", &r, &e), 0);
	CU_ASSERT_EQUAL(r.serial, 2026010203);
	import_result_free(&r);
	CU_ASSERT_EQUAL_FATAL(import_text("rpz", NULL, "a.test CNAME .\n", &r, &e), 0);
	CU_ASSERT_EQUAL(r.serial, -1);
	import_result_free(&r);
}

static const struct test tests[] = {
    TEST(test_rpz_names_are_hosts_and_wildcards_subdomains),
    TEST(test_rpz_origins_and_zones),
    TEST(test_rpz_addresses),
    TEST(test_rpz_rejects_what_is_no_plain_block),
    TEST(test_rpz_is_refused_where_it_is_not_whole),
    TEST(test_rpz_serial),
};

int main(void)
{
	if (import_fixture_init())
		return 1;
	int r = harness_run("readers_rpz", tests, sizeof(tests) / sizeof(*tests));
	import_fixture_fini();
	return r;
}
