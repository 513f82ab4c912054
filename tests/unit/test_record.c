/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/sink/record.h"
#include "tests/unit/harness.h"

#define TIME_NS UINT64_C(1798000000123456789) /* 2026-12-23T04:26:40.123456789Z */

static struct record_text text;
static struct err why;

static struct record_form form(enum record_frame frame)
{
	return (struct record_form){.frame = frame,
				    .enterprise = 32473,
				    .host = "roja.isp.example",
				    .origin = "roja.isp.example/audit",
				    .pid = 4711};
}

/* A hit; with a pseudonym. */
static size_t hit(uint8_t *ret, size_t room)
{
	struct entry e = {.kind = ENTRY_HIT, .time_ns = TIME_NS};
	static const uint8_t id[8] = {1, 2, 3, 4, 5, 6, 7, 8},
			     client[8] = {0xc1, 0xc2, 0xc3, 0xc4, 5, 6, 7, 8};
	e.v[ENTRY_F(HIT, seq)].n = 7;
	e.v[ENTRY_F(HIT, order)].n = 3;
	e.v[ENTRY_F(HIT, rule)].s = (struct span){id, 8};
	e.v[ENTRY_F(HIT, pseudonym)].s = (struct span){client, 8};
	return entry_encode(&e, ret, room);
}

static size_t act(const char *said, uint8_t *ret, size_t room)
{
	struct entry e = {.kind = ENTRY_ACT, .time_ns = TIME_NS};
	e.v[ENTRY_F(ACT, uid)].i = -1;
	e.v[ENTRY_F(ACT, who)].s = (struct span){(const uint8_t *)"ana", 3};
	e.v[ENTRY_F(ACT, act)].s = (struct span){(const uint8_t *)"order.approve", 13};
	e.v[ENTRY_F(ACT, text)].s = (struct span){(const uint8_t *)said, strlen(said)};
	return entry_encode(&e, ret, room);
}

static const char *add(const struct record_form *f, uint64_t index, uint64_t last, const uint8_t *p, size_t n)
{
	text.len = 0;
	uint8_t *g = guarded(p, n);
	CU_ASSERT_EQUAL(record_add(f, index, last, (struct span){p ? g : NULL, n}, &text, &why), 0);
	guarded_free(g, n);
	static char copy[65536];
	CU_ASSERT_FATAL(text.len < sizeof(copy));
	memcpy(copy, text.p, text.len);
	copy[text.len] = 0;
	return copy;
}

static json_t *json_in(const char *from)
{
	json_t *o = json_loads(from, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	return o;
}

static void test_record_line_is_json_that_begins_with_the_leaf(void)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	struct record_form f = form(RECORD_LINE);
	const char *got = add(&f, 42, 0, bytes, hit(bytes, sizeof(bytes)));
	CU_ASSERT_EQUAL(strncmp(got, "{\"leaf\":42,\"kind\":\"hit\",\"time\":\"2026-12-23T", 43), 0);
	CU_ASSERT_EQUAL(got[strlen(got) - 1], '\n');
	CU_ASSERT_PTR_EQUAL(strchr(got, '\n'), got + strlen(got) - 1);
	json_t *o = json_in(got);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(o, "order")), 3);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(o, "rule")), "0102030405060708");
	json_decref(o);
}

static void test_record_has_pseudonyms_only_where_asked_for(void)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	for (enum record_frame frame = RECORD_LINE; frame <= RECORD_DATAGRAM; frame++) {
		struct record_form f = form(frame);
		const char *got = add(&f, 1, 0, bytes, hit(bytes, sizeof(bytes)));
		CU_ASSERT_PTR_NULL(strstr(got, "pseudonym"));
		CU_ASSERT_PTR_NULL(strstr(got, "c1c2c3c4"));
		f.pseudonyms = true;
		got = add(&f, 1, 0, bytes, hit(bytes, sizeof(bytes)));
		CU_ASSERT_PTR_NOT_NULL(strstr(got, "\"pseudonym\":\"c1c2c3c405060708\""));
	}
}

static void test_record_syslog_is_as_rfc_5424_says(void)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	struct record_form f = form(RECORD_DATAGRAM);
	const char *got = add(&f, 42, 0, bytes, hit(bytes, sizeof(bytes)));
	const char *wanted = "<109>1 2026-12-23T04:26:40.123456Z roja.isp.example roja-control 4711 hit "
			     "[roja@32473 leaf=\"42\" log=\"roja.isp.example/audit\"] {\"leaf\":42,";
	CU_ASSERT_EQUAL(strncmp(got, wanted, strlen(wanted)), 0);
	CU_ASSERT_PTR_NULL(strchr(got, '\n'));
	json_decref(json_in(strstr(got, "] {") + 2));
}

static void test_record_counts_its_octets(void)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	struct record_form counted = form(RECORD_COUNTED), alone = form(RECORD_DATAGRAM);
	static char message[65536];
	size_t n = hit(bytes, sizeof(bytes));
	snprintf(message, sizeof(message), "%s", add(&alone, 42, 0, bytes, n));
	char *end;
	const char *got = add(&counted, 42, 0, bytes, n);
	CU_ASSERT_EQUAL(strtoul(got, &end, 10), strlen(message));
	CU_ASSERT_EQUAL(*end, ' ');
	CU_ASSERT_STRING_EQUAL(end + 1, message);
	/* two behind each other */
	text.len = 0;
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(record_add(&counted, 42, 0, (struct span){bytes, n}, &text, &why), 0);
	CU_ASSERT_EQUAL(text.len, 2 * strlen(got));
	CU_ASSERT_EQUAL(memcmp(text.p, text.p + strlen(got), strlen(got)), 0);
}

/* RFC 5424, 6.4: a MSG in UTF-8 begins with a BOM; ours is ASCII, whatever an entry says. */
static void test_record_message_is_ascii_and_a_line_is_utf8(void)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	const char *said = "urdh\u00ebr i ri \U0001F6E1 \"x\" \\ ] \u2028\nend";
	size_t n = act(said, bytes, sizeof(bytes));
	CU_ASSERT_FATAL(n > 0);
	struct record_form f = form(RECORD_DATAGRAM);
	const char *got = add(&f, 5, 0, bytes, n);
	for (const char *c = got; *c; c++)
		CU_ASSERT(*c >= ' ' && *c <= '~');
	json_t *o = json_in(strstr(got, "] {") + 2);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(o, "text")), said);
	json_decref(o);
	f = form(RECORD_LINE);
	got = add(&f, 5, 0, bytes, n);
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "urdh\u00ebr"));
	CU_ASSERT_PTR_EQUAL(strchr(got, '\n'), got + strlen(got) - 1);
	o = json_in(got);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(o, "text")), said);
	json_decref(o);
}

static void test_record_escapes_what_ends_a_parameter(void)
{
	static const struct {
		const char *from, *wanted;
	} rows[] = {{"", ""}, {"a", "a"}, {"a\"b\\c]d", "a\\\"b\\\\c\\]d"}, {"]]", "\\]\\]"}, {"[=;", "[=;"}};
	char got[16];
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CU_ASSERT_TRUE(record_param(rows[i].from, got, sizeof(got)));
		CU_ASSERT_STRING_EQUAL(got, rows[i].wanted);
		CU_ASSERT_TRUE(record_param(rows[i].from, got, strlen(rows[i].wanted) + 1));
		CU_ASSERT_FALSE(record_param(rows[i].from, got, strlen(rows[i].wanted)) && *rows[i].wanted);
	}
	uint8_t bytes[ENTRY_MAX_BYTES];
	struct record_form f = form(RECORD_DATAGRAM);
	strcpy(f.origin, "a\"] [x");
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(add(&f, 1, 0, bytes, hit(bytes, sizeof(bytes))), " log=\"a\\\"\\] [x\"] {"));
}

static void test_record_header_has_no_blanks(void)
{
	char got[RECORD_HOST_MAX + 1];
	record_header_name("", 255, got);
	CU_ASSERT_STRING_EQUAL(got, "-");
	record_header_name("a b\tc\x7f\xc3\xab", 255, got);
	CU_ASSERT_STRING_EQUAL(got, "a?b?c???");
	record_header_name("abcdef", 3, got);
	CU_ASSERT_STRING_EQUAL(got, "abc");
}

static void test_record_of_every_kind_has_a_priority_of_the_audit_facility(void)
{
	for (unsigned kind = 0; kind < ENTRY_KINDS_END; kind++) {
		unsigned p = record_priority((enum entry_kind)kind);
		CU_ASSERT_EQUAL(p / 8, 13);
		CU_ASSERT(p % 8 >= 4 && p % 8 <= 6);
		CU_ASSERT(!entry_rows[kind].word || strlen(entry_rows[kind].word) <= 32); /* MSGID */
	}
	CU_ASSERT_EQUAL(record_priority(ENTRY_ALARM), 13 * 8 + 4);
	CU_ASSERT_EQUAL(record_priority(ENTRY_ACT), 13 * 8 + 5);
	CU_ASSERT_EQUAL(record_priority(ENTRY_TALLY), 13 * 8 + 6);
}

static void test_record_says_what_was_removed_and_what_is_not_known(void)
{
	struct record_form line = form(RECORD_LINE), log = form(RECORD_DATAGRAM);
	CU_ASSERT_STRING_EQUAL(add(&line, 5, 9, NULL, 0), "{\"leaf\":5,\"last\":9,\"kind\":\"removed\"}\n");
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(add(&log, 5, 9, NULL, 0), ">1 - roja.isp.example roja-control 4711 removed ["));
	const uint8_t no_entry[] = {0xff, 0x00};
	CU_ASSERT_STRING_EQUAL(add(&line, 6, 0, no_entry, 2), "{\"leaf\":6,\"kind\":\"unknown\"}\n");
}

static const struct test tests[] = {
    TEST(test_record_line_is_json_that_begins_with_the_leaf),
    TEST(test_record_has_pseudonyms_only_where_asked_for),
    TEST(test_record_syslog_is_as_rfc_5424_says),
    TEST(test_record_counts_its_octets),
    TEST(test_record_message_is_ascii_and_a_line_is_utf8),
    TEST(test_record_escapes_what_ends_a_parameter),
    TEST(test_record_header_has_no_blanks),
    TEST(test_record_of_every_kind_has_a_priority_of_the_audit_facility),
    TEST(test_record_says_what_was_removed_and_what_is_not_known),
};
HARNESS_MAIN("record", tests)
