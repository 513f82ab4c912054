/* SPDX-License-Identifier: BSD-3-Clause */
/* temp: what came from outside, as a private file without a name that nobody else can change any more.
 *
 * Model:    a list is looked at twice (signature, then import): both must see the same bytes. Whatever comes in by a
 *           descriptor, a spool folder or a server is copied here first.
 * Owner:    the caller closes the descriptor; nothing is left behind then, nor after a crash.
 * Limits:   the bytes given by the caller.
 * Errors:   0 or -errno: -EFBIG beyond the limit, -ECANCELED by the flag, else of the system call.
 */
#ifndef CONTROL_FEED_TEMP_H
#define CONTROL_FEED_TEMP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

/* An empty file. In memory (memfd) where folder is NULL; else without a name (O_TMPFILE) in that folder, where its
 * clear text lies on that folder's disk until the descriptor is closed. */
int temp_open(const char *folder, int *ret_fd, struct err *e);

/* Writes all n bytes. */
int temp_write(int fd, const void *bytes, uint64_t n, struct err *e);

/* Rewinds; a file in memory can no longer be changed by anybody. */
int temp_finish(int fd, struct err *e);

/* Reads `from` (file, pipe, socket) from where it stands to its end into a finished temporary file. `name` is for
 * messages. cancel may be NULL. */
int temp_copy(int from, const char *name, const char *folder, uint64_t max_bytes, const atomic_bool *cancel,
	      int *ret_fd, uint64_t *ret_bytes, struct err *e);

#endif
