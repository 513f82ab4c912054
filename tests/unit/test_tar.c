/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "common/tar.h"
#include "tests/unit/harness.h"

static const struct {
	const char *name;
	bool good;
} names[] = {
    {"checkpoint", true}, {"log/tile/0/x001/x234/067.p/44", true},
    {"SHA256SUMS", true}, {".report.part", true},
    {"a..b", true},	  {"...", true},
    {"", false},	  {"/etc/passwd", false},
    {"..", false},	  {".", false},
    {"a/../b", false},	  {"a/..", false},
    {"a/./b", false},	  {"a//b", false},
    {"a/", false},	  {"-rf", false},
    {"a/-rf", false},	  {"a b", false},
    {"a\nb", false},	  {"a\\b", false},
    {"ë", false},
};

static void test_tar_takes_safe_names_alone(void)
{
	uint8_t block[TAR_BLOCK];
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		CU_ASSERT_EQUAL(tar_is_name(names[i].name), names[i].good);
		CU_ASSERT_EQUAL(tar_write(names[i].name, 1, 0, block), names[i].good);
	}
}

static void test_tar_limits(void)
{
	char name[TAR_NAME_MAX + 2];
	uint8_t block[TAR_BLOCK];
	memset(name, 'a', sizeof(name));
	name[TAR_NAME_MAX + 1] = 0;
	CU_ASSERT(!tar_write(name, 1, 0, block));
	name[TAR_NAME_MAX] = 0;
	CU_ASSERT(tar_write(name, TAR_SIZE_MAX, INT64_MAX, block));
	CU_ASSERT(!tar_write(name, TAR_SIZE_MAX + 1, 0, block));
	char back[TAR_NAME_MAX + 1];
	uint64_t size;
	CU_ASSERT(tar_write(name, TAR_SIZE_MAX, -1, block));
	CU_ASSERT_EQUAL(tar_read(block, back, &size), TAR_FILE);
	CU_ASSERT_STRING_EQUAL(back, name);
	CU_ASSERT_EQUAL(size, TAR_SIZE_MAX);
	CU_ASSERT_EQUAL(tar_padding(0), 0);
	CU_ASSERT_EQUAL(tar_padding(1), 511);
	CU_ASSERT_EQUAL(tar_padding(512), 0);
}

/* Whatever byte of a header is another, it is no longer one: of what is a field, and of the sum. */
static void test_tar_finds_any_byte_that_changed(void)
{
	uint8_t block[TAR_BLOCK], zeros[TAR_BLOCK] = {0};
	char name[TAR_NAME_MAX + 1];
	uint64_t size;
	CU_ASSERT_FATAL(tar_write("log/checkpoint", 77, 1767225600, block));
	for (unsigned i = 0; i < TAR_BLOCK; i++) {
		if (i == 154 || i == 155) /* what ends the sum */
			continue;
		block[i] ^= 1;
		CU_ASSERT_EQUAL(tar_read(block, name, &size), TAR_BAD);
		block[i] ^= 1;
	}
	CU_ASSERT_EQUAL(tar_read(block, name, &size), TAR_FILE);
	CU_ASSERT_EQUAL(tar_read(zeros, name, &size), TAR_END);
}

static const struct test tests[] = {
    TEST(test_tar_takes_safe_names_alone),
    TEST(test_tar_limits),
    TEST(test_tar_finds_any_byte_that_changed),
};
HARNESS_MAIN("tar", tests)
