/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/note.h"
#include "tests/unit/harness.h"

#define EACH(i, table) for (size_t i = 0; i < sizeof(table) / sizeof(*(table)); i++)
#define ROOT	       "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

static struct err why;

static int parse(const char *text, struct checkpoint *ret)
{
	size_t n = strlen(text);
	uint8_t *g = guarded(text, n);
	why.text[0] = 0;
	int err = checkpoint_parse((struct span){g, n}, ret, &why);
	guarded_free(g, n);
	CU_ASSERT_EQUAL(err != 0, *why.text != 0);
	return err;
}

static void test_checkpoint_good(void)
{
	static const struct {
		const char *text;
		uint64_t size;
	} good[] = {
	    {"example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
	     0}, /* SHA-256 of nothing */
	    {"example.com/log\n20852163\n" ROOT "\n", 20852163},
	    {"an origin + blanks\n1\n" ROOT "\n", 1}, /* only recommended against */
	    {"o\n9223372036854775808\n" ROOT "\n", UINT64_C(1) << 63},
	    {"o\n7\n" ROOT "\nextension\n\xc3\xa9\n", 7},
	};
	EACH(i, good)
	{
		struct checkpoint c = {.size = 99};
		CU_ASSERT_EQUAL(parse(good[i].text, &c), 0);
		CU_ASSERT_EQUAL(c.size, good[i].size);
	}
}

/* TLOG.md 4; and no two texts of one meaning. */
static void test_checkpoint_bad(void)
{
	static const char *const bad[] = {
	    "",
	    "\n",
	    "o\n",
	    "o\n1\n",
	    "o\n1\n" ROOT,
	    "o\n1\n\n" ROOT "\n",
	    "\n1\n" ROOT "\n",
	    "o\n\n" ROOT "\n",
	    "o\n1\n" ROOT "\n\n",
	    "o\n1\n" ROOT "\nx\n\ny\n",
	    "o\n01\n" ROOT "\n",
	    "o\n00\n" ROOT "\n",
	    "o\n+1\n" ROOT "\n",
	    "o\n-1\n" ROOT "\n",
	    "o\n 1\n" ROOT "\n",
	    "o\n1 \n" ROOT "\n",
	    "o\n0x1\n" ROOT "\n",
	    "o\n1e3\n" ROOT "\n",
	    "o\n9223372036854775809\n" ROOT "\n",
	    "o\n18446744073709551616\n" ROOT "\n",
	    "o\n184467440737095516160\n" ROOT "\n",
	    "o\r\n1\r\n" ROOT "\r\n",
	    "o\n1\n" ROOT " \n",
	    "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",  /* no padding */
	    "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", /* bits behind the last byte */
	    "o\n1\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n",
	    "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA\n", /* 33 bytes */
	    "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n", /* 31 */
	    "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I====\n",
	    "o\n1\n\n",
	    "\xff\n1\n" ROOT "\n",
	};
	EACH(i, bad)
	{
		struct checkpoint c = {.size = 99};
		int err = parse(bad[i], &c);
		if (err != -EBADMSG)
			printf("# %zu: %d\n", i, err);
		CU_ASSERT_EQUAL(err, -EBADMSG);
		CU_ASSERT_EQUAL(c.size, 99);
	}
	char text[512];
	struct checkpoint c;
	memset(text, 'o', sizeof(text));
	strcpy(text + NOTE_NAME_MAX, "\n1\n" ROOT "\n");
	CU_ASSERT_EQUAL(parse(text, &c), 0);
	memset(text, 'o', sizeof(text));
	strcpy(text + NOTE_NAME_MAX + 1, "\n1\n" ROOT "\n");
	CU_ASSERT_EQUAL(parse(text, &c), -EBADMSG);
	parse("o\nx\n" ROOT "\n", &c);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "line 2"));
}

static void test_checkpoint_prints_what_it_parses(void)
{
	char text[NOTE_NAME_MAX + 96], origin[NOTE_NAME_MAX + 1];
	struct hash root;
	struct checkpoint c;
	memset(origin, 'n', sizeof(origin));
	origin[NOTE_NAME_MAX] = 0;
	memset(&root, 0xa5, sizeof(root));
	size_t n = checkpoint_print(origin, UINT64_C(1) << 63, &root, text);
	CU_ASSERT_EQUAL(n, strlen(text));
	CU_ASSERT_EQUAL(parse(text, &c), 0);
	CU_ASSERT_TRUE(c.size == UINT64_C(1) << 63 && hash_equal(&c.root, &root));
	CU_ASSERT_EQUAL(c.origin.len, (size_t)NOTE_NAME_MAX);
}

static const struct test tests[] = {
    TEST(test_checkpoint_good),
    TEST(test_checkpoint_bad),
    TEST(test_checkpoint_prints_what_it_parses),
};

HARNESS_MAIN("checkpoint", tests)
