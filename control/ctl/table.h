/* SPDX-License-Identifier: BSD-3-Clause */
/* table: named rows of cells under named columns, as wide as they need, in 80 columns.
 *
 * Model:    columns first, then rows, each with its cells from left to right. Columns that do not fit beside one another stand
 *           in a further block below, with the rows' names again.
 * Owner:    the table copies texts; table_free frees them.
 * Limits:   TABLE_COLUMNS_MAX columns, TABLE_ROWS_MAX rows; what is beyond is left out.
 */
#ifndef CONTROL_CTL_TABLE_H
#define CONTROL_CTL_TABLE_H

#include <jansson.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 40
#define TABLE_ROWS_MAX	  256
#define TABLE_CELL_BYTES  24
#define TABLE_NAME_BYTES  32
#define TABLE_WIDTH	  80

struct table_row {
	char name[TABLE_NAME_BYTES];
	char cells[TABLE_COLUMNS_MAX][TABLE_CELL_BYTES];
	unsigned n;
};

struct table {
	unsigned n_columns, n_rows;
	char columns[TABLE_COLUMNS_MAX][TABLE_CELL_BYTES];
	struct table_row rows[TABLE_ROWS_MAX];
};

struct table *table_new(void);
void table_free(struct table *t);
void table_column(struct table *t, const char *name);
/* Begins a row. */
void table_row(struct table *t, const char *name);
/* A cell of the row begun last: a number, a word, true or false as yes and no, null as -. */
void table_cell(struct table *t, const json_t *v);
/* Takes the row begun last back. */
void table_drop_row(struct table *t);
void table_print(const struct table *t, FILE *out);

#endif
