/* SPDX-License-Identifier: BSD-3-Clause */
/* run: words to the command that they name. */
#ifndef CONTROL_CTL_RUN_H
#define CONTROL_CTL_RUN_H

/* argv[0] is the program; the exit code. */
int run_words(int argc, char **argv);

#endif
