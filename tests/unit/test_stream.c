/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "dataplane/core/stream.h"
#include "tests/unit/harness.h"

static struct stream_pool *pool;
static const struct stream_pool_size few = {4, 2, 1, true};

static struct stream *fresh(void)
{
	uint32_t owner;
	pool = stream_pool_new(&few);
	CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
	return stream_open(pool, 1, &owner);
}

static enum stream_put put(struct stream **s, uint32_t at, const char *text)
{
	uint32_t owner;
	return stream_put(pool, s, at, (const uint8_t *)text, (uint32_t)strlen(text), &owner);
}

static void test_stream_orders_pieces(void)
{
	struct stream *s = fresh();
	CU_ASSERT_EQUAL(put(&s, 6, "world"), STREAM_STORED);
	CU_ASSERT_EQUAL(stream_contiguous(s), 0);
	CU_ASSERT_EQUAL(put(&s, 0, "hel"), STREAM_STORED);
	CU_ASSERT_EQUAL(stream_contiguous(s), 3);
	CU_ASSERT_EQUAL(put(&s, 3, "lo "), STREAM_STORED);
	CU_ASSERT_EQUAL(stream_contiguous(s), 11);
	CU_ASSERT_EQUAL(memcmp(s->data, "hello world", 11), 0);
	CU_ASSERT_EQUAL(s->n_ranges, 1);
	stream_pool_free(pool);
}

static void test_stream_tells_duplicates_from_conflicts(void)
{
	struct stream *s = fresh();
	put(&s, 0, "abcdef");
	CU_ASSERT_EQUAL(put(&s, 2, "cd"), STREAM_DUPLICATE);
	CU_ASSERT_EQUAL(put(&s, 2, "cX"), STREAM_CONFLICT);
	CU_ASSERT_EQUAL(put(&s, 4, "efgh"), STREAM_STORED);
	CU_ASSERT_EQUAL(put(&s, 4, "eFghij"), STREAM_CONFLICT);
	CU_ASSERT_EQUAL(stream_contiguous(s), 8);
	CU_ASSERT_EQUAL(memcmp(s->data, "abcdefgh", 8), 0);
	stream_pool_free(pool);
}

static void test_stream_grows_and_keeps_what_it_holds(void)
{
	struct stream *s = fresh();
	static uint8_t big[STREAM_MAX_BYTES];
	uint32_t owner, at = 0;
	for (uint32_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7 + i / 251);
	while (at < sizeof(big)) {
		uint32_t n = sizeof(big) - at < 1460 ? (uint32_t)sizeof(big) - at : 1460;
		CU_ASSERT_EQUAL_FATAL(stream_put(pool, &s, at, big + at, n, &owner), STREAM_STORED);
		at += n;
	}
	CU_ASSERT_EQUAL(stream_contiguous(s), STREAM_MAX_BYTES);
	CU_ASSERT_EQUAL(memcmp(s->data, big, sizeof(big)), 0);
	CU_ASSERT_EQUAL(stream_put(pool, &s, at, big, 1, &owner), STREAM_BEYOND);
	CU_ASSERT_EQUAL(s->owner, 1);
	stream_pool_free(pool);
}

static void test_stream_bounds_its_holes(void)
{
	struct stream *s = fresh();
	for (uint32_t i = 0; i < STREAM_MAX_RANGES; i++)
		CU_ASSERT_EQUAL(put(&s, 1 + 2 * i, "x"), STREAM_STORED);
	CU_ASSERT_EQUAL(put(&s, 1 + 2 * STREAM_MAX_RANGES, "x"), STREAM_HOLES);
	CU_ASSERT_EQUAL(put(&s, 0, "x"), STREAM_STORED);
	CU_ASSERT_EQUAL(stream_contiguous(s), 2);
	stream_pool_free(pool);
}

static void test_stream_release_keeps_the_rest_in_place(void)
{
	struct stream *s = fresh();
	s->seq0 = 100;
	put(&s, 0, "abcdef");
	put(&s, 8, "ij");
	s->parsed = 4;
	stream_release(s, 3);
	CU_ASSERT_EQUAL(s->seq0, 103);
	CU_ASSERT_EQUAL(s->parsed, 1);
	CU_ASSERT_EQUAL(stream_contiguous(s), 3);
	CU_ASSERT_EQUAL(memcmp(s->data, "def", 3), 0);
	CU_ASSERT_EQUAL(put(&s, 3, "gh"), STREAM_STORED);
	CU_ASSERT_EQUAL(stream_contiguous(s), 7);
	CU_ASSERT_EQUAL(memcmp(s->data, "defghij", 7), 0);
	stream_pool_free(pool);
}

static void test_stream_skips_a_hole(void)
{
	struct stream *s = fresh();
	put(&s, 0, "ab");
	put(&s, 5, "fgh");
	CU_ASSERT_TRUE(stream_skip_hole(s));
	CU_ASSERT_EQUAL(s->seq0, 5);
	CU_ASSERT_EQUAL(s->parsed, 0);
	CU_ASSERT_EQUAL(stream_contiguous(s), 3);
	CU_ASSERT_EQUAL(memcmp(s->data, "fgh", 3), 0);
	CU_ASSERT_FALSE(stream_skip_hole(s));
	stream_pool_free(pool);
}

static void test_stream_does_not_compare_bodies_it_passed_over(void)
{
	struct stream *s = fresh();
	put(&s, 0, "head");
	put(&s, 8, "next");
	stream_pass_over(s, 8);
	CU_ASSERT_EQUAL(stream_contiguous(s), 12);
	CU_ASSERT_EQUAL(put(&s, 4, "body"), STREAM_DUPLICATE);
	CU_ASSERT_EQUAL(put(&s, 2, "adbodynext"), STREAM_DUPLICATE);
	CU_ASSERT_EQUAL(put(&s, 2, "aXbody"), STREAM_CONFLICT);
	CU_ASSERT_EQUAL(put(&s, 6, "dyneXt"), STREAM_CONFLICT);
	stream_pool_free(pool);
}

static void test_stream_alternate_joins_what_lies_behind(void)
{
	struct stream *s = fresh();
	uint8_t out[STREAM_MAX_BYTES];
	put(&s, 0, "GET /a");
	put(&s, 8, "HTTP");
	uint32_t n = stream_alternate(s, 5, (const uint8_t *)"b  ", 3, out);
	CU_ASSERT_EQUAL(n, 12);
	CU_ASSERT_EQUAL(memcmp(out, "GET /b  HTTP", 12), 0);
	CU_ASSERT_EQUAL(stream_alternate(s, 7, (const uint8_t *)"x", 1, out), 0);
	stream_pool_free(pool);
}

static void test_stream_leaves_out_urgent_bytes(void)
{
	struct stream *s = fresh();
	uint8_t out[64];
	put(&s, 0, "GxET");
	s->urgent[s->n_urgent++] = 2;
	CU_ASSERT_EQUAL(stream_without_urgent(s, 1, out), 3);
	CU_ASSERT_EQUAL(memcmp(out, "GET", 3), 0);
	stream_pool_free(pool);
}

static void test_stream_pool_takes_the_least_recently_used(void)
{
	uint32_t owner;
	pool = stream_pool_new(&few);
	struct stream *s[4];
	for (uint32_t i = 0; i < 4; i++) {
		s[i] = stream_open(pool, i, &owner);
		CU_ASSERT_EQUAL(owner, STREAM_NO_OWNER);
	}
	CU_ASSERT_EQUAL(put(&s[0], 0, "a"), STREAM_STORED); /* now 1 is the oldest */
	stream_open(pool, 9, &owner);
	CU_ASSERT_EQUAL(owner, 1);
	stream_pool_free(pool);
}

static void test_stream_matches_a_plain_model(void)
{
	uint8_t model[4096], known[4096] = {0};
	struct stream *s = fresh();
	srand(7);
	for (uint32_t i = 0; i < sizeof(model); i++)
		model[i] = (uint8_t)rand();
	for (unsigned round = 0; round < 3000; round++) {
		uint32_t at = (uint32_t)rand() % 4000, n = 1 + (uint32_t)rand() % 90, owner;
		enum stream_put r = stream_put(pool, &s, at, model + at, n, &owner);
		CU_ASSERT(r == STREAM_STORED || r == STREAM_DUPLICATE || r == STREAM_HOLES);
		if (r == STREAM_STORED)
			memset(known + at, 1, n);
		uint32_t contiguous = 0;
		while (contiguous < sizeof(model) && known[contiguous])
			contiguous++;
		CU_ASSERT_EQUAL_FATAL(stream_contiguous(s), contiguous);
		CU_ASSERT_EQUAL_FATAL(memcmp(s->data, model, contiguous), 0);
	}
	stream_pool_free(pool);
}

static const struct test tests[] = {
    TEST(test_stream_orders_pieces),
    TEST(test_stream_tells_duplicates_from_conflicts),
    TEST(test_stream_grows_and_keeps_what_it_holds),
    TEST(test_stream_bounds_its_holes),
    TEST(test_stream_release_keeps_the_rest_in_place),
    TEST(test_stream_skips_a_hole),
    TEST(test_stream_does_not_compare_bodies_it_passed_over),
    TEST(test_stream_alternate_joins_what_lies_behind),
    TEST(test_stream_leaves_out_urgent_bytes),
    TEST(test_stream_pool_takes_the_least_recently_used),
    TEST(test_stream_matches_a_plain_model),
};
HARNESS_MAIN("stream", tests)
