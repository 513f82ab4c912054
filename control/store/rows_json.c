/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows as JSON: a column's name says how it is shown. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/hex.h"
#include "common/utf8.h"
#include "control/store/clock.h"
#include "control/store/store_state.h"

static json_t *as_time(int64_t at)
{
	char text[CLOCK_TEXT_BYTES];
	clock_text(at, text);
	return json_string(text);
}

/* A limit may have cut a text within a character: what is not UTF-8 is '?'. */
static json_t *as_text(const char *text)
{
	json_t *v = json_string(text);
	char *copy = v ? NULL : strdup(text);
	if (!copy)
		return v;
	for (char *p = copy, *end = copy + strlen(copy); p < end;) {
		size_t n = utf8_sequence((const uint8_t *)p, (size_t)(end - p));
		if (!n)
			*p = '?';
		p += n ? n : 1;
	}
	v = json_string(copy);
	free(copy);
	return v;
}

static json_t *as_hex(const uint8_t *p, size_t n)
{
	char *text = malloc(2 * n + 1);
	if (!text)
		return NULL;
	hex_write(p, n, text);
	json_t *v = json_stringn(text, 2 * n);
	free(text);
	return v;
}

static json_t *as_sealed(struct rows *r, int column, const char *context)
{
	char *text = rows_unseal(r, column, context);
	json_t *v = text ? as_text(text) : NULL;
	free(text);
	return v;
}

/* how: behind the ':' of the column's name, or NULL. */
static json_t *value(struct rows *r, int column, const char *how)
{
	size_t n;
	if (rows_null(r, column))
		return json_null();
	if (how && *how == 't')
		return as_time(rows_int(r, column));
	if (how && *how == 'b')
		return json_boolean(rows_int(r, column));
	if (how && *how == 'j')
		return json_loads(rows_text(r, column), JSON_DECODE_ANY, NULL);
	if (how && *how == 'x')
		return as_sealed(r, column, how + strlen("x="));
	if (how && *how == 'h') {
		const uint8_t *p = rows_blob(r, column, &n);
		return as_hex(p, n);
	}
	switch (sqlite3_column_type(r->stmt, column)) {
	case SQLITE_INTEGER:
		return json_integer(rows_int(r, column));
	case SQLITE_FLOAT:
		return json_real(sqlite3_column_double(r->stmt, column));
	default:
		return as_text(rows_text(r, column));
	}
}

static json_t *object(struct rows *r)
{
	json_t *o = json_object();
	for (int i = 0; o && i < sqlite3_column_count(r->stmt); i++) {
		const char *name = sqlite3_column_name(r->stmt, i), *colon = strchr(name, ':');
		char key[64];
		size_t n = colon ? (size_t)(colon - name) : strlen(name);
		n = n < sizeof(key) ? n : sizeof(key) - 1;
		memcpy(key, name, n);
		key[n] = 0;
		json_t *v = value(r, i, colon ? colon + 1 : NULL);
		if (!v && !r->err)
			r->err = -ENOMEM;
		if (!v || json_object_set_new(o, key, v)) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

static int collect(struct rows *r, json_t **ret, struct err *e)
{
	json_t *all = json_array();
	while (all && rows_next(r))
		if (json_array_append_new(all, object(r))) {
			r->err = r->err ? r->err : -ENOMEM;
			break;
		}
	int err = rows_end(r, e);
	if (!err && !all)
		err = err_set(e, -ENOMEM, "no memory");
	if (err)
		json_decref(all);
	else
		*ret = all;
	return err;
}

int store_json(struct store *s, json_t **ret, struct err *e, const char *sql, const char *types, ...)
{
	struct rows r;
	va_list ap;
	va_start(ap, types);
	store_rows(&r, s, sql, types, ap);
	va_end(ap);
	return collect(&r, ret, e);
}

int store_json_row(struct store *s, json_t **ret, struct err *e, const char *sql, const char *types, ...)
{
	struct rows r;
	json_t *all;
	va_list ap;
	va_start(ap, types);
	store_rows(&r, s, sql, types, ap);
	va_end(ap);
	int err = collect(&r, &all, e);
	if (err)
		return err;
	json_t *first = json_incref(json_array_get(all, 0));
	json_decref(all);
	if (!first)
		return -ENOENT;
	*ret = first;
	return 0;
}
