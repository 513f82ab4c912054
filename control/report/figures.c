/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/figures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc.h"
#include "control/report/quantile.h"

json_t *figures_table(const struct figures_row *row, json_t *columns)
{
	json_t *keys = json_array();
	for (unsigned i = 0; i < FIGURES_KEYS && row->keys[i]; i++)
		json_array_append_new(keys, json_string(row->keys[i]));
	return json_pack("{sssososo}", "id", row->id, "keys", keys, "columns", columns, "rows", json_array());
}

int figures_add(json_t *table, const char *const keys[FIGURES_KEYS], json_t *cells)
{
	json_t *names = json_array();
	for (unsigned i = 0; keys && i < json_array_size(json_object_get(table, "keys")); i++)
		json_array_append_new(names, rpc_string(keys[i]));
	return json_array_append_new(json_object_get(table, "rows"),
				     json_pack("{sosbso}", "keys", names, "total", !keys, "cells", cells))
		   ? -ENOMEM
		   : 0;
}

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

static json_t *column_names(const struct figures_row *row)
{
	json_t *names = json_array();
	for (unsigned i = 0; i < columns_of(row); i++)
		json_array_append_new(names, json_string(row->columns[i].id));
	return names;
}

static json_t *cell(const struct figures_column *c, int64_t v)
{
	return c->seconds ? json_real((double)v / 1000) : json_integer(v);
}

static int list_table(const struct figures_row *row, struct rows *r, json_t *table)
{
	unsigned n_keys = keys_of(row), n = columns_of(row);
	int64_t sums[FIGURES_COLUMNS] = {0};
	int err = 0;
	bool any = false;
	while (!err && rows_next(r)) {
		const char *keys[FIGURES_KEYS] = {rows_text(r, 0), n_keys > 1 ? rows_text(r, 1) : NULL};
		json_t *cells = json_array();
		for (unsigned i = 0; i < n; i++) {
			int64_t v = rows_int(r, (int)(n_keys + i));
			sums[i] += v;
			json_array_append_new(cells, cell(&row->columns[i], v));
		}
		err = figures_add(table, keys, cells);
		any = true;
	}
	if (err || !row->total || !any)
		return err;
	json_t *cells = json_array();
	for (unsigned i = 0; i < n; i++)
		json_array_append_new(cells, cell(&row->columns[i], sums[i]));
	return figures_add(table, NULL, cells);
}

static size_t place(json_t *names, const char *name)
{
	size_t i;
	const json_t *v;
	json_array_foreach(names, i, v) if (!strcmp(json_string_value(v), name)) return i;
	json_array_append_new(names, rpc_string(name));
	return i;
}

/* Sums of rows and columns, and of all. A pair that is not there is null. */
static int sum_up(json_t *table, json_t *rows, json_t *columns, json_t *const *counts, size_t n_columns)
{
	size_t n_rows = json_array_size(rows);
	int64_t *sums = calloc(n_columns + 1, sizeof(*sums));
	int err = sums ? 0 : -ENOMEM;
	for (size_t r = 0; !err && r < n_rows; r++) {
		const char *keys[FIGURES_KEYS] = {json_string_value(json_array_get(rows, r))};
		json_t *cells = json_array();
		int64_t sum = 0;
		for (size_t c = 0; c < n_columns; c++) {
			const json_t *v =
			    json_object_get(counts[r], json_string_value(json_array_get(columns, c)));
			sum += json_integer_value(v);
			sums[c] += json_integer_value(v);
			json_array_append_new(cells, v ? json_integer(json_integer_value(v)) : json_null());
		}
		sums[n_columns] += sum;
		json_array_append_new(cells, json_integer(sum));
		err = figures_add(table, keys, cells);
	}
	json_t *cells = json_array();
	for (size_t c = 0; !err && c <= n_columns; c++)
		json_array_append_new(cells, json_integer(sums[c]));
	free(sums);
	if (err)
		json_decref(cells);
	return err ? err : figures_add(table, NULL, cells);
}

static int cross_table(struct rows *r, json_t *table)
{
	json_t *rows = json_array(), *columns = json_object_get(table, "columns"), **counts = NULL;
	size_t n = 0;
	int err = 0;
	json_array_remove(json_object_get(table, "keys"), 1); /* it names the columns */
	while (!err && rows_next(r)) {
		size_t at = place(rows, rows_text(r, 0));
		if (at == n) {
			json_t **more = realloc(counts, (n + 1) * sizeof(*more));
			counts = more ? more : counts;
			if (!more || !(counts[n] = json_object()))
				err = -ENOMEM;
			n += !err;
		}
		place(columns, rows_text(r, 1));
		if (!err && json_object_set_new(counts[at], rows_text(r, 1), json_integer(rows_int(r, 2))))
			err = -ENOMEM;
	}
	size_t n_columns = json_array_size(columns);
	if (!err && n)
		err = sum_up(table, rows, columns, counts, n_columns);
	json_array_append_new(columns, json_string("total"));
	while (n)
		json_decref(counts[--n]);
	free(counts);
	json_decref(rows);
	return err;
}

struct sample {
	int64_t *v;
	size_t n, room;
	char key[32];
};

static int sample_end(json_t *table, struct sample *s)
{
	const char *keys[FIGURES_KEYS] = {s->key};
	if (!s->n)
		return 0;
	quantile_sort(s->v, s->n);
	json_t *cells = json_pack("[Iff]", (json_int_t)s->n, (double)quantile(s->v, s->n, 50) / 1000,
				  (double)quantile(s->v, s->n, 95) / 1000);
	s->n = 0;
	return figures_add(table, keys, cells);
}

static int times_table(struct rows *r, json_t *table)
{
	struct sample s = {0};
	int err = 0;
	while (!err && rows_next(r)) {
		if (strcmp(s.key, rows_text(r, 0))) {
			err = sample_end(table, &s);
			snprintf(s.key, sizeof(s.key), "%s", rows_text(r, 0));
		}
		if (s.n == s.room) {
			s.room = s.room ? 2 * s.room : 64;
			int64_t *more = realloc(s.v, s.room * sizeof(*more));
			if (!more)
				err = -ENOMEM;
			s.v = more ? more : s.v;
		}
		if (!err)
			s.v[s.n++] = rows_int(r, 1);
	}
	if (!err)
		err = sample_end(table, &s);
	free(s.v);
	return err;
}

static char *dataplanes_of(const struct control_config *config)
{
	json_t *names = json_array();
	for (unsigned i = 0; i < config->n_dataplanes; i++)
		json_array_append_new(names, rpc_string(config->dataplanes[i].name));
	char *text = json_dumps(names, JSON_COMPACT);
	json_decref(names);
	return text;
}

int figures_make(const struct report_context *c, const struct period *p, const struct figures_row *row,
		 json_t **ret, struct err *e)
{
	int64_t attached = 0;
	struct rows r;
	int err = store_int(c->store, &attached, e,
			    "SELECT count(*) FROM pragma_database_list WHERE name = 'audit'", "");
	if (err)
		return err;
	const char *sql = row->sql[attached && row->sql[1]];
	char *names = dataplanes_of(c->config);
	json_t *table = figures_table(row, row->kind == FIGURES_CROSS ? json_array() : column_names(row));
	if (strstr(sql, "?3"))
		rows_open(&r, c->store, sql, "iit", p->from, p->to, names);
	else
		rows_open(&r, c->store, sql, "ii", p->from, p->to);
	if (!table || !names)
		err = -ENOMEM;
	else
		err = row->kind == FIGURES_LIST	   ? list_table(row, &r, table)
		      : row->kind == FIGURES_CROSS ? cross_table(&r, table)
						   : times_table(&r, table);
	int asked = rows_end(&r, e);
	if (!asked && err)
		asked = err_set(e, err, "memory ran out");
	free(names);
	if (asked)
		json_decref(table);
	else
		*ret = table;
	return asked;
}
