/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "control/store/store_state.h"

int store_failed(struct store *s, const char *doing, struct err *e)
{
	int code = sqlite3_extended_errcode(s->db), err;
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		err = -ENOMEM;
		break;
	case SQLITE_FULL:
		err = -ENOSPC;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(e, -EUCLEAN, "%s/store.db is damaged: %s; put the last good copy in its place",
			       s->folder, sqlite3_errmsg(s->db));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		err = -EBUSY;
		break;
	case SQLITE_CONSTRAINT:
		err = -EEXIST;
		break;
	default:
		err = -EIO;
	}
	return err_set(e, err, "%s/store.db: %s: %s", s->folder, doing, sqlite3_errmsg(s->db));
}

static int exec(struct store *s, const char *sql, const char *doing, struct err *e)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_failed(s, doing, e);
}

/* What integrity_check finds wrong first. */
static int check(struct store *s, struct err *e)
{
	char *said = NULL;
	int err = store_str(s, &said, e, "PRAGMA integrity_check(1)", "");
	if (!err && strcmp(said, "ok"))
		err = err_set(e, -EUCLEAN, "%s/store.db is damaged: %s; put the last good copy in its place",
			      s->folder, said);
	free(said);
	int64_t orphans;
	if (!err && !store_int(s, &orphans, NULL, "SELECT count(*) FROM pragma_foreign_key_check", "") &&
	    orphans)
		err = err_set(e, -EUCLEAN, "%s/store.db is damaged: %lld rows refer to none", s->folder,
			      (long long)orphans);
	return err;
}

/* The key that the store was made with: its check is the first row of `state`. */
static int check_key(struct store *s, struct err *e)
{
	char *said = NULL;
	struct rows r;
	rows_open(&r, s, "SELECT value FROM state WHERE name = 'key-check'", "");
	bool there = rows_next(&r);
	if (there)
		said = rows_unseal(&r, 0, "key-check");
	rows_end(&r, NULL);
	free(said);
	if (there && !said)
		return err_set(e, -EKEYREJECTED,
			       "%s/store.db was made with another key: give the key_file that belongs to it",
			       s->folder);
	if (there)
		return 0;
	return store_run(s, e, "INSERT INTO state(name, value) VALUES('key-check', ?)", "x", "key-check",
			 "ok");
}

static int open_db(struct store *s, struct err *e)
{
	char *path;
	if (asprintf(&path, "%s/store.db", s->folder) < 0)
		return err_set(e, -ENOMEM, "no memory for the store");
	mode_t old = umask(077);
	int rc = sqlite3_open_v2(
	    path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI,
	    NULL);
	umask(old);
	free(path);
	if (rc != SQLITE_OK)
		return s->db ? store_failed(s, "cannot be opened", e)
			     : err_set(e, -ENOMEM, "no memory for the store");
	sqlite3_extended_result_codes(s->db, 1);
	return 0;
}

int store_open(const char *folder, const struct seal_key *key, struct store **ret, struct err *e)
{
	struct store *s = calloc(1, sizeof(*s));
	if (!s || !(s->folder = strdup(folder))) {
		free(s);
		return err_set(e, -ENOMEM, "no memory for the store");
	}
	s->key = *key;
	int err = open_db(s, e);
	if (!err)
		err = exec(
		    s,
		    "PRAGMA main.locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		    "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON;"
		    "PRAGMA trusted_schema=OFF; PRAGMA cache_size=-16384;",
		    "cannot be used (does another roja-control run?)", e);
	if (!err)
		err = check(s, e);
	if (!err)
		err = schema_migrate(s, e);
	if (!err)
		err = check_key(s, e);
	if (err)
		store_close(s);
	else
		*ret = s;
	return err;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < STORE_KEPT; i++)
		sqlite3_finalize(s->kept[i].stmt);
	sqlite3_close(s->db);
	explicit_bzero(&s->key, sizeof(s->key));
	free(s->folder);
	free(s);
}

const struct seal_key *store_key(const struct store *s)
{
	return &s->key;
}

/* The path as a URI: what would end it, or begin an escape, is escaped. */
static char *uri_of(const char *path)
{
	static const char digits[] = "0123456789ABCDEF";
	char *uri = malloc(3 * strlen(path) + sizeof("file:?mode=ro")), *to = uri;
	if (!uri)
		return NULL;
	to = stpcpy(to, "file:");
	for (const char *p = path; *p; p++) {
		if (strchr("?#%", *p)) {
			*to++ = '%';
			*to++ = digits[(uint8_t)*p >> 4];
			*to++ = digits[*p & 15];
		} else
			*to++ = *p;
	}
	strcpy(to, "?mode=ro");
	return uri;
}

int store_attach(struct store *s, const char *path, const char *name, struct err *e)
{
	sqlite3_stmt *stmt = NULL;
	char *uri = uri_of(path);
	if (!uri)
		return err_set(e, -ENOMEM, "no memory for the store");
	int err = sqlite3_prepare_v2(s->db, "ATTACH ? AS ?", -1, &stmt, NULL) != SQLITE_OK ||
			  sqlite3_bind_text(stmt, 1, uri, -1, SQLITE_STATIC) != SQLITE_OK ||
			  sqlite3_bind_text(stmt, 2, name, -1, SQLITE_STATIC) != SQLITE_OK ||
			  sqlite3_step(stmt) != SQLITE_DONE
		      ? store_failed(s, path, e)
		      : 0;
	sqlite3_finalize(stmt);
	free(uri);
	return err;
}

void store_detach(struct store *s, const char *name)
{
	sqlite3_stmt *stmt = NULL;
	/* statements that were asked of it wait unfinished for nobody, yet would hold it */
	for (unsigned i = 0; i < STORE_KEPT; i++)
		sqlite3_reset(s->kept[i].stmt);
	if (sqlite3_prepare_v2(s->db, "DETACH ?", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC) == SQLITE_OK)
		sqlite3_step(stmt);
	sqlite3_finalize(stmt);
}

static int on_commit(void *ctx)
{
	struct store *s = ctx;
	s->on_commit(s->on_commit_ctx);
	return 0;
}

void store_on_commit(struct store *s, void (*call)(void *ctx), void *ctx)
{
	s->on_commit = call;
	s->on_commit_ctx = ctx;
	sqlite3_commit_hook(s->db, call ? on_commit : NULL, s);
}

int store_begin(struct store *s, struct err *e)
{
	return exec(s, "BEGIN IMMEDIATE", "begin", e);
}

int store_commit(struct store *s, struct err *e)
{
	int err = exec(s, "COMMIT", "commit", e);
	if (err)
		store_undo(s);
	return err;
}

void store_undo(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

int store_end(struct store *s, int err, struct err *e)
{
	if (!err)
		return store_commit(s, e);
	store_undo(s);
	return err;
}

int64_t store_last_id(const struct store *s)
{
	return sqlite3_last_insert_rowid(s->db);
}

int store_changes(const struct store *s)
{
	return sqlite3_changes(s->db);
}
