/* SPDX-License-Identifier: BSD-3-Clause */
/* dir: reads a published log in a folder: hashes, entries, checkpoint. Trusts nothing of it.
 *
 * Model:    files as tile.h names them; `kept/` holds bundles of which bodies were removed: for each of 256 entries a byte, 1: then follows a
 *           bundle's length and entry, 0: nothing; `pruned` holds 32 bytes for each bundle below the minimum index of the last leaf `prune`, bit i
 *           (of byte i/8, the lowest first) set: the body of entry i was removed. What is read is bounded by what a tile or bundle can be.
 *           Where a partial file is asked for and is not there, the full one is read, or else the widest partial one. No symbolic link is
 *           followed, and nothing read but files.
 * Owner:    open allocates, close frees. Spans live until the next call.
 * Threads:  one.
 * Errors:   -ENOENT: there is no such tile or entry; -EBADMSG: it is damaged; always with the file's name.
 * Cost:     the last bundle and the last 16 tiles are kept: walking in order reads each file once, a proof each tile once. What was kept is not
 *           looked up again: to see a log grow is no reason to open it anew, to see bodies removed is.
 */
#ifndef AUDIT_DIR_H
#define AUDIT_DIR_H

#include "audit/note.h"
#include "audit/tile.h"

struct log_dir;

int dir_open(const char *folder, struct log_dir **ret, struct err *e);
void dir_close(struct log_dir *d);
/* Hashes 0 to width-1 of tiles; their files' sizes are checked, what they say is not. */
struct tree_source dir_source(struct log_dir *d);
/* The bytes of `checkpoint`, read anew. */
int dir_checkpoint(struct log_dir *d, struct span *ret, struct err *e);
/* The first `width` entries of bundle n, in ret[0] to [width-1]; a body that kept/ has not: {NULL, 0}. The file is split as a whole. */
int dir_bundle(struct log_dir *d, uint64_t n, unsigned width, struct span ret[TILE_WIDTH], struct err *e);
/* One file below the folder, whole; -EBADMSG where it is longer than max, or no file. */
int dir_file(struct log_dir *d, const char *path, size_t max, struct span *ret, struct err *e);

#endif
