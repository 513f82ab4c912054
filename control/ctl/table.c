/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/quote.h"

struct table *table_new(void)
{
	return calloc(1, sizeof(struct table));
}

void table_free(struct table *t)
{
	free(t);
}

void table_column(struct table *t, const char *name)
{
	if (t->n_columns < TABLE_COLUMNS_MAX)
		quote_into(t->columns[t->n_columns++], TABLE_CELL_BYTES, name);
}

void table_row(struct table *t, const char *name)
{
	if (t->n_rows < TABLE_ROWS_MAX) {
		struct table_row *r = &t->rows[t->n_rows++];
		*r = (struct table_row){0};
		quote_into(r->name, sizeof(r->name), name);
	}
}

void table_drop_row(struct table *t)
{
	if (t->n_rows)
		t->n_rows--;
}

void table_cell(struct table *t, const json_t *v)
{
	struct table_row *r = t->n_rows ? &t->rows[t->n_rows - 1] : NULL;
	if (!r || r->n == TABLE_COLUMNS_MAX)
		return;
	char *to = r->cells[r->n++];
	if (json_is_integer(v))
		snprintf(to, TABLE_CELL_BYTES, "%" PRId64, (int64_t)json_integer_value(v));
	else if (json_is_real(v))
		snprintf(to, TABLE_CELL_BYTES, "%.1f", json_real_value(v));
	else if (json_is_boolean(v))
		strcpy(to, json_is_true(v) ? "yes" : "no");
	else if (json_is_string(v))
		quote_into(to, TABLE_CELL_BYTES, json_string_value(v));
	else
		strcpy(to, "-");
}

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t width_of(const struct table *t, unsigned column)
{
	size_t w = strlen(t->columns[column]);
	for (unsigned i = 0; i < t->n_rows; i++)
		w = max(w, strlen(t->rows[i].cells[column]));
	return w;
}

static void print_block(const struct table *t, size_t name_width, unsigned from, unsigned to,
			const size_t *widths, FILE *out)
{
	fprintf(out, "%-*s", (int)name_width, "");
	for (unsigned c = from; c < to; c++)
		fprintf(out, "  %*s", (int)widths[c], t->columns[c]);
	for (unsigned i = 0; i < t->n_rows; i++) {
		fprintf(out, "\n%-*s", (int)name_width, t->rows[i].name);
		for (unsigned c = from; c < to; c++)
			fprintf(out, "  %*s", (int)widths[c], t->rows[i].cells[c]);
	}
	fputc('\n', out);
}

void table_print(const struct table *t, FILE *out)
{
	size_t widths[TABLE_COLUMNS_MAX], name_width = 0;
	for (unsigned i = 0; i < t->n_rows; i++)
		name_width = max(name_width, strlen(t->rows[i].name));
	for (unsigned c = 0; c < t->n_columns; c++)
		widths[c] = width_of(t, c);
	for (unsigned from = 0, to; from < t->n_columns; from = to) {
		size_t used = name_width + 2 + widths[from];
		for (to = from + 1; to < t->n_columns && used + 2 + widths[to] <= TABLE_WIDTH; to++)
			used += 2 + widths[to];
		if (from)
			fputc('\n', out);
		print_block(t, name_width, from, to, widths, out);
	}
}
