/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/safety_fixture.h"

static struct url scratch;

static const struct guard_entry *find(const struct guard *g, const char *line)
{
	struct list_entry e;
	const char *why;
	CU_ASSERT_EQUAL_FATAL(list_parse_line((const uint8_t *)line, strlen(line), &scratch, &e, &why), 1);
	return guard_find(g, &e);
}

static int load_text(const char *text, struct guard **ret, struct err *e)
{
	char path[] = "/tmp/guard-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
	const char *file = path;
	struct guard_sources s = {.files = &file, .n_files = 1};
	int err = guard_load(&s, ret, e);
	unlink(path);
	return err;
}

static void test_guard_lines_that_are_no_entries_are_refused(void)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	    {"name.test\n", "no group"},
	    {"name.test nothing reason\n", "no group"},
	    {"name.test platform\n", "the reason is missing"},
	    {"name.test platform # why\n", "the reason is missing"},
	    {"\n# x\nna..me platform why\n", ":3:"},
	    {"!name.test platform why\n", "without '!'"},
	    {"=name.test platform why\n", "without '!'"},
	    {"*.name.test platform why\n", "without '!'"},
	    {"name.test/x platform why\n", "without '!'"},
	    {"/x/ platform why\n", "without '!'"},
	    {"192.0.2.1/24 network why\n", "bits are set"},
	};
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct guard *g = NULL;
		struct err e = {""};
		CU_ASSERT_EQUAL(load_text(cases[i].text, &g, &e), -EINVAL);
		CU_ASSERT_PTR_NULL(g);
		if (!strstr(e.text, cases[i].says))
			printf("# %s\n", e.text);
		CU_ASSERT_PTR_NOT_NULL(strstr(e.text, cases[i].says));
	}
	struct guard *g = NULL;
	struct err e = {""};
	char *line = malloc(GUARD_LINE_MAX + 100);
	memset(line, 'a', GUARD_LINE_MAX + 99);
	line[GUARD_LINE_MAX + 99] = 0;
	CU_ASSERT_EQUAL(load_text(line, &g, &e), -EINVAL);
	free(line);
	const char *missing = "/nonexistent/guard.txt";
	struct guard_sources s = {.files = &missing, .n_files = 1};
	CU_ASSERT_EQUAL(guard_load(&s, &g, &e), -ENOENT);
}

static void test_guard_configuration_counts_as_gravest(void)
{
	static const char *const operators[] = {"Operator.test", "192.0.2.0/24", "blog.test"},
				 *const emergencies[] = {"help.test", "192.0.2.7"};
	struct guard *g;
	struct err e;
	struct guard_sources s = {
	    .operators = operators, .n_operators = 3, .emergencies = emergencies, .n_emergencies = 2};
	CU_ASSERT_EQUAL_FATAL(guard_load(&s, &g, &e), 0);
	CU_ASSERT(guard_names(g) == 3 && guard_prefixes(g) == 2);
	CU_ASSERT_EQUAL(find(g, "192.0.2.7")->group, GUARD_OPERATOR);
	CU_ASSERT_EQUAL(find(g, "test")->group, GUARD_OPERATOR);
	CU_ASSERT_EQUAL(find(g, "www.help.test")->group, GUARD_EMERGENCY);
	CU_ASSERT_STRING_EQUAL(find(g, "operator.test")->file, "configuration");
	CU_ASSERT_PTR_NULL(find(g, "ator.test"));
	CU_ASSERT_PTR_NULL(find(g, "192.0.3.0"));
	guard_free(g);
	static const char *const bad[] = {"a.test", "no name"};
	s = (struct guard_sources){.operators = bad, .n_operators = 2};
	CU_ASSERT_EQUAL(guard_load(&s, &g, &e), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "configuration:2"));
	s = (struct guard_sources){0};
	CU_ASSERT_EQUAL_FATAL(guard_load(&s, &g, &e), 0); /* nothing is guarded */
	CU_ASSERT_PTR_NULL(find(g, "a.test"));
	CU_ASSERT_PTR_NULL(find(g, "192.0.2.1"));
	guard_free(g);
}

/* Nested and neighbouring prefixes: the same answer as looking at all of them. */
static void test_guard_prefixes_agree_with_looking_at_all(void)
{
	char *text = malloc(400 * 64), *p = text;
	struct guard *g;
	struct err e;
	unsigned seed = 3;
	for (unsigned i = 0; i < 400; i++) {
		seed = seed * 1103515245 + 12345;
		unsigned bits = 16 + (seed >> 8) % 17;
		uint32_t a = 0xcb000000u | (seed >> 4 & 0xffffff);
		a &= 0xffffffffu << (32 - bits);
		p += sprintf(p, "%u.%u.%u.%u/%u %s why\n", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255,
			     bits, guard_groups[(seed >> 16) % GUARD_GROUPS_N].word);
	}
	CU_ASSERT_EQUAL_FATAL(load_text(text, &g, &e), 0);
	for (unsigned i = 0; i < 4000; i++) {
		char line[64];
		seed = seed * 1103515245 + 12345;
		unsigned bits = 8 + (seed >> 8) % 25;
		uint32_t a = (0xcb000000u | (seed >> 4 & 0xffffff)) & 0xffffffffu << (32 - bits);
		uint32_t last = bits == 32 ? a : a | 0xffffffffu >> bits;
		sprintf(line, "%u.%u.%u.%u/%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255, bits);
		int want = GUARD_GROUPS_N;
		for (unsigned k = 0; k < guard_prefixes(g); k++) {
			const struct guard_entry *x = guard_at(g, guard_names(g) + k);
			uint32_t from = be32(x->addr + 12);
			uint32_t to =
			    x->prefix_len == 128 ? from : from | 0xffffffffu >> (x->prefix_len - 96);
			if (from <= last && to >= a && x->group < want)
				want = x->group;
		}
		const struct guard_entry *found = find(g, line);
		CU_ASSERT_EQUAL(found ? found->group : GUARD_GROUPS_N, want);
	}
	guard_free(g);
	free(text);
}

static void test_guard_shipped_files_guard_what_they_say(void)
{
	static const char *const files[] = {GUARD_FOLDER "/platforms.txt", GUARD_FOLDER "/infrastructure.txt",
					    GUARD_FOLDER "/emergency.txt", GUARD_FOLDER "/networks.txt",
					    GUARD_FOLDER "/reserved.txt"};
	struct guard *g;
	struct err e = {""};
	struct guard_sources s = {.files = files, .n_files = 5};
	int err = guard_load(&s, &g, &e);
	if (err)
		printf("# %s\n", e.text);
	CU_ASSERT_EQUAL_FATAL(err, 0);
	CU_ASSERT(guard_names(g) > 600 && guard_prefixes(g) > 300);
	for (unsigned i = 0; i < guard_names(g) + guard_prefixes(g); i++) {
		const struct guard_entry *x = guard_at(g, i), *found = find(g, x->text);
		CU_ASSERT_FATAL(found && found->group <= x->group);
		CU_ASSERT(x->is_prefix || !strchr(x->text, '/'));
	}
	/* the networks of examples, labs and tests stay free */
	static const char *const open[] = {"name.test",	  "name.example",    "192.0.2.1",
					   "203.0.113.7", "198.51.100.0/24", "2001:db8::/32"};
	for (unsigned i = 0; i < sizeof(open) / sizeof(*open); i++)
		CU_ASSERT_PTR_NULL(find(g, open[i]));
	guard_free(g);
}

/* The bad list: every shipped name as a whole, in every form; and the good one: a page, a customer's name. */
static void test_guard_shipped_names_are_refused_as_a_whole_only(void)
{
	static const struct {
		const char *before, *after;
		bool refused;
	} forms[] = {{"", "", true},	      {"=", "", true},		{"*.", "", true},
		     {"www.", "", true},      {"", "/", true},		{"", "/*", true},
		     {"https://", "/", true}, {"", "/one/page", false}, {"", "/a?b=c", false},
		     {"zq7.zq7.", "", false}, {"zq7", "", false}};
	static const char *const files[] = {GUARD_FOLDER "/platforms.txt",
					    GUARD_FOLDER "/infrastructure.txt"};
	struct guard_sources s = {.files = files, .n_files = 2};
	for (unsigned k = 0; k < sizeof(forms) / sizeof(*forms); k++) {
		struct safety_fixture f;
		struct safety_report r = {0};
		safety_open(&f);
		guard_free(f.guard);
		CU_ASSERT_EQUAL_FATAL(guard_load(&s, &f.guard, &f.e), 0);
		unsigned n = guard_names(f.guard);
		char *list = malloc(n * 300ul), *p = list;
		for (unsigned i = 0; i < n; i++)
			p += sprintf(p, "%s%s%s\n", forms[k].before, guard_at(f.guard, i)->text,
				     forms[k].after);
		struct safety_request q = {
		    .entries = safety_write(&f, list), .key = &f.key, .guard = f.guard};
		q.policy = safety_policy_default;
		q.policy.skip_guarded = true;
		CU_ASSERT_EQUAL_FATAL(safety_check(&q, &r, &f.e), 0);
		uint64_t want = forms[k].refused ? r.entries : 0;
		if (r.n_skipped != want)
			printf("# %sNAME%s: %u of %llu left out\n", forms[k].before, forms[k].after,
			       r.n_skipped, (unsigned long long)r.entries);
		for (unsigned i = 0; r.n_skipped != want && !want && i < r.n_findings; i++)
			printf("# %s: %s\n", r.findings[i].entry, safety_classes[r.findings[i].class].word);
		CU_ASSERT_EQUAL(r.n_skipped, want);
		safety_report_free(&r);
		free(list);
		safety_close(&f);
	}
}

static const struct test tests[] = {
    TEST(test_guard_lines_that_are_no_entries_are_refused),
    TEST(test_guard_configuration_counts_as_gravest),
    TEST(test_guard_prefixes_agree_with_looking_at_all),
    TEST(test_guard_shipped_files_guard_what_they_say),
    TEST(test_guard_shipped_names_are_refused_as_a_whole_only),
};
HARNESS_MAIN("guard", tests)
