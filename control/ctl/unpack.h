/* SPDX-License-Identifier: BSD-3-Clause */
/* unpack: makes files of the tar file (common/tar.h) that a daemon wrote, below a folder.
 *
 * Model:    the daemon is trusted with what the files hold, not with where they go: names are those that tar.h takes, nothing that is there is
 *           overwritten, no symbolic link is followed.
 * Errors:   -EPROTO: it is no whole tar file of ours; else as folder.h.
 */
#ifndef CONTROL_CTL_UNPACK_H
#define CONTROL_CTL_UNPACK_H

#include "common/err.h"

/* from: read from its beginning. path: of the folder, for sentences. */
int unpack(int from, int folder, const char *path, unsigned *ret_files, struct err *e);

#endif
