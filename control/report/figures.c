/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/figures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc.h"
#include "control/report/grow.h"
#include "control/report/quantile.h"

/* A table that grows. */
struct growing {
	const struct figures_row *row;
	json_t *table, *keys, *columns, *rows; /* all but table: borrowed from it */
	bool failed;			       /* memory ran out */
};

static unsigned columns_of(const struct figures_row *row)
{
	unsigned n = 0;
	while (n < FIGURES_COLUMNS && row->columns[n].id)
		n++;
	return n;
}

static unsigned keys_of(const struct figures_row *row)
{
	unsigned n = 0;
	while (n < FIGURES_KEYS && row->keys[n])
		n++;
	return n;
}

static void begin(struct growing *g, const struct figures_row *row)
{
	*g = (struct growing){.row = row};
	g->table = json_pack("{sss[]s[]s[]}", "id", row->id, "keys", "columns", "rows");
	g->failed = !g->table;
	g->keys = json_object_get(g->table, "keys");
	g->columns = json_object_get(g->table, "columns");
	g->rows = json_object_get(g->table, "rows");
	/* of a cross table the second key names the columns */
	for (unsigned i = 0; i < (row->kind == FIGURES_CROSS ? 1 : keys_of(row)); i++)
		grow_array(g->keys, json_string(row->keys[i]), &g->failed);
	for (unsigned i = 0; i < columns_of(row); i++)
		grow_array(g->columns, json_string(row->columns[i].id), &g->failed);
}

/* keys NULL: the totals. Takes cells over. */
static void add(struct growing *g, const char *const keys[FIGURES_KEYS], json_t *cells)
{
	json_t *names = grow_begin(&g->failed);
	for (unsigned i = 0; keys && i < json_array_size(g->keys); i++)
		grow_array(names, rpc_string(keys[i]), &g->failed);
	grow_array(g->rows, json_pack("{sosbso}", "keys", names, "total", !keys, "cells", cells), &g->failed);
}

static json_t *cell(const struct figures_column *c, int64_t v)
{
	return c->seconds ? json_real((double)v / 1000) : json_integer(v);
}

static void add_list(struct growing *g, const char *const keys[FIGURES_KEYS], const int64_t *values)
{
	json_t *cells = grow_begin(&g->failed);
	for (unsigned i = 0; i < columns_of(g->row); i++)
		grow_array(cells, cell(&g->row->columns[i], values[i]), &g->failed);
	add(g, keys, cells);
}

static void list_table(struct growing *g, struct rows *r)
{
	unsigned n_keys = keys_of(g->row), n = columns_of(g->row);
	int64_t sums[FIGURES_COLUMNS] = {0}, values[FIGURES_COLUMNS];
	while (!g->failed && rows_next(r)) {
		const char *keys[FIGURES_KEYS] = {rows_text(r, 0), n_keys > 1 ? rows_text(r, 1) : NULL};
		for (unsigned i = 0; i < n; i++) {
			values[i] = rows_int(r, (int)(n_keys + i));
			sums[i] += values[i];
		}
		add_list(g, keys, values);
	}
	if (g->row->total && json_array_size(g->rows))
		add_list(g, NULL, sums);
}

/* Counts by the name of a row, then by that of a column. */
static void take_pair(struct growing *g, json_t *counts, const char *row, const char *column, int64_t n)
{
	size_t i = 0;
	const json_t *name;
	if (!json_object_get(counts, row))
		grow_object(counts, row, json_object(), &g->failed);
	grow_object(json_object_get(counts, row), column, json_integer(n), &g->failed);
	json_array_foreach(g->columns, i, name) if (!strcmp(json_string_value(name), column)) return;
	grow_array(g->columns, rpc_string(column), &g->failed);
}

/* A row with its sum; a pair that is not there is null. counts NULL: the sums themselves. */
static void add_cross(struct growing *g, const char *const keys[FIGURES_KEYS], const json_t *counts,
		      json_t *sums)
{
	json_t *cells = grow_begin(&g->failed), *name;
	int64_t sum = 0;
	size_t i;
	json_array_foreach(g->columns, i, name)
	{
		const char *column = json_string_value(name);
		const json_t *v = json_object_get(keys ? counts : sums, column);
		int64_t n = json_integer_value(v);
		sum += n;
		grow_array(cells, v ? json_integer(n) : json_null(), &g->failed);
		if (keys)
			grow_object(sums, column,
				    json_integer(json_integer_value(json_object_get(sums, column)) + n),
				    &g->failed);
	}
	grow_array(cells, json_integer(sum), &g->failed);
	add(g, keys, cells);
}

static void cross_table(struct growing *g, struct rows *r)
{
	json_t *counts = json_object(), *sums = json_object(), *of_row;
	const char *row;
	g->failed |= !counts || !sums;
	while (!g->failed && rows_next(r)) {
		const char *names[] = {rows_text(r, 0), rows_text(r, 1)};
		take_pair(g, counts, names[0], names[1], rows_int(r, 2));
	}
	json_object_foreach(counts, row, of_row)
	{
		const char *keys[FIGURES_KEYS] = {row};
		add_cross(g, keys, of_row, sums);
	}
	if (json_array_size(g->rows))
		add_cross(g, NULL, NULL, sums);
	grow_array(g->columns, json_string("total"), &g->failed);
	json_decref(counts);
	json_decref(sums);
}

struct sample {
	int64_t *v;
	size_t n, room;
	char key[32];
};

static void sample_end(struct growing *g, struct sample *s)
{
	const char *keys[FIGURES_KEYS] = {s->key};
	if (!s->n)
		return;
	quantile_sort(s->v, s->n);
	add(g, keys,
	    json_pack("[Iff]", (json_int_t)s->n, (double)quantile(s->v, s->n, 50) / 1000,
		      (double)quantile(s->v, s->n, 95) / 1000));
	s->n = 0;
}

static void sample_add(struct growing *g, struct sample *s, int64_t v)
{
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		int64_t *more = realloc(s->v, room * sizeof(*more));
		g->failed |= !more;
		if (!more)
			return;
		s->v = more;
		s->room = room;
	}
	s->v[s->n++] = v;
}

/* Rows of one key follow each other. */
static void times_table(struct growing *g, struct rows *r)
{
	struct sample s = {0};
	while (!g->failed && rows_next(r)) {
		if (strcmp(s.key, rows_text(r, 0))) {
			sample_end(g, &s);
			snprintf(s.key, sizeof(s.key), "%s", rows_text(r, 0));
		}
		sample_add(g, &s, rows_int(r, 1));
	}
	sample_end(g, &s);
	free(s.v);
}

static char *dataplanes_of(const struct control_config *config)
{
	bool failed = false;
	json_t *names = grow_begin(&failed);
	for (unsigned i = 0; i < config->n_dataplanes; i++)
		grow_array(names, rpc_string(config->dataplanes[i].name), &failed);
	char *text = failed ? NULL : grow_text(names, JSON_COMPACT);
	json_decref(names);
	return text;
}

static void (*const makers[])(struct growing *g, struct rows *r) = {
    [FIGURES_LIST] = list_table, [FIGURES_CROSS] = cross_table, [FIGURES_TIMES] = times_table};

int figures_make(const struct report_context *c, const struct period *p, const struct figures_row *row,
		 json_t **ret, struct err *e)
{
	struct growing g;
	struct rows r;
	char *names = dataplanes_of(c->config);
	if (!names)
		return err_set(e, -ENOMEM, "memory ran out");
	if (strstr(row->sql, "?3"))
		rows_open(&r, c->store, row->sql, "iit", p->from, p->to, names);
	else
		rows_open(&r, c->store, row->sql, "ii", p->from, p->to);
	begin(&g, row);
	makers[row->kind](&g, &r);
	int err = rows_end(&r, e);
	free(names);
	if (!err && g.failed)
		err = err_set(e, -ENOMEM, "memory ran out");
	if (err)
		json_decref(g.table);
	else
		*ret = g.table;
	return err;
}
