/* SPDX-License-Identifier: BSD-3-Clause */
#include <fcntl.h>

#include "rules/patterns_cache.h"
#include "tests/unit/ruleset_fixture.h"
#include "tests/unit/seal_fixture.h"

static const char list[] =
    "name.test\nads*.ads.example\nh.test/*/c\n/^h\\.test\\/[0-9]+$/\n/(/\n*x*.sub.test\n";

struct built {
	void *image;
	size_t bytes;
	unsigned compiled, cached;
	uint64_t rejected;
};

static struct built build(const char *text, const char *folder, const struct seal_key *k)
{
	struct compiler *c;
	struct err e = {""};
	struct built b = {0};
	CU_ASSERT_EQUAL_FATAL(compiler_new(fixture_key, &c, &e), 0);
	if (folder)
		CU_ASSERT_EQUAL(compiler_set_cache(c, folder, k), 0);
	CU_ASSERT_EQUAL_FATAL(fixture_add(c, text, strlen(text), "a", &e), 0);
	CU_ASSERT_EQUAL_FATAL(compiler_build(c, &b.image, &b.bytes, &e), 0);
	b.compiled = compiler_report(c)->patterns_compiled;
	b.cached = compiler_report(c)->patterns_cached;
	b.rejected = compiler_report(c)->notes_total[NOTE_REJECTED];
	compiler_free(c);
	return b;
}

static bool same(const struct built *a, const struct built *b)
{
	return a->bytes == b->bytes && !memcmp(a->image, b->image, a->bytes) && a->rejected == b->rejected;
}

/* Builds and compares with what no cache gives; then frees. */
static void expect(const char *text, const char *folder, const struct seal_key *k, unsigned compiled,
		   unsigned cached)
{
	struct built plain = build(text, NULL, NULL), b = build(text, folder, k);
	CU_ASSERT_EQUAL(b.compiled, compiled);
	CU_ASSERT_EQUAL(b.cached, cached);
	CU_ASSERT(same(&plain, &b));
	compiler_image_free(plain.image, plain.bytes);
	compiler_image_free(b.image, b.bytes);
}

static void test_patterns_cache_a_second_compile_is_spared_and_gives_the_same(void)
{
	const struct seal_key k = key_of(1);
	struct folder f;
	char folder[64];
	folder_open(&f);
	snprintf(folder, sizeof(folder), "%s/cache", f.path); /* made where it is missing */
	expect(list, folder, &k, 2, 0);
	expect(list, folder, &k, 0, 2);
	CU_ASSERT_EQUAL(folder_files(folder), 2);
	folder_close(&f);
}

static void test_patterns_cache_matches_as_without(void)
{
	static const struct ask_row rows[] = {{"name:ads1.ads.example", "block name-glob a:2"},
					      {"url:h.test/b/c", "block url-glob a:3"},
					      {"url:h.test/42", "block regex a:4"},
					      {"url:h.test/x", "-"},
					      {"name:axb.sub.test", "block name-glob a:6"},
					      {"name:ab.sub.test", "-"}};
	const struct seal_key k = key_of(1);
	struct folder f;
	folder_open(&f);
	for (unsigned i = 0; i < 2; i++) {
		struct built b = build(list, f.path, &k);
		struct fixture x = {.image = b.image, .bytes = b.bytes};
		CU_ASSERT_EQUAL_FATAL(ruleset_over(b.image, b.bytes, &x.rs, &x.e), 0);
		CU_ASSERT_EQUAL_FATAL(ruleset_scratch_new(x.rs, &x.s, &x.e), 0);
		CU_ASSERT_EQUAL(fixture_ask_all(&x, rows, sizeof(rows) / sizeof(*rows)), 0);
		fixture_close(&x);
	}
	folder_close(&f);
}

static void test_patterns_cache_other_patterns_or_keys_are_others(void)
{
	const struct seal_key k = key_of(1), other = key_of(2);
	struct folder f;
	folder_open(&f);
	expect("/abc/\n/def/\n", f.path, &k, 1, 0);
	expect("/def/\n/abc/\n", f.path, &k, 1, 0);
	expect("/abcdef/\n", f.path, &k, 1, 0);
	expect("/abc/\n/def/\n", f.path, &other, 1, 0);
	CU_ASSERT_EQUAL(folder_files(f.path), 4);
	expect("/abc/\n/def/\n", f.path, &k, 0, 1);
	expect("name.test\n", f.path, &k, 0, 0);
	folder_close(&f);
}

static void each_file(const char *folder, void (*change)(const char *path))
{
	char path[400];
	DIR *d = opendir(folder);
	CU_ASSERT_PTR_NOT_NULL_FATAL(d);
	for (struct dirent *e; (e = readdir(d));) {
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (*e->d_name != '.')
			change(path);
	}
	closedir(d);
}

static void spoil(const char *path)
{
	size_t n;
	uint8_t *p = get_file(path, &n);
	p[n / 2] ^= 1;
	put_file(path, p, n);
	free(p);
}

static void cut(const char *path)
{
	CU_ASSERT_EQUAL(truncate(path, 100), 0);
}

static void replace(const char *path)
{
	put_file(path, "name.test\n", 10);
}

/* Sealed well, but no database. */
static void reseal(const char *path)
{
	const struct seal_key k = key_of(1);
	struct seal_writer *w;
	CU_ASSERT_EQUAL_FATAL(seal_create(path, &k, &w, NULL), 0);
	CU_ASSERT_EQUAL(seal_write(w, "a database it is not, though", 28, NULL), 0);
	CU_ASSERT_EQUAL(seal_commit(w, NULL), 0);
}

static void empty(const char *path)
{
	CU_ASSERT_EQUAL(truncate(path, 0), 0);
}

static void test_patterns_cache_a_bad_file_is_written_again(void)
{
	static void (*const changes[])(const char *path) = {spoil, cut, replace, reseal, empty};
	const struct seal_key k = key_of(1);
	struct folder f;
	folder_open(&f);
	expect(list, f.path, &k, 2, 0);
	for (unsigned i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		each_file(f.path, changes[i]);
		expect(list, f.path, &k, 2, 0);
		expect(list, f.path, &k, 0, 2);
	}
	CU_ASSERT_EQUAL(folder_files(f.path), 2);
	folder_close(&f);
}

static void test_patterns_cache_the_longest_unused_go(void)
{
	const struct seal_key k = key_of(1);
	struct folder f;
	char text[32], stranger[80];
	folder_open(&f);
	snprintf(stranger, sizeof(stranger), "%s/README", f.path);
	put_file(stranger, "x", 1);
	for (unsigned i = 0; i < 2 * PATTERNS_CACHE_FILES; i++) {
		snprintf(text, sizeof(text), "/abc%u/\n", i);
		expect(text, f.path, &k, 1, 0);
		expect("/abc0/\n", f.path, &k, 0, 1); /* in use all the time */
		unsigned most = PATTERNS_CACHE_FILES + 1;
		CU_ASSERT_EQUAL(folder_files(f.path), i + 2 < most ? i + 2 : most);
	}
	snprintf(text, sizeof(text), "/abc%u/\n", PATTERNS_CACHE_FILES / 2);
	expect(text, f.path, &k, 1, 0);
	CU_ASSERT_EQUAL(access(stranger, F_OK), 0);
	folder_close(&f);
}

static void test_patterns_cache_a_folder_that_cannot_be_written_is_no_failure(void)
{
	const struct seal_key k = key_of(1);
	struct compiler *c;
	struct folder f;
	struct err e;
	char below[80];
	folder_open(&f);
	put_file(f.file, "x", 1);
	expect(list, f.file, &k, 2, 0); /* a file */
	snprintf(below, sizeof(below), "%s/no/cache", f.path);
	CU_ASSERT_EQUAL_FATAL(compiler_new(fixture_key, &c, &e), 0);
	CU_ASSERT(compiler_set_cache(c, below, &k) < 0);
	compiler_free(c);
	folder_close(&f);
}

static const struct test tests[] = {
    TEST(test_patterns_cache_a_second_compile_is_spared_and_gives_the_same),
    TEST(test_patterns_cache_matches_as_without),
    TEST(test_patterns_cache_other_patterns_or_keys_are_others),
    TEST(test_patterns_cache_a_bad_file_is_written_again),
    TEST(test_patterns_cache_the_longest_unused_go),
    TEST(test_patterns_cache_a_folder_that_cannot_be_written_is_no_failure),
};
HARNESS_MAIN("patterns_cache", tests)
