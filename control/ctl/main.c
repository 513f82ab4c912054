/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl: what an operator does with lists, rulesets and the data plane. */
#include <errno.h>
#include <string.h>

#include "common/quote.h"
#include "control/ctl/ctl.h"

static const struct ctl_command commands[] = {
    {"compile", ctl_compile, "Compile lists into a ruleset and report on every entry."},
    {"test", ctl_test, "Say what a ruleset does with names, URLs and addresses, and why."},
    {"dataplane", ctl_dataplane, "Look into the running data plane, and give it a ruleset."},
    {"top", ctl_top, "Watch the data plane at work."},
};
static const struct ctl_group rojactl = {
    .name = "rojactl", .commands = commands, .n = sizeof(commands) / sizeof(*commands)};

int ctl_fail(const char *command, const struct err *e)
{
	fprintf(stderr, "rojactl %s: ", command);
	quote_plain(stderr, e->text);
	fputc('\n', stderr);
	return CTL_FAILED;
}

int main(int argc, char **argv)
{
	int code = ctl_run(&rojactl, argc, argv);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "rojactl: standard output: %s\n", strerror(errno ? errno : EIO));
		return CTL_FAILED;
	}
	return code;
}
