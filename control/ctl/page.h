/* SPDX-License-Identifier: BSD-3-Clause */
/* page: help and man pages of more than one command, from the table. A command alone has those of common/opt.h.
 *
 * Model:    a man page a first word: rojactl-order(1) holds all its commands; rojactl(1) lists all.
 */
#ifndef CONTROL_CTL_PAGE_H
#define CONTROL_CTL_PAGE_H

#include "control/ctl/command.h"

/* word NULL: of rojactl as a whole; else of the commands that begin with it. */
void page_help(const char *word, FILE *out);
void page_man(const char *word, FILE *out);
/* Calls back each first word once, in the table's order, with what is said of it; both are static. */
void page_words(void (*each)(void *ctx, const char *word, const char *says), void *ctx);

#endif
