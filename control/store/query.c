/* SPDX-License-Identifier: BSD-3-Clause */
/* Statements: prepared once, bound by letters, stepped. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/store/store_state.h"

static sqlite3_stmt *kept(struct store *s, const char *sql, bool *ret_own)
{
	unsigned i = (unsigned)((uintptr_t)sql * 0x9e3779b97f4a7c15ull >> 56) % STORE_KEPT;
	sqlite3_stmt *stmt = s->kept[i].stmt;
	*ret_own = false;
	if (stmt && s->kept[i].sql == sql && !sqlite3_stmt_busy(stmt))
		return stmt;
	bool room = !stmt || !sqlite3_stmt_busy(stmt);
	sqlite3_stmt *made = NULL;
	if (sqlite3_prepare_v3(s->db, sql, -1, room ? SQLITE_PREPARE_PERSISTENT : 0, &made, NULL) !=
	    SQLITE_OK)
		return NULL;
	*ret_own = !room;
	if (room) {
		sqlite3_finalize(stmt);
		s->kept[i].sql = sql;
		s->kept[i].stmt = made;
	}
	return made;
}

static int bind_sealed(struct store *s, sqlite3_stmt *stmt, int at, const char *context, const char *text,
		       struct err *e)
{
	uint8_t *sealed;
	size_t n;
	if (!text)
		return sqlite3_bind_null(stmt, at);
	if (seal_text(&s->key, context, text, strlen(text), &sealed, &n, e))
		return SQLITE_NOMEM;
	return sqlite3_bind_blob64(stmt, at, sealed, n, free);
}

static int bind(struct store *s, sqlite3_stmt *stmt, const char *types, va_list ap, struct err *e)
{
	int rc = SQLITE_OK;
	for (int at = 1; *types && rc == SQLITE_OK; types++, at++)
		switch (*types) {
		case 'i':
			rc = sqlite3_bind_int64(stmt, at, va_arg(ap, int64_t));
			break;
		case 't':
			rc = sqlite3_bind_text(stmt, at, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
			break;
		case 'b': {
			const void *p = va_arg(ap, const void *);
			rc = sqlite3_bind_blob64(stmt, at, p, va_arg(ap, size_t), SQLITE_TRANSIENT);
			break;
		}
		case 'x': {
			const char *context = va_arg(ap, const char *);
			rc = bind_sealed(s, stmt, at, context, va_arg(ap, const char *), e);
			break;
		}
		default:
			rc = SQLITE_MISUSE;
		}
	return rc;
}

sqlite3_stmt *store_prepare(struct store *s, const char *sql, const char *types, va_list ap, bool *ret_own,
			    int *ret_err, struct err *e)
{
	sqlite3_stmt *stmt = kept(s, sql, ret_own);
	if (!stmt) {
		*ret_err = store_failed(s, "a statement", e);
		return NULL;
	}
	if (bind(s, stmt, types, ap, e) != SQLITE_OK) {
		*ret_err = store_failed(s, "an argument", e);
		store_done(stmt, *ret_own);
		return NULL;
	}
	return stmt;
}

void store_done(sqlite3_stmt *stmt, bool own)
{
	if (own) {
		sqlite3_finalize(stmt);
		return;
	}
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
}

int store_run(struct store *s, struct err *e, const char *sql, const char *types, ...)
{
	va_list ap;
	bool own;
	int err = 0;
	va_start(ap, types);
	sqlite3_stmt *stmt = store_prepare(s, sql, types, ap, &own, &err, e);
	va_end(ap);
	if (!stmt)
		return err;
	int rc;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		;
	if (rc != SQLITE_DONE)
		err = store_failed(s, "a change", e);
	store_done(stmt, own);
	return err;
}

void store_rows(struct rows *r, struct store *s, const char *sql, const char *types, va_list ap)
{
	*r = (struct rows){.store = s};
	r->stmt = store_prepare(s, sql, types, ap, &r->own, &r->err, NULL);
}

void rows_open(struct rows *r, struct store *s, const char *sql, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	store_rows(r, s, sql, types, ap);
	va_end(ap);
}

bool rows_next(struct rows *r)
{
	if (!r->stmt || r->err)
		return false;
	int rc = sqlite3_step(r->stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		r->err = store_failed(r->store, "a question", NULL);
	return rc == SQLITE_ROW;
}

int rows_end(struct rows *r, struct err *e)
{
	int err = r->err;
	if (err == -EBADMSG)
		err_set(e, err, "%s/store.db: a sealed value is damaged", r->store->folder);
	else if (err)
		store_failed(r->store, "a question", e);
	if (r->stmt)
		store_done(r->stmt, r->own);
	r->stmt = NULL;
	return err;
}

int64_t rows_int(struct rows *r, int column)
{
	return sqlite3_column_int64(r->stmt, column);
}

bool rows_null(struct rows *r, int column)
{
	return sqlite3_column_type(r->stmt, column) == SQLITE_NULL;
}

const char *rows_text(struct rows *r, int column)
{
	return (const char *)sqlite3_column_text(r->stmt, column);
}

const void *rows_blob(struct rows *r, int column, size_t *ret_n)
{
	const void *p = sqlite3_column_blob(r->stmt, column);
	*ret_n = (size_t)sqlite3_column_bytes(r->stmt, column);
	return p;
}

char *rows_unseal(struct rows *r, int column, const char *context)
{
	uint8_t *plain;
	size_t n, plain_n;
	const void *p = rows_blob(r, column, &n);
	if (!p)
		return NULL;
	if (unseal_text(&r->store->key, context, p, n, &plain, &plain_n, NULL)) {
		r->err = -EBADMSG;
		return NULL;
	}
	char *text = realloc(plain, plain_n + 1);
	if (!text) {
		free(plain);
		r->err = -ENOMEM;
		return NULL;
	}
	text[plain_n] = 0;
	return text;
}

int store_int(struct store *s, int64_t *ret, struct err *e, const char *sql, const char *types, ...)
{
	struct rows r;
	va_list ap;
	va_start(ap, types);
	store_rows(&r, s, sql, types, ap);
	va_end(ap);
	bool there = rows_next(&r) && !rows_null(&r, 0);
	if (there)
		*ret = rows_int(&r, 0);
	int err = rows_end(&r, e);
	return err ? err : there ? 0 : err_set(e, -ENOENT, "there is none");
}

int store_str(struct store *s, char **ret, struct err *e, const char *sql, const char *types, ...)
{
	struct rows r;
	va_list ap;
	va_start(ap, types);
	store_rows(&r, s, sql, types, ap);
	va_end(ap);
	char *copy = NULL;
	bool there = rows_next(&r) && !rows_null(&r, 0);
	if (there)
		copy = strdup(rows_text(&r, 0));
	int err = rows_end(&r, e);
	if (!err && !there)
		return err_set(e, -ENOENT, "there is none");
	if (!err && !copy)
		err = err_set(e, -ENOMEM, "no memory");
	if (err)
		free(copy);
	else
		*ret = copy;
	return err;
}
