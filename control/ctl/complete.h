/* SPDX-License-Identifier: BSD-3-Clause */
/* complete: the words that can stand where somebody is typing, from the table of commands.
 *
 * Model:    both the scripts of `rojactl completion`, which call rojactl OPT_COMPLETE_WORD, and the interactive shell ask here.
 *           Numbers and names of orders, lists and the like come from roja-control, if it answers at once.
 * Cost:     one question to the daemon at most, COMPLETE_PATIENCE_MS.
 */
#ifndef CONTROL_CTL_COMPLETE_H
#define CONTROL_CTL_COMPLETE_H

#include <stdbool.h>

#define COMPLETE_PATIENCE_MS 300

typedef void (*complete_each)(void *ctx, const char *word, const char *says);

/* words: those behind "rojactl", the last one as far as it is typed. Returns whether names of files can stand there, too. */
bool complete(char *const *words, unsigned n, complete_each each, void *ctx);
/* Prints "WORD<tab>what it is" a line, and ":files" where files can stand. */
int complete_run(int argc, char **argv);

#endif
