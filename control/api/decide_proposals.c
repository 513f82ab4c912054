/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "control/api/decide.h"
#include "control/store/proposals.h"

/* The journal says what a proposal was about, in its own words. */
static int decided(struct call *c, const char *act, int64_t id, const char *said, json_t **ret, struct err *e)
{
	json_t *row = NULL;
	char subject[ACT_SUBJECT];
	act_subject("proposal", id, subject);
	int err =
	    store_json_row(c->store, &row, e,
			   "SELECT id AS proposal, kind, state, text FROM proposals WHERE id = ?", "i", id);
	if (!err)
		err = journal_add(c->store, e, &c->who, act, subject, OUTCOME_DONE, "%s%s%s",
				  call_text(row, "text"), said ? ": " : "", said ? said : "");
	if (err)
		json_decref(row);
	else
		*ret = row;
	return err;
}

static int approve(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	int64_t id = call_number(params, "proposal");
	const char *note;
	int err = act_text(params, "note", &note, e);
	if (!err)
		err = proposal_approve(c->store, e, &c->who, id, note);
	return err ? err : decided(c, "proposal.approve", id, note, ret, e);
}

static int refuse(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	int64_t id = call_number(params, "proposal");
	const char *reason;
	int err = act_text(params, "reason", &reason, e);
	if (!err)
		err = proposal_refuse(c->store, e, &c->who, id, reason);
	return err ? err : decided(c, "proposal.refuse", id, reason, ret, e);
}

static int withdraw(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	int64_t id = call_number(params, "proposal");
	int err = proposal_withdraw(c->store, e, &c->who, id);
	return err ? err : decided(c, "proposal.withdraw", id, NULL, ret, e);
}

int proposals_approve(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "proposal.approve", "proposal", approve, params, ret, e);
}

int proposals_refuse(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "proposal.refuse", "proposal", refuse, params, ret, e);
}

int proposals_withdraw(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "proposal.withdraw", "proposal", withdraw, params, ret, e);
}
