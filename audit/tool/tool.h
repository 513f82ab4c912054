/* SPDX-License-Identifier: BSD-3-Clause */
/* tool: roja-audit, the program of whoever checks a log: no privileges, no network, no daemon.
 *
 * Model:    a command is a row: its options, from which parser, help and man page come, and what it does. Verdicts go to standard output,
 *           what keeps the program from a verdict to standard error.
 * Owner:    everything is static, or the command's own.
 */
#ifndef AUDIT_TOOL_TOOL_H
#define AUDIT_TOOL_TOOL_H

#include "audit/verify.h"
#include "common/opt.h"

/* Exit codes. */
enum { TOOL_GOOD = 0, TOOL_BAD = 1, TOOL_USAGE = 2, TOOL_UNREADABLE = 3 };

#define TOOL_EXIT_CODES                                                                               \
	"Exit codes: 0 good; 1 bad, and the verdict says what is wrong; 2 wrong usage; 3 something\n" \
	"cannot be read or written, so that there is no verdict.\n"

struct tool_command {
	const char *word;
	struct opt_program program;
	int (*run)(const struct tool_command *self, int argc, char **argv);
};

extern const struct tool_command *const tool_commands[]; /* NULL behind the last */

extern const struct tool_command tool_verify, tool_prove, tool_check, tool_show, tool_key, tool_diff,
    tool_export, tool_custody, tool_completion;

/* Parses. TOOL_GOOD with *ret_go: run; else the exit code. */
int tool_parse(const struct tool_command *c, int argc, char **argv, void *options, bool *ret_go);
/* Says on standard error what went wrong; returns `code`. */
int tool_failed(const struct tool_command *c, int code, const struct err *e);
/* Keys of a repeatable option: vkeys, or files of them. */
int tool_keys(const struct opt_list *list, struct verifier *ret, unsigned room, unsigned *ret_n,
	      const char *option, struct err *e);
/* The key that verify kept of the checkpoint's log, for one of its size. *ret_n: 1, or 0 where none was kept. state: NULL: nowhere. */
int tool_kept_key(const struct checkpoint *c, const char *state, struct verifier *ret, unsigned *ret_n,
		  struct err *e);
/* --state, or $XDG_STATE_HOME/roja-audit, or ~/.local/state/roja-audit. "-": NULL, nothing is kept. */
const char *tool_state(const char *option, char room[4096]);
/* The help and the man page of all. */
void tool_help(FILE *out);
void tool_man(FILE *out);
/* What a shell asks for: the words behind roja-audit, the last one as it is typed. Exit code. */
int tool_complete(int argc, char **argv);
/* Prints a line, and frees. */
void tool_print_json(json_t *j);

#endif
