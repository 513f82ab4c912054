/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/name.h"
#include "tests/unit/harness.h"
#include "tests/unit/vectors.h"

static enum name_error canonical(const void *p, size_t len, struct name *ret)
{
	uint8_t *g = guarded(p, len);
	enum name_error e = name_canonical(g, len, ret);
	guarded_free(g, len);
	return e;
}

static bool is_result(const struct cell *want, enum name_error e, const struct name *n)
{
	if (!want->is_value)
		return e && !strcmp(name_strerror(e), want->text);
	return !e && !strcmp(n->text, want->text) && n->len == want->len;
}

static bool run_name(const struct vector *v)
{
	struct name n, again;
	enum name_error e = canonical(v->cell[0].text, v->cell[0].len, &n);
	if (!is_result(&v->cell[1], e, &n))
		return false;
	return e ||
	       (!canonical(n.text, n.len, &again) && !strcmp(again.text, n.text) && again.kind == n.kind);
}

static void test_name_vectors_of_the_page_hold(void)
{
	unsigned failed;
	CU_ASSERT(vectors_run("name", run_name, &failed) > 50);
	CU_ASSERT_EQUAL(failed, 0);
}

static bool run_authority(const struct vector *v)
{
	struct name n;
	uint16_t port = 7;
	uint8_t *g = guarded(v->cell[0].text, v->cell[0].len);
	enum name_error e = name_from_authority(g, v->cell[0].len, &n, &port);
	guarded_free(g, v->cell[0].len);
	return is_result(&v->cell[1], e, &n) && port == (e ? 7 : atoi(v->cell[2].text));
}

static void test_authority_vectors_of_the_page_hold(void)
{
	unsigned failed;
	CU_ASSERT(vectors_run("authority", run_authority, &failed) > 15);
	CU_ASSERT_EQUAL(failed, 0);
}

static void test_name_lengths_are_those_of_the_standard(void)
{
	char text[300];
	struct name n;
	memset(text, 'a', sizeof(text));
	for (int i = 63; i < 253; i += 64)
		text[i] = '.';
	CU_ASSERT_EQUAL(canonical(text, 253, &n), NAME_OK);
	CU_ASSERT_EQUAL(n.len, 253);
	CU_ASSERT_EQUAL(canonical(text, 254, &n), NAME_TOO_LONG);
	text[253] = '.';
	CU_ASSERT_EQUAL(canonical(text, 254, &n), NAME_OK);
	CU_ASSERT_EQUAL(n.len, 253);
	CU_ASSERT_EQUAL(canonical(text, 255, &n), NAME_TOO_LONG);
	text[63] = 'a';
	CU_ASSERT_EQUAL(canonical(text, 64, &n), NAME_TOO_LONG);
	CU_ASSERT_EQUAL(canonical(text, 63, &n), NAME_OK);
	CU_ASSERT_EQUAL(canonical(text, 80, &n), NAME_TOO_LONG);
}

static void test_name_of_127_labels_is_a_name(void)
{
	char text[254];
	struct name n;
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? '.' : 'a';
	CU_ASSERT_EQUAL(canonical(text, 253, &n), NAME_OK);
	CU_ASSERT_EQUAL(canonical(text, 254, &n), NAME_OK); /* the trailing dot */
}

static void test_name_longer_in_utf8_is_a_name(void)
{
	char text[400] = "";
	struct name n;
	for (int i = 0; i < 9; i++)
		strcat(text, "\xd1\x88\xd0\xb0\xd1\x85\xd1\x88\xd0\xb0\xd1\x85\xd1\x88\xd0\xb0\xd1\x85"
			     "\xd1\x88\xd0\xb0\xd1\x85\xd1\x88\xd0\xb0\xd1\x85.");
	CU_ASSERT(strlen(text) > 253);
	CU_ASSERT_EQUAL(canonical(text, strlen(text), &n), NAME_OK);
	char *endless = calloc(1, 100000);
	memset(endless, 0xc3, 100000);
	CU_ASSERT_EQUAL(canonical(endless, 100000, &n), NAME_TOO_LONG);
	free(endless);
}

static void test_name_error_leaves_the_result_untouched(void)
{
	static const char *const bad[] = {"", "a b", "a..b", "name.1", "[::1", "\xff", "x:1:2"};
	struct name n, before;
	memset(&before, 0x5a, sizeof(before));
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		n = before;
		CU_ASSERT_NOT_EQUAL(canonical(bad[i], strlen(bad[i]), &n), NAME_OK);
		CU_ASSERT(!memcmp(&n, &before, sizeof(n)));
	}
}

static void test_name_addresses_have_their_16_bytes(void)
{
	static const uint8_t v4[16] = {[10] = 0xff, 0xff, 192, 0, 2, 1};
	static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
	struct name n;
	CU_ASSERT(!canonical("[::ffff:c000:201]", 17, &n) && n.kind == NAME_IPV4 && !memcmp(n.addr, v4, 16));
	CU_ASSERT(!canonical("2001:db8::1", 11, &n) && n.kind == NAME_IPV6 && !memcmp(n.addr, v6, 16));
	CU_ASSERT(!canonical("name.test", 9, &n) && n.kind == NAME_DNS);
}

static const struct test tests[] = {
    TEST(test_name_vectors_of_the_page_hold),	       TEST(test_authority_vectors_of_the_page_hold),
    TEST(test_name_lengths_are_those_of_the_standard), TEST(test_name_of_127_labels_is_a_name),
    TEST(test_name_longer_in_utf8_is_a_name),	       TEST(test_name_error_leaves_the_result_untouched),
    TEST(test_name_addresses_have_their_16_bytes),
};

HARNESS_MAIN("name", tests)
