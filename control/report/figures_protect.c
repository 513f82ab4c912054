/* SPDX-License-Identifier: BSD-3-Clause */
/* Suppression, from the tables' cells to suppress.h and back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/report/figures.h"
#include "control/report/suppress.h"

static json_t *cell_at(json_t *rows, size_t r, size_t c)
{
	return json_array_get(json_object_get(json_array_get(rows, r), "cells"), c);
}

/* Whether memory sufficed: a count that could not be replaced must not be published. */
static bool mark(json_t *rows, size_t r, size_t c, enum suppress_mark m)
{
	json_t *cells = json_object_get(json_array_get(rows, r), "cells");
	if (m != MARK_SMALL && m != MARK_HIDDEN)
		return true;
	return !json_array_set_new(cells, c, json_string(m == MARK_SMALL ? FIGURE_SMALL : FIGURE_HIDDEN));
}

/* A block of cells, without the totals behind them, as a table of its own; then each cell and total by its mark. */
struct block {
	json_t *rows;
	size_t n_rows, first, n_columns;
	bool row_totals, column_totals; /* whether they are cells, too */
};

static bool apply(const struct block *b, const struct suppress_table *t, bool all)
{
	bool done = true;
	for (unsigned r = 0; r <= t->n_rows; r++)
		for (unsigned c = 0; c <= t->n_columns; c++) {
			if ((r == t->n_rows && !b->column_totals) || (c == t->n_columns && !b->row_totals))
				continue;
			json_t *v = cell_at(b->rows, r, b->first + c);
			if (!json_is_null(v))
				done &= mark(b->rows, r, b->first + c,
					     all ? MARK_HIDDEN : t->marks[suppress_at(t, r, c)]);
		}
	return done;
}

/* *ret_hidden: the grand total is not shown. What cannot be protected is withheld as a whole. */
static int protect(const struct block *b, bool hide_total, bool do_apply, bool *ret_hidden, struct err *e)
{
	struct suppress_table t = {.n_rows = (unsigned)b->n_rows, .n_columns = (unsigned)b->n_columns};
	size_t n = b->n_rows * b->n_columns;
	int64_t *cells = calloc(n + 1, sizeof(*cells));
	t.cells = cells;
	t.marks = calloc((b->n_rows + 1) * (b->n_columns + 1), sizeof(*t.marks));
	int err = cells && t.marks ? 0 : err_set(e, -ENOMEM, "memory ran out");
	for (size_t i = 0; !err && i < n; i++) {
		const json_t *v = cell_at(b->rows, i / b->n_columns, b->first + i % b->n_columns);
		cells[i] = json_is_integer(v) ? json_integer_value(v) : SUPPRESS_NONE;
	}
	if (!err)
		err = suppress(&t, hide_total, e);
	bool all = err == -ERANGE || err == -E2BIG;
	if (!err || all) {
		*ret_hidden = all || t.marks[suppress_at(&t, t.n_rows, t.n_columns)] != MARK_SHOWN;
		err = do_apply && !apply(b, &t, all) ? err_set(e, -ENOMEM, "memory ran out") : 0;
	}
	free(cells);
	free(t.marks);
	return err;
}

/* How many there were tells of the appeals, too: it is never shown. */
static bool protect_times(const struct figures_row *row, json_t *rows)
{
	bool done = true;
	for (size_t r = 0; r < json_array_size(rows); r++) {
		bool small = json_integer_value(cell_at(rows, r, 0)) < SUPPRESS_BELOW;
		done &= mark(rows, r, 0, small ? MARK_SMALL : MARK_HIDDEN);
		for (size_t c = 1; small && row->protect == FIGURES_ALL && cell_at(rows, r, c); c++)
			done &= mark(rows, r, c, MARK_SMALL);
	}
	return done;
}

/* Each column with its total, if there is one. */
static int protect_list(const struct figures_row *row, json_t *rows, struct err *e)
{
	size_t n = json_array_size(rows);
	bool hidden;
	int err = 0;
	for (size_t c = 0; !err && n && cell_at(rows, 0, c); c++) {
		const struct block b = {rows, n - row->total, c, 1, false, row->total};
		if (row->total)
			err = protect(&b, false, true, &hidden, e);
		for (size_t r = 0; !row->total && r < n; r++)
			if (json_integer_value(cell_at(rows, r, c)) < SUPPRESS_BELOW &&
			    !mark(rows, r, c, MARK_SMALL))
				err = err_set(e, -ENOMEM, "memory ran out");
	}
	return err;
}

static bool is_cross(const json_t *table, json_t **ret_rows)
{
	const struct figures_row *row = figures_find(json_string_value(json_object_get(table, "id")));
	*ret_rows = json_object_get(table, "rows");
	return row && row->protect && row->kind == FIGURES_CROSS && json_array_size(*ret_rows);
}

/* All cross tables count the same hits: where one withholds their sum, all do. */
static int protect_crosses(json_t *tables, bool hide_total, bool do_apply, bool *ret_hidden, struct err *e)
{
	size_t i;
	json_t *table, *rows;
	int err = 0;
	*ret_hidden = false;
	json_array_foreach(tables, i, table)
	{
		bool hidden = false;
		if (err || !is_cross(table, &rows))
			continue;
		const struct block b = {rows, json_array_size(rows) - 1,
					0,    json_array_size(json_object_get(table, "columns")) - 1,
					true, true};
		err = protect(&b, hide_total, do_apply, &hidden, e);
		*ret_hidden |= hidden;
	}
	return err;
}

int figures_protect(json_t *tables, struct err *e)
{
	size_t i;
	json_t *table;
	bool hidden = false, still;
	int err = protect_crosses(tables, false, false, &hidden, e);
	if (!err)
		err = protect_crosses(tables, hidden, true, &still, e);
	json_array_foreach(tables, i, table)
	{
		const struct figures_row *row = figures_find(json_string_value(json_object_get(table, "id")));
		json_t *rows = json_object_get(table, "rows");
		if (!err && row && row->protect && row->kind == FIGURES_LIST)
			err = protect_list(row, rows, e);
		if (!err && row && row->protect && row->kind == FIGURES_TIMES && !protect_times(row, rows))
			err = err_set(e, -ENOMEM, "memory ran out");
	}
	return err;
}
