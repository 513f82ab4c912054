/* SPDX-License-Identifier: BSD-3-Clause */
/* The file of the index: made, checked, renewed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/audit/index_state.h"

#define INDEX_SCHEMA 1

/* Times in nanoseconds since 1970, hours as their first second. Words as numbers of the log, but where the tables are for reading. */
static const char schema[] =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE nodes(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE sources(source INTEGER PRIMARY KEY, node INTEGER NOT NULL) STRICT;"
    "CREATE TABLE scopes(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, order_id INTEGER NOT NULL, list_id INTEGER NOT NULL,"
    "  protocol INTEGER NOT NULL, action INTEGER NOT NULL, node INTEGER NOT NULL,"
    "  UNIQUE(order_id, list_id, kind, protocol, action, node)) STRICT;"
    "CREATE TABLE postings(block INTEGER NOT NULL, scope INTEGER NOT NULL, n INTEGER NOT NULL, bundles BLOB NOT NULL,"
    "  PRIMARY KEY(block, scope)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX postings_scope ON postings(scope, block);"
    "CREATE TABLE blocks(block INTEGER PRIMARY KEY, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL) STRICT;"
    "CREATE TABLE bundles(bundle INTEGER PRIMARY KEY, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL) STRICT;"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, authority TEXT NOT NULL, reference TEXT NOT NULL, category TEXT NOT NULL,"
    "  state TEXT NOT NULL, confidential INTEGER NOT NULL, leaf INTEGER NOT NULL) STRICT;"
    "CREATE INDEX orders_authority ON orders(authority);"
    "CREATE INDEX orders_category ON orders(category);"
    "CREATE TABLE rules(rule INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, list_id INTEGER NOT NULL, line INTEGER NOT NULL,"
    "  hour INTEGER NOT NULL) STRICT;"
    "CREATE INDEX rules_order ON rules(order_id, hour);"
    "CREATE TABLE outages(id INTEGER PRIMARY KEY, dataplane TEXT NOT NULL, port INTEGER NOT NULL, reason TEXT NOT NULL,"
    "  began_ns INTEGER NOT NULL, ended_ns INTEGER NOT NULL, frames INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    "  closed INTEGER NOT NULL) STRICT;"
    "CREATE TABLE gaps(id INTEGER PRIMARY KEY, dataplane TEXT NOT NULL, at_ns INTEGER NOT NULL, first INTEGER NOT NULL,"
    "  last INTEGER NOT NULL) STRICT;"
    "CREATE TABLE hit_counts(hour INTEGER NOT NULL, order_id INTEGER NOT NULL, list_id INTEGER NOT NULL,"
    "  protocol TEXT NOT NULL, action TEXT NOT NULL, n INTEGER NOT NULL,"
    "  PRIMARY KEY(hour, order_id, list_id, protocol, action)) STRICT, WITHOUT ROWID;"
    /* of all times, whatever goes elsewhere: figures that only grow */
    "CREATE TABLE totals(order_id INTEGER NOT NULL, action TEXT NOT NULL, n INTEGER NOT NULL,"
    "  PRIMARY KEY(order_id, action)) STRICT, WITHOUT ROWID;"
    /* what an index before this one had counted: bodies that are removed cannot be counted again */
    "CREATE TABLE counts_before(hour INTEGER NOT NULL, order_id INTEGER NOT NULL, list_id INTEGER NOT NULL,"
    "  protocol TEXT NOT NULL, action TEXT NOT NULL, n INTEGER NOT NULL) STRICT;"
    "CREATE TABLE totals_before(order_id INTEGER NOT NULL, action TEXT NOT NULL, n INTEGER NOT NULL) STRICT;"
    "INSERT INTO meta(name, value) VALUES('applied', 0);";

static const char *const statements[] = {
#define X(NAME, sql) sql,
    INDEX_STATEMENTS(X)
#undef X
};

int index_failed(struct audit_index *x, const char *doing, struct err *e)
{
	int code = sqlite3_extended_errcode(x->db) & 0xff;
	int err = code == SQLITE_NOMEM				    ? -ENOMEM
		  : code == SQLITE_FULL				    ? -ENOSPC
		  : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? -EUCLEAN
		  : code == SQLITE_BUSY || code == SQLITE_LOCKED    ? -EBUSY
								    : -EIO;
	return err_set(e, err, "%s: %s: %s", x->path, doing, sqlite3_errmsg(x->db));
}

int index_exec(struct audit_index *x, const char *sql, struct err *e)
{
	return sqlite3_exec(x->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : index_failed(x, "a change", e);
}

static sqlite3_stmt *bind(struct audit_index *x, enum index_statement which, const char *types, va_list ap)
{
	sqlite3_stmt *stmt = x->st[which];
	for (int at = 1; *types; types++, at++)
		if (*types == 'i')
			sqlite3_bind_int64(stmt, at, va_arg(ap, int64_t));
		else if (*types == 't')
			sqlite3_bind_text(stmt, at, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		else {
			const void *p = va_arg(ap, const void *);
			sqlite3_bind_blob(stmt, at, p, va_arg(ap, int), SQLITE_STATIC);
		}
	return stmt;
}

sqlite3_stmt *index_bind(struct audit_index *x, enum index_statement which, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	sqlite3_stmt *stmt = bind(x, which, types, ap);
	va_end(ap);
	return stmt;
}

int index_run(struct audit_index *x, struct err *e, enum index_statement which, int64_t *ret,
	      const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	sqlite3_stmt *stmt = bind(x, which, types, ap);
	va_end(ap);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && ret && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		*ret = sqlite3_column_int64(stmt, 0);
	while (rc == SQLITE_ROW)
		rc = sqlite3_step(stmt);
	int err = rc == SQLITE_DONE ? 0 : index_failed(x, "a statement", e);
	sqlite3_reset(stmt);
	return err;
}

static int text_is(struct audit_index *x, const char *sql, const char *wanted)
{
	sqlite3_stmt *stmt = NULL;
	bool same = sqlite3_prepare_v2(x->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
		    sqlite3_step(stmt) == SQLITE_ROW &&
		    !strcmp((const char *)sqlite3_column_text(stmt, 0), wanted);
	sqlite3_finalize(stmt);
	return same;
}

/* Makes the tables of an empty file, in one transaction with the number that says they are there. */
static int make(struct audit_index *x, struct err *e)
{
	char version[64];
	snprintf(version, sizeof(version), "PRAGMA user_version=%d; COMMIT", INDEX_SCHEMA);
	int err = index_exec(x, "BEGIN IMMEDIATE", e);
	if (!err)
		err = index_exec(x, schema, e);
	return err ? err : index_exec(x, version, e);
}

/* 0; -EUCLEAN: it is there, and not as it should be. */
static int look(struct audit_index *x, struct err *e)
{
	char version[16];
	snprintf(version, sizeof(version), "%d", INDEX_SCHEMA);
	mode_t old = umask(077);
	int rc = sqlite3_open_v2(x->path, &x->db,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	umask(old);
	if (rc != SQLITE_OK)
		return x->db ? index_failed(x, "cannot be opened", e)
			     : err_set(e, -ENOMEM, "no memory for %s", x->path);
	sqlite3_extended_result_codes(x->db, 1);
	/* what a power cut takes is built anew, so nothing of it waits for the disk */
	int err =
	    index_exec(x,
		       "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;"
		       "PRAGMA trusted_schema=OFF; PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=4000;",
		       e);
	if (!err && text_is(x, "PRAGMA user_version", "0") &&
	    text_is(x, "SELECT count(*) FROM sqlite_schema", "0"))
		err = make(x, e);
	if (err)
		return err;
	if (!text_is(x, "PRAGMA user_version", version) || !text_is(x, "PRAGMA quick_check(1)", "ok"))
		return err_set(e, -EUCLEAN, "%s is damaged, or of another version", x->path);
	for (unsigned i = 0; i < INDEX_STATEMENTS_N; i++)
		if (sqlite3_prepare_v3(x->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &x->st[i],
				       NULL) != SQLITE_OK)
			return err_set(e, -EUCLEAN, "%s: %s", x->path, sqlite3_errmsg(x->db));
	return 0;
}

const char *index_boot_path = "/proc/sys/kernel/random/boot_id";

/* Which start of the machine this is; 0: nobody says so. */
static int64_t boot(void)
{
	char text[40] = "";
	uint64_t n = 0;
	FILE *in = fopen(index_boot_path, "r");
	if (!in)
		return 0;
	if (!fgets(text, sizeof(text), in))
		text[0] = 0;
	fclose(in);
	for (const char *p = text; *p; p++)
		n = n * 1000003 + (unsigned char)*p;
	return (int64_t)(n >> 1);
}

/* All of the write-ahead file goes into the file, which is synced: a checkpoint that finds nothing to do would not. */
static int settle(struct audit_index *x, struct err *e)
{
	sqlite3_file *file = NULL;
	if (sqlite3_wal_checkpoint_v2(x->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK ||
	    sqlite3_file_control(x->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK)
		return index_failed(x, "a checkpoint", e);
	return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK
		   ? 0
		   : err_set(e, -EIO, "%s: cannot be synced", x->path);
}

/* That it is open is on the disk before anything is written that is not synced, and that it is closed behind everything. */
static int mark(struct audit_index *x, int64_t opened, struct err *e)
{
	char sql[160];
	snprintf(
	    sql, sizeof(sql),
	    "INSERT INTO meta(name, value) VALUES('opened', %lld) ON CONFLICT DO UPDATE SET value = excluded.value",
	    (long long)opened);
	int err = index_exec(x, "PRAGMA synchronous=FULL", e);
	if (!err)
		err = settle(x, e);
	if (!err)
		err = index_exec(x, sql, e);
	if (!err)
		err = settle(x, e);
	return err ? err : index_exec(x, "PRAGMA synchronous=OFF", e);
}

int index_begin(struct audit_index *x, struct err *e)
{
	int err = x->marked ? 0 : mark(x, boot(), e);
	x->marked = !err;
	/* somebody reads: until the next time every change is synced */
	if (err == -EBUSY)
		err = 0;
	return err ? err : index_exec(x, "BEGIN IMMEDIATE", e);
}

void index_file_end(struct audit_index *x)
{
	if (x->marked)
		mark(x, 0, NULL);
}

/* *ret_opened: by which start of the machine it was opened; 0: it was closed. */
static int read_meta(struct audit_index *x, int64_t *ret_opened)
{
	sqlite3_stmt *stmt = NULL;
	int err = -EUCLEAN;
	if (sqlite3_prepare_v2(x->db,
			       "SELECT value, (SELECT count(*) FROM (SELECT 1 FROM totals_before LIMIT 1)),"
			       " (SELECT value FROM meta WHERE name = 'opened') FROM meta"
			       " WHERE name = 'applied'",
			       -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW) {
		x->applied = (uint64_t)sqlite3_column_int64(stmt, 0);
		x->merging = sqlite3_column_int64(stmt, 1) != 0;
		*ret_opened = sqlite3_column_int64(stmt, 2);
		err = 0;
	}
	sqlite3_finalize(stmt);
	return err;
}

int index_file_open(struct audit_index *x, struct err *e)
{
	int64_t opened = 0;
	int err = look(x, e);
	if (!err)
		err = read_meta(x, &opened);
	/* a log that was put back from a copy, shorter than what was applied, makes all of it doubtful */
	if (!err && x->applied > log_status(x->log)->durable)
		err = err_set(e, -EUCLEAN, "%s is ahead of the log", x->path);
	/* nothing of it is synced while it is open: where the machine went down meanwhile, rows may be missing that no check misses */
	if (!err && opened && opened != boot())
		err = err_set(e, -EUCLEAN, "%s was open when the machine went down", x->path);
	x->marked = !err && opened;
	if (!err)
		err = gather_open(x, e);
	if (!err && x->store)
		err = store_attach(x->store, x->path, "audit", e);
	x->attached = !err && x->store;
	return err;
}

void index_file_close(struct audit_index *x)
{
	if (x->attached)
		store_detach(x->store, "audit");
	x->attached = false;
	for (unsigned i = 0; i < INDEX_STATEMENTS_N; i++) {
		sqlite3_finalize(x->st[i]);
		x->st[i] = NULL;
	}
	gather_close(x);
	sqlite3_close(x->db);
	x->db = NULL;
	x->marked = false;
}

static void remove_all(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char name[4096];
	for (unsigned i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

/* Counts of the old file, where it can still be read. -ENOSPC: they find no room. */
static int carry(struct audit_index *x, const char *old, struct err *e)
{
	/* one statement each: all of it or nothing */
	static const char *const sql[] = {
	    "INSERT INTO counts_before SELECT hour, order_id, list_id, protocol, action, n FROM old.hit_counts"
	    " UNION ALL SELECT hour, order_id, list_id, protocol, action, n FROM old.counts_before",
	    "INSERT INTO totals_before SELECT order_id, action, n FROM old.totals UNION ALL"
	    " SELECT order_id, action, n FROM old.totals_before"};
	sqlite3_stmt *stmt = NULL;
	bool is_there = sqlite3_prepare_v2(x->db, "ATTACH ? AS old", -1, &stmt, NULL) == SQLITE_OK &&
			sqlite3_bind_text(stmt, 1, old, -1, SQLITE_STATIC) == SQLITE_OK &&
			sqlite3_step(stmt) == SQLITE_DONE;
	int err = 0;
	sqlite3_finalize(stmt);
	for (unsigned i = 0; is_there && !err && i < sizeof(sql) / sizeof(*sql); i++)
		err = index_exec(x, sql[i], e) == -ENOSPC ? -ENOSPC : 0;
	if (is_there)
		sqlite3_exec(x->db, "DETACH old", NULL, NULL, NULL);
	return err ? err : settle(x, e);
}

/* The file that was set aside by a renewal that did not come to its end. Whatever dies here in between, the next one finds file and -wal. */
bool index_file_put_back(struct audit_index *x)
{
	char old[4096], wal[4096], old_wal[4096 + 4];
	snprintf(old, sizeof(old), "%s.old", x->path);
	snprintf(wal, sizeof(wal), "%s-wal", x->path);
	snprintf(old_wal, sizeof(old_wal), "%s-wal", old);
	if (access(old, F_OK))
		return false;
	if (!access(x->path, F_OK))
		remove_all(x->path);
	rename(old_wal, wal);
	rename(old, x->path);
	return true;
}

/* A new file with the old one's counts, durably. */
static int make_new(struct audit_index *x, const char *old, struct err *e)
{
	int err = look(x, e);
	if (!err)
		err = mark(x, boot(), e);
	if (!err)
		err = carry(x, old, e);
	index_file_close(x);
	return err ? err : index_file_open(x, e);
}

int index_file_renew(struct audit_index *x, struct err *e)
{
	char old[4096], wal[4096], old_wal[4096 + 4];
	index_file_close(x);
	snprintf(old, sizeof(old), "%s.old", x->path);
	snprintf(wal, sizeof(wal), "%s-wal", x->path);
	snprintf(old_wal, sizeof(old_wal), "%s-wal", old);
	remove_all(old);
	rename(x->path, old);
	rename(wal, old_wal);
	remove_all(x->path);
	int err = make_new(x, old, e);
	if (err) {
		index_file_close(x);
		index_file_put_back(x);
	} else {
		remove_all(old);
	}
	return err;
}
