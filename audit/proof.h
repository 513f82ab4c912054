/* SPDX-License-Identifier: BSD-3-Clause */
/* proof: that one entry is in a log, to be checked alone: a C2SP tlog-proof.
 *
 * Model:    index, the path of hashes from the leaf up, and a checkpoint as it was signed. The proof's "extra" line, which the format leaves to
 *           the application, holds what the leaf's hash follows from: the entry's bytes; or, where the body was removed, a byte 0 (no
 *           entry begins so) and the hash itself.
 * Owner:    making allocates; a parsed proof borrows the text but for `extra`, which is decoded into it.
 * Threads:  no state but the arguments'.
 * Limits:   PROOF_MAX_BYTES.
 * Errors:   -EBADMSG: no proof, with its line; -EKEYREJECTED, -ENOKEY: the checkpoint's signature; -EINVAL: a leaf that the log has not.
 * Cost:     making: some ten files of the log, whatever its size.
 */
#ifndef AUDIT_PROOF_H
#define AUDIT_PROOF_H

#include "audit/dir.h"
#include "audit/entry.h"

#define PROOF_MAX_BYTES (NOTE_MAX_BYTES + 32768)
#define PROOF_EXTRA_MAX (ENTRY_MAX_BYTES)

struct proof {
	uint64_t index;
	struct hash path[TREE_PROOF_MAX];
	unsigned n;
	struct span note; /* the checkpoint as it was signed */
	uint8_t extra[PROOF_EXTRA_MAX];
	size_t extra_bytes;
};

/* Of leaf `index` in the tree of the folder's checkpoint, or of `note` (another checkpoint of it; NULL: its own). It is checked before it is
 * returned: -EBADMSG where the folder's hashes do not come to the checkpoint's root. */
int proof_make(struct log_dir *d, uint64_t index, const struct span *note, char **ret, size_t *ret_bytes,
	       struct err *e);
int proof_parse(struct span text, struct proof *ret, struct err *e);
/* The entry; {NULL, 0}: its body was removed. *ret_leaf: its hash. false: there is neither. */
bool proof_entry(const struct proof *p, struct span *ret, struct hash *ret_leaf);
/* Whether the entry is at its place in a tree that one of the keys signed; *ret_key: which. ret_checkpoint borrows. */
int proof_check(const struct proof *p, const struct verifier *keys, unsigned n,
		struct checkpoint *ret_checkpoint, unsigned *ret_key, struct err *e);

#endif
