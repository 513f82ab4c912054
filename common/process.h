/* SPDX-License-Identifier: BSD-3-Clause */
/* process: what a daemon that holds secrets does to itself, and whom it may become.
 *
 * Threads:  the main thread, before there are others.
 * Errors:   0 or -errno with a sentence.
 */
#ifndef COMMON_PROCESS_H
#define COMMON_PROCESS_H

#include <pwd.h>

#include "common/err.h"

/* No core dumps, no debugger but root's, no new privileges. */
int process_protect(struct err *e);
/* The first two again: a change of the user has reset them. */
int process_undumpable(struct err *e);
/* The configuration's `user`; *ret is getpwnam's. */
int process_find_user(const char *name, struct passwd **ret, struct err *e);

#endif
