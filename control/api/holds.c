/* SPDX-License-Identifier: BSD-3-Clause */
/* The handlers of hold.*; the rows are in methods_audit.c. */
#include "control/store/holds.h"

#include <errno.h>

#include "control/api/log.h"

static const char *const states[] = {"proposed", "active", "refused", "ended", NULL};

int holds_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	json_t *rows = NULL;
	int err = act_word(params, "state", states, e);
	if (err < -1)
		return err;
	err = store_json(
	    c->store, &rows, e,
	    "SELECT h.id AS hold, h.state, h.order_id AS \"order\", o.fields ->> 'reference' AS reference, h.reason, h.who,"
	    " h.created AS \"created:t\", h.began AS \"began:t\", h.ended AS \"ended:t\""
	    " FROM holds h JOIN orders o ON o.id = h.order_id WHERE ?1 IS NULL OR h.state = ?1"
	    " ORDER BY h.state IN ('proposed','active') DESC, h.id DESC LIMIT ?2 OFFSET ?3",
	    "tii", call_text(params, "state"), act_limit(params), call_number(params, "offset"));
	return act_rows(err, rows, ret);
}

static int proposed(struct call *c, const char *act, int64_t id, int64_t proposal, const char *reason,
		    json_t **ret, struct err *e)
{
	char subject[ACT_SUBJECT];
	act_subject("hold", id, subject);
	int err = journal_add(c->store, e, &c->who, act, subject, OUTCOME_DONE,
			      "proposed (proposal %lld): %s", (long long)proposal, reason);
	return err ? err
		   : call_done(json_pack("{sI sI}", "hold", (json_int_t)id, "proposal", (json_int_t)proposal),
			       ret, e);
}

static int add(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	const char *reason;
	int64_t id, proposal;
	int err = act_text(params, "reason", &reason, e);
	if (!err)
		err = hold_add(c->store, e, &c->who, call_number(params, "order"), reason, &id, &proposal);
	return err ? err : proposed(c, "hold.add", id, proposal, reason, ret, e);
}

int holds_add(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return call_transact(ctx, "hold.add", "a new hold", add, params, ret, e);
}

static int release(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	const char *reason;
	int64_t id = call_number(params, "hold"), proposal;
	int err = act_text(params, "reason", &reason, e);
	if (!err)
		err = hold_release(c->store, e, &c->who, id, reason, &proposal);
	return err ? err : proposed(c, "hold.release", id, proposal, reason, ret, e);
}

int holds_release(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "hold.release", "hold", release, params, ret, e);
}
