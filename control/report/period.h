/* SPDX-License-Identifier: BSD-3-Clause */
/* period: the transparency report of a period: what was ordered, blocked, appealed, corrected, and where the filter failed.
 *
 * Model:    tables of figures, each made once, and shown from the same rows as text, HTML, JSON and CSV. No entry of a list, no order's reference or
 *           title, nobody's name is in any. Published: counts of what people did or of what orders hold are suppressed below SUPPRESS_BELOW
 *           (suppress.h); internal: all are exact. A moment belongs to the period where from <= moment < to; hits by the hour that they are in.
 * Owner:    period_free.
 * Threads:  the store's. Cost: O(hours of hits) of the period.
 * Errors:   -EINVAL: the period.
 */
#ifndef CONTROL_REPORT_PERIOD_H
#define CONTROL_REPORT_PERIOD_H

#include "control/report/files.h"
#include "control/report/report.h"

struct period {
	int64_t from, to; /* seconds since 1970 */
	bool internal;
	json_t *
	    tables; /* [{id, keys, columns, rows: [{keys, cells}]}]; a cell: integer, real (seconds), "<10", "withheld" or null */
};

/* p: from, to and internal are set. */
int period_make(const struct report_context *c, struct period *p, struct err *e);
void period_free(struct period *p);
/* Adds transparency.json, .csv, .en.html, .en.txt, .sq.html and .sq.txt, with a manifest. */
int period_files(const struct report_context *c, const struct period *p, struct files *to, struct err *e);

#endif
