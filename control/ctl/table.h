/* SPDX-License-Identifier: BSD-3-Clause */
/* table: rows of cells under titled columns, each as wide as it needs.
 *
 * Model:    columns first, then rows, each with its cells from left to right. Where the columns do not fit the style's width:
 *           of a table of figures (table_blocks) those that do not stand in a further block below, with the first column
 *           again; of others the widest cells are wrapped.
 * Owner:    the table copies texts; table_free frees them.
 * Limits:   TABLE_COLUMNS_MAX columns; what is beyond is left out, as is what memory does not hold.
 */
#ifndef CONTROL_CTL_TABLE_H
#define CONTROL_CTL_TABLE_H

#include "control/ctl/text.h"

#define TABLE_COLUMNS_MAX 40

enum table_align { TABLE_LEFT, TABLE_RIGHT };

struct table;

struct table *table_new(void);
void table_free(struct table *t);
void table_blocks(struct table *t);
void table_column(struct table *t, const char *title, enum table_align align);
/* Begins a row. */
void table_row(struct table *t);
/* A cell of the row begun last, of text that is escaped here. */
void table_text(struct table *t, const char *text, enum colour c);
/* The same of a JSON value (text_of_json); of figures with fraction one digit of it. */
void table_cell(struct table *t, const json_t *v);
/* Takes the row begun last back. */
void table_drop_row(struct table *t);
unsigned table_rows(const struct table *t);
void table_print(const struct table *t, const struct style *s);
/* Without the titles. */
void table_print_rows(const struct table *t, const struct style *s);

#endif
