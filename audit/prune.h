/* SPDX-License-Identifier: BSD-3-Clause */
/* prune: removes bodies of entries from a published log, of which the hashes stay (docs/audit-format.md, "Bodies that were removed").
 *
 * Model:    which ones is said by bits, 32 bytes an entry bundle, of every bundle below a minimum. Three steps: prune_write puts them into
 *           `pruned.new`; a leaf `prune` names that file, and is published; prune_apply then writes what is left of each bundle to kept/, removes
 *           the bundle, and makes `pruned.new` `pruned`. Each step may be repeated from its beginning after a death at any point of it.
 * Owner:    prune_load allocates bits, prune_free frees.
 * Threads:  any, one at a time a folder; readers and the log's own threads go on meanwhile: a bundle is in kept/ before it is gone.
 * Errors:   -EBADMSG: a bundle is not what it should be, with its name; nothing of it was removed. The disk's.
 * Cost:     prune_apply: a read, a write and an fsync a bundle that changes.
 */
#ifndef AUDIT_PRUNE_H
#define AUDIT_PRUNE_H

#include <stdatomic.h>

#include "audit/tile.h"
#include "audit/tree.h"

#define PRUNE_BYTES (TILE_WIDTH / 8) /* of bits a bundle */

struct prune_bits {
	uint8_t *bits; /* PRUNE_BYTES * minimum */
	uint64_t minimum;
};

static inline bool prune_get(const struct prune_bits *b, uint64_t leaf)
{
	return leaf / TILE_WIDTH < b->minimum && b->bits[leaf / 8] >> leaf % 8 & 1;
}

/* `pruned` as it stands; no file: minimum 0. */
int prune_load(const char *folder, struct prune_bits *ret, struct err *e);
/* Widens to more bundles, whose bits are 0. */
int prune_widen(struct prune_bits *b, uint64_t minimum, struct err *e);
void prune_free(struct prune_bits *b);
/* How many bits are set, and the SHA-256 of what prune_write writes: what the leaf says. */
uint64_t prune_count(const struct prune_bits *b);
void prune_digest(const struct prune_bits *b, struct hash *ret);

/* The entries of full bundle n, from tile/entries/ or else kept/, as they stand; a body that was removed: {NULL, 0}. The spans borrow
 * *ret_bytes, which the caller frees. -ENOENT: there is neither. */
int prune_bundle(const char *folder, uint64_t n, struct span ret[TILE_WIDTH], uint8_t **ret_bytes,
		 struct err *e);

/* Writes `pruned.new`, durably. */
int prune_write(const char *folder, const struct prune_bits *b, struct err *e);
/* cancel (NULL: never): give up soon when it becomes true, with -ECANCELED; the next time goes on there.
 * Where `pruned.new` is what `named` is the digest of: removes the bodies, as above. named: of the last leaf `prune` that is published;
 * NULL: there is none. A `pruned.new` that no leaf names is removed. *ret_bundles: those that were written anew; may be NULL. */
int prune_apply(const char *folder, const struct hash *named, const atomic_bool *cancel,
		uint64_t *ret_bundles, struct err *e);

#endif
