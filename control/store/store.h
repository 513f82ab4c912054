/* SPDX-License-Identifier: BSD-3-Clause */
/* store: what the control process knows, in one SQLite file; statements with typed arguments and rows as JSON.
 *
 * Model:    every act is one transaction: begin, some store_run, commit. The file is in WAL mode with synchronous=FULL, so that
 *           what was committed is there after a power cut. A transaction that a death cut leaves nothing. Schema changes are
 *           migrations (schema.c), applied in order at open, each whole. The integrity check runs at open.
 *           Columns that can hold a list's entry or a person's words are sealed (rules/seal.h).
 * Owner:    store_open allocates, store_close frees. What rows_text gives lives until the next row.
 * Threads:  one: the main loop's.
 * Errors:   0 or -errno with a sentence; -EUCLEAN: the file is damaged; -ENOENT where one row was asked for and none is there.
 * Cost:     a commit waits for the disk. Prepared statements are kept by the address of their text: use literals.
 */
#ifndef CONTROL_STORE_STORE_H
#define CONTROL_STORE_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "rules/seal.h"

struct store;
struct sqlite3_stmt;

/* Opens, or makes, folder/store.db. The folder has mode 0700. */
int store_open(const char *folder, const struct seal_key *key, struct store **ret, struct err *e);
void store_close(struct store *s);
const struct seal_key *store_key(const struct store *s);

/* Called within each commit, just before it is durable: it may note that there is something, no more. One at a time; NULL: none. */
void store_on_commit(struct store *s, void (*call)(void *ctx), void *ctx);

/* Another database's tables, to read only, as NAME.TABLE: a file in WAL mode that this process keeps open and writes by a connection of its own. */
int store_attach(struct store *s, const char *path, const char *name, struct err *e);
/* No question of it is being asked. */
void store_detach(struct store *s, const char *name);

/* Transactions do not nest. store_undo does nothing outside of one. */
int store_begin(struct store *s, struct err *e);
int store_commit(struct store *s, struct err *e);
void store_undo(struct store *s);
/* Commits where err is 0, else undoes; returns what came of it. */
int store_end(struct store *s, int err, struct err *e);

/* Arguments by `types`, one letter each: i int64_t; t const char * (NULL: null); b const void *, size_t;
 * x const char *context, const char *text (NULL: null): sealed, and only unsealed with the same context. */
int store_run(struct store *s, struct err *e, const char *sql, const char *types, ...);
int64_t store_last_id(const struct store *s);
/* Rows that the last store_run changed. */
int store_changes(const struct store *s);
/* The first column of the first row. */
int store_int(struct store *s, int64_t *ret, struct err *e, const char *sql, const char *types, ...);
/* The same as text, which the caller frees. */
int store_str(struct store *s, char **ret, struct err *e, const char *sql, const char *types, ...);

struct rows {
	struct store *store;
	struct sqlite3_stmt *stmt;
	int err; /* what rows_end returns */
	bool own;
};
/* for (rows_open(...); rows_next(&r);) ...; err = rows_end(&r, e); rows_end is always called. */
void rows_open(struct rows *r, struct store *s, const char *sql, const char *types, ...);
bool rows_next(struct rows *r);
int rows_end(struct rows *r, struct err *e);
int64_t rows_int(struct rows *r, int column);
bool rows_null(struct rows *r, int column);
const char *rows_text(struct rows *r, int column); /* NULL: null */
const void *rows_blob(struct rows *r, int column, size_t *ret_n);
/* A sealed column; the caller frees it. NULL: null, or damaged (then rows_end says so). */
char *rows_unseal(struct rows *r, int column, const char *context);

/* All rows as an array of objects. A column's name may end in how to show it: ":t" a time (seconds since 1970) as text;
 * ":b" a boolean; ":j" JSON text as what it is; ":h" a blob in hexadecimal; ":x=CONTEXT" sealed text. */
int store_json(struct store *s, json_t **ret, struct err *e, const char *sql, const char *types, ...);
/* The one row as an object; -ENOENT with no sentence. */
int store_json_row(struct store *s, json_t **ret, struct err *e, const char *sql, const char *types, ...);

#endif
