/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/opt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/harness.h"

struct values {
	bool json, stats;
	const char *write;
	struct opt_list lists;
	uint64_t flows;
	unsigned how;
};

static const char *const how_words[] = {"verify", "auto", "ignore", NULL};

/* clang-format off */
static const struct opt rows[] = {
    {.name = "json", .letter = 'j', .type = OPT_FLAG, .off = offsetof(struct values, json),
     .help = "Print JSON lines."},
    {.name = "stats", .letter = 's', .type = OPT_FLAG, .off = offsetof(struct values, stats),
     .help = "Print counters."},
    {.name = "write", .letter = 'w', .type = OPT_STRING, .arg = "FILE", .off = offsetof(struct values, write),
     .help = "Write what would leave: a sentence that is long enough to be wrapped at least once, maybe twice, "
	     "so that its place can be checked."},
    {.name = "list", .letter = 'l', .type = OPT_LIST, .arg = "FILE", .off = offsetof(struct values, lists),
     .help = "Read a list."},
    {.name = "flows", .type = OPT_U64, .arg = "N", .min = 16, .max = 1000, .off = offsetof(struct values, flows),
     .help = "Keep N flows."},
    {.name = "a-name-that-needs-a-line", .type = OPT_ENUM, .arg = "HOW", .values = how_words,
     .off = offsetof(struct values, how), .help = "Choose."},
};
/* clang-format on */

static const struct opt_program program = {
    .name = "roja-test",
    .synopsis = "[OPTION]... FILE...",
    .about = "Tests options. Needs no root.",
    .opts = rows,
    .n_opts = sizeof(rows) / sizeof(*rows),
    .more = ".dot \\ back-slash\n",
};

struct parsed {
	struct values v;
	char *args[16];
	int n, result;
	struct err e;
};

/* Parses up to six arguments; the texts must outlive the result, as argv does. */
static void parse(struct parsed *p, const char *const *words)
{
	static char storage[16][64];
	char *argv[16] = {storage[0]};
	int argc = 1;
	memset(p, 0, sizeof(*p));
	for (; words[argc - 1]; argc++) {
		snprintf(storage[argc], sizeof(storage[argc]), "%s", words[argc - 1]);
		argv[argc] = storage[argc];
	}
	memcpy(p->args, argv, sizeof(argv));
	p->result = opt_parse(&program, argc, p->args, &p->v, p->args, &p->n, &p->e);
}

#define PARSE(p, ...) parse(p, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static void test_opt_leaves_defaults_and_operands_in_order(void)
{
	struct parsed p;
	PARSE(&p);
	CU_ASSERT(p.result == OPT_RUN && p.n == 0 && !p.v.json && !p.v.write);
	PARSE(&p, "b", "--json", "a", "-");
	CU_ASSERT(p.result == OPT_RUN && p.n == 3 && p.v.json && !p.v.stats);
	CU_ASSERT_STRING_EQUAL(p.args[0], "b");
	CU_ASSERT_STRING_EQUAL(p.args[1], "a");
	CU_ASSERT_STRING_EQUAL(p.args[2], "-");
}

static void test_opt_values_are_given_in_every_spelling(void)
{
	static const char *const spellings[][4] = {
	    {"--write", "out"}, {"--write=out"}, {"-w", "out"}, {"-wout"}, {"-jwout"}, {"-jsw", "out"},
	};
	struct parsed p;
	for (unsigned i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
		parse(&p, spellings[i]);
		CU_ASSERT_EQUAL(p.result, OPT_RUN);
		CU_ASSERT_EQUAL(p.n, 0);
		CU_ASSERT(p.v.write && !strcmp(p.v.write, "out"));
	}
	CU_ASSERT(p.v.json && p.v.stats);
	PARSE(&p, "--write=", "--write=a=b");
	CU_ASSERT(p.v.write && !strcmp(p.v.write, "a=b"));
	PARSE(&p, "--write=");
	CU_ASSERT(p.v.write && !*p.v.write);
	PARSE(&p, "--write", "--json"); /* a value may look like an option */
	CU_ASSERT(p.v.write && !strcmp(p.v.write, "--json") && !p.v.json);
}

static void test_opt_double_dash_ends_options(void)
{
	struct parsed p;
	PARSE(&p, "-j", "--", "-s", "--help", "--");
	CU_ASSERT(p.result == OPT_RUN && p.n == 3 && p.v.json && !p.v.stats);
	CU_ASSERT_STRING_EQUAL(p.args[0], "-s");
	CU_ASSERT_STRING_EQUAL(p.args[1], "--help");
	CU_ASSERT_STRING_EQUAL(p.args[2], "--");
}

static void test_opt_list_keeps_order_up_to_its_bound(void)
{
	struct parsed p;
	PARSE(&p, "-l", "one", "--list=two", "--list", "three");
	CU_ASSERT_EQUAL(p.v.lists.n, 3);
	CU_ASSERT_STRING_EQUAL(p.v.lists.v[0], "one");
	CU_ASSERT_STRING_EQUAL(p.v.lists.v[1], "two");
	CU_ASSERT_STRING_EQUAL(p.v.lists.v[2], "three");

	static char *argv[OPT_LIST_MAX + 2], *args[OPT_LIST_MAX + 2];
	static struct values v;
	struct err e;
	int n;
	for (int i = 0; i < OPT_LIST_MAX + 2; i++)
		argv[i] = "-lx";
	CU_ASSERT_EQUAL(opt_parse(&program, OPT_LIST_MAX + 1, argv, &v, args, &n, &e), OPT_RUN);
	CU_ASSERT_EQUAL(v.lists.n, OPT_LIST_MAX);
	v.lists.n = 0;
	CU_ASSERT_EQUAL(opt_parse(&program, OPT_LIST_MAX + 2, argv, &v, args, &n, &e), -EINVAL);
	CU_ASSERT_STRING_EQUAL(e.text, "--list: given more than 1024 times");
}

static void test_opt_numbers_and_words(void)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {{"16", 16}, {"1000", 1000}, {"0x20", 32}, {"0X3E8", 1000}, {"0017", 17}};
	struct parsed p;
	for (unsigned i = 0; i < sizeof(good) / sizeof(*good); i++) {
		PARSE(&p, "--flows", good[i].text);
		CU_ASSERT(p.result == OPT_RUN && p.v.flows == good[i].value);
	}
	PARSE(&p, "--a-name-that-needs-a-line=ignore");
	CU_ASSERT(p.result == OPT_RUN && p.v.how == 2);
}

static void test_opt_errors_name_the_option_and_say_what_is_right(void)
{
	static const struct {
		const char *words[4], *error;
	} bad[] = {
	    {{"--wrote"}, "--wrote: no such option; did you mean --write?"},
	    {{"--wrote=secret"}, "--wrote: no such option; did you mean --write?"},
	    {{"--writes=x"}, "--writes: no such option; did you mean --write?"},
	    {{"--zzz"}, "--zzz: no such option; see roja-test --help"},
	    {{"--=x"}, "--: no such option; see roja-test --help"},
	    {{"-jx"}, "-x: no such option; see roja-test --help"},
	    {{"--json=yes"}, "--json takes no value"},
	    {{"--write"}, "--write needs a value: --write FILE"},
	    {{"-jw"}, "--write needs a value: --write FILE"},
	    {{"--flows", "15"}, "--flows: \"15\" is not a number from 16 to 1000"},
	    {{"--flows", "1001"}, "--flows: \"1001\" is not a number from 16 to 1000"},
	    {{"--flows", "-20"}, "--flows: \"-20\" is not a number from 16 to 1000"},
	    {{"--flows", "+20"}, "--flows: \"+20\" is not a number from 16 to 1000"},
	    {{"--flows", " 20"}, "--flows: \" 20\" is not a number from 16 to 1000"},
	    {{"--flows", "20k"}, "--flows: \"20k\" is not a number from 16 to 1000"},
	    {{"--flows", "ab"}, "--flows: \"ab\" is not a number from 16 to 1000"},
	    {{"--flows", "0x"}, "--flows: \"0x\" is not a number from 16 to 1000"},
	    {{"--flows", "0x-20"}, "--flows: \"0x-20\" is not a number from 16 to 1000"},
	    {{"--flows", "0x0x20"}, "--flows: \"0x0x20\" is not a number from 16 to 1000"},
	    {{"--flows="}, "--flows: \"\" is not a number from 16 to 1000"},
	    {{"--flows", "18446744073709551633"},
	     "--flows: \"18446744073709551633\" is not a number from 16 to 1000"},
	    {{"--a-name-that-needs-a-line", "aut"},
	     "--a-name-that-needs-a-line: \"aut\" is none of: verify, auto, ignore"},
	};
	struct parsed p;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		parse(&p, bad[i].words);
		CU_ASSERT_EQUAL(p.result, -EINVAL);
		CU_ASSERT_STRING_EQUAL(p.e.text, bad[i].error);
		if (strcmp(p.e.text, bad[i].error))
			printf("  %s\n", p.e.text);
	}
}

/* What `print` writes, as a string to free. */
static char *printed(void (*print)(const struct opt_program *, FILE *))
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (!out)
		abort();
	print(&program, out);
	fclose(out);
	return text;
}

static void test_opt_help_is_wrapped_at_80_columns(void)
{
	static const char expected[] =
	    "Usage: roja-test [OPTION]... FILE...\n"
	    "\n"
	    "Tests options. Needs no root.\n"
	    "\n"
	    "Options:\n"
	    "  -j, --json              Print JSON lines.\n"
	    "  -s, --stats             Print counters.\n"
	    "  -w, --write FILE        Write what would leave: a sentence that is long enough\n"
	    "                          to be wrapped at least once, maybe twice, so that its\n"
	    "                          place can be checked.\n"
	    "  -l, --list FILE         Read a list.\n"
	    "      --flows N           Keep N flows.\n"
	    "      --a-name-that-needs-a-line HOW\n"
	    "                          Choose.\n"
	    "  -h, --help              Print this help.\n"
	    "      --version           Print the version.\n"
	    "\n"
	    ".dot \\ back-slash\n";
	char *help = printed(opt_help);
	CU_ASSERT_STRING_EQUAL(help, expected);
	free(help);
}

static void test_opt_man_page_has_every_option_and_no_stray_macro(void)
{
	char *man = printed(opt_man);
	CU_ASSERT_PTR_NOT_NULL(strstr(man, "\n.Dt ROJA-TEST 1\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(man, "\n.Nd Tests options\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(man, "\n\\&.dot \\e back\\-slash\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(man, "\n.It Fl w , Fl \\-write Ar FILE\n"));
	for (unsigned i = 0; i < program.n_opts; i++) {
		char flag[64];
		snprintf(flag, sizeof(flag), "Fl \\-%s", rows[i].name);
		CU_ASSERT_PTR_NOT_NULL(strstr(man, flag));
	}
	for (const char *line = man; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		CU_ASSERT(*line != '.' || (line[1] >= 'A' && line[1] <= 'Z'));
		CU_ASSERT(*line != '\n');
	}
	free(man);
}

struct placed {
	const char *reason;
	uint64_t order;
	struct opt_list files;
};

static const struct opt placed_rows[] = {
    {.name = "reason",
     .type = OPT_STRING,
     .required = true,
     .arg = "TEXT",
     .off = offsetof(struct placed, reason),
     .help = "Why."},
    {.name = "order",
     .operand = true,
     .required = true,
     .type = OPT_U64,
     .arg = "ORDER",
     .min = 1,
     .max = 99,
     .off = offsetof(struct placed, order),
     .help = "The order."},
    {.name = "files",
     .operand = true,
     .type = OPT_LIST,
     .arg = "FILE",
     .off = offsetof(struct placed, files),
     .help = "Its files."},
};
static const struct opt_program placed_program = {
    .name = "roja-place", .about = "Places operands.", .opts = placed_rows, .n_opts = 3};

static void test_opt_operands_go_to_their_rows(void)
{
	char *argv[] = {"x", "7", "--reason", "r", "a", "--", "-b"};
	struct placed v = {0};
	struct err e = {""};
	int n = 0;
	CU_ASSERT_EQUAL(opt_parse(&placed_program, 7, argv, &v, argv, &n, &e), OPT_RUN);
	CU_ASSERT(n == 0 && v.order == 7 && v.files.n == 2);
	CU_ASSERT_STRING_EQUAL(v.files.v[0], "a");
	CU_ASSERT_STRING_EQUAL(v.files.v[1], "-b");
}

static void test_opt_operands_and_required_ones_are_asked_for(void)
{
	static const struct {
		const char *words[4], *error;
		unsigned n_opts;
	} bad[] = {
	    {{NULL}, "missing: --reason TEXT, ORDER; see roja-place --help", 3},
	    {{"7"}, "missing: --reason TEXT; see roja-place --help", 3},
	    {{"x"}, "ORDER: \"x\" is not a number from 1 to 99", 3},
	    {{"--order", "7"}, "--order: no such option; see roja-place --help", 3},
	    {{"--reason=x", "7", "8"}, "\"8\": one argument too many; see roja-place --help", 2},
	};
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *argv[5] = {"x"};
		struct opt_program placed_of = placed_program;
		struct placed v = {0};
		struct err e = {""};
		int argc = 1, n = 0;
		placed_of.n_opts = bad[i].n_opts;
		for (; argc < 5 && bad[i].words[argc - 1]; argc++)
			argv[argc] = (char *)bad[i].words[argc - 1];
		CU_ASSERT_EQUAL(opt_parse(&placed_of, argc, argv, &v, argv, &n, &e), -EINVAL);
		CU_ASSERT_STRING_EQUAL(e.text, bad[i].error);
	}
}

static void test_opt_synopsis_is_what_the_rows_say(void)
{
	char text[128] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	opt_synopsis(&placed_program, out);
	fclose(out);
	CU_ASSERT_STRING_EQUAL(text, "[OPTION]... --reason TEXT ORDER [FILE...]");
}

static const struct test tests[] = {
    TEST(test_opt_operands_go_to_their_rows),
    TEST(test_opt_operands_and_required_ones_are_asked_for),
    TEST(test_opt_synopsis_is_what_the_rows_say),
    TEST(test_opt_leaves_defaults_and_operands_in_order),
    TEST(test_opt_values_are_given_in_every_spelling),
    TEST(test_opt_double_dash_ends_options),
    TEST(test_opt_list_keeps_order_up_to_its_bound),
    TEST(test_opt_numbers_and_words),
    TEST(test_opt_errors_name_the_option_and_say_what_is_right),
    TEST(test_opt_help_is_wrapped_at_80_columns),
    TEST(test_opt_man_page_has_every_option_and_no_stray_macro),
};

HARNESS_MAIN("opt", tests)
