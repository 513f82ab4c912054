/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/versions.h"

#include <errno.h>
#include <string.h>

#include "control/store/clock.h"

int version_next(struct store *s, struct err *e, int64_t *ret)
{
	return store_int(s, ret, e, "SELECT coalesce(max(id), 0) + 1 FROM versions", "");
}

int version_add(struct store *s, struct err *e, const struct version_new *v)
{
	return store_run(
	    s, e,
	    "INSERT INTO versions(id, created, plan, plan_digest, file, digest, bytes, rules, report)"
	    " VALUES(?,?,?,?,?,?,?,?,?)",
	    "iittttiit", v->id, clock_now(), v->plan, v->plan_digest, v->file, v->digest, v->bytes, v->rules,
	    v->report);
}

#define COLUMNS "v.id, v.created, v.plan_digest, v.digest, v.file"

static int take(struct rows *r, struct version *ret, struct err *e)
{
	bool there = rows_next(r);
	if (there) {
		*ret = (struct version){
		    .id = rows_int(r, 0), .created = rows_int(r, 1), .activation = rows_int(r, 5)};
		snprintf(ret->plan_digest, sizeof(ret->plan_digest), "%s", rows_text(r, 2));
		snprintf(ret->digest, sizeof(ret->digest), "%s", rows_text(r, 3));
		snprintf(ret->file, sizeof(ret->file), "%s", rows_text(r, 4));
	}
	int err = rows_end(r, e);
	return err ? err : there ? 0 : err_set(e, -ENOENT, "there is no such version");
}

int version_find(struct store *s, struct err *e, int64_t id, struct version *ret)
{
	struct rows r;
	rows_open(&r, s, "SELECT " COLUMNS ", 0 FROM versions v WHERE id = ?", "i", id);
	int err = take(&r, ret, e);
	return err == -ENOENT
		   ? err_set(e, err, "there is no version %lld; rojactl version ls shows them", (long long)id)
		   : err;
}

int version_active(struct store *s, struct err *e, struct version *ret)
{
	struct rows r;
	rows_open(&r, s,
		  "SELECT " COLUMNS ", a.id FROM activations a JOIN versions v ON v.id = a.version_id"
		  " ORDER BY a.id DESC LIMIT 1",
		  "");
	return take(&r, ret, e);
}

int version_before(struct store *s, struct err *e, int64_t activation, struct version *ret)
{
	struct rows r;
	rows_open(
	    &r, s,
	    "SELECT " COLUMNS ", a.id FROM activations a JOIN versions v ON v.id = a.version_id"
	    " WHERE a.id < ?1 AND a.tripped IS NULL"
	    " AND v.id <> (SELECT version_id FROM activations WHERE id = ?1) ORDER BY a.id DESC LIMIT 1",
	    "i", activation);
	return take(&r, ret, e);
}

int version_activate(struct store *s, struct err *e, int64_t id, const char *why, int64_t *ret_activation)
{
	int err = store_run(s, e, "INSERT INTO activations(version_id, at, why) VALUES(?,?,?)", "iit", id,
			    clock_now(), why);
	if (!err)
		*ret_activation = store_last_id(s);
	return err;
}

int version_plan(struct store *s, struct err *e, int64_t id, json_t **ret)
{
	json_t *row = NULL;
	int err = store_json_row(s, &row, e, "SELECT plan \"plan:j\" FROM versions WHERE id = ?", "i", id);
	if (err)
		return err == -ENOENT ? err_set(e, err, "there is no version %lld", (long long)id) : err;
	*ret = json_incref(json_object_get(row, "plan"));
	json_decref(row);
	return 0;
}

int version_acked(struct store *s, struct err *e, int64_t activation, const char *dataplane, int64_t sent_ns,
		  int64_t acked_ns, const char *switched)
{
	int err = store_run(
	    s, e,
	    "INSERT OR IGNORE INTO acks(activation_id, dataplane, sent_ns, acked_ns, switched) VALUES(?,?,?,?,?)",
	    "itiit", activation, dataplane, sent_ns, acked_ns, switched);
	if (err || !store_changes(s))
		return err;
	err = store_run(
	    s, e,
	    "INSERT OR IGNORE INTO order_times(order_id, dataplane, version_id, compiled, enforced_ns)"
	    " SELECT DISTINCT l.value ->> 'order', ?1, v.id, v.created, ?2"
	    " FROM activations a JOIN versions v ON v.id = a.version_id, json_each(v.plan, '$.lists') l"
	    " WHERE a.id = ?3 AND NOT EXISTS (SELECT 1 FROM order_times t WHERE t.dataplane = ?1"
	    " AND t.order_id = l.value ->> 'order' AND t.released_ns IS NULL)",
	    "tii", dataplane, acked_ns, activation);
	if (err)
		return err;
	return store_run(
	    s, e,
	    "UPDATE order_times SET released_ns = ?2 WHERE dataplane = ?1 AND released_ns IS NULL"
	    " AND order_id NOT IN (SELECT l.value ->> 'order' FROM activations a"
	    " JOIN versions v ON v.id = a.version_id, json_each(v.plan, '$.lists') l WHERE a.id = ?3)",
	    "tii", dataplane, acked_ns, activation);
}

int version_restore(struct store *s, struct err *e, int64_t id)
{
	int64_t n;
	int err = store_int(s, &n, e, "SELECT count(*) FROM versions WHERE id = ?", "i", id);
	if (!err && !n)
		err = err_set(e, -ENOENT, "there is no version %lld", (long long)id);
	if (!err)
		err = store_run(
		    s, e,
		    "UPDATE lists SET active_import = (SELECT l.value ->> 'import' FROM versions v,"
		    " json_each(v.plan, '$.lists') l WHERE v.id = ?1 AND l.value ->> 'list' = lists.id)"
		    " WHERE id IN (SELECT l.value ->> 'list' FROM versions v, json_each(v.plan, '$.lists') l"
		    " WHERE v.id = ?1)",
		    "i", id);
	if (err)
		return err;
	return store_run(s, e,
			 "UPDATE orders SET held = id NOT IN (SELECT l.value ->> 'order' FROM versions v,"
			 " json_each(v.plan, '$.lists') l WHERE v.id = ?1) WHERE state = 'approved'",
			 "i", id);
}

int version_tripped(struct store *s, struct err *e, int64_t activation)
{
	return store_run(s, e, "UPDATE activations SET tripped = ? WHERE id = ?", "ii", clock_now(),
			 activation);
}
