/* SPDX-License-Identifier: BSD-3-Clause */
/* published: which periods the public was told of, and whether a further report could be subtracted from one of those.
 *
 * Model:    from two published reports of periods that overlap, or from two of one period with other figures, small counts can be computed, though
 *           each report alone hides them. So what was published binds: the periods of published reports never overlap, and the protected figures
 *           of one are always the same. There is no way around, as nobody can take back what others have read. What was published is what the
 *           journal says: acts PUBLISHED_ACT, written before the files are handed over.
 * Threads:  the store's. Between published_check and the journal's row nothing else may use the store.
 * Errors:   -EEXIST: with a sentence that names the earlier report and says what can be done.
 */
#ifndef CONTROL_REPORT_PUBLISHED_H
#define CONTROL_REPORT_PUBLISHED_H

#include "control/report/period.h"

#define PUBLISHED_ACT "report.publish"
/* What who asked is told. */
#define PUBLISHED_NOTE	     "from now on no report of a period that overlaps with this one can be published"
#define PUBLISHED_SUBJECT    80
#define PUBLISHED_TEXT_BYTES 160

/* "published 2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z" */
void published_subject(const struct period *p, char ret[PUBLISHED_SUBJECT]);
/* What the journal's row says: its end is the digest of the protected figures, for the next report of this period. */
int published_text(const struct period *p, char ret[PUBLISHED_TEXT_BYTES], struct err *e);
/* p: as period_make made it, not internal. */
int published_check(struct store *s, const struct period *p, struct err *e);

#endif
