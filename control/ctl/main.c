/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl: what an operator does with orders, lists, rulesets and the data plane. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "control/ctl/run.h"
#include "control/ctl/tools.h"

static int run(int argc, char **argv)
{
	if (argc == 1 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return shell_run(NULL);
	return run_words(argc, argv);
}

int main(int argc, char **argv)
{
	int code = run(argc, argv);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "rojactl: standard output: %s\n", strerror(errno ? errno : EIO));
		return CTL_FAILED;
	}
	return code;
}
