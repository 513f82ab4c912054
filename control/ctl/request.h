/* SPDX-License-Identifier: BSD-3-Clause */
/* request: a command's arguments, as what its daemon is asked.
 *
 * Model:    each row of the command is a parameter of its method under the row's name with '_' for '-' (or `to`), as JSON of
 *           the row's type; what was not given is no parameter. What stands for a value says how it is read: TIME by times.h,
 *           KEY=VALUE as members of an object, YES-OR-NO as true or false.
 * Owner:    request_free; texts are argv's.
 */
#ifndef CONTROL_CTL_REQUEST_H
#define CONTROL_CTL_REQUEST_H

#include "control/ctl/ask.h"
#include "control/ctl/command.h"

union slot {
	bool flag;
	const char *text;
	uint64_t number; /* UINT64_MAX: not given */
	unsigned choice; /* UINT_MAX: not given */
	struct opt_list list;
};

struct request {
	const struct ctl_command *command;
	struct command_page page;
	struct ask ask;
	bool all, no_wait;
	union slot slots[OPT_ROWS_MAX]; /* of the command's rows */
	json_t *params;
};

/* OPT_RUN, OPT_DONE (help was printed) or -errno with a sentence. *ret is set with OPT_RUN alone. */
int request_parse(const struct ctl_command *c, int argc, char **argv, struct request **ret, struct err *e);
void request_free(struct request *q);
/* The value of a row of the command, by its name, which is one of them. */
const union slot *request_value(const struct request *q, const char *name);
/* Asks the command's daemon. */
int request_ask(const struct request *q, const char *method, json_t *params, json_t **ret, struct err *e);
/* Shows a result as the command's view or --json says. */
void request_show(const struct request *q, const json_t *result);
/* Prints the sentence; the exit code that the error stands for. */
int request_failed(const struct request *q, int err, const struct err *e);

/* Parses argv (argv[0] is no argument) and carries the command out; the exit code. */
int command_run(const struct ctl_command *c, int argc, char **argv);

#endif
