/* SPDX-License-Identifier: BSD-3-Clause */
/* stamp_ask: has the published checkpoint stamped by a time-stamp authority, and keeps both.
 *
 * Model:    FOLDER/stamps/SIZE.checkpoint are the very bytes that were stamped, SIZE.tsr the reply, which was checked before it got that
 *           name. Where witnesses cosigned a copy of this size (cosign.h), that one is stamped. A stamp is asked for only where the checkpoint has grown since
 *           the last one; what the folder holds is the only state. A death leaves at most a .checkpoint without .tsr, or a name that ends in .tmp.
 * Owner:    the caller's strings.
 * Threads:  any; blocks for STAMP_ASK_S at most, so run it in a worker thread.
 * Limits:   STAMP_REPLY_MAX of audit/stamp.h; STAMP_ASK_S; no redirect.
 * Errors:   0 or -errno with a sentence; -ECANCELED.
 */
#ifndef CONTROL_AUDIT_STAMP_ASK_H
#define CONTROL_AUDIT_STAMP_ASK_H

#include <stdatomic.h>

#include "audit/stamp.h"

#define STAMP_ASK_S 60

struct stamp_ask {
	const char *folder; /* of the published log */
	const char *url;    /* http: or https:; a reply is signed either way */
	const char *ca_file;
	const char *policy; /* "": any */
	uint32_t every_s;   /* not before the last one is so old; 0: at once */
	unsigned total_s;   /* 0: STAMP_ASK_S */
	const atomic_bool *cancel;
};

struct stamp_answer {
	uint64_t size;	/* of the checkpoint that was stamped, now or last; 0: none ever */
	bool stamped;	/* now */
	uint32_t due_s; /* not stamped: when to come again; 0: as soon as the log has grown */
	struct stamp stamp;
	uint8_t checkpoint_sha256[32], reply_sha256[32]; /* of both files, where it was stamped now */
};

int stamp_ask(const struct stamp_ask *q, struct stamp_answer *ret, struct err *e);

#endif
