/* SPDX-License-Identifier: BSD-3-Clause */
/* keep: what a verifier remembers of logs that it verified: of each the keys, and every checkpoint.
 *
 * Model:    FOLDER/NAME/ is of one origin, NAME a digest of it: `origin`, `keys` (the chain: of each the leaf that names it, and the vkey, a line
 *           each), `key` (the vkey that signed the last one; all there is in a folder of before there was `keys`), SIZE.checkpoint as it was. A log that does not hold all of them was cut or has two histories, and the kept checkpoint, with its signature, is the proof.
 * Owner:    load allocates, free frees.
 * Threads:  none of its own; two programs may write at once: files are made whole, by rename.
 * Limits:   KEEP_KEYS_MAX keys of a log.
 * Errors:   -EBADMSG: something else than what was kept is there, with the file's name; the disk's.
 */
#ifndef AUDIT_KEEP_H
#define AUDIT_KEEP_H

#include "audit/note.h"

#define KEEP_KEYS_MAX 1024

struct keep_checkpoint {
	uint64_t size;
	struct hash root;
};

struct keep_key {
	uint64_t leaf; /* that names it: it signs what has more leaves, until the next one does */
	struct verifier key;
};

struct keep {
	bool known;	       /* something was kept of this origin */
	struct verifier key;   /* of the last one; name[0] 0: none */
	struct keep_key *keys; /* the first one first */
	size_t n_keys;
	struct keep_checkpoint *checkpoints; /* by size */
	size_t n;
};

/* Nothing kept yet: known is false. */
int keep_load(const char *folder, const char *origin, struct keep *ret, struct err *e);
void keep_free(struct keep *k);
/* The key that signs a checkpoint of `size` leaves, as far as is known; NULL: none is. */
const struct verifier *keep_key_at(const struct keep *k, uint64_t size);
/* Keeps a checkpoint (the note's bytes), the key that signed it, and the chain. Folders are made, for nobody else to read. */
int keep_add(const char *folder, const char *origin, const char *vkey, const struct keep_key *keys,
	     size_t n_keys, uint64_t size, struct span note, struct err *e);

#endif
