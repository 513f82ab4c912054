/* SPDX-License-Identifier: BSD-3-Clause */
/* index_prune: what retention asks of the index, and what the index then forgets.
 *
 * Model:    a scan is a connection of its own that only reads, for a worker thread, while the owner goes on writing. What the removal of bodies
 *           leaves without any is forgotten by the owner's thread.
 * Owner:    index_scan_open allocates, index_scan_close frees; a block's rows live until the next one.
 */
#ifndef CONTROL_AUDIT_INDEX_PRUNE_H
#define CONTROL_AUDIT_INDEX_PRUNE_H

#include "control/audit/index.h"

#define INDEX_BLOCK_BUNDLES 256

struct index_scan;

/* Which bundles of a block hold entries of a kind and order. */
struct index_scan_row {
	int64_t scope;
	uint64_t order;
	enum entry_kind kind;
	uint8_t bits[INDEX_BLOCK_BUNDLES / 8];
};
struct index_scan_block {
	uint64_t block, first_ns; /* its bundles: block * 256 ..; its earliest entry */
	struct index_scan_row *rows;
	size_t n;
};

/* The file's path, for a scan. */
const char *index_path(const struct audit_index *x);
int index_scan_open(const char *path, struct index_scan **ret, struct err *e);
void index_scan_close(struct index_scan *s);
/* The first bundle with a hit or count at or behind a time, and not behind sane_ns, which only a wrong clock can have said; UINT64_MAX: none. */
int index_scan_first(struct index_scan *s, uint64_t time_ns, uint64_t sane_ns, uint64_t *ret, struct err *e);
/* The first block from `from` on that the index has; block UINT64_MAX: none. */
int index_scan_block(struct index_scan *s, uint64_t from, struct index_scan_block *ret, struct err *e);

/* Bundles of a block in which a scope has no entry any more. */
struct index_gone {
	uint64_t block;
	int64_t scope;
	uint8_t bits[INDEX_BLOCK_BUNDLES / 8];
};
/* One transaction. */
int index_forget(struct audit_index *x, const struct index_gone *gone, size_t n, struct err *e);
/* Rules of an order that were hit before a time for the last time. */
int index_forget_rules(struct audit_index *x, int64_t order, int64_t before, struct err *e);
int index_forget_counts(struct audit_index *x, int64_t before, struct err *e);

#endif
