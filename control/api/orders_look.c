/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "control/api/orders.h"
#include "control/api/probes.h"

const char *const order_states[] = {"proposed", "approved", "refused", "revoked", "expired", NULL};

#define SHOWN	   50 /* proposals and times of an order */
#define SHOWN_ROOM 80000

int orders_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	json_t *rows = NULL;
	int err = act_word(params, "state", order_states, e);
	if (err < -1)
		return err;
	err = store_json(
	    c->store, &rows, e,
	    "SELECT o.id AS \"order\", o.state, o.fields ->> 'authority' AS authority,"
	    " o.fields ->> 'reference' AS reference, o.fields ->> 'category' AS category, o.starts AS \"starts:t\","
	    " o.expires AS \"expires:t\", (SELECT sum(i.entries) FROM lists l JOIN imports i ON i.id = l.active_import"
	    "  WHERE l.order_id = o.id) AS entries, o.fields ->> 'mode' AS mode, o.held AS \"held:b\","
	    " o.fields ->> 'title' AS title"
	    " FROM orders o WHERE ?1 IS NULL OR o.state = ?1 ORDER BY o.id DESC LIMIT ?2 OFFSET ?3",
	    "tii", call_text(params, "state"), act_limit(params), call_number(params, "offset"));
	return act_rows(err, rows, ret);
}

static int show_order(const struct call *c, int64_t id, json_t **ret, struct err *e)
{
	json_t *row = NULL;
	int err = store_json_row(
	    c->store, &row, e,
	    "SELECT id AS \"order\", state, who, created AS \"created:t\", approved AS \"approved:t\", approved_who,"
	    " held AS \"held:b\", ended AS \"ended:t\", ended_why, reviewed AS \"reviewed:t\","
	    " confirmed AS \"confirmed:t\", fields AS \"fields:j\" FROM orders WHERE id = ?",
	    "i", id);
	if (err == -ENOENT)
		return err_set(e, err, "order: there is no order %lld; rojactl order ls shows them",
			       (long long)id);
	if (err)
		return err;
	if (json_object_update_missing(row, json_object_get(row, "fields")))
		err = err_set(e, -ENOMEM, "memory ran out");
	json_object_del(row, "fields");
	if (err)
		json_decref(row);
	else
		*ret = row;
	return err;
}

static int put_lists(const struct call *c, int64_t id, json_t *to, struct err *e)
{
	json_t *rows = NULL;
	int err = store_json(
	    c->store, &rows, e,
	    "SELECT l.name, l.id AS list, l.state, l.format, l.active_import, i.entries FROM lists l"
	    " LEFT JOIN imports i ON i.id = l.active_import WHERE l.order_id = ? ORDER BY l.id LIMIT ?",
	    "ii", id, (int64_t)ACT_ROWS);
	return act_put(err, to, "lists", rows, e);
}

static int put_proposals(const struct call *c, int64_t id, json_t *to, struct err *e)
{
	json_t *rows = NULL;
	int err = store_json(
	    c->store, &rows, e,
	    "SELECT id AS proposal, state, kind, order_id AS \"order\", text, reason, who, created AS \"created:t\","
	    " decided AS \"decided:t\", decided_who, note FROM proposals WHERE order_id = ?"
	    " ORDER BY state = 'open' DESC, id DESC LIMIT ?",
	    "ii", id, (int64_t)SHOWN);
	act_fit(rows, SHOWN_ROOM, false);
	return act_put(err, to, "proposals", rows, e);
}

/* The last ones, newest last: an order with a schedule comes into force again and again. */
static int put_times(const struct call *c, int64_t id, json_t *to, struct err *e)
{
	json_t *rows = NULL;
	int err = store_json(
	    c->store, &rows, e,
	    "SELECT * FROM (SELECT t.dataplane, t.version_id AS version, t.compiled AS \"compiled:t\","
	    " t.enforced_ns / 1000000000 AS \"enforced:t\","
	    " round(max((t.enforced_ns - coalesce(o.approved_ns, o.approved * 1000000000)) / 1e9, 0), 3) AS after_approval_s,"
	    " t.released_ns / 1000000000 AS \"released:t\""
	    " FROM order_times t JOIN orders o ON o.id = t.order_id WHERE t.order_id = ?"
	    " ORDER BY t.enforced_ns DESC, t.dataplane DESC LIMIT ?) ORDER BY 4, 1",
	    "ii", id, (int64_t)SHOWN);
	return act_put(err, to, "times", rows, e);
}

static int put_confirmations(const struct call *c, int64_t id, json_t *to, struct err *e)
{
	json_t *rows = NULL;
	int err =
	    store_json(c->store, &rows, e,
		       "SELECT id AS confirmation, created AS \"created:t\", who, sha256 FROM confirmations"
		       " WHERE order_id = ? ORDER BY id DESC LIMIT ?",
		       "ii", id, (int64_t)SHOWN);
	return act_put(err, to, "confirmations", rows, e);
}

static int put_probes(const struct call *c, int64_t id, json_t *to, struct err *e)
{
	json_t *rows = NULL;
	int err = store_json(c->store, &rows, e,
			     "SELECT " PROBES_COLUMNS
			     " FROM probes p WHERE p.order_id = ? ORDER BY p.dataplane LIMIT ?",
			     "ii", id, (int64_t)SHOWN);
	return act_put(err, to, "probes", rows, e);
}

int orders_show(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	int64_t id = call_number(params, "order");
	json_t *order = NULL;
	int err = show_order(c, id, &order, e);
	if (err)
		return err;
	err = put_lists(c, id, order, e);
	if (!err)
		err = put_proposals(c, id, order, e);
	if (!err)
		err = put_times(c, id, order, e);
	if (!err)
		err = put_confirmations(c, id, order, e);
	if (!err)
		err = put_probes(c, id, order, e);
	if (err)
		json_decref(order);
	else
		*ret = order;
	return err;
}
