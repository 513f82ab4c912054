/* SPDX-License-Identifier: BSD-3-Clause */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <string.h>

#include "common/bytes.h"
#include "rules/fingerprint.h"
#include "tests/unit/harness.h"

static const uint8_t key[FINGERPRINT_KEY_BYTES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* As the published function writes it: two little-endian halves. */
static bool is_bytes(struct fingerprint f, const uint8_t want[16])
{
	return !memcmp(&f.a, want, 8) && !memcmp(&f.b, want + 8, 8);
}

/* The authors' vectors of 128 bits: key 00..0f, text 00..n-1. */
static void test_fingerprint_is_siphash_2_4_128(void)
{
	static const struct {
		unsigned n;
		const char *hex;
	} vectors[] = {
	    {0, "a3817f04ba25a8e66df67214c7550293"},  {1, "da87c1d86b99af44347659119b22fc45"},
	    {2, "8177228da4a45dc7fca38bdef60affe4"},  {3, "9c70b60c5267a94e5f33b6b02985ed51"},
	    {15, "5493e99933b0a8117e08ec0f97cfc3d9"},
	};
	for (unsigned i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		uint8_t text[16], want[16];
		for (unsigned k = 0; k < sizeof(text); k++)
			text[k] = (uint8_t)k;
		unhex(vectors[i].hex, want, sizeof(want));
		CU_ASSERT(is_bytes(fingerprint_plain(key, text, vectors[i].n), want));
	}
}

static bool openssl_agrees(EVP_MAC *mac, const uint8_t *text, size_t len)
{
	unsigned size = 16;
	uint8_t out[16];
	size_t n = 0;
	OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_SIZE, &size),
			       OSSL_PARAM_construct_end()};
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	bool ok = ctx && EVP_MAC_init(ctx, key, sizeof(key), params) && EVP_MAC_update(ctx, text, len) &&
		  EVP_MAC_final(ctx, out, &n, sizeof(out)) && n == 16;
	EVP_MAC_CTX_free(ctx);
	return ok && is_bytes(fingerprint_plain(key, text, len), out);
}

static void test_fingerprint_agrees_with_openssl_at_every_length(void)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mac);
	uint8_t text[300];
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 37);
	for (size_t len = 0; len <= sizeof(text); len++) {
		uint8_t *g = guarded(text, len);
		CU_ASSERT(openssl_agrees(mac, g, len));
		guarded_free(g, len);
	}
	EVP_MAC_free(mac);
}

static struct fingerprint of_name(const char *name, unsigned *ret_labels)
{
	struct fingerprint f[128];
	uint8_t labels[128];
	size_t len = strlen(name);
	uint8_t *g = guarded(name, len);
	unsigned n = fingerprint_suffixes(key, (const char *)g, len, ~0ull, f, labels, 128, ret_labels);
	guarded_free(g, len);
	CU_ASSERT_EQUAL_FATAL(n, *ret_labels);
	return f[n - 1];
}

static void test_fingerprint_names_differ_where_their_labels_do(void)
{
	static const char *const names[] = {
	    "a.bc",
	    "ab.c",
	    "abc",
	    "a.b.c",
	    "c.b.a",
	    "bc.a",
	    "abcdefgh.test",
	    "abcdefg.test",
	    "abcdefg.htest",
	    "abcdefghi.test",
	    "abcdefgh.i.test",
	    "test",
	    "abcdefgh.itest",
	    "test.abcdefgh",
	    "a.b.c.test",
	    "abc.test",
	    "ab.c.test",
	    "a.bc.test",
	};
	unsigned labels;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (unsigned k = 0; k < i; k++)
			CU_ASSERT(!fingerprint_same(of_name(names[i], &labels), of_name(names[k], &labels)));
}

static void test_fingerprint_suffixes_are_those_of_shorter_names(void)
{
	static const char *const names[] = {"test", "name.test", "longer-label.name.test",
					    "a.longer-label.name.test"};
	struct fingerprint f[4];
	uint8_t labels[4];
	unsigned total;
	unsigned n = fingerprint_suffixes(key, names[3], strlen(names[3]), ~0ull, f, labels, 4, &total);
	CU_ASSERT(n == 4 && total == 4);
	for (unsigned i = 0; i < n; i++) {
		unsigned own;
		CU_ASSERT(labels[i] == i + 1 && fingerprint_same(f[i], of_name(names[i], &own)));
	}
}

static void test_fingerprint_suffixes_are_only_those_wanted(void)
{
	struct fingerprint f[8];
	uint8_t labels[8];
	unsigned total;
	CU_ASSERT_EQUAL(fingerprint_suffixes(key, "a.b.c.d", 7, 1ull << 1 | 1ull << 3, f, labels, 8, &total),
			2);
	CU_ASSERT(labels[0] == 2 && labels[1] == 4 && total == 4);
	CU_ASSERT_EQUAL(fingerprint_suffixes(key, "a.b.c.d", 7, 1ull << 4, f, labels, 8, &total), 0);
	CU_ASSERT_EQUAL(fingerprint_suffixes(key, "a.b.c.d", 7, ~0ull, f, labels, 3, &total), 3);
	CU_ASSERT_EQUAL(total, 4);
}

static void test_fingerprint_more_than_63_labels_share_a_bit(void)
{
	char name[2 * 127];
	struct fingerprint f[128];
	uint8_t labels[128];
	unsigned total;
	for (unsigned i = 0; i < 127; i++)
		memcpy(name + 2 * i, "a.", 2);
	unsigned n = fingerprint_suffixes(key, name, 253, 1ull << 63, f, labels, 128, &total);
	CU_ASSERT(n == 64 && total == 127 && labels[0] == 64 && labels[n - 1] == 127);
}

static void test_fingerprint_prefixes_end_where_they_are_told(void)
{
	static const char url[] = "host.test/some/long/path?and=query";
	const uint16_t len = sizeof(url) - 1;
	uint16_t lens[sizeof(url)];
	struct fingerprint f[sizeof(url)], one;
	for (uint16_t i = 0; i < len; i++)
		lens[i] = (uint16_t)(i + 1);
	fingerprint_prefixes(key, url, lens, len, f);
	for (uint16_t i = 0; i < len; i++) {
		uint8_t *g = guarded(url, lens[i]);
		fingerprint_prefixes(key, (const char *)g, &lens[i], 1, &one);
		guarded_free(g, lens[i]);
		CU_ASSERT(fingerprint_same(one, f[i]));
		CU_ASSERT(!i || !fingerprint_same(f[i], f[i - 1]));
	}
}

static void test_fingerprint_of_one_text_differs_by_what_it_is(void)
{
	const enum fingerprint_domain all[] = {FINGERPRINT_NAME, FINGERPRINT_URL, FINGERPRINT_URL_PREFIX,
					       FINGERPRINT_URL_HOST};
	for (unsigned i = 0; i < 4; i++)
		for (unsigned k = 0; k < i; k++)
			CU_ASSERT(!fingerprint_same(fingerprint_of(key, all[i], "test", 4),
						    fingerprint_of(key, all[k], "test", 4)));
}

static void test_fingerprint_depends_on_every_byte_of_the_key(void)
{
	struct fingerprint first = fingerprint_of(key, FINGERPRINT_URL, "name.test/", 10);
	for (unsigned i = 0; i < FINGERPRINT_KEY_BYTES; i++) {
		uint8_t other[FINGERPRINT_KEY_BYTES];
		memcpy(other, key, sizeof(other));
		other[i] ^= 1;
		CU_ASSERT(!fingerprint_same(first, fingerprint_of(other, FINGERPRINT_URL, "name.test/", 10)));
	}
}

static const struct test tests[] = {
    TEST(test_fingerprint_is_siphash_2_4_128),
    TEST(test_fingerprint_agrees_with_openssl_at_every_length),
    TEST(test_fingerprint_names_differ_where_their_labels_do),
    TEST(test_fingerprint_suffixes_are_those_of_shorter_names),
    TEST(test_fingerprint_suffixes_are_only_those_wanted),
    TEST(test_fingerprint_more_than_63_labels_share_a_bit),
    TEST(test_fingerprint_prefixes_end_where_they_are_told),
    TEST(test_fingerprint_of_one_text_differs_by_what_it_is),
    TEST(test_fingerprint_depends_on_every_byte_of_the_key),
};

HARNESS_MAIN("fingerprint", tests)
