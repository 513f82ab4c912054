/* SPDX-License-Identifier: BSD-3-Clause */
/* opt: command-line options and operands as a table, from which the parser, --help, the man page and completion come.
 *
 * Model:    a row says where its value goes. "--name VALUE", "--name=VALUE", "-n VALUE", "-nVALUE"; "-ab" is -a -b where
 *           -a is a flag; "--" ends options; what is not an option, "-" too, is an operand: it goes to the rows of
 *           operands in their order, or is handed back in order where the program has none. --help and
 *           --version are every program's; --man, which help does not show, prints the man page for scripts/man.
 * Errors:   0 or -EINVAL with a sentence that names the option and says what is right: of an unknown one the nearest, of
 *           missing ones all. Outputs of earlier options stay set.
 * Limits:   OPT_LIST_MAX values of a repeatable option; OPT_ROWS_MAX rows.
 */
#ifndef COMMON_OPT_H
#define COMMON_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/err.h"

#define OPT_LIST_MAX 1024
#define OPT_ROWS_MAX 64
#define OPT_MAN_DATE "November 25, 2026" /* of the man pages: the release in meson.build */

enum opt_type {
	OPT_FLAG,   /* bool */
	OPT_STRING, /* const char * */
	OPT_LIST,   /* struct opt_list */
	OPT_U64,    /* uint64_t between min and max, decimal or 0x */
	OPT_ENUM,   /* unsigned: index into `values`, a NULL-terminated array */
};

struct opt_list {
	const char *v[OPT_LIST_MAX];
	unsigned n;
};

struct opt {
	const char *name; /* "write" for --write; of an operand: for whoever passes values on */
	char letter;	  /* 0: none */
	bool operand;	  /* a flag is none; of type OPT_LIST it is the last and takes the rest */
	bool required;
	enum opt_type type;
	const char *arg; /* "FILE": what stands for the value; NULL for a flag */
	const char
	    *to;    /* for programs that pass values on: the name there. NULL: its own; "": not passed on */
	size_t off; /* offsetof its place in the options struct */
	uint64_t min, max;
	const char *const *values;
	const char *help; /* one sentence */
};

struct opt_program {
	const char *name;     /* "roja-replay" or "rojactl compile" */
	const char *synopsis; /* "[OPTION]... CAPTURE..."; NULL: as the rows say */
	const char *about;    /* a paragraph */
	const struct opt *opts;
	unsigned n_opts;
	const char *more; /* exit codes, examples; may be NULL */
};

enum opt_result { OPT_RUN = 0, OPT_DONE = 1 /* --help or --version was printed */ };

/* Parses argv[1..]; fills `values` (the options struct) and ret_args[0..*ret_n) with the operands that no row takes (argv order).
 * ret_args may be argv itself; it holds argc places. Returns OPT_RUN, OPT_DONE or -EINVAL. */
int opt_parse(const struct opt_program *prog, int argc, char **argv, void *values, char **ret_args,
	      int *ret_n, struct err *e);

void opt_help(const struct opt_program *prog, FILE *out);
/* The man page in mdoc(7), section 1. */
void opt_man(const struct opt_program *prog, FILE *out);
/* "[OPTION]... --for NAME FILE": its own, or what the rows say. */
void opt_synopsis(const struct opt_program *prog, FILE *out);
/* The rows' .It items of a list of mdoc(7). */
void opt_man_rows(const struct opt *rows, unsigned n, FILE *out);
/* Text from `column` on, wrapped at 80 columns; ends the line. */
void opt_wrap(FILE *out, const char *text, size_t column);
/* Text for mdoc(7), where a leading dot or quote would be a macro. Ends the line. */
void opt_man_text(const char *text, FILE *out);

#endif
