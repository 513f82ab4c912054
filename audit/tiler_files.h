/* SPDX-License-Identifier: BSD-3-Clause */
/* tiler_files: one published file. */
#ifndef AUDIT_TILER_FILES_H
#define AUDIT_TILER_FILES_H

#include "audit/tile.h"

/* Writes a tile under a temporary name and renames it, making folders; not synced. */
int tiler_file(int folder, const struct tile *t, const void *p, size_t bytes, struct err *e);
/* 0 or -errno. */
int tiler_write_all(int fd, const void *p, size_t bytes);
/* Removes every partial tile of a full one. What cannot be removed stays: it does no harm. */
void tiler_remove_partial(int folder, const struct tile *full);

#endif
