/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands as tables: rojactl's own, and those of its groups. */
#include <string.h>

#include "common/nearest.h"
#include "common/quote.h"
#include "control/ctl/ctl.h"

static void usage(const struct ctl_group *g, FILE *out)
{
	fprintf(out, "Usage: %s COMMAND [ARGUMENT]...\n\n", g->name);
	if (g->about)
		fprintf(out, "%s\n\n", g->about);
	fputs("Commands:\n", out);
	for (unsigned i = 0; i < g->n; i++)
		fprintf(out, "  %-10s %s\n", g->commands[i].name, g->commands[i].help);
	fprintf(out, "\n%s COMMAND --help says more. --version prints the version.\n", g->name);
}

static int unknown(const struct ctl_group *g, const char *word)
{
	struct nearest n;
	nearest_init(&n, word);
	for (unsigned i = 0; i < g->n; i++)
		nearest_try(&n, g->commands[i].name);
	fprintf(stderr, "%s: \"", g->name);
	quote_plain(stderr, word);
	if (n.best)
		fprintf(stderr, "\" is no command; did you mean \"%s\"?\n", n.best);
	else
		fprintf(stderr, "\" is no command; see %s --help\n", g->name);
	return CTL_FAILED;
}

int ctl_run(const struct ctl_group *g, int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	if (!word) {
		usage(g, stderr);
		return CTL_FAILED;
	}
	if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
		usage(g, stdout);
		return CTL_OK;
	}
	if (!strcmp(word, "--version")) {
		printf("%s %s\n", g->name, ROJA_VERSION);
		return CTL_OK;
	}
	for (unsigned i = 0; i < g->n; i++)
		if (!strcmp(word, g->commands[i].name))
			return g->commands[i].run(argc - 1, argv + 1);
	return unknown(g, word);
}
