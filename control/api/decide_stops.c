/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "control/api/decide.h"
#include "control/store/clock.h"
#include "control/store/lists.h"
#include "control/store/stops.h"

int stops_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	json_t *rows = NULL;
	int err = store_json(
	    c->store, &rows, e,
	    "SELECT s.id AS stop, s.what, s.order_id AS \"order\", l.name AS list, s.created AS \"created:t\", s.who,"
	    " s.confirm_by AS \"confirm_by:t\", s.confirmed AS \"confirmed:t\", s.confirmed_who, s.ended AS \"ended:t\","
	    " s.ended_why, s.reason FROM stops s LEFT JOIN lists l ON l.id = s.list_id"
	    " ORDER BY s.ended IS NULL DESC, s.id DESC LIMIT ? OFFSET ?",
	    "ii", act_limit(params), call_number(params, "offset"));
	return act_rows(err, rows, ret);
}

/* The number of what is stopped; 0: all. */
static int find(const struct call *c, const json_t *params, enum stop_what what, int64_t *ret, struct err *e)
{
	bool has_list = json_object_get(params, "list"), has_order = json_object_get(params, "order");
	struct list_row l;
	*ret = what == STOP_ORDER ? call_number(params, "order") : 0;
	if (what == STOP_ALL && (has_list || has_order))
		return err_set(
		    e, -EINVAL,
		    "what: \"all\" stops all blocking: for less say what is \"list\" or \"order\"");
	if (what == STOP_LIST && (!has_list || has_order))
		return err_set(e, -EINVAL,
			       "list: say which list to stop, by its name or number, and no order");
	if (what == STOP_ORDER && (!*ret || has_list))
		return err_set(e, -EINVAL, "order: say which order to stop, by its number, and no list");
	if (what != STOP_LIST)
		return 0;
	int err = call_list(c, params, &l, e);
	if (err)
		return err;
	*ret = l.id;
	list_row_free(&l);
	return 0;
}

static int add(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	static const char *const whats[STOPS_N + 1] = {"all", "list", "order", NULL};
	const char *reason;
	int64_t about, id;
	json_t *row = NULL;
	int what = act_word(params, "what", whats, e);
	int err = what < 0 ? what : act_text(params, "reason", &reason, e);
	if (!err)
		err = find(c, params, (enum stop_what)what, &about, e);
	if (!err)
		err = stop_add(c->store, e, &c->who, (enum stop_what)what, about, reason,
			       c->config->stop.confirm_s, &id);
	if (!err)
		err = store_json_row(
		    c->store, &row, e,
		    "SELECT id AS stop, confirm_by AS \"confirm_by:t\" FROM stops WHERE id = ?", "i", id);
	*ret = row;
	return err;
}

int stops_add(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return call_transact(ctx, "stop.add", "a new stop", add, params, ret, e);
}

static int confirm(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	int err = stop_confirm(c->store, e, &c->who, call_number(params, "stop"));
	return err ? err : call_done(json_object(), ret, e);
}

int stops_confirm(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "stop.confirm", "stop", confirm, params, ret, e);
}

static int end(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	const char *reason;
	int err = act_text(params, "reason", &reason, e);
	if (!err)
		err = stop_end(c->store, e, &c->who, call_number(params, "stop"),
			       reason ? reason : "no longer needed");
	return err ? err : call_done(json_object(), ret, e);
}

int stops_end(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "stop.end", "stop", end, params, ret, e);
}
