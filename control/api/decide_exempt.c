/* SPDX-License-Identifier: BSD-3-Clause */
/* Exceptions and overrides. The journal names them by their numbers: their entries are sealed. */
#include <errno.h>
#include <stdlib.h>

#include "control/api/decide.h"
#include "control/store/clock.h"
#include "control/store/exempt.h"

static const char *const states[] = {"proposed", "active", "refused", "ended", NULL};

static int list(const struct call *c, const json_t *params, const char *sql, json_t **ret, struct err *e)
{
	json_t *rows = NULL;
	int err = act_word(params, "state", states, e);
	if (err < -1)
		return err;
	err = store_json(c->store, &rows, e, sql, "tiii", call_text(params, "state"), (int64_t)act_sees(c),
			 act_limit(params), call_number(params, "offset"));
	if (!err)
		act_hide(rows, "entry");
	return act_rows(err, rows, ret);
}

int exceptions_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return list(
	    ctx, params,
	    "SELECT id AS exception, state, CASE WHEN ?2 THEN entry END AS \"entry:x=exceptions.entry\","
	    " expires AS \"expires:t\", reason, who, created AS \"created:t\", ended AS \"ended:t\""
	    " FROM exceptions WHERE ?1 IS NULL OR state = ?1 ORDER BY id DESC LIMIT ?3 OFFSET ?4",
	    ret, e);
}

int overrides_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return list(
	    ctx, params,
	    "SELECT id AS override, state, CASE WHEN ?2 THEN entry END AS \"entry:x=overrides.entry\","
	    " order_id AS \"order\", assessment, who, created AS \"created:t\", ended AS \"ended:t\""
	    " FROM overrides WHERE ?1 IS NULL OR state = ?1 ORDER BY id DESC LIMIT ?3 OFFSET ?4",
	    ret, e);
}

/* expires: 0 where it is absent. */
static int read_expires(const json_t *params, int64_t *ret, struct err *e)
{
	const char *text = call_text(params, "expires");
	*ret = text ? clock_parse(text) : 0;
	if (*ret < 0)
		return err_set(e, -EINVAL, "expires: is no time such as 2026-11-26 or 2026-11-26T06:00Z");
	if (text && *ret <= clock_now())
		return err_set(e, -EINVAL, "expires: is over already");
	return 0;
}

static int proposed(struct call *c, const char *what, int64_t id, int64_t proposal, const char *act,
		    const char *said, json_t **ret, struct err *e)
{
	char subject[ACT_SUBJECT];
	act_subject(what, id, subject);
	int err =
	    journal_add(c->store, e, &c->who, act, subject, OUTCOME_DONE, "proposed (proposal %lld)%s%s",
			(long long)proposal, said ? ": " : "", said ? said : "");
	return err ? err
		   : call_done(json_pack("{sI sI}", what, (json_int_t)id, "proposal", (json_int_t)proposal),
			       ret, e);
}

static int add_exception(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	const char *reason;
	char *entry = NULL;
	int64_t id, proposal, expires;
	int err = act_text(params, "reason", &reason, e);
	if (!err)
		err = read_expires(params, &expires, e);
	if (!err)
		err = act_entry(params, "entry", &entry, e);
	if (!err)
		err = exception_add(c->store, e, &c->who, entry, reason, expires, &id, &proposal);
	free(entry);
	return err ? err : proposed(c, "exception", id, proposal, "exception.add", reason, ret, e);
}

int exceptions_add(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return call_transact(ctx, "exception.add", "a new exception", add_exception, params, ret, e);
}

static int add_override(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	const char *assessment;
	char *entry = NULL;
	int64_t id, proposal;
	int err = act_text(params, "assessment", &assessment, e);
	if (!err)
		err = act_entry(params, "entry", &entry, e);
	if (!err)
		err = override_add(c->store, e, &c->who, entry, assessment, call_number(params, "order"), &id,
				   &proposal);
	free(entry);
	return err ? err : proposed(c, "override", id, proposal, "override.add", assessment, ret, e);
}

int overrides_add(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return call_transact(ctx, "override.add", "a new override", add_override, params, ret, e);
}

static int end_exception(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	int64_t id = call_number(params, "exception"), proposal;
	const char *reason;
	int err = act_text(params, "reason", &reason, e);
	if (!err)
		err = exception_remove(c->store, e, &c->who, id, reason, &proposal);
	return err ? err : proposed(c, "exception", id, proposal, "exception.remove", reason, ret, e);
}

int exceptions_remove(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "exception.remove", "exception", end_exception, params, ret, e);
}

static int end_override(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	int64_t id = call_number(params, "override"), proposal;
	const char *reason;
	int err = act_text(params, "reason", &reason, e);
	if (!err)
		err = override_remove(c->store, e, &c->who, id, reason, &proposal);
	return err ? err : proposed(c, "override", id, proposal, "override.remove", reason, ret, e);
}

int overrides_remove(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "override.remove", "override", end_override, params, ret, e);
}
