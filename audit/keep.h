/* SPDX-License-Identifier: BSD-3-Clause */
/* keep: what a verifier remembers of logs that it verified: of each the key, and every checkpoint.
 *
 * Model:    FOLDER/NAME/ is of one origin, NAME a digest of it: `origin`, `key` (the vkey that signed the last one), SIZE.checkpoint as it was. A
 *           log that does not hold all of them was cut or has two histories, and the kept checkpoint, with its signature, is the proof.
 * Owner:    load allocates, free frees.
 * Threads:  none of its own; two programs may write at once: files are made whole, by rename.
 * Errors:   -EBADMSG: something else than what was kept is there, with the file's name; the disk's.
 */
#ifndef AUDIT_KEEP_H
#define AUDIT_KEEP_H

#include "audit/note.h"

struct keep_checkpoint {
	uint64_t size;
	struct hash root;
};

struct keep {
	bool known;			     /* something was kept of this origin */
	struct verifier key;		     /* name[0] 0: none */
	struct keep_checkpoint *checkpoints; /* by size */
	size_t n;
};

/* Nothing kept yet: known is false. */
int keep_load(const char *folder, const char *origin, struct keep *ret, struct err *e);
void keep_free(struct keep *k);
/* Keeps a checkpoint (the note's bytes) and the key. Folders are made, for nobody else to read. */
int keep_add(const char *folder, const char *origin, const char *vkey, uint64_t size, struct span note,
	     struct err *e);

#endif
