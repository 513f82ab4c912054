/* SPDX-License-Identifier: BSD-3-Clause */
/* logcopy: a consistent copy of a published log (docs/audit-format.md) while it is being written: all that belongs to one checkpoint.
 *
 * Model:    which files a log of n leaves has follows from n; those that grew beyond are cut to what they were. Older partial tiles of what is
 *           still partial are copied, too: who holds an old checkpoint can check it. What retention removed is as `pruned` says: where that
 *           changes meanwhile, it is -EAGAIN, and the caller begins anew.
 * Threads:  any: it reads files.
 * Errors:   -EAGAIN; -ENOENT: there is no checkpoint yet; -EBADMSG: a file is missing or damaged, with its name; -ECANCELED.
 */
#ifndef CONTROL_REPORT_LOGCOPY_H
#define CONTROL_REPORT_LOGCOPY_H

#include <stdatomic.h>

#include "audit/note.h"
#include "control/report/pack.h"

/* What a checkpoint says; origin with NUL. */
struct log_point {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct hash root;
	int64_t signed_at; /* when the file was written, seconds since 1970 */
};

/* Of the log's folder. */
int log_point_read(const char *folder, struct log_point *ret, struct err *e);
/* Packs the log as files below "log/". */
int logcopy(struct pack *p, const char *folder, const atomic_bool *cancel, struct log_point *ret,
	    struct err *e);

#endif
