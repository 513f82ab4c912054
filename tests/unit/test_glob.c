/* SPDX-License-Identifier: BSD-3-Clause */
#include <regex.h>
#include <string.h>

#include "rules/glob.h"
#include "tests/unit/harness.h"
#include "tests/unit/vectors.h"

static struct url scratch;

static bool run_glob(const struct vector *v)
{
	struct list_entry e;
	const char *why;
	char text[1024];
	regex_t re;
	if (list_parse_line((const uint8_t *)v->cell[0].text, v->cell[0].len, &scratch, &e, &why) != 1 ||
	    !glob_expression(&e, text, sizeof(text)))
		return false;
	if (regcomp(&re, text, REG_EXTENDED | REG_NOSUB))
		return false;
	bool ok = !regexec(&re, v->cell[1].text, 0, NULL, 0) && regexec(&re, v->cell[2].text, 0, NULL, 0);
	regfree(&re);
	return ok;
}

static void test_glob_rows_of_the_page_match_as_it_says(void)
{
	unsigned failed;
	CU_ASSERT(vectors_run("glob", run_glob, &failed) > 10);
	CU_ASSERT_EQUAL(failed, 0);
}

static void test_glob_expression_fits_its_bound(void)
{
	char entry[256], text[GLOB_EXPRESSION_MAX(256)];
	struct list_entry e = {.kind = RULE_URL_GLOB, .text = {(const uint8_t *)entry, sizeof(entry)}};
	memset(entry, '*', sizeof(entry));
	CU_ASSERT(glob_expression(&e, text, sizeof(text)) > 0);
	CU_ASSERT_EQUAL(glob_expression(&e, text, 100), 0);
	CU_ASSERT_EQUAL(glob_expression(&e, text, 0), 0);
}

static const struct test tests[] = {
    TEST(test_glob_rows_of_the_page_match_as_it_says),
    TEST(test_glob_expression_fits_its_bound),
};

HARNESS_MAIN("glob", tests)
