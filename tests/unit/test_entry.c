/* SPDX-License-Identifier: BSD-3-Clause */
/* test_entry: every kind in its one encoding, forth and back; whatever an encoder would not write is refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/cbor.h"
#include "audit/entry.h"
#include "common/events.h"
#include "common/hex.h"
#include "common/hit_proto.h"
#include "rules/list.h"
#include "rules/meta.h"
#include "tests/unit/harness.h"

#define ROWS(a) (sizeof(a) / sizeof(*(a)))

static const uint64_t numbers[] = {0,	  1,	 23,	     24,	 255,		256,
				   65535, 65536, 4294967295, 4294967296, 1234567890123, INT64_MAX};
static const int64_t integers[] = {0, -1, 1, -24, -25, 23, 24, -256, -257, INT64_MAX, INT64_MIN};
static const char *const texts[] = {"", "a", "two\nlines", "Urdh\xc3\xabri \xe2\x80\x93 \xf0\x9f\x9b\xa1"};
static const uint8_t octets[ENTRY_TEXT_MAX] = {0, 0xff, 0x80, 1};

static struct entry entry, again;

/* The i-th value that a field may have. */
static struct entry_value sample(const struct entry_field *f, size_t i)
{
	struct entry_value v = {0};
	const char *text = texts[i % ROWS(texts)];
	switch (f->type) {
	case ENTRY_UINT:
	case ENTRY_NS:
		v.n = numbers[i % ROWS(numbers)];
		break;
	case ENTRY_INT:
		v.i = integers[i % ROWS(integers)];
		break;
	case ENTRY_FLAG:
		v.n = i % 2;
		break;
	case ENTRY_WORD:
		v.n = i % f->n_words;
		break;
	case ENTRY_TEXT:
		v.s = (struct span){(const uint8_t *)text, strlen(text)};
		break;
	case ENTRY_BYTES:
		v.s = (struct span){octets, f->or_none && i % 2 ? 0 : f->bytes};
		break;
	case ENTRY_UINTS:
		v.uints = numbers;
		v.n_uints = (unsigned)(i % (ROWS(numbers) + 1));
		break;
	}
	return v;
}

static bool same(const struct entry_field *f, const struct entry_value *a, const struct entry_value *b)
{
	if (f->type == ENTRY_INT)
		return a->i == b->i;
	if (f->type == ENTRY_TEXT || f->type == ENTRY_BYTES)
		return a->s.len == b->s.len && (!a->s.len || !memcmp(a->s.p, b->s.p, a->s.len));
	if (f->type != ENTRY_UINTS)
		return a->n == b->n;
	return a->n_uints == b->n_uints &&
	       (!a->n_uints || !memcmp(a->uints, b->uints, a->n_uints * sizeof(*a->uints)));
}

static void fill(enum entry_kind kind, size_t i)
{
	memset(&entry, 0, sizeof(entry));
	entry.kind = kind;
	entry.time_ns = numbers[i % ROWS(numbers)];
	for (unsigned f = 0; f < entry_rows[kind].n; f++)
		entry.v[f] = sample(&entry_rows[kind].fields[f], i + f);
}

static int decode(const uint8_t *p, size_t len, struct err *e)
{
	uint8_t *g = guarded(p, len);
	int err = entry_decode((struct span){g, len}, &again, e);
	guarded_free(g, len);
	return err;
}

static void test_entry_of_every_kind_round_trips(void)
{
	uint8_t bytes[ENTRY_MAX_BYTES], second[ENTRY_MAX_BYTES];
	for (enum entry_kind kind = 0; kind < ENTRY_KINDS_END; kind++)
		for (size_t i = 0; entry_rows[kind].word && i < 132; i++) {
			struct err e = {""};
			enum entry_kind peeked;
			uint64_t time_ns;
			fill(kind, i);
			size_t n = entry_encode(&entry, bytes, sizeof(bytes));
			CU_ASSERT_FATAL(n > 0);
			uint8_t *g = guarded(bytes, n);
			CU_ASSERT_EQUAL(entry_decode((struct span){g, n}, &again, &e), 0);
			CU_ASSERT_STRING_EQUAL(e.text, "");
			CU_ASSERT_EQUAL(again.kind, kind);
			CU_ASSERT_EQUAL(again.time_ns, entry.time_ns);
			for (unsigned f = 0; f < entry_rows[kind].n; f++)
				CU_ASSERT(same(&entry_rows[kind].fields[f], &entry.v[f], &again.v[f]));
			CU_ASSERT_EQUAL(entry_encode(&again, second, n), n);
			CU_ASSERT(!memcmp(bytes, second, n));
			CU_ASSERT(entry_peek((struct span){g, n}, &peeked, &time_ns));
			CU_ASSERT(peeked == kind && time_ns == entry.time_ns);
			guarded_free(g, n);
		}
}

static void test_entry_fits_its_room_exactly_or_not_at_all(void)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	for (enum entry_kind kind = 0; kind < ENTRY_KINDS_END; kind++) {
		if (!entry_rows[kind].word)
			continue;
		fill(kind, 5);
		size_t n = entry_encode(&entry, bytes, sizeof(bytes));
		for (size_t room = 0; room <= n; room++) {
			uint8_t *g = guarded(bytes, room);
			CU_ASSERT_EQUAL(entry_encode(&entry, g, room), room == n ? n : 0);
			guarded_free(g, room);
		}
	}
}

static void test_entry_cut_anywhere_is_refused(void)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	for (enum entry_kind kind = 0; kind < ENTRY_KINDS_END; kind++) {
		if (!entry_rows[kind].word)
			continue;
		fill(kind, 10);
		size_t n = entry_encode(&entry, bytes, sizeof(bytes) - 1);
		for (size_t cut = 0; cut < n; cut++) {
			struct err e = {""};
			CU_ASSERT_EQUAL(decode(bytes, cut, &e), -EBADMSG);
			CU_ASSERT(!strncmp(e.text, "entry", 5));
		}
		bytes[n] = 0;
		CU_ASSERT_EQUAL(decode(bytes, n + 1, NULL), -EBADMSG);
	}
}

static void test_entry_longest_of_every_kind_fits(void)
{
	static uint8_t bytes[ENTRY_MAX_BYTES], letters[2 * ENTRY_TEXT_MAX];
	static uint64_t many[ENTRY_ARRAY_MAX];
	memset(letters, 'x', sizeof(letters));
	for (size_t i = 0; i < ROWS(many); i++)
		many[i] = INT64_MAX;
	for (enum entry_kind kind = 0; kind < ENTRY_KINDS_END; kind++) {
		const struct entry_row *row = &entry_rows[kind];
		unsigned arrays = 0;
		if (!row->word)
			continue;
		fill(kind, ROWS(numbers) - 1);
		for (unsigned f = 0; f < row->n; f++) {
			struct entry_value *v = &entry.v[f];
			CU_ASSERT(strcmp(row->fields[f].name, "kind") && strcmp(row->fields[f].name, "time"));
			v->n = row->fields[f].type == ENTRY_FLAG || row->fields[f].type == ENTRY_WORD
				   ? 0
				   : INT64_MAX;
			v->i = INT64_MIN;
			v->uints = many;
			v->n_uints = ENTRY_ARRAY_MAX;
			if (row->fields[f].type == ENTRY_TEXT)
				v->s = (struct span){letters, sizeof(letters)};
			arrays += row->fields[f].type == ENTRY_UINTS;
		}
		size_t n = entry_encode(&entry, bytes, sizeof(bytes));
		CU_ASSERT(n > 0);
		CU_ASSERT(arrays <= 1); /* they share ENTRY_ARRAY_MAX */
		CU_ASSERT_EQUAL(decode(bytes, n, NULL), 0);
	}
}

static void test_entry_text_is_made_text(void)
{
	static char longest[3 * ENTRY_TEXT_MAX];
	static const struct {
		const char *in, *out;
	} rows[] = {{"tab\there\r\n", "tab?here?\n"},
		    {"\x7f\x1b[2J", "??[2J"},
		    {"\xc2\x85x\xc2\xa0", "?x\xc2\xa0"},
		    {"\xff\xc3", "??"},
		    {"\xe2\x82", "??"},
		    {"\xed\xa0\x80", "???"},
		    {"\xc0\x80", "??"},
		    {"\xf4\x90\x80\x80", "????"}};
	uint8_t bytes[ENTRY_MAX_BYTES];
	struct entry_value *text = &entry.v[ENTRY_F(RECOVERED, text)];
	struct entry_value *got = &again.v[ENTRY_F(RECOVERED, text)];
	fill(ENTRY_RECOVERED, 0);
	for (size_t i = 0; i < ROWS(rows); i++) {
		text->s = (struct span){(const uint8_t *)rows[i].in, strlen(rows[i].in)};
		size_t n = entry_encode(&entry, bytes, sizeof(bytes));
		CU_ASSERT_EQUAL(entry_decode((struct span){bytes, n}, &again, NULL), 0);
		CU_ASSERT_EQUAL(got->s.len, strlen(rows[i].out));
		CU_ASSERT(!memcmp(got->s.p, rows[i].out, got->s.len));
	}
	/* cut between characters, wherever they begin */
	for (size_t before = 0; before < 4; before++) {
		memset(longest, 'x', before);
		for (size_t at = before; at + 3 <= sizeof(longest); at += 3)
			memcpy(longest + at, "\xe2\x80\x93", 3);
		text->s = (struct span){(const uint8_t *)longest, sizeof(longest) - 3};
		size_t n = entry_encode(&entry, bytes, sizeof(bytes));
		CU_ASSERT_EQUAL(entry_decode((struct span){bytes, n}, &again, NULL), 0);
		CU_ASSERT_EQUAL(got->s.len, before + (ENTRY_TEXT_MAX - before) / 3 * 3);
		CU_ASSERT(!memcmp(got->s.p, longest, got->s.len));
	}
}

static void test_entry_with_a_wrong_value_is_not_encoded(void)
{
	static const uint64_t above[] = {(uint64_t)INT64_MAX + 1};
	static const struct {
		enum entry_kind kind;
		unsigned field;
		struct entry_value v;
	} rows[] = {
	    {ENTRY_HIT, ENTRY_F(HIT, seq), {.n = UINT64_MAX}},
	    {ENTRY_HIT, ENTRY_F(HIT, rule_kind), {.n = entry_rule_kinds_n}},
	    {ENTRY_HIT, ENTRY_F(HIT, rule), {.s = {octets, 0}}},
	    {ENTRY_HIT, ENTRY_F(HIT, rule), {.s = {octets, 7}}},
	    {ENTRY_HIT, ENTRY_F(HIT, pseudonym), {.s = {octets, 4}}},
	    {ENTRY_HEAD, ENTRY_F(HEAD, root), {.s = {octets, 33}}},
	    {ENTRY_LINK, ENTRY_F(LINK, up), {.n = 2}},
	    {ENTRY_OUTAGE, ENTRY_F(OUTAGE, ended), {.n = (uint64_t)INT64_MAX + 1}},
	    {ENTRY_VERSION, ENTRY_F(VERSION, orders), {.uints = above, .n_uints = 1}},
	    {ENTRY_VERSION, ENTRY_F(VERSION, orders), {.uints = numbers, .n_uints = ENTRY_ARRAY_MAX + 1}},
	};
	uint8_t bytes[ENTRY_MAX_BYTES];
	for (size_t i = 0; i < ROWS(rows); i++) {
		fill(rows[i].kind, 0);
		CU_ASSERT(entry_encode(&entry, bytes, sizeof(bytes)) > 0);
		entry.v[rows[i].field] = rows[i].v;
		CU_ASSERT_EQUAL(entry_encode(&entry, bytes, sizeof(bytes)), 0);
	}
	fill(ENTRY_HIT, 0);
	entry.time_ns = UINT64_MAX;
	CU_ASSERT_EQUAL(entry_encode(&entry, bytes, sizeof(bytes)), 0);
	fill(ENTRY_HIT, 0);
	entry.kind = ENTRY_KINDS_END;
	CU_ASSERT_EQUAL(entry_encode(&entry, bytes, sizeof(bytes)), 0);
	entry.kind = 0;
	CU_ASSERT_EQUAL(entry_encode(&entry, bytes, sizeof(bytes)), 0);
}

/* Forms that an encoder would not write are "bad"; what a later version may write is "later". */
static void test_entry_in_another_form_is_refused(void)
{
	FILE *f = fopen(AUDIT_VECTORS "/entries-forms.jsonl", "r");
	static char line[4096];
	unsigned n = 0;
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	for (; fgets(line, sizeof(line), f); n++) {
		uint8_t bytes[256];
		struct err e = {""};
		const char *hex, *verdict, *why = "";
		json_t *o = json_loads(line, 0, NULL);
		CU_ASSERT_EQUAL_FATAL(
		    json_unpack(o, "{s:s, s:s, s?s}", "hex", &hex, "verdict", &verdict, "why", &why), 0);
		int err = decode(bytes, unhex(hex, bytes, sizeof(bytes)), &e);
		const char *got = err == -EBADMSG ? "bad" : err == -ENOTSUP ? "later" : err ? "?" : "good";
		if (strcmp(got, verdict) || strcmp(e.text, why))
			printf("# %s: %s: %s\n", hex, got, e.text);
		CU_ASSERT_STRING_EQUAL(got, verdict);
		CU_ASSERT_STRING_EQUAL(e.text, why);
		json_decref(o);
	}
	CU_ASSERT(n > 50);
	fclose(f);
}

/* 64 items are one array, 65 are none; 8192 bytes are an entry, 8193 are none. */
static void test_entry_limits_hold_at_their_edges(void)
{
	static uint8_t bytes[ENTRY_MAX_BYTES + 1];
	fill(ENTRY_VERSION, 0);
	entry.v[ENTRY_F(VERSION, orders)].n_uints = 0;
	size_t n = entry_encode(&entry, bytes, sizeof(bytes));
	CU_ASSERT_EQUAL_FATAL(bytes[n - 1], 0x80);
	memcpy(bytes + n - 1, "\x98\x40", 2);
	CU_ASSERT_EQUAL(decode(bytes, n + 1 + 64, NULL), 0);
	bytes[n] = 0x41;
	CU_ASSERT_EQUAL(decode(bytes, n + 1 + 65, NULL), -EBADMSG);
	for (size_t all = ENTRY_MAX_BYTES; all <= ENTRY_MAX_BYTES + 1; all++) {
		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes, "\x83\x18\x64\x01\x59", 5);
		put_be16(bytes + 5, (uint16_t)(all - 7));
		CU_ASSERT_EQUAL(decode(bytes, all, NULL), all == ENTRY_MAX_BYTES ? -ENOTSUP : -EBADMSG);
	}
}

static void test_entry_peek_wants_kind_and_time_alone(void)
{
	static const struct {
		const char *hex;
		bool is;
		enum entry_kind kind;
		uint64_t time_ns;
	} rows[] = {
	    {"8d 05 19 01 00", true, ENTRY_HIT, 256},
	    {"82 18 64 07", true, ENTRY_KINDS_END, 7},
	    {"82 1b 0000000100000005 01", true, ENTRY_KINDS_END, 1},
	    {"82 00 01", true, ENTRY_KINDS_END, 1},
	    {"8d 05", false, 0, 0},
	    {"81 05", false, 0, 0},
	    {"", false, 0, 0},
	    {"8d 05 20", false, 0, 0},
	    {"8d 18 05 00", false, 0, 0},
	};
	for (size_t i = 0; i < ROWS(rows); i++) {
		uint8_t bytes[32];
		enum entry_kind kind = 0;
		uint64_t time_ns = 0;
		size_t n = unhex(rows[i].hex, bytes, sizeof(bytes));
		uint8_t *g = guarded(bytes, n);
		CU_ASSERT_EQUAL(entry_peek((struct span){g, n}, &kind, &time_ns), rows[i].is);
		CU_ASSERT(kind == rows[i].kind && time_ns == rows[i].time_ns);
		guarded_free(g, n);
	}
}

static void test_entry_vectors_hold(void)
{
	FILE *f = fopen(AUDIT_VECTORS "/entries.jsonl", "r");
	static char line[4 * ENTRY_MAX_BYTES];
	bool seen[ENTRY_KINDS_END] = {false};
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (fgets(line, sizeof(line), f)) {
		static uint8_t bytes[ENTRY_MAX_BYTES], second[ENTRY_MAX_BYTES];
		struct err e = {""};
		json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		const char *hex = json_string_value(json_object_get(o, "hex"));
		CU_ASSERT_PTR_NOT_NULL_FATAL(hex);
		size_t n = strlen(hex) / 2;
		CU_ASSERT_FATAL(n <= sizeof(bytes) && hex_read(hex, bytes, n));
		uint8_t *g = guarded(bytes, n);
		CU_ASSERT_EQUAL(entry_decode((struct span){g, n}, &entry, &e), 0);
		CU_ASSERT_STRING_EQUAL(e.text, "");
		CU_ASSERT_EQUAL(entry_encode(&entry, second, sizeof(second)), n);
		CU_ASSERT(!memcmp(bytes, second, n));
		json_t *view = entry_json(&entry);
		if (!json_equal(view, json_object_get(o, "json")))
			printf("# %s", line);
		CU_ASSERT(json_equal(view, json_object_get(o, "json")));
		seen[entry.kind] = true;
		json_decref(view);
		json_decref(o);
		guarded_free(g, n);
	}
	fclose(f);
	for (enum entry_kind kind = 0; kind < ENTRY_KINDS_END; kind++)
		CU_ASSERT_EQUAL(seen[kind], entry_rows[kind].word != NULL);
}

static void test_entry_times_are_rfc_3339(void)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} rows[] = {{0, "1970-01-01T00:00:00.000000000Z"},
		    {951782400000000001, "2000-02-29T00:00:00.000000001Z"},
		    {INT64_MAX, "2262-04-11T23:47:16.854775807Z"}};
	for (size_t i = 0; i < ROWS(rows); i++) {
		char text[ENTRY_TIME_BYTES];
		entry_time(rows[i].ns, text);
		CU_ASSERT_STRING_EQUAL(text, rows[i].text);
	}
}

/* A word that was added elsewhere must be added to audit/entry_words.h too: at its end, with the next number. */
static void test_entry_words_are_those_of_the_other_modules(void)
{
#define OF(x, n) (x), (n)
	static const struct {
		const char *const *ours;
		size_t n_ours;
		const char *const *theirs;
		size_t n_theirs;
	} rows[] = {
	    {OF(entry_rule_kinds, entry_rule_kinds_n), OF(rule_kind_names, RULE_KINDS_N)},
	    {OF(entry_protocols, entry_protocols_n), OF(hit_proto_names, HIT_PROTOS_N)},
	    {OF(entry_actions, entry_actions_n), OF(action_names, ACTION_N)},
	    {OF(entry_outage_reasons, entry_outage_reasons_n),
	     OF(event_outage_reason_names, EVENT_OUTAGE_REASONS_N)},
	    {OF(entry_swap_outcomes, entry_swap_outcomes_n),
	     OF(event_swap_outcome_names, EVENT_SWAP_OUTCOMES_N)},
	};
#undef OF
	for (size_t i = 0; i < ROWS(rows); i++) {
		CU_ASSERT_EQUAL_FATAL(rows[i].n_ours, rows[i].n_theirs);
		for (size_t k = 0; k < rows[i].n_ours; k++)
			CU_ASSERT_STRING_EQUAL(rows[i].ours[k], rows[i].theirs[k]);
	}
}

static const struct test tests[] = {
    TEST(test_entry_of_every_kind_round_trips),
    TEST(test_entry_fits_its_room_exactly_or_not_at_all),
    TEST(test_entry_cut_anywhere_is_refused),
    TEST(test_entry_longest_of_every_kind_fits),
    TEST(test_entry_text_is_made_text),
    TEST(test_entry_with_a_wrong_value_is_not_encoded),
    TEST(test_entry_in_another_form_is_refused),
    TEST(test_entry_limits_hold_at_their_edges),
    TEST(test_entry_peek_wants_kind_and_time_alone),
    TEST(test_entry_vectors_hold),
    TEST(test_entry_times_are_rfc_3339),
    TEST(test_entry_words_are_those_of_the_other_modules),
};

HARNESS_MAIN("entry", tests)
