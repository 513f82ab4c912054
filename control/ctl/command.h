/* SPDX-License-Identifier: BSD-3-Clause */
/* command: rojactl's commands, rows of one table.
 *
 * Model:    a row says which words name a command, which method of which daemon it asks, what its options and operands are and
 *           how the answer is shown. From the rows come the parser, --help, the man pages, completion and the shell. A few do
 *           more than ask (`run`) or need no daemon (`local`).
 * Owner:    everything is static.
 */
#ifndef CONTROL_CTL_COMMAND_H
#define CONTROL_CTL_COMMAND_H

#include "common/opt.h"
#include "control/ctl/view.h"

struct request;

enum ctl_daemon { CTL_CONTROL, CTL_DATAPLANE };

struct ctl_command {
	const char *path;   /* "order add" */
	const char *method; /* NULL: the command asks itself, or nobody */
	const char *role;   /* who may; NULL: whoever may use the socket */
	const char *help;   /* a sentence */
	const char *about;  /* what else the manual says; may be NULL */
	const struct opt *opts;
	unsigned n_opts;
	enum ctl_daemon daemon;
	bool job;	/* the answer is a job, whose result is shown when it is done */
	bool is_secret; /* its arguments can be entries of lists: the shell's history does without them */
	bool plain;	/* asks no daemon: has none of the options that say whom and how */
	bool all;	/* has the option --all: figures that are 0, too */
	const struct view *view;
	int (*run)(struct request *q);	   /* instead of asking and showing; the exit code */
	const struct opt_program *program; /* with `local`: its own options */
	int (*local)(int argc, char **argv);
};

struct ctl_group {
	const char *name;
	const char *about; /* a paragraph */
};

#define CTL_OPTS(array) .opts = array, .n_opts = sizeof(array) / sizeof(*array)

/* All rows in the order of the help; NULL behind the last. */
const struct ctl_command *command_at(unsigned i);
/* The row that the words name, in full; NULL: none. *ret_words: how many words that took. */
const struct ctl_command *command_find(char *const *words, unsigned n, unsigned *ret_words);
/* Whether rows begin with this word and have a second one; what is said of them. */
const struct ctl_group *command_group(const char *word);
/* The first word of a path; the rest, NULL where it has one word. */
size_t command_first(const struct ctl_command *c);
const char *command_rest(const struct ctl_command *c);

/* What a command's parser, help, man page and completion are made of. */
struct command_page {
	struct opt_program program;
	struct opt rows[OPT_ROWS_MAX]; /* places in a struct request */
	char name[64], about[2048];
};
void command_page(const struct ctl_command *c, struct command_page *ret);

#define COMMAND_EXIT_CODES                                                                                   \
	"Exit codes: 0 done; 1 refused, and the message says why; 2 wrong usage, or a file that cannot be\n" \
	"read or written; 3 no daemon answers on the socket, or not in time.\n"

#endif
