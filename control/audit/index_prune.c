/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/audit/index_prune.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/audit/index_state.h"

_Static_assert(INDEX_BLOCK_BUNDLES == BLOCK_BUNDLES, "a block is what it is");

enum { FIRST, BLOCK, ROWS, SCAN_N };
static const char *const questions[SCAN_N] = {
    [FIRST] = ("SELECT min(bundle) FROM bundles WHERE"
	       " CASE WHEN last_ns <= ?2 THEN last_ns WHEN first_ns <= ?2 THEN first_ns ELSE 0 END >= ?1"),
    [BLOCK] = "SELECT block, first_ns FROM blocks WHERE block >= ? ORDER BY block LIMIT 1",
    [ROWS] =
	"SELECT p.scope, s.order_id, s.kind, p.bundles FROM postings p JOIN scopes s ON s.id = p.scope WHERE p.block = ?",
};

struct index_scan {
	sqlite3 *db;
	sqlite3_stmt *st[SCAN_N];
	struct index_scan_row *rows;
	size_t room;
};

static int failed(struct index_scan *s, struct err *e)
{
	return err_set(e, -EIO, "the log's index cannot be read: %s", sqlite3_errmsg(s->db));
}

const char *index_path(const struct audit_index *x)
{
	return x->path;
}

int index_scan_open(const char *path, struct index_scan **ret, struct err *e)
{
	struct index_scan *s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "no memory");
	int rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	for (int i = 0; rc == SQLITE_OK && i < SCAN_N; i++)
		rc = sqlite3_prepare_v2(s->db, questions[i], -1, &s->st[i], NULL);
	if (rc == SQLITE_OK) {
		*ret = s;
		return 0;
	}
	int err = failed(s, e);
	index_scan_close(s);
	return err;
}

void index_scan_close(struct index_scan *s)
{
	if (!s)
		return;
	for (int i = 0; i < SCAN_N; i++)
		sqlite3_finalize(s->st[i]);
	sqlite3_close(s->db);
	free(s->rows);
	free(s);
}

int index_scan_first(struct index_scan *s, uint64_t time_ns, uint64_t sane_ns, uint64_t *ret, struct err *e)
{
	sqlite3_stmt *stmt = s->st[FIRST];
	sqlite3_bind_int64(stmt, 1, (int64_t)time_ns);
	sqlite3_bind_int64(stmt, 2, (int64_t)sane_ns);
	int err = sqlite3_step(stmt) == SQLITE_ROW ? 0 : failed(s, e);
	if (!err)
		*ret = sqlite3_column_type(stmt, 0) == SQLITE_NULL ? UINT64_MAX
								   : (uint64_t)sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return err;
}

static int add_row(struct index_scan *s, size_t n, sqlite3_stmt *stmt)
{
	if (n == s->room) {
		struct index_scan_row *more = realloc(s->rows, (s->room = 2 * s->room + 64) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		s->rows = more;
	}
	int bytes = sqlite3_column_bytes(stmt, 3);
	s->rows[n] = (struct index_scan_row){.scope = sqlite3_column_int64(stmt, 0),
					     .order = (uint64_t)sqlite3_column_int64(stmt, 1),
					     .kind = (enum entry_kind)sqlite3_column_int(stmt, 2)};
	if (bytes > 0)
		memcpy(s->rows[n].bits, sqlite3_column_blob(stmt, 3),
		       bytes < BLOCK_BITS ? (size_t)bytes : BLOCK_BITS);
	return 0;
}

int index_scan_block(struct index_scan *s, uint64_t from, struct index_scan_block *ret, struct err *e)
{
	sqlite3_stmt *stmt = s->st[BLOCK];
	struct index_scan_block b = {.block = UINT64_MAX};
	sqlite3_bind_int64(stmt, 1, (int64_t)from);
	int rc = sqlite3_step(stmt), err = 0;
	if (rc == SQLITE_ROW) {
		b.block = (uint64_t)sqlite3_column_int64(stmt, 0);
		b.first_ns = (uint64_t)sqlite3_column_int64(stmt, 1);
	} else if (rc != SQLITE_DONE)
		err = failed(s, e);
	sqlite3_reset(stmt);
	stmt = s->st[ROWS];
	sqlite3_bind_int64(stmt, 1, (int64_t)b.block);
	while (!err && b.block != UINT64_MAX && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		err = add_row(s, b.n++, stmt) ? err_set(e, -ENOMEM, "no memory") : 0;
	if (!err && rc != SQLITE_DONE)
		err = failed(s, e);
	sqlite3_reset(stmt);
	b.rows = s->rows;
	if (!err)
		*ret = b;
	return err;
}

static int forget(struct audit_index *x, const struct index_gone *g, struct err *e)
{
	uint8_t bits[BLOCK_BITS] = {0};
	int64_t n = 0;
	int bytes = BLOCK_BITS;
	sqlite3_stmt *stmt = index_bind(x, INDEX_POSTED, "ii", (int64_t)g->block, g->scope);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		int has = sqlite3_column_bytes(stmt, 1);
		n = sqlite3_column_int64(stmt, 0);
		if (has > 0)
			memcpy(bits, sqlite3_column_blob(stmt, 1),
			       has < BLOCK_BITS ? (size_t)has : BLOCK_BITS);
	}
	int err = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : index_failed(x, "a question", e);
	sqlite3_reset(stmt);
	if (err || rc != SQLITE_ROW)
		return err;
	for (int i = 0; i < BLOCK_BITS; i++)
		bits[i] &= (uint8_t)~g->bits[i];
	while (bytes && !bits[bytes - 1])
		bytes--;
	return bytes ? index_run(x, e, INDEX_POST, NULL, "iiib", (int64_t)g->block, g->scope, n,
				 (const void *)bits, bytes)
		     : index_run(x, e, INDEX_UNPOST, NULL, "ii", (int64_t)g->block, g->scope);
}

int index_forget(struct audit_index *x, const struct index_gone *gone, size_t n, struct err *e)
{
	int err = index_begin(x, e);
	for (size_t i = 0; !err && i < n; i++)
		err = forget(x, &gone[i], e);
	if (!err)
		err = index_exec(x, "COMMIT", e);
	if (err)
		sqlite3_exec(x->db, "ROLLBACK", NULL, NULL, NULL);
	/* what memory has of the block at hand may have changed */
	gather_close(x);
	int again = gather_open(x, err ? NULL : e);
	return err ? err : again;
}

int index_forget_rules(struct audit_index *x, int64_t order, int64_t before, struct err *e)
{
	return index_run(x, e, INDEX_UNRULE, NULL, "ii", order, before);
}

int index_forget_counts(struct audit_index *x, int64_t before, struct err *e)
{
	return index_run(x, e, INDEX_UNCOUNT, NULL, "i", before);
}
