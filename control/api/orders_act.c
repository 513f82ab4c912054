/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>

#include "control/api/orders.h"
#include "control/store/orders.h"
#include "control/store/proposals.h"

static int add(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	json_t *fields = json_deep_copy(params);
	int64_t id, proposal;
	char subject[ACT_SUBJECT];
	int err = fields ? order_add(c->store, e, &c->who, fields, &id, &proposal)
			 : err_set(e, -ENOMEM, "memory ran out");
	json_decref(fields);
	if (err)
		return err;
	act_subject("order", id, subject);
	err = journal_add(c->store, e, &c->who, "order.add", subject, OUTCOME_DONE,
			  "proposed (proposal %lld): %s, %s", (long long)proposal,
			  call_text(params, "authority"), call_text(params, "reference"));
	return err ? err
		   : call_done(
			 json_pack("{sI sI}", "order", (json_int_t)id, "proposal", (json_int_t)proposal), ret,
			 e);
}

int orders_add(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return call_transact(ctx, "order.add", "a new order", add, params, ret, e);
}

static int decide(struct call *c, const json_t *params, bool approve, json_t **ret, struct err *e)
{
	int64_t id = call_number(params, "order");
	const char *state, *said, *act = approve ? "order.approve" : "order.refuse";
	char subject[ACT_SUBJECT];
	unsigned n = 0;
	act_subject("order", id, subject);
	int err = act_text(params, approve ? "note" : "reason", &said, e);
	if (!err)
		err = order_state(c->store, e, id, &state);
	if (!err)
		err = proposals_decide_order(c->store, e, &c->who, id, approve, said, &n);
	if (!err)
		err = order_state(c->store, e, id, &state);
	if (!err)
		err = journal_add(c->store, e, &c->who, act, subject, OUTCOME_DONE, "%u proposals%s%s", n,
				  said ? ": " : "", said ? said : "");
	return err ? err
		   : call_done(
			 json_pack("{sI ss si}", "order", (json_int_t)id, "state", state, "decided", (int)n),
			 ret, e);
}

static int approve(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	return decide(c, params, true, ret, e);
}

static int refuse(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	return decide(c, params, false, ret, e);
}

int orders_approve(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "order.approve", "order", approve, params, ret, e);
}

int orders_refuse(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "order.refuse", "order", refuse, params, ret, e);
}

static int propose_end(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	int64_t id = call_number(params, "order"), proposal;
	const char *reason;
	char subject[ACT_SUBJECT];
	act_subject("order", id, subject);
	int err = act_text(params, "reason", &reason, e);
	if (!err)
		err = order_revoke(c->store, e, &c->who, id, reason, &proposal);
	if (!err)
		err = journal_add(c->store, e, &c->who, "order.revoke", subject, OUTCOME_DONE,
				  "its end is proposed (proposal %lld): %s", (long long)proposal, reason);
	return err ? err : call_done(json_pack("{sI}", "proposal", (json_int_t)proposal), ret, e);
}

int orders_revoke(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "order.revoke", "order", propose_end, params, ret, e);
}

static int review(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	const char *note;
	int err = act_text(params, "note", &note, e);
	if (!err)
		err = order_review(c->store, e, &c->who, call_number(params, "order"), note);
	return err ? err : call_done(json_object(), ret, e);
}

int orders_review(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "order.review", "order", review, params, ret, e);
}
