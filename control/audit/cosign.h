/* SPDX-License-Identifier: BSD-3-Clause */
/* cosign: keeps what witnesses say of the log's checkpoints (C2SP tlog-cosignature), beside the log: stamps/SIZE.checkpoint.
 *
 * Model:    a witness is given the checkpoint and answers with signature lines, or with the whole note. Lines that a known witness's key
 *           verifies over that very checkpoint are added to the copy that is kept; others are left out; a wrong one by a known key refuses all.
 * Limits:   NOTE_MAX_BYTES, NOTE_SIGNATURES_MAX.
 * Errors:   -ENOENT: that checkpoint is not kept; -EBADMSG: these are no signatures, or another checkpoint's; -ENOKEY: none by a known
 *           witness; -EKEYREJECTED: a wrong one; -EBUSY: the copy has a time stamp over its bytes, or may be getting one: cosign another.
 */
#ifndef CONTROL_AUDIT_COSIGN_H
#define CONTROL_AUDIT_COSIGN_H

#include "audit/note.h"

#define COSIGN_STAMP_S \
	600 /* a copy that is younger, and that nobody cosigned, may be at the time-stamp authority's */

/* folder: the published log. size 0: of the checkpoint that `said` holds, else the current one. *ret_n: lines that were new; *ret_mask: which of
 * the witnesses said one, as bits. */
int cosign_add(const char *folder, uint64_t size, const char *said, const struct verifier *witnesses,
	       unsigned n, uint64_t *ret_size, unsigned *ret_n, uint64_t *ret_mask, struct err *e);

#endif
