/* SPDX-License-Identifier: BSD-3-Clause */
/* ctl: exit codes, and the commands that parse their own arguments.
 *
 * Model:    argv[0] is the command's name; the result is the exit code.
 * Errors:   one sentence on stderr, exit code CTL_FAILED; of commands that ask a daemon, those below.
 */
#ifndef CONTROL_CTL_CTL_H
#define CONTROL_CTL_CTL_H

#include "common/opt.h"
#include "rules/compile.h"

enum ctl_exit {
	CTL_OK = 0,
	CTL_OTHERWISE = 1, /* done, but: compile: lines were rejected; test: not what --expect said */
	CTL_FAILED = 2,	   /* wrong usage, or a file that cannot be read or written */
	CTL_REFUSED = 1,   /* the daemon was asked, and refused */
	CTL_NO_DAEMON = 3, /* none answers */
};

int ctl_compile(int argc, char **argv);
int ctl_test(int argc, char **argv);
int ctl_top(int argc, char **argv);

/* Prints "rojactl COMMAND: sentence"; returns CTL_FAILED. */
int ctl_fail(const char *command, const struct err *e);

/* The compile report, for people, and as members of a JSON object. files[i]: where list i was read. */
void ctl_report_print(const struct compiler *c, char *const *files, FILE *out);
void ctl_report_json(const struct compiler *c, char *const *files, FILE *out);

#endif
