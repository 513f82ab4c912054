/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/table.h"

#include <stdlib.h>
#include <string.h>

#define GAP	     2	/* columns between cells */
#define COLUMN_LEAST 14 /* no column is wrapped into less */

struct cell {
	char *text; /* NULL: empty */
	enum colour colour;
};

struct column {
	char *title;
	enum table_align align;
};

struct table {
	unsigned n_columns, n_rows, n_cells; /* n_cells: of the row begun last */
	bool blocks;
	struct column columns[TABLE_COLUMNS_MAX];
	struct cell (*rows)[TABLE_COLUMNS_MAX];
};

struct table *table_new(void)
{
	return calloc(1, sizeof(struct table));
}

void table_drop_row(struct table *t)
{
	if (!t->n_rows)
		return;
	t->n_rows--;
	for (unsigned c = 0; c < TABLE_COLUMNS_MAX; c++)
		free(t->rows[t->n_rows][c].text);
	t->n_cells = TABLE_COLUMNS_MAX; /* of which row is not known */
}

void table_free(struct table *t)
{
	if (!t)
		return;
	while (t->n_rows)
		table_drop_row(t);
	for (unsigned c = 0; c < t->n_columns; c++)
		free(t->columns[c].title);
	free(t->rows);
	free(t);
}

void table_blocks(struct table *t)
{
	t->blocks = true;
}

void table_column(struct table *t, const char *title, enum table_align align)
{
	if (t->n_columns < TABLE_COLUMNS_MAX)
		t->columns[t->n_columns++] = (struct column){text_clean(title), align};
}

void table_row(struct table *t)
{
	if (!(t->n_rows & (t->n_rows - 1))) { /* full at each power of two */
		void *rows = realloc(t->rows, (t->n_rows ? 2 * t->n_rows : 1) * sizeof(*t->rows));
		t->n_cells = TABLE_COLUMNS_MAX;
		if (!rows)
			return;
		t->rows = rows;
	}
	memset(t->rows[t->n_rows++], 0, sizeof(*t->rows));
	t->n_cells = 0;
}

static void put(struct table *t, char *clean, enum colour c)
{
	if (!t->n_rows || t->n_cells >= t->n_columns) {
		free(clean);
		return;
	}
	t->rows[t->n_rows - 1][t->n_cells++] = (struct cell){clean, c};
}

void table_text(struct table *t, const char *text, enum colour c)
{
	put(t, text_clean(text), c);
}

void table_cell(struct table *t, const json_t *v)
{
	char figure[32];
	if (!json_is_real(v)) {
		put(t, text_of_json(v), COLOUR_NONE);
		return;
	}
	snprintf(figure, sizeof(figure), "%.1f", json_real_value(v));
	table_text(t, figure, COLOUR_NONE);
}

unsigned table_rows(const struct table *t)
{
	return t->n_rows;
}

static const char *title_of(const struct table *t, unsigned column)
{
	return t->columns[column].title ? t->columns[column].title : "";
}

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t width_of(const struct table *t, unsigned column)
{
	size_t w = text_columns(title_of(t, column));
	for (unsigned i = 0; i < t->n_rows; i++) {
		const char *text = t->rows[i][column].text;
		w = max(w, text ? text_columns(text) : 0);
	}
	return w;
}

/* Narrows the widest columns until all fit. */
static void squeeze(size_t *widths, unsigned n, size_t room)
{
	for (;;) {
		size_t sum = 0;
		unsigned widest = 0, c;
		for (c = 0; c < n; c++) {
			sum += widths[c] + (c ? GAP : 0);
			widest = widths[c] > widths[widest] ? c : widest;
		}
		if (sum <= room || widths[widest] <= COLUMN_LEAST)
			return;
		widths[widest]--;
	}
}

/* A line of a cell, padded unless nothing follows. */
static void print_piece(const struct style *s, const char *text, size_t len, enum table_align align,
			size_t width, enum colour colour, bool last)
{
	char *piece = strndup(text, len);
	size_t used = piece ? text_columns(piece) : 0, pad = width > used ? width - used : 0;
	if (align == TABLE_RIGHT)
		fprintf(s->out, "%*s", (int)pad, "");
	style_begin(s, colour);
	fputs(piece ? piece : "", s->out);
	style_end(s, colour);
	if (align == TABLE_LEFT && !last)
		fprintf(s->out, "%*s", (int)pad, "");
	free(piece);
}

struct part {
	const struct table *t;
	const struct style *s;
	const size_t *widths;
	unsigned shown[TABLE_COLUMNS_MAX], n; /* the columns of this block */
	bool titles;
};

/* The cells' first lines, then the rest of those that have more. */
static void print_line(const struct part *p, const char *const *texts, const enum colour *colours)
{
	const char *rest[TABLE_COLUMNS_MAX];
	bool more = true;
	for (unsigned i = 0; i < p->n; i++)
		rest[i] = texts[i];
	while (more) {
		unsigned last = 0;
		more = false;
		for (unsigned i = 0; i < p->n; i++)
			last = rest[i] && *rest[i] ? i : last;
		for (unsigned i = 0; i <= last && i < p->n; i++) {
			unsigned c = p->shown[i];
			const char *text = rest[i] ? rest[i] : "";
			size_t len = text_line(text, p->widths[c], &rest[i]);
			fprintf(p->s->out, "%*s", i ? GAP : 0, "");
			print_piece(p->s, text, len, p->t->columns[c].align, p->widths[c], colours[i],
				    i == last);
			more |= rest[i] != NULL;
		}
		fputc('\n', p->s->out);
	}
}

static void print_part(const struct part *p)
{
	const char *texts[TABLE_COLUMNS_MAX];
	enum colour colours[TABLE_COLUMNS_MAX];
	for (unsigned i = 0; i < p->n; i++) {
		texts[i] = title_of(p->t, p->shown[i]);
		colours[i] = COLOUR_STRONG;
	}
	if (p->titles)
		print_line(p, texts, colours);
	for (unsigned r = 0; r < p->t->n_rows; r++) {
		for (unsigned i = 0; i < p->n; i++) {
			const struct cell *c = &p->t->rows[r][p->shown[i]];
			texts[i] = c->text ? c->text : "";
			colours[i] = c->colour;
		}
		print_line(p, texts, colours);
	}
}

/* The first column, and beside it as many as fit; at least one. */
static void print_blocks(struct part *p, size_t room)
{
	const size_t *w = p->widths;
	for (unsigned from = 1, to; from < p->t->n_columns; from = to) {
		size_t used = w[0] + GAP + w[from];
		p->n = 2;
		p->shown[1] = from;
		for (to = from + 1; to < p->t->n_columns && used + GAP + w[to] <= room; to++) {
			used += GAP + w[to];
			p->shown[p->n++] = to;
		}
		if (from > 1)
			fputc('\n', p->s->out);
		print_part(p);
	}
}

static void print_table(const struct table *t, const struct style *s, bool titles)
{
	size_t widths[TABLE_COLUMNS_MAX];
	struct part p = {.t = t, .s = s, .widths = widths, .n = t->n_columns, .titles = titles};
	for (unsigned c = 0; c < t->n_columns; c++) {
		widths[c] = width_of(t, c);
		p.shown[c] = c;
	}
	if (t->blocks) {
		print_blocks(&p, s->width ? s->width : TEXT_WIDTH);
		return;
	}
	if (s->width)
		squeeze(widths, t->n_columns, s->width);
	print_part(&p);
}

void table_print(const struct table *t, const struct style *s)
{
	print_table(t, s, true);
}

void table_print_rows(const struct table *t, const struct style *s)
{
	print_table(t, s, false);
}
