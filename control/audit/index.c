/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/audit/index.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/audit/index_state.h"

int index_open(const char *folder, struct audit_log *log, struct store *store, struct audit_index **ret,
	       struct err *e)
{
	struct audit_index *x = calloc(1, sizeof(*x));
	if (!x || asprintf(&x->path, "%s/" INDEX_NAME, folder) < 0) {
		free(x);
		return err_set(e, -ENOMEM, "no memory for the index");
	}
	x->log = log;
	x->store = store;
	int err = index_file_put_back(x) ? -EUCLEAN : index_file_open(x, e);
	if (err == -EUCLEAN)
		err = index_file_renew(x, e);
	if (err)
		index_close(x);
	else
		*ret = x;
	return err;
}

void index_close(struct audit_index *x)
{
	if (!x)
		return;
	index_file_end(x);
	index_file_close(x);
	free(x->path);
	free(x);
}

struct walk {
	struct audit_index *x;
	struct err *e;
	int err;
	uint64_t next;
};

static bool take(void *ctx, uint64_t leaf, struct span entry)
{
	struct walk *w = ctx;
	w->err = index_take(w->x, leaf, entry, w->e);
	w->next = leaf + 1;
	return !w->err;
}

/* A transaction that failed: what memory has of it is forgotten. */
static int undo(struct audit_index *x, int err, struct err *e)
{
	sqlite3_exec(x->db, "ROLLBACK", NULL, NULL, NULL);
	if (err == -EUCLEAN)
		return index_file_renew(x, e);
	gather_close(x);
	return gather_open(x, NULL) ? -ENOMEM : err;
}

static int merge(struct audit_index *x, struct err *e)
{
	int err = index_begin(x, e);
	if (!err)
		err = index_run(x, e, INDEX_MERGE, NULL, "");
	if (!err)
		err = index_run(x, e, INDEX_MERGED, NULL, "");
	if (!err)
		err = index_run(x, e, INDEX_MERGE_TOTALS, NULL, "");
	if (!err)
		err = index_run(x, e, INDEX_MERGED_TOTALS, NULL, "");
	if (!err)
		err = index_exec(x, "COMMIT", e);
	if (err)
		return undo(x, err, e);
	x->merging = false;
	return 0;
}

int index_follow(struct audit_index *x, uint64_t most, bool *ret_more, struct err *e)
{
	uint64_t durable = log_status(x->log)->durable, n = durable > x->applied ? durable - x->applied : 0;
	struct walk w = {.x = x, .e = e, .next = x->applied};
	if (!x->db) {
		*ret_more = true;
		return index_file_renew(x, e);
	}
	n = n < most ? n : most;
	*ret_more = x->applied + n < durable;
	if (!n)
		return x->merging ? merge(x, e) : 0;
	int err = index_begin(x, e);
	if (!err)
		err = log_read(x->log, x->applied, n, take, &w, e);
	if (!err)
		err = w.err;
	if (!err)
		err = gather_flush(x, e);
	if (!err)
		err = index_run(x, e, INDEX_APPLIED, NULL, "i", (int64_t)w.next);
	if (!err)
		err = index_exec(x, "COMMIT", e);
	if (err) {
		*ret_more = true;
		return undo(x, err, e);
	}
	*ret_more = w.next < durable;
	x->applied = w.next;
	return x->merging && !*ret_more ? merge(x, e) : 0;
}

uint64_t index_applied(const struct audit_index *x)
{
	return x->applied;
}

int index_reset(struct audit_index *x, struct err *e)
{
	return index_file_renew(x, e);
}

int index_rule(struct audit_index *x, const char *rule, int64_t *ret_order, int64_t *ret_list,
	       int64_t *ret_line, struct err *e)
{
	char *end;
	uint64_t n = strtoull(rule, &end, 16);
	if (!*rule || *end)
		return err_set(e, -ENOENT, "no hit of this rule is kept");
	sqlite3_stmt *stmt = index_bind(x, INDEX_RULE_OF, "i", (int64_t)n);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		*ret_order = sqlite3_column_int64(stmt, 0);
		*ret_list = sqlite3_column_int64(stmt, 1);
		*ret_line = sqlite3_column_int64(stmt, 2);
	}
	int err = rc == SQLITE_ROW    ? 0
		  : rc == SQLITE_DONE ? err_set(e, -ENOENT, "no hit of this rule is kept")
				      : index_failed(x, "a question", e);
	sqlite3_reset(stmt);
	return err;
}
