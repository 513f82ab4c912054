/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/ruleset_fixture.h"

static const char *const list =
    "name.test\n=name.test\n!a.name.test\nh.test/a\nh.test/b*\nn*m.h.test\n/abc[0-9]/\n"
    "192.0.2.0/24\n2001:db8::/32\n!192.0.2.1\n";

/* A copy at a multiple of 64 that ends at its last byte. */
static uint8_t *copy_of(const void *image, size_t bytes, void **ret_whole)
{
	size_t room = (bytes + 63) / 64 * 64 + 64;
	uint8_t *p = *ret_whole = aligned_alloc(64, room);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	memset(p, 0, room);
	memcpy(p, image, bytes);
	return p;
}

static bool is_refused(const void *image, size_t bytes, const char *why)
{
	struct ruleset *rs = NULL;
	struct err e = {""};
	int rc = ruleset_over(image, bytes, &rs, &e);
	if (!rc)
		ruleset_free(rs);
	bool ok = rc < 0 && !rs && *e.text && (!why || strstr(e.text, why));
	if (!ok)
		printf("# %d %s\n", rc, e.text);
	return ok;
}

static void test_image_any_changed_byte_is_refused(void)
{
	struct fixture f;
	void *whole;
	fixture_open_one(&f, list);
	uint8_t *p = copy_of(f.image, f.bytes, &whole);
	unsigned accepted = 0;
	for (size_t i = 0; i < f.bytes; i += i < 1024 ? 1 : 97) {
		p[i] ^= 0x40;
		accepted += !is_refused(p, f.bytes, NULL);
		p[i] ^= 0x40;
	}
	CU_ASSERT_EQUAL(accepted, 0);
	p[f.bytes - 1] ^= 1;
	CU_ASSERT(is_refused(p, f.bytes, "digest"));
	free(whole);
	fixture_close(&f);
}

static void test_image_foreign_truncated_or_longer_is_refused_with_the_reason(void)
{
	struct fixture f;
	void *whole;
	fixture_open_one(&f, list);
	uint8_t *p = copy_of(f.image, f.bytes, &whole);
	for (size_t n = 0; n < f.bytes; n += n < 1024 ? 1 : 331)
		CU_ASSERT(is_refused(p, n, n < 8 ? "not a ruleset" : NULL));
	CU_ASSERT(is_refused(p, f.bytes - 1, "truncated"));
	CU_ASSERT(is_refused(p, f.bytes + 1, NULL));
	p[8]++; /* the version */
	CU_ASSERT(is_refused(p, f.bytes, "version"));
	p[8]--;
	p[0] = 'r';
	CU_ASSERT(is_refused(p, f.bytes, "not a ruleset"));
	free(whole);
	fixture_close(&f);
}

static void test_image_written_and_opened_answers_the_same(void)
{
	char folder[] = "/tmp/roja-test-XXXXXX", path[64];
	struct fixture f;
	struct err e = {""};
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/some.roja", folder);
	fixture_open_one(&f, list);
	CU_ASSERT_EQUAL_FATAL(ruleset_write(path, f.image, f.bytes, &e), 0);
	CU_ASSERT_EQUAL_FATAL(ruleset_write(path, f.image, f.bytes, &e), 0); /* in the place of an old one */
	struct fixture g = f;
	CU_ASSERT_EQUAL_FATAL(ruleset_open(path, &g.rs, &e), 0);
	CU_ASSERT_EQUAL_FATAL(ruleset_scratch_new(g.rs, &g.s, &e), 0);
	static const char *const questions[] = {"name:name.test",   "name:b.name.test", "name:a.name.test",
						"url:h.test/a",	    "url:h.test/bc",	"name:n1m.h.test",
						"url:x.test/abc7",  "addr:192.0.2.7",	"addr:192.0.2.1",
						"addr:2001:db8::9", "name:other.test"};
	for (unsigned i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		char want[128];
		snprintf(want, sizeof(want), "%s", fixture_ask(&f, questions[i]));
		CU_ASSERT_STRING_EQUAL(fixture_ask(&g, questions[i]), want);
	}
	CU_ASSERT(!memcmp(ruleset_digest(f.rs), ruleset_digest(g.rs), 32));
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_STRING_EQUAL(fixture_ask(&g, "name:name.test"), fixture_ask(&f, "name:name.test"));
	CU_ASSERT_EQUAL(rmdir(folder), 0); /* nothing is left beside it */
	ruleset_scratch_free(g.s);
	ruleset_free(g.rs);
	fixture_close(&f);
}

static void put_file(const char *path, const void *p, size_t len)
{
	FILE *f = fopen(path, "wb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fwrite(p, 1, len, f), len);
	fclose(f);
}

static bool cannot_open(const char *path)
{
	struct ruleset *rs = NULL;
	struct err e = {""};
	return ruleset_open(path, &rs, &e) < 0 && !rs && strstr(e.text, path);
}

static void test_image_bad_file_is_refused_by_its_name(void)
{
	char folder[] = "/tmp/roja-test-XXXXXX", path[64];
	struct fixture f;
	struct err e = {""};
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/some.roja", folder);
	fixture_open_one(&f, list);
	CU_ASSERT(cannot_open(path) && cannot_open(folder) && cannot_open("/dev/null"));
	put_file(path, "", 0);
	CU_ASSERT(cannot_open(path));
	put_file(path, "name.test\n", 10);
	CU_ASSERT(cannot_open(path));
	put_file(path, f.image, f.bytes / 2);
	CU_ASSERT(cannot_open(path));
	CU_ASSERT(ruleset_write("/nonexistent.invalid/x", f.image, f.bytes, &e) < 0 &&
		  strstr(e.text, "invalid/x"));
	CU_ASSERT(ruleset_write(folder, f.image, f.bytes, &e) < 0);
	CU_ASSERT(!unlink(path) && !rmdir(folder));
	fixture_close(&f);
}

static void test_image_of_one_kind_alone_opens(void)
{
	static const char *const lists[] = {"name.test\n",     "h.test/a\n",   "h.test/b*\n",
					    "n*m.h.test\n",    "/abc/\n",      "192.0.2.1\n",
					    "2001:db8::/32\n", "!name.test\n", "h.test/*/c\n"};
	for (unsigned i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct fixture f;
		fixture_open_one(&f, lists[i]);
		CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "name:other.test"), "-");
		CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "url:other.test/x"), "-");
		CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "addr:198.51.100.1"), "-");
		CU_ASSERT_STRING_EQUAL(fixture_ask(&f, "addr:2001:db9::1"), "-");
		fixture_close(&f);
	}
}

static const struct test tests[] = {
    TEST(test_image_any_changed_byte_is_refused),
    TEST(test_image_foreign_truncated_or_longer_is_refused_with_the_reason),
    TEST(test_image_written_and_opened_answers_the_same),
    TEST(test_image_bad_file_is_refused_by_its_name),
    TEST(test_image_of_one_kind_alone_opens),
};

HARNESS_MAIN("image", tests)
