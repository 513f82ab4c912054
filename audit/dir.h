/* SPDX-License-Identifier: BSD-3-Clause */
/* dir: reads a published log in a folder: hashes, entries, checkpoint. Trusts nothing of it.
 *
 * Model:    files as tile.h names them; `kept/` holds bundles of which bodies were removed: for each of 256 entries a byte, 1: then follows a
 *           bundle's length and entry, 0: nothing; `pruned` holds 32 bytes for each bundle below the minimum index of the last leaf `prune`, bit i
 *           (of byte i/8, the lowest first) set: the body of entry i was removed. What is read is bounded by what a tile or bundle can be.
 * Owner:    open allocates, close frees. Spans live until the next call.
 * Threads:  one.
 * Errors:   -ENOENT: there is no such tile or entry; -EBADMSG: it is damaged; always with the file's name.
 * Cost:     a small cache of tiles: walking in order reads each file once.
 */
#ifndef AUDIT_DIR_H
#define AUDIT_DIR_H

#include "audit/note.h"
#include "audit/tile.h"

struct log_dir;

int dir_open(const char *folder, struct log_dir **ret, struct err *e);
void dir_close(struct log_dir *d);
/* Hashes of full tiles, or of the partial ones of the widest width that is there. */
struct tree_source dir_source(struct log_dir *d);
/* The bytes of `checkpoint`, read anew. */
int dir_checkpoint(struct log_dir *d, struct span *ret, struct err *e);
/* Splits bundle n, of `width` entries; a removed body: {NULL, 0}. */
int dir_bundle(struct log_dir *d, uint64_t n, unsigned width, struct span ret[TILE_WIDTH], struct err *e);
/* One tile's file, whole; -EBADMSG where it is longer than a tile of that width can be. */
int dir_file(struct log_dir *d, const char *path, size_t max, struct span *ret, struct err *e);

#endif
