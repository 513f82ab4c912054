/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/safety/witness.h"
#include "tests/unit/safety_fixture.h"

static int run(struct safety_fixture *f, const char *const *lists, unsigned n, const char *const *overrides,
	       unsigned n_overrides, struct selfcheck_result *ret)
{
	const char *paths[FIXTURE_FILES];
	f->n = 0;
	for (unsigned i = 0; i < n; i++)
		paths[i] = safety_write(f, lists[i]);
	struct selfcheck_request q = {.ruleset = f->rs,
				      .key = &f->key,
				      .entries = paths,
				      .n_lists = n,
				      .guard = f->guard,
				      .overrides = overrides,
				      .n_overrides = n_overrides};
	return safety_selfcheck(&q, ret, &f->e);
}

static int check(struct safety_fixture *f, const char *list, struct selfcheck_result *ret)
{
	safety_compile(f, &list, 1, NULL, 0);
	int err = run(f, &list, 1, NULL, 0, ret);
	if (err)
		printf("# %s\n", f->e.text);
	return err;
}

static const char all_kinds[] = "name.test\n"
				"=host.test\n"
				"*.sub.test\n"
				"http://url.test/a?b=c\n"
				"https://url.test/d\n"
				"port.test:8080/x\n"
				"prefix.test/a/*\n"
				"prefix.test/b?*\n"
				"prefix.test/c/.*\n"
				"whole.test/*\n"
				"glob.test/*/x.jpg\n"
				"*.glob.test/y*\n"
				"ads*.glob.test\n"
				"*.ads*.glob.test\n"
				"/^re\\.test\\/x[0-9]{3}(a|b)+$/\n"
				"/\\/any[^\\/]+\\.jpg/\n"
				"/needle/\n"
				"203.0.113.7\n"
				"203.0.113.128/25\n"
				"2001:db8::/64\n"
				"xn--bcher-kva.test\n"
				"http://203.0.113.9/x\n"
				"http://[2001:db8:1::1]:81/x\n";

static void test_selfcheck_every_kind_matches_its_own_rule(void)
{
	struct safety_fixture f;
	struct selfcheck_result r;
	safety_open(&f);
	CU_ASSERT_EQUAL_FATAL(check(&f, all_kinds, &r), 0);
	for (unsigned i = 0; i < r.n_notes; i++)
		printf("# line %u: %s\n", r.notes[i].line, selfcheck_kinds[r.notes[i].kind].word);
	CU_ASSERT_EQUAL(r.entries, 23);
	CU_ASSERT_EQUAL(r.own, 23);
	CU_ASSERT(r.neighbours > 30 && r.guarded_names == 12 && !r.n_notes);
	safety_close(&f);
}

static void test_selfcheck_says_what_covers_and_excepts(void)
{
	static const char *const lists[] = {"name.test\nsub.name.test\nfree.test\n=other.test\n",
					    "!free.test\nname.test\n!else.test\n"};
	struct safety_fixture f;
	struct selfcheck_result r;
	safety_open(&f);
	safety_compile(&f, lists, 2, NULL, 0);
	CU_ASSERT_EQUAL_FATAL(run(&f, lists, 2, NULL, 0, &r), 0);
	CU_ASSERT(r.entries == 7 && r.own == 5);
	CU_ASSERT_EQUAL_FATAL(r.n_notes, 2);
	CU_ASSERT(r.notes[0].kind == SELFCHECK_EXCEPTED && r.notes[0].list == 0 && r.notes[0].line == 3);
	CU_ASSERT(r.notes[0].other_list == 1 && r.notes[0].other_line == 1);
	CU_ASSERT(r.notes[1].kind == SELFCHECK_COVERED && r.notes[1].list == 1 && r.notes[1].line == 2);
	CU_ASSERT(r.notes[1].other_list == 0 && r.notes[1].other_line == 1);
	safety_close(&f);
}

/* A ruleset that lacks an entry, or has one too many, is not published. */
static void test_selfcheck_finds_what_is_not_there(void)
{
	static const uint32_t skipped[] = {2};
	static const char *const list = "name.test\nmissing.test\n";
	struct safety_fixture f;
	struct selfcheck_result r;
	safety_open(&f);
	safety_compile(&f, &list, 1, skipped, 1);
	CU_ASSERT_EQUAL(run(&f, &list, 1, NULL, 0, &r), -EBADMSG);
	CU_ASSERT(r.total[SELFCHECK_MISSED] == 1 && r.notes[0].line == 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, "a line 2"));
	CU_ASSERT_PTR_NULL(strstr(f.e.text, "missing.test"));
	/* unless it was to be left out */
	const uint32_t *lines = skipped;
	unsigned n = 1;
	const char *path = f.path[0];
	struct selfcheck_request q = {.ruleset = f.rs,
				      .key = &f.key,
				      .entries = &path,
				      .n_lists = 1,
				      .skipped = &lines,
				      .n_skipped = &n};
	CU_ASSERT_EQUAL(safety_selfcheck(&q, &r, &f.e), 0);
	CU_ASSERT(r.entries == 1 && r.own == 1);
	safety_close(&f);
}

/* The rule at this place is wider than the entry there: its neighbours show it. */
static void test_selfcheck_finds_a_rule_that_is_too_wide(void)
{
	static const struct {
		const char *entry, *rule;
	} cases[] = {{"=name.test", "name.test"},	{"sub.name.test", "name.test"},
		     {"*.name.test", "name.test"},	{"name.test/a", "name.test/a*"},
		     {"name.test/a", "name.test"},	{"name.test/a*", "name.test/*"},
		     {"203.0.113.7", "203.0.113.0/24"}, {"name.test", "*n*me.test"}};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct safety_fixture f;
		struct selfcheck_result r;
		safety_open(&f);
		safety_compile(&f, &cases[i].rule, 1, NULL, 0);
		CU_ASSERT_EQUAL(run(&f, &cases[i].entry, 1, NULL, 0, &r), -EBADMSG);
		if (!r.total[SELFCHECK_NEIGHBOUR])
			printf("# %s for %s\n", cases[i].rule, cases[i].entry);
		CU_ASSERT(r.total[SELFCHECK_NEIGHBOUR] > 0);
		safety_close(&f);
	}
}

static void test_selfcheck_no_guarded_name_is_blocked(void)
{
	static const struct {
		const char *entry;
		bool guarded, may_be_allowed;
	} cases[] = {
	    {"blog.test", true, true},
	    {"=www.blog.test", true, true},
	    {"blog.test/", true, true},
	    {"blog.test/*", true, true},
	    {"bl*.test", true, true},
	    {"/^blog\\.test/", true, true},
	    {"video.test", true, true},
	    {"*.cloud.test", true, true},
	    {"help.test", true, false},
	    {"operator.test/", true, false},
	    {"*elp.test", true, false},
	    {"192.0.2.1", true, false},
	    {"198.51.100.1", true, true},
	    {"blog.test/somebody", false, false},
	    {"somebody.blog.test", false, false},
	    {"name.test", false, false},
	    {"203.0.113.1", false, false},
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		static const char *const texts[] = {
		    "blog.test",	 "=www.blog.test",     "blog.test/",
		    "blog.test/*",	 "bl*.test",	       "/^blog\\.test/",
		    "video.test",	 "*.cloud.test",       "help.test",
		    "operator.test/",	 "*elp.test",	       "192.0.2.1/32",
		    "198.51.100.1/32",	 "192.0.2.1",	       "198.51.100.1",
		    "http://blog.test/", "http://blog.test/*", "http://operator.test/"};
		struct safety_fixture f;
		struct selfcheck_result r;
		safety_open(&f);
		safety_compile(&f, &cases[i].entry, 1, NULL, 0);
		int err = run(&f, &cases[i].entry, 1, NULL, 0, &r);
		if ((err == -EBADMSG) != cases[i].guarded)
			printf("# %s: %d\n", cases[i].entry, err);
		CU_ASSERT((err == -EBADMSG) == cases[i].guarded);
		CU_ASSERT((r.total[SELFCHECK_GUARDED] > 0) == cases[i].guarded);
		err = run(&f, &cases[i].entry, 1, texts, sizeof(texts) / sizeof(*texts), &r);
		if ((err == -EBADMSG) != (cases[i].guarded && !cases[i].may_be_allowed))
			printf("# %s allowed: %d\n", cases[i].entry, err);
		CU_ASSERT((err == -EBADMSG) == (cases[i].guarded && !cases[i].may_be_allowed));
		safety_close(&f);
	}
}

/* Two lists of orders 3 and 4 hold a guarded name, which an override allows. */
static void test_selfcheck_an_override_counts_for_its_order(void)
{
	static const struct {
		const char *lists[2];
		int64_t order; /* of the override */
		int err;
	} cases[] = {
	    {{"blog.test", "name.test"}, 3, 0},	       {{"blog.test", "name.test"}, 0, 0},
	    {{"blog.test", "name.test"}, 4, -EBADMSG}, {{"name.test", "blog.test"}, 4, 0},
	    {{"name.test", "blog.test"}, 3, -EBADMSG},
	};
	static const int64_t orders[] = {3, 4};
	static const char *const text = "blog.test";
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct safety_fixture f;
		struct selfcheck_result r;
		const char *paths[2];
		safety_open(&f);
		safety_compile(&f, cases[i].lists, 2, NULL, 0);
		f.n = 0;
		for (unsigned k = 0; k < 2; k++)
			paths[k] = safety_write(&f, cases[i].lists[k]);
		struct selfcheck_request q = {.ruleset = f.rs,
					      .key = &f.key,
					      .entries = paths,
					      .n_lists = 2,
					      .guard = f.guard,
					      .overrides = &text,
					      .n_overrides = 1,
					      .override_orders = &cases[i].order,
					      .list_orders = orders};
		CU_ASSERT_EQUAL(safety_selfcheck(&q, &r, &f.e), cases[i].err);
		safety_close(&f);
	}
}

static void test_selfcheck_many_lists_random_entries(void)
{
	struct safety_fixture f;
	struct selfcheck_result r;
	unsigned seed = 7;
	char *list = malloc(20000 * 64), *p = list;
	for (unsigned i = 0; i < 20000; i++) {
		static const char *const forms[] = {
		    "n%x.test\n",	  "=n%x.test\n",	 "*.n%x.test\n",   "n%x.test/p/q?r=s\n",
		    "n%x.test/prefix*\n", "https://n%x.test/\n", "a.b.n%x.test\n", "n%x.test:81/x/*\n"};
		seed = seed * 1103515245 + 12345;
		p += sprintf(p, forms[i % 8], seed >> 12);
	}
	safety_open(&f);
	CU_ASSERT_EQUAL_FATAL(check(&f, list, &r), 0);
	CU_ASSERT(r.entries > 19000 && r.own + r.total[SELFCHECK_COVERED] == r.entries && !r.unproven);
	safety_close(&f);
	free(list);
}

static void test_selfcheck_what_cannot_be_read_is_an_error(void)
{
	static const char *const list = "name.test\n";
	struct safety_fixture f;
	struct selfcheck_result r;
	safety_open(&f);
	safety_compile(&f, &list, 1, NULL, 0);
	const char *path = "/nonexistent/0.entries";
	atomic_bool cancel = false;
	struct selfcheck_request q = {
	    .ruleset = f.rs, .key = &f.key, .entries = &path, .n_lists = 1, .cancel = &cancel};
	CU_ASSERT_EQUAL(safety_selfcheck(&q, &r, &f.e), -ENOENT);
	path = safety_write(&f, list);
	CU_ASSERT_EQUAL(safety_selfcheck(&q, &r, &f.e), 0);
	cancel = true;
	CU_ASSERT_EQUAL(safety_selfcheck(&q, &r, &f.e), -ECANCELED);
	cancel = false;
	CU_ASSERT_EQUAL(truncate(path, 60), 0);
	int err = safety_selfcheck(&q, &r, &f.e);
	CU_ASSERT(err == -EBADMSG || err == -EPROTO);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, path));
	safety_close(&f);
}

static void test_selfcheck_witnesses(void)
{
	static const struct {
		const char *line, *want; /* NULL: none */
	} cases[] = {
	    {"/^a\\.test\\/x[0-9]+$/", "a.test/x0"},
	    {"/a(b|c)d{2,3}e?f*g+/", "abddg"},
	    {"/a|b/", "a"},
	    {"/(?:ab)?c/", "c"},
	    {"/(?i)Ab/", "Ab"},
	    {"/[^\\/]x/", "xx"},
	    {"/\\d\\w./", "7wx"},
	    {"/x{3}y/", "xxxy"},
	    {"/(?=x)y/", NULL},
	    {"/\\bx/", NULL},
	    {"/[[:alpha:]]x/", NULL},
	    {"/(a/", NULL},
	    {"/[a/", NULL},
	    {"/a\\\\/", "a\\"},
	    {"/\\x41/", "A"},
	    {"*.a*.test", "w.aw.test"},
	    {"a.test/*/b", "a.test/w/b"},
	};
	static struct url scratch;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct list_entry e;
		struct witness w;
		const char *why;
		CU_ASSERT_EQUAL_FATAL(list_parse_line((const uint8_t *)cases[i].line, strlen(cases[i].line),
						      &scratch, &e, &why),
				      1);
		bool made = witness_of(&e, &w);
		bool right = made == (cases[i].want != NULL) && (!made || !strcmp(w.text, cases[i].want));
		if (!right)
			printf("# %s: %s\n", cases[i].line, made ? w.text : "none");
		CU_ASSERT(right);
	}
}

static const struct test tests[] = {
    TEST(test_selfcheck_every_kind_matches_its_own_rule),
    TEST(test_selfcheck_says_what_covers_and_excepts),
    TEST(test_selfcheck_finds_what_is_not_there),
    TEST(test_selfcheck_finds_a_rule_that_is_too_wide),
    TEST(test_selfcheck_no_guarded_name_is_blocked),
    TEST(test_selfcheck_an_override_counts_for_its_order),
    TEST(test_selfcheck_many_lists_random_entries),
    TEST(test_selfcheck_what_cannot_be_read_is_an_error),
    TEST(test_selfcheck_witnesses),
};
HARNESS_MAIN("selfcheck", tests)
