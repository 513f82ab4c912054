/* SPDX-License-Identifier: BSD-3-Clause */
/* tile: names and contents of the files of a log, as C2SP tlog-tiles lays them out.
 *
 * Model:    hash tile n of level l holds up to 256 hashes, each the root of 256^l leaves; entry bundle n up to 256 entries. A full one is named
 *           tile/1/x001/x234/067, a partial one of 44 tile/0/000.p/44. What a log of `size` leaves consists of follows from its size.
 * Owner:    the caller's buffers.
 * Errors:   false: no name of a tile, or a bundle that is cut, too long, or not of as many entries as its width.
 */
#ifndef AUDIT_TILE_H
#define AUDIT_TILE_H

#include <stdbool.h>

#include "audit/tree.h"
#include "common/span.h"

#define TILE_ENTRIES	  (-1) /* as a level: an entry bundle */
#define TILE_LEVELS	  8
#define TILE_PATH_BYTES	  64
#define BUNDLE_ENTRY_MAX  65535
#define BUNDLE_ENTRY_HEAD 2 /* bytes of the length before each entry, big endian */

struct tile {
	int level;	/* 0 to TILE_LEVELS-1, or TILE_ENTRIES */
	uint64_t n;	/* which, from 0 */
	unsigned width; /* 1 to 256; 256: full */
};

/* The path below the log's folder. */
void tile_path(const struct tile *t, char ret[TILE_PATH_BYTES]);
/* Canonical names alone: "tile/0/000.p/256", "tile/0/x000/001" and "tile/00/000" are none. */
bool tile_parse(const char *path, struct tile *ret);

/* How many hashes of `level` (or, TILE_ENTRIES, entries) a log of `size` leaves has: floor(size / 256^level). */
uint64_t tile_count(int level, uint64_t size);
/* The i-th tile at the right edge that is new in, or grown since, a log of `from` leaves when it has `to`: every full and partial tile and bundle
 * that must be written before a checkpoint of `to`. Walk: start with *it = {0}; false: no more. */
struct tile_walk {
	int level; /* of the last one; internal */
	uint64_t n;
	bool begun;
};
bool tile_next(struct tile_walk *it, uint64_t from, uint64_t to, struct tile *ret);

/* Takes the next entry out of a bundle's bytes. */
bool bundle_next(struct cursor *c, struct span *ret);
/* Splits a whole bundle of exactly `width` entries; ret[width]. */
bool bundle_split(struct span bundle, unsigned width, struct span *ret);

/* What kept/ has of a full bundle of which bodies were removed: for each entry a byte; behind KEPT_ENTRY its length and itself. */
enum kept { KEPT_REMOVED, KEPT_ENTRY };
/* Splits it; a body that was removed: {NULL, 0}. */
bool kept_split(struct span kept, struct span ret[TILE_WIDTH]);

#endif
