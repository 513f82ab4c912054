/* SPDX-License-Identifier: BSD-3-Clause */
/* store_state: what the files of the store share. */
#ifndef CONTROL_STORE_STORE_STATE_H
#define CONTROL_STORE_STORE_STATE_H

#include <sqlite3.h>
#include <stdarg.h>

#include "control/store/store.h"

#define STORE_KEPT 256 /* prepared statements; a power of two */

struct store {
	sqlite3 *db;
	struct seal_key key;
	char *folder;
	void (*on_commit)(void *ctx);
	void *on_commit_ctx;
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} kept[STORE_KEPT];
};

/* A statement with its arguments bound; *ret_own: it is not a kept one. NULL with a sentence and *ret_err. */
sqlite3_stmt *store_prepare(struct store *s, const char *sql, const char *types, va_list ap, bool *ret_own,
			    int *ret_err, struct err *e);
/* rows_open over a va_list. */
void store_rows(struct rows *r, struct store *s, const char *sql, const char *types, va_list ap);
/* Ends its run. */
void store_done(sqlite3_stmt *stmt, bool own);
/* -errno for what the database said last, with its sentence. */
int store_failed(struct store *s, const char *doing, struct err *e);

/* Brings the file's schema up to this program's. */
int schema_migrate(struct store *s, struct err *e);

#endif
