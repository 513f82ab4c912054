/* SPDX-License-Identifier: BSD-3-Clause */
/* tree: the Merkle tree of RFC 6962, section 2.1, as pure functions.
 *
 * Model:    a leaf's hash is SHA-256(0x00, entry), an inner node's SHA-256(0x01, left, right); a tree of n leaves splits at the largest power
 *           of two below n. A frontier is what appending needs: the roots of the perfect subtrees, left to right. Proofs are made from
 *           hashes that a `tree_source` reads out of tiles, and checked against nothing but their arguments.
 * Owner:    the caller's; no heap.
 * Threads:  no state but the arguments'.
 * Limits:   TREE_LEVELS: 2^63 leaves at most.
 * Errors:   a source's -errno is handed on; -EINVAL: an index or size that the tree does not have.
 * Cost:     frontier_add: one hash, amortised; a root or proof: O(log n) hashes, one tile read a level of 256.
 */
#ifndef AUDIT_TREE_H
#define AUDIT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define TREE_LEVELS    63
#define TREE_PROOF_MAX 64 /* hashes of an inclusion proof; of a consistency proof */
#define TILE_HEIGHT    8
#define TILE_WIDTH     256

struct hash {
	uint8_t b[32];
};

static inline bool hash_equal(const struct hash *a, const struct hash *b)
{
	return !__builtin_memcmp(a->b, b->b, sizeof(a->b));
}

void tree_leaf(const void *entry, size_t bytes, struct hash *ret);
void tree_node(const struct hash *left, const struct hash *right, struct hash *ret);

struct frontier {
	uint64_t size;
	struct hash
	    peaks[TREE_LEVELS + 1]; /* [i]: of the subtree of 2^i leaves, where bit i of size is set */
};

void frontier_add(struct frontier *f, const struct hash *leaf);
/* Of no leaves: SHA-256 of nothing. */
void frontier_root(const struct frontier *f, struct hash *ret);

/* Where hashes come from. Reads hashes 0 to width-1 of hash tile `n` at tile level `level` (0: leaves): that tile, whole or partial, has at
 * least that many in a tree of the size that is asked about. */
struct tree_source {
	void *ctx;
	int (*tile)(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *ret, struct err *e);
};

int tree_root(const struct tree_source *s, uint64_t size, struct hash *ret, struct err *e);
/* The frontier of the tree's first `size` leaves. */
int tree_frontier(const struct tree_source *s, uint64_t size, struct frontier *ret, struct err *e);
/* RFC 6962, 2.1.1: the path of leaf `index`, from the leaf's sibling up. */
int tree_prove_inclusion(const struct tree_source *s, uint64_t size, uint64_t index,
			 struct hash ret[TREE_PROOF_MAX], unsigned *ret_n, struct err *e);
/* RFC 6962, 2.1.2: that a tree of `to` leaves begins with that of `from`; 0 < from <= to; none where they are equal. */
int tree_prove_consistency(const struct tree_source *s, uint64_t from, uint64_t to,
			   struct hash ret[TREE_PROOF_MAX], unsigned *ret_n, struct err *e);
/* RFC 9162, 2.1.3.2 and 2.1.4.2. Every tree begins with that of no leaves: from 0, of an empty tree's root, without a proof. */
bool tree_check_inclusion(uint64_t size, uint64_t index, const struct hash *leaf, const struct hash *proof,
			  unsigned n, const struct hash *root);
bool tree_check_consistency(uint64_t from, const struct hash *from_root, uint64_t to,
			    const struct hash *to_root, const struct hash *proof, unsigned n);

#endif
