/* SPDX-License-Identifier: BSD-3-Clause */
/* tiler: writes the published files of a log: tiles and bundles first, durably, then the checkpoint.
 *
 * Model:    the right edge of the published tree is kept: of each level above the leaves, the hashes of its last tile that is not full. From it and
 *           from bundles that follow, tiler_write makes every file that a tree of `to` leaves has and the published one has not; the edge moves
 *           on only with tiler_commit, so that whatever fails can be done again. Each file is written under a temporary name and renamed; then
 *           one syncfs makes all of them and their folders durable (on ext4 four times as fast as an fdatasync each).
 * Owner:    the caller's object; bundles are borrowed.
 * Threads:  one.
 * Errors:   the disk's -errno, with the file. -EBADMSG: what is published does not fit together.
 * Cost:     256 leaves: 255 hashes, two files.
 */
#ifndef AUDIT_TILER_H
#define AUDIT_TILER_H

#include "audit/dir.h"

struct tiler_edge {
	uint64_t size;
	struct hash
	    hashes[TILE_LEVELS]
		  [TILE_WIDTH]; /* of level l: the last tile_count(l, size) % 256; level 0: not kept */
};

struct tiler {
	int folder; /* log/; opened before anything is written, so that syncfs tells of every failure */
	struct tiler_edge is, next;
};

/* A bundle and the hashes of its entries. */
struct tiler_bundle {
	struct span entries;
	const struct hash *hashes;
	unsigned n;
};

/* Takes the edge of what is published from its files. leaves: the hashes of the last bundle that is not full. -EBADMSG: not of that root. */
int tiler_load(struct tiler *t, struct log_dir *d, uint64_t size, const struct hash *root,
	       struct hash leaves[TILE_WIDTH], struct err *e);
/* Makes all files of a tree of `to` leaves durable. bundles: from the one that holds leaf t->is.size on, each whole from its first entry. */
int tiler_write(struct tiler *t, uint64_t to, const struct tiler_bundle *bundles, struct hash *ret_root,
		struct err *e);
/* Replaces the checkpoint, durably. */
int tiler_publish(struct tiler *t, const char *note, size_t bytes, struct err *e);
/* What was written is what is published. Removes partial tiles of which there are full ones now. */
void tiler_commit(struct tiler *t);

#endif
