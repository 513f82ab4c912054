/* SPDX-License-Identifier: BSD-3-Clause */
/* inspect: what an inspector gets beside the log itself: orders, lists, journal, and how to verify it all.
 *
 * Model:    orders.json, lists.json, journal.csv of a period (all of it, or what one order is about), log.vkey, README.en.txt, README.sq.txt. A list is
 *           told by its imports: SHA-256 of the original and of its entries, counts, facts of the signature. No entry, and of a confidential list not
 *           even the file's name. People are named, as they are in the journal: it is for an inspection, not for publication.
 * Owner:    the caller frees the files.
 * Limits:   INSPECT_ROWS rows of the journal: -E2BIG, with what to do.
 */
#ifndef CONTROL_REPORT_INSPECT_H
#define CONTROL_REPORT_INSPECT_H

#include "control/report/files.h"
#include "control/report/report.h"

#define INSPECT_ROWS 200000

struct inspection {
	int64_t from, to, order; /* order 0: all */
};

int inspect_files(const struct report_context *c, const struct inspection *i, struct files *to,
		  struct err *e);

#endif
