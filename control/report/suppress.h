/* SPDX-License-Identifier: BSD-3-Clause */
/* suppress: which figures of a table may be published, so that none below SUPPRESS_BELOW can be seen or computed.
 *
 * Model:    a table of counts with a total a row, a total a column and a grand total. Each count below SUPPRESS_BELOW is shown as "<10"
 *           (SMALL). Whoever knows the rest could still subtract, so others are withheld (HIDDEN), the smallest that do it. A reader knows: what is
 *           shown; that SMALL is 0 to 9; that HIDDEN is 10 or more; that rows and columns add up; which cells cannot be (SUPPRESS_NONE). With
 *           all that, each SMALL figure can still have at least SUPPRESS_WIDTH + 1 values, each HIDDEN one two.
 *           Such a table is a circulation (source -> row -> column -> sink -> source; a figure is an edge), so a figure's exact range is a
 *           maximum flow through its edge, and what to withhold is a cheapest path along which more could flow.
 * Owner:    the caller's.
 * Threads:  no state.
 * Limits:   SUPPRESS_ROWS rows, SUPPRESS_COLUMNS columns.
 * Errors:   -ERANGE: no set of figures protects them: publish nothing of it; -E2BIG; -EINVAL: a negative count.
 * Cost:     a few shortest paths over rows * columns edges a small figure.
 */
#ifndef CONTROL_REPORT_SUPPRESS_H
#define CONTROL_REPORT_SUPPRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

#define SUPPRESS_BELOW	 10
#define SUPPRESS_WIDTH	 4
#define SUPPRESS_ROWS	 512
#define SUPPRESS_COLUMNS 32
#define SUPPRESS_NONE	 (-1) /* a cell that cannot have a count: an authority without orders of this category */

enum suppress_mark { MARK_SHOWN, MARK_SMALL, MARK_HIDDEN, MARK_NONE };

/* A figure is (row, column); row n_rows: the columns' totals; column n_columns: the rows' totals; both: the grand total. */
struct suppress_table {
	unsigned n_rows, n_columns;
	const int64_t *cells;	   /* n_rows * n_columns, row by row */
	enum suppress_mark *marks; /* (n_rows + 1) * (n_columns + 1) */
};

static inline unsigned suppress_at(const struct suppress_table *t, unsigned row, unsigned column)
{
	return row * (t->n_columns + 1) + column;
}

/* Fills marks. hide_total: the grand total is withheld, as another table of the same total withholds it. */
int suppress(const struct suppress_table *t, bool hide_total, struct err *e);
/* What a reader can find out of a figure, at most: it is within *ret_low to *ret_high; INT64_MAX: no bound. */
int suppress_range(const struct suppress_table *t, unsigned row, unsigned column, int64_t *ret_low,
		   int64_t *ret_high, struct err *e);

#endif
