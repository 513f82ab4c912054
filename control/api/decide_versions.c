/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "control/api/decide.h"

#define SHOWN 50 /* activations and acknowledgements of a version */

/* A version that was never asked for has no activation. */
#define COLUMNS                                                                                              \
	"SELECT v.id AS version, v.id IS (SELECT version_id FROM activations ORDER BY id DESC LIMIT 1)"      \
	" AS \"active:b\", v.created AS \"created:t\", a.at AS \"activated:t\", a.tripped AS \"tripped:t\"," \
	" v.rules, v.bytes, v.digest, a.why FROM versions v LEFT JOIN activations a"                         \
	" ON a.id = (SELECT max(id) FROM activations WHERE version_id = v.id) "

int versions_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	json_t *rows = NULL;
	int err = store_json(c->store, &rows, e, COLUMNS "ORDER BY v.id DESC LIMIT ? OFFSET ?", "ii",
			     act_limit(params), call_number(params, "offset"));
	return act_rows(err, rows, ret);
}

static int put_lists(const struct call *c, int64_t id, json_t *to, struct err *e)
{
	json_t *rows = NULL;
	int64_t n = 0;
	int err = store_json(
	    c->store, &rows, e,
	    "SELECT p.value ->> 'order' AS \"order\", l.name AS list, p.value ->> 'import' AS import, i.entries"
	    " FROM versions v, json_each(v.plan, '$.lists') p LEFT JOIN lists l ON l.id = p.value ->> 'list'"
	    " LEFT JOIN imports i ON i.id = p.value ->> 'import' WHERE v.id = ? ORDER BY p.key LIMIT ?",
	    "ii", id, (int64_t)ACT_ROWS);
	if (!err)
		err = store_int(c->store, &n, e,
				"SELECT json_array_length(plan, '$.lists') FROM versions WHERE id = ?", "i",
				id);
	err = act_put(err, to, "lists", rows, e);
	return act_put(err, to, "lists_n", json_integer(n), e);
}

static int put_activations(const struct call *c, int64_t id, json_t *to, struct err *e)
{
	json_t *rows = NULL;
	int err = store_json(c->store, &rows, e,
			     "SELECT at AS \"activated:t\", why, tripped AS \"tripped:t\" FROM activations"
			     " WHERE version_id = ? ORDER BY id DESC LIMIT ?",
			     "ii", id, (int64_t)SHOWN);
	return act_put(err, to, "activations", rows, e);
}

static int put_acks(const struct call *c, int64_t id, json_t *to, struct err *e)
{
	json_t *rows = NULL;
	int err = store_json(
	    c->store, &rows, e,
	    "SELECT k.dataplane, k.sent_ns / 1000000000 AS \"sent:t\", k.acked_ns / 1000000000 AS \"acked:t\","
	    " round((k.acked_ns - k.sent_ns) / 1e6, 3) AS after_ms FROM acks k"
	    " JOIN activations a ON a.id = k.activation_id WHERE a.version_id = ?"
	    " ORDER BY a.id DESC, k.dataplane LIMIT ?",
	    "ii", id, (int64_t)SHOWN);
	return act_put(err, to, "times", rows, e);
}

static int put_report(const struct call *c, int64_t id, json_t *to, struct err *e)
{
	json_t *row = NULL;
	int err = store_json_row(
	    c->store, &row, e,
	    "SELECT CASE WHEN length(report) < 60000 THEN report END AS \"report:j\" FROM versions WHERE id = ?",
	    "i", id);
	if (!err && json_object_update(to, row))
		err = err_set(e, -ENOMEM, "memory ran out");
	json_decref(row);
	return err;
}

int versions_show(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	int64_t id = call_number(params, "version");
	json_t *row = NULL;
	int err = store_json_row(c->store, &row, e, COLUMNS "WHERE v.id = ?", "i", id);
	if (err == -ENOENT)
		return err_set(e, err, "version: there is no version %lld; rojactl version ls shows them",
			       (long long)id);
	if (!err)
		err = put_lists(c, id, row, e);
	if (!err)
		err = put_activations(c, id, row, e);
	if (!err)
		err = put_acks(c, id, row, e);
	if (!err)
		err = put_report(c, id, row, e);
	if (err)
		json_decref(row);
	else
		*ret = row;
	return err;
}

/* The engine journals what is done; what is refused is journalled here. */
int versions_rollback(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	struct call *c = ctx;
	int64_t id = call_number(params, "version");
	const char *reason;
	char subject[ACT_SUBJECT];
	uint64_t job = 0;
	act_subject("version", id, subject);
	int err = act_text(params, "reason", &reason, e);
	if (!err)
		err = call_may_begin(c, e);
	if (!err)
		err = engine_rollback(c->engine, &c->who, id, reason, &job, e);
	return err ? call_journal(c, "version.rollback", subject, err, NULL, e) : call_job(job, ret, e);
}
