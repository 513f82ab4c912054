/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/call.h"

#include <errno.h>

#include "control/log.h"
#include "control/store/lists.h"

const char *call_text(const json_t *params, const char *key)
{
	return json_string_value(json_object_get(params, key));
}

int64_t call_number(const json_t *params, const char *key)
{
	return json_integer_value(json_object_get(params, key));
}

bool call_flag(const json_t *params, const char *key)
{
	return json_is_true(json_object_get(params, key));
}

int call_done(json_t *result, json_t **ret, struct err *e)
{
	if (!result)
		return err_set(e, -ENOMEM, "memory ran out");
	*ret = result;
	return 0;
}

/* Digits alone are a number: no list's name is one. */
int call_list(const struct call *c, const json_t *params, struct list_row *ret, struct err *e)
{
	const char *text = call_text(params, "list"), *p = text ? text : "";
	int64_t id = 0;
	while (*p >= '0' && *p <= '9' && id < INT64_MAX / 10)
		id = id * 10 + (*p++ - '0');
	if (*p || p == text)
		return list_find(c->store, e, 0, text, ret);
	if (!id)
		return err_set(e, -ENOENT, "list: there is no list 0");
	return list_find(c->store, e, id, NULL, ret);
}

int64_t call_limit(const json_t *params, int64_t def, int64_t most)
{
	int64_t n = call_number(params, "limit");
	return !n ? def : n < most ? n : most;
}

int call_may_begin(const struct call *c, struct err *e)
{
	unsigned most = c->config->limits.jobs_per_user;
	if (jobs_of(c->jobs, c->who.uid) < most)
		return 0;
	return err_set(e, -EBUSY,
		       "%u of your jobs run or wait already, as many as one user may have: wait for them",
		       most);
}

int call_job(uint64_t job, json_t **ret, struct err *e)
{
	return call_done(json_pack("{sI}", "job", (json_int_t)job), ret, e);
}

static void journal_refusal(const struct call *c, const char *act, const char *subject, const struct err *e)
{
	struct err failed = {""};
	if (journal_add(c->store, &failed, &c->who, act, subject, OUTCOME_REFUSED, "%s", e->text))
		log_error("the journal does not take a refusal of %s: %s", act, failed.text);
}

int call_transact(struct call *c, const char *act, const char *subject, call_act *run, const json_t *params,
		  json_t **ret, struct err *e)
{
	json_t *result = NULL;
	int err = store_begin(c->store, e);
	if (err)
		return err;
	err = store_end(c->store, run(c, params, &result, e), e);
	if (!err) {
		*ret = result;
		engine_poke(c->engine);
		return 0;
	}
	json_decref(result);
	journal_refusal(c, act, subject, e);
	return err;
}

int call_journal(const struct call *c, const char *act, const char *subject, int err, const char *text,
		 struct err *e)
{
	if (err) {
		journal_refusal(c, act, subject, e);
		return err;
	}
	return journal_add(c->store, e, &c->who, act, subject, OUTCOME_DONE, "%s", text ? text : "");
}
