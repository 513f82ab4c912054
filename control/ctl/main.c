/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl: what an operator does with lists and rulesets. */
#include <errno.h>
#include <string.h>

#include "common/quote.h"
#include "control/ctl/ctl.h"

static const struct ctl_command commands[] = {
    {"compile", ctl_compile, "Compile lists into a ruleset and report on every entry."},
    {"test", ctl_test, "Say what a ruleset does with names, URLs and addresses, and why."},
};
#define COMMANDS_N (sizeof(commands) / sizeof(*commands))

static void usage(FILE *out)
{
	fprintf(out, "Usage: rojactl COMMAND [ARGUMENT]...\n\nCommands:\n");
	for (size_t i = 0; i < COMMANDS_N; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fprintf(out, "\nrojactl COMMAND --help says more. --version prints the version.\n");
}

int ctl_fail(const char *command, const struct err *e)
{
	fprintf(stderr, "rojactl %s: ", command);
	quote_plain(stderr, e->text);
	fputc('\n', stderr);
	return CTL_FAILED;
}

static int run(int argc, char **argv)
{
	for (size_t i = 0; i < COMMANDS_N; i++)
		if (!strcmp(argv[0], commands[i].name))
			return commands[i].run(argc, argv);
	fprintf(stderr, "rojactl: \"%s\" is no command; see rojactl --help\n", argv[0]);
	return CTL_FAILED;
}

int main(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : "";
	int code = CTL_OK;
	if (!strcmp(first, "--help") || !strcmp(first, "-h") || !strcmp(first, "help"))
		usage(stdout);
	else if (!strcmp(first, "--version"))
		printf("rojactl %s\n", ROJA_VERSION);
	else if (argc < 2)
		usage(stderr), code = CTL_FAILED;
	else
		code = run(argc - 1, argv + 1);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "rojactl: standard output: %s\n", strerror(errno ? errno : EIO));
		return CTL_FAILED;
	}
	return code;
}
