/* SPDX-License-Identifier: BSD-3-Clause */
/* What one import has and another has not: a pass over both, in a worker. */
#include <errno.h>
#include <stdlib.h>

#include "control/api/lists.h"
#include "control/feed/entries.h"

#define PATH_ROOM 1024

struct diff {
	char from[PATH_ROOM], to[PATH_ROOM]; /* from "": an empty list */
	int64_t from_id, to_id;
	char list[LIST_NAME_MAX + 1];
	const struct seal_key *key;
	bool confidential;
	uint64_t offset, limit;
	const atomic_bool *cancel;
	/* what came of it */
	uint64_t added, removed;
	size_t bytes;
	json_t *changes;
	bool full;
};

static int take(struct diff *d, const char *change, const struct entry *en)
{
	uint64_t at = d->added + d->removed;
	if (atomic_load_explicit(d->cancel, memory_order_relaxed))
		return -ECANCELED;
	if (at < d->offset || d->full)
		return 0;
	size_t len = d->confidential ? 0 : en->len;
	d->full = json_array_size(d->changes) == d->limit || d->bytes + len > LISTS_PAGE_BYTES;
	if (d->full)
		return 0;
	d->bytes += len;
	json_t *o = json_pack("{ss sI so*}", "change", change, "line", (json_int_t)en->line, "entry",
			      d->confidential ? NULL : rpc_string(en->text));
	return json_array_append_new(d->changes, o) ? -ENOMEM : 0;
}

static int on_added(void *ctx, const struct entry *en)
{
	struct diff *d = ctx;
	int err = take(d, "added", en);
	d->added++;
	return err;
}

static int on_removed(void *ctx, const struct entry *en)
{
	struct diff *d = ctx;
	int err = take(d, "removed", en);
	d->removed++;
	return err;
}

static int work(void *arg, const atomic_bool *cancel, struct err *e)
{
	struct diff *d = arg;
	d->cancel = cancel;
	err_set(e, 0, "the imports could not be compared to their end");
	return entries_diff(*d->from ? d->from : NULL, d->to, d->key, on_added, on_removed, d, e);
}

static int on_done(void *ctx, void *arg, int err, bool cancelled, json_t **ret, struct err *e)
{
	struct diff *d = arg;
	(void)ctx;
	if (!err && cancelled)
		err = err_set(e, -ECANCELED, "the daemon stops");
	if (!err)
		err = call_done(
		    json_pack("{ss so sI sI sI sO so}", "list", d->list, "from",
			      d->from_id ? json_integer((json_int_t)d->from_id) : json_null(), "to",
			      (json_int_t)d->to_id, "added", (json_int_t)d->added, "removed",
			      (json_int_t)d->removed, "changes", d->changes, "next",
			      d->full ? rpc_u64(d->offset + json_array_size(d->changes)) : json_null()),
		    ret, e);
	json_decref(d->changes);
	free(d);
	return err;
}

/* An import of the list; id 0: the active one, or where `last` is set the last one that was read. -ENOENT: none is. */
static int find(const struct call *c, const struct list_row *l, int64_t id, bool last, char path[PATH_ROOM],
		int64_t *ret_id, struct err *e)
{
	struct rows r;
	bool there = false;
	if (!id && !last)
		id = l->active_import;
	if (!id && !last)
		return -ENOENT;
	rows_open(
	    &r, c->store,
	    "SELECT id, object FROM imports WHERE list_id = ?1 AND object IS NOT NULL AND (?2 = 0 OR id = ?2)"
	    " ORDER BY id DESC LIMIT 1",
	    "ii", l->id, id);
	if ((there = rows_next(&r))) {
		*ret_id = rows_int(&r, 0);
		engine_path(c->engine, rows_text(&r, 1), path, PATH_ROOM);
	}
	int err = rows_end(&r, e);
	if (err || there)
		return err;
	return id ? err_set(e, -EINVAL, "list %s has no import %lld that was read", l->name, (long long)id)
		  : err_set(e, -EINVAL, "list %s has no import that was read", l->name);
}

static int begin(const struct call *c, const struct list_row *l, const json_t *params, struct diff *d,
		 uint64_t *ret_job, struct err *e)
{
	int err = call_may_begin(c, e);
	if (!err)
		err = find(c, l, call_number(params, "from"), false, d->from, &d->from_id, e);
	if (err == -ENOENT)
		err = 0;
	if (!err)
		err = find(c, l, call_number(params, "to"), true, d->to, &d->to_id, e);
	if (err)
		return err;
	d->key = store_key(c->store);
	d->confidential = l->confidential;
	d->offset = (uint64_t)call_number(params, "offset");
	d->limit = (uint64_t)call_limit(params, 100, LISTS_PAGE);
	snprintf(d->list, sizeof(d->list), "%s", l->name);
	d->changes = json_array();
	return jobs_add(c->jobs, "list.diff", c->who.uid,
			&(struct job_work){.work = work, .done = on_done, .arg = d}, ret_job, e);
}

int lists_diff(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	struct list_row l;
	uint64_t job;
	int err = call_list(c, params, &l, e);
	if (err)
		return err;
	struct diff *d = calloc(1, sizeof(*d));
	err = d ? begin(c, &l, params, d, &job, e) : err_set(e, -ENOMEM, "memory ran out");
	list_row_free(&l);
	if (!err)
		return call_job(job, ret, e);
	if (d)
		json_decref(d->changes);
	free(d);
	return err;
}
