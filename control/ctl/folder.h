/* SPDX-License-Identifier: BSD-3-Clause */
/* folder: files that a command writes into a folder of the caller's.
 *
 * Model:    nothing that is there is ever overwritten, and no symbolic link is followed. Files have mode 0600, the folder 0700.
 * Errors:   -errno with a sentence that names the file.
 */
#ifndef CONTROL_CTL_FOLDER_H
#define CONTROL_CTL_FOLDER_H

#include <stddef.h>

#include "common/err.h"

/* Makes it where it is missing; *ret: its descriptor. */
int folder_open(const char *path, int *ret, struct err *e);
/* A file in it that has no name any more, to read and to write. */
int folder_temp(int folder, const char *path, int *ret_fd, struct err *e);
/* name may hold '/': folders below it are made. */
int folder_create(int folder, const char *path, const char *name, int *ret_fd, struct err *e);
/* To what folder_create opened. folder_close hands `err` on, or says what the disk did. */
int folder_put(int fd, const char *path, const char *name, const void *bytes, size_t n, struct err *e);
int folder_close(int fd, const char *path, const char *name, int err, struct err *e);
/* All of it. */
int folder_write(int folder, const char *path, const char *name, const void *bytes, size_t n, struct err *e);

#endif
