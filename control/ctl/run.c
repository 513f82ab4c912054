/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/run.h"

#include <string.h>

#include "common/nearest.h"
#include "common/opt_complete.h"
#include "common/quote.h"
#include "control/ctl/complete.h"
#include "control/ctl/page.h"
#include "control/ctl/request.h"

static void try_word(void *ctx, const char *word, const char *says)
{
	(void)says;
	nearest_try(ctx, word);
}

static int unknown(const char *group, const char *word)
{
	struct nearest n;
	const struct ctl_command *c;
	nearest_init(&n, word);
	if (!group)
		page_words(try_word, &n);
	for (unsigned i = 0; group && (c = command_at(i)); i++)
		if (!strncmp(c->path, group, strlen(group)) && c->path[strlen(group)] == ' ')
			nearest_try(&n, command_rest(c));
	fprintf(stderr, "rojactl%s%s: \"", group ? " " : "", group ? group : "");
	quote_plain(stderr, word);
	if (n.best)
		fprintf(stderr, "\" is no command; did you mean \"%s\"?\n", n.best);
	else
		fprintf(stderr, "\" is no command; see rojactl%s%s --help\n", group ? " " : "",
			group ? group : "");
	return CTL_FAILED;
}

static bool is(const char *word, const char *a, const char *b)
{
	return word && (!strcmp(word, a) || !strcmp(word, b));
}

/* --help, --version and --man of rojactl or of a group. */
static bool about(const char *group, const char *word)
{
	if (is(word, "--help", "-h")) {
		page_help(group, stdout);
	} else if (is(word, "--version", "--version")) {
		printf("rojactl%s%s %s\n", group ? " " : "", group ? group : "", ROJA_VERSION);
	} else if (is(word, "--man", "--man")) { /* for scripts/man */
		page_man(group, stdout);
	} else {
		return false;
	}
	return true;
}

static int in_group(const struct ctl_group *g, int argc, char **argv)
{
	unsigned words;
	const char *word = argc > 2 ? argv[2] : NULL;
	if (!word) {
		page_help(g->name, stderr);
		return CTL_FAILED;
	}
	if (about(g->name, word))
		return CTL_OK;
	const struct ctl_command *c = command_find(argv + 1, (unsigned)argc - 1, &words);
	return c ? command_run(c, argc - 2, argv + 2) : unknown(g->name, word);
}

/* "help order add" is "order add --help". */
static int help(int argc, char **argv)
{
	char *asked[] = {argv[0], argc > 2 ? argv[2] : (char *)"--help",
			 argc > 3 ? argv[3] : (char *)"--help", (char *)"--help", NULL};
	return run_words(argc > 4 ? 4 : argc, asked);
}

int run_words(int argc, char **argv)
{
	unsigned words;
	const char *word = argc > 1 ? argv[1] : NULL;
	if (!word) {
		page_help(NULL, stderr);
		return CTL_FAILED;
	}
	if (about(NULL, word))
		return CTL_OK;
	if (!strcmp(word, "help"))
		return help(argc, argv);
	if (!strcmp(word, OPT_COMPLETE_WORD))
		return complete_run(argc - 2, argv + 2);
	const struct ctl_group *g = command_group(word);
	if (g)
		return in_group(g, argc, argv);
	const struct ctl_command *c = command_find(argv + 1, (unsigned)argc - 1, &words);
	if (!c)
		return unknown(NULL, word);
	if (argc > 2 && !strcmp(argv[2], "--man")) {
		page_man(word, stdout);
		return CTL_OK;
	}
	return command_run(c, argc - 1, argv + 1);
}
