/* SPDX-License-Identifier: BSD-3-Clause */
/* opt_complete: what can stand where somebody is typing a program's arguments, from its table of options; and the scripts by which shells ask.
 *
 * Model:    a shell calls "PROGRAM __complete WORD...", the words behind the program's name, the last one as far as it is typed. It prints
 *           "WORD<tab>what it is" a line, and OPT_COMPLETE_FILES where names of files can stand.
 * Owner:    spans of the caller's words and rows; no heap.
 */
#ifndef COMMON_OPT_COMPLETE_H
#define COMMON_OPT_COMPLETE_H

#include "common/opt.h"

#define OPT_COMPLETE_WORD  "__complete"
#define OPT_COMPLETE_FILES ":files"

struct opt_place {
	const struct opt *value; /* the option or operand whose value is typed; NULL: none */
	bool option;		 /* an option's name is */
	bool more;		 /* an operand is that no row takes */
	uint64_t given;		 /* options in front, a bit a row */
};

typedef void (*opt_offer)(void *ctx, const char *word, const char *says);

/* Where the last of n >= 1 words stands. */
struct opt_place opt_place_of(const struct opt_program *p, char *const *words, unsigned n);
/* The value that option `name` has in front of the last word; NULL: none. */
const char *opt_given(const struct opt_program *p, char *const *words, unsigned n, const char *name);
/* Names of options that can still be given, and --help. */
void opt_offer_options(const struct opt_program *p, const struct opt_place *at, opt_offer offer, void *ctx);
/* Words of an OPT_ENUM. */
void opt_offer_values(const struct opt *o, opt_offer offer, void *ctx);
/* Whether the value is a file's name, as `arg` says. */
bool opt_is_file(const struct opt *o);

enum opt_shell { OPT_BASH, OPT_ZSH, OPT_FISH };
extern const char *const opt_shells[]; /* by enum opt_shell; NULL behind the last */
/* The script by which that shell completes `program`; `command` is what prints it. */
void opt_shell_script(enum opt_shell shell, const char *program, FILE *out);

#endif
