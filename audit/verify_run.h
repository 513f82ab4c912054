/* SPDX-License-Identifier: BSD-3-Clause */
/* verify_run: one pass of verify over a folder, inside audit/verify*.c.
 *
 * Model:    scan lists the files (verify_scan.c); workers read and hash bundles, in any order (verify_bundle.c); the caller's thread takes
 *           them in the log's order (verify_walk.c): folds hashes into the levels above (verify_levels.c) and applies the leaves' rules
 *           (verify_rules.c, verify_sources.c). Then what is left: keys and signatures, partial tiles, prunes, stamps (verify_end.c).
 *           A function answers 0: goes on; 1: a fault is in the report; -errno: something cannot be read.
 * Owner:    the pass owns all; spans of a slot live until it is given back.
 */
#ifndef AUDIT_VERIFY_RUN_H
#define AUDIT_VERIFY_RUN_H

#include <pthread.h>

#include "audit/tile.h"
#include "audit/verify.h"

#define VERIFY_BUNDLE_MAX ((size_t)TILE_WIDTH * (BUNDLE_ENTRY_HEAD + 1 + BUNDLE_ENTRY_MAX))
#define VERIFY_TILE_BYTES ((size_t)TILE_WIDTH * sizeof(struct hash))

struct verify_buffer {
	uint8_t *p;
	size_t len, room;
};

/* Reads a regular file below `folder`, whole. -ENOENT; -EBADMSG: longer than max, or no file; other: it cannot be read. */
int verify_read(int folder, const char *path, size_t max, struct verify_buffer *ret);
void verify_buffer_free(struct verify_buffer *b);

struct verify_finding {
	int code; /* 0: none; 1: a fault; -errno */
	enum verify_fault fault;
	uint64_t leaf, last;
	char file[VERIFY_FILE_BYTES];
	char text[ERR_BYTES];
};

/* Sets it and returns its code. file: NULL: none. */
__attribute__((format(printf, 6, 7))) int verify_find(struct verify_finding *f, enum verify_fault fault,
						      uint64_t leaf, uint64_t last, const char *file,
						      const char *fmt, ...);
#define VERIFY_NO_LEAF UINT64_MAX

/* What a file's reading says, where it must be there. */
int verify_find_read(struct verify_finding *f, int err, uint64_t leaf, uint64_t last, const char *file);

/* What is in the folder. */
struct verify_scan {
	struct tile *partial; /* sorted by level, number, width; within the checkpoint */
	size_t n_partial, room_partial;
	uint64_t *kept; /* sorted */
	size_t n_kept, room_kept;
	uint64_t *stamps, *replies; /* sizes; sorted */
	size_t n_stamps, room_stamps, n_replies, room_replies;
	uint64_t need; /* the least size that covers all tiles */
	char beyond[VERIFY_FILE_BYTES];
};

/* Bits of `pruned`, or of `pruned.new`. */
struct verify_pruned {
	bool there;
	struct verify_buffer file;
	uint64_t bundles, removed; /* removed: bits */
};

bool verify_pruned_any(const struct verify_pruned *p, uint64_t bundle);
bool verify_pruned_bit(const struct verify_pruned *p, uint64_t bundle, unsigned i);

/* Kinds with source and seq in front, as bits. */
#define VERIFY_KIND(K) (UINT64_C(1) << ENTRY_##K)
#define VERIFY_EVENTS                                                                    \
	(VERIFY_KIND(HIT) | VERIFY_KIND(OUTAGE) | VERIFY_KIND(GAP) | VERIFY_KIND(SWAP) | \
	 VERIFY_KIND(START) | VERIFY_KIND(LINK))

struct verify_fact {
	uint8_t kind; /* 0: none, or a later version's */
	bool removed;
	uint32_t source;
	uint64_t seq;
};

struct verify_slot {
	uint64_t n;
	unsigned width;
	bool ready;
	struct verify_buffer file, tile, other;
	struct span entry[TILE_WIDTH];
	struct hash leaf[TILE_WIDTH], root; /* root: of a full bundle */
	struct verify_fact fact[TILE_WIDTH];
	uint64_t bytes, first_ns, last_ns;
	unsigned removed;
	struct verify_finding found;	   /* of leaf first_bad */
	unsigned good;			   /* leaves before the first bad one */
	bool differs;			   /* `found` is: entry and tile have other hashes */
	struct hash tile_root;		   /* as the tile says, where it differs and is full */
	struct hash tile_leaf[TILE_WIDTH]; /* as the tile says, where it differs */
};

struct verify_source {
	uint64_t begin, seq; /* of the last leaf */
	uint64_t tally;	     /* up to which number the last tally goes */
	uint64_t hits, others, lost;
	uint64_t told[4]; /* the last tally's hits, counted, others, lost */
};

/* One level's tile that is being filled. */
struct verify_level {
	uint64_t n;
	unsigned width;
	struct hash hash[TILE_WIDTH];
	/* of the sizes that were signed: widths of partial tile `signed_n` that must be there */
	uint64_t signed_n;
	bool must[TILE_WIDTH];
};

struct verify_wanted { /* a checkpoint of which the root must be the log's */
	uint64_t size;
	struct hash root, found_root; /* root: of one that was kept */
	bool found, kept;
};

struct verify_run {
	const struct verify_options *o;
	const char *folder;
	int fd;
	struct verify_report *r;
	struct verify_finding found, scan_found;

	struct verify_buffer note_bytes;
	struct note note;
	struct checkpoint head; /* `checkpoint`, taken apart */
	struct verify_scan scan;
	struct verify_pruned pruned, pruned_new;

	struct frontier tree; /* of whole bundles */
	struct hash root;     /* of all */
	struct verify_level levels[TILE_LEVELS];
	struct verify_buffer edge; /* the last bundle, where it is partial */
	uint64_t last_head;	   /* size that the last good leaf `head` names */

	struct verifier kept_key; /* name[0] 0: none */
	struct verifier *keys;	  /* the chain */
	uint64_t *key_leaf;
	uint64_t *
	    key_signed; /* the first size that was signed behind key_leaf; 0: none yet. NULL: not all heads are known */
	unsigned n_keys;
	struct verify_source *sources; /* [0]: number 1 */
	size_t n_sources, room_sources;
	uint64_t removed_hits; /* that tallies lack, of all sources */
	struct {
		uint64_t minimum, removed, leaf;
		uint8_t bitmaps[32];
	} prune, prune_before;	      /* the last two leaves `prune`; leaf VERIFY_NO_LEAF: none */
	struct verify_wanted *wanted; /* sorted by size */
	size_t n_wanted, next_wanted;
	struct verify_buffer partial, whole; /* of verify_end.c */

	/* the workers */
	pthread_mutex_t lock;
	pthread_cond_t readied, freed;
	struct verify_slot *slots;
	unsigned n_slots;
	uint64_t bundles, claimed, taken;
	bool stop;
};

int verify_scan(struct verify_run *v);
int verify_load_pruned(struct verify_run *v);
void verify_bundle(struct verify_run *v, struct verify_slot *s);
int verify_walk(struct verify_run *v);
/* A slot in the log's order. */
int verify_take(struct verify_run *v, struct verify_slot *s);
int verify_levels_add(struct verify_run *v, unsigned level, const struct hash *h);
/* The last bundle, of less than 256; takes the slot's file. */
int verify_levels_edge(struct verify_run *v, struct verify_slot *s);
int verify_levels_end(struct verify_run *v);
/* That a checkpoint of `size` was signed. */
void verify_levels_signed(struct verify_run *v, uint64_t size);
int verify_rule(struct verify_run *v, const struct verify_slot *s, unsigned i, struct frontier *at);
int verify_source_rule(struct verify_run *v, uint64_t leaf, const struct verify_fact *f,
		       const struct entry *x);
int verify_event_rule(struct verify_run *v, uint64_t leaf, const struct verify_fact *f);
int verify_end(struct verify_run *v);
int verify_partials(struct verify_run *v);
int verify_stamps(struct verify_run *v);
/* Leaves `stamp` and `witness`: what they name is there. */
int verify_stamp_rule(struct verify_run *v, uint64_t leaf, const struct entry *x);
int verify_witness_rule(struct verify_run *v, uint64_t leaf, const struct entry *x);
/* The checkpoint of stamps/ of that size; NULL: none. */
struct verify_wanted *verify_stamp_of(struct verify_run *v, uint64_t size);
/* -EKEYREJECTED, -ENOKEY */
int verify_signed_by_chain(const struct verify_run *v, const struct note *note, uint64_t size, struct err *e);
void verify_blame_checkpoint(struct verify_run *v);
/* Leaves `log` and `key`: the chain goes on. */
int verify_chain_rule(struct verify_run *v, uint64_t leaf, const struct entry *x);
/* Keys that are known from elsewhere are of the chain. */
int verify_pinned(struct verify_run *v);
int verify_keys_report(struct verify_run *v, uint64_t size);
void verify_report_set(struct verify_report *r, const struct verify_finding *f);
bool verify_scan_has(const struct verify_scan *s, const struct tile *t);
bool verify_has(const uint64_t *sorted, size_t n, uint64_t value);
/* kept/x001/234 */
void verify_kept_path(uint64_t n, char ret[TILE_PATH_BYTES]);
/* The frontier of whole subtrees of 2^bit leaves. */
void verify_frontier_add(struct frontier *f, unsigned bit, const struct hash *root);
void verify_fold(struct hash *h, unsigned n, struct hash *ret);

#endif
