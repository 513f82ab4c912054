/* SPDX-License-Identifier: BSD-3-Clause */
/* Back (or forth) to what an earlier version held. */
#include <errno.h>

#include "control/engine/engine_state.h"

static int restore(struct engine *g, const struct who *who, int64_t id, const char *reason, struct err *e)
{
	struct store *s = g->store;
	char subject[64];
	snprintf(subject, sizeof(subject), "version %lld", (long long)id);
	int err = store_begin(s, e);
	if (err)
		return err;
	err = version_restore(s, e, id);
	if (!err)
		err = alarm_raise(s, e, ALARM_ROLLBACK, subject, "%s went back to %s: %s", who->name, subject,
				  reason);
	if (!err)
		err = journal_add(s, e, who, "version.rollback", subject, OUTCOME_DONE,
				  "from version %lld: %s", (long long)g->active.id, reason);
	return store_end(s, err, e);
}

/* Nothing is to be compiled: what the version held is active already. */
static int work_nothing(void *arg, const atomic_bool *cancel, struct err *e)
{
	(void)arg, (void)cancel, (void)e;
	return 0;
}

static int done_nothing(void *ctx, void *arg, int err, bool cancelled, json_t **ret, struct err *e)
{
	const struct version *v = engine_active(ctx);
	(void)arg, (void)cancelled, (void)e;
	*ret = json_pack("{sIsssb}", "version", (json_int_t)v->id, "digest", v->digest, "active", 1);
	return err;
}

int engine_rollback(struct engine *g, const struct who *who, int64_t id, const char *reason,
		    uint64_t *ret_job, struct err *e)
{
	if (g->compiling)
		return err_set(e, -EBUSY, "a version is being compiled: try again in some seconds");
	int err = restore(g, who, id, reason, e);
	if (err)
		return err;
	*ret_job = 0;
	err = engine_look(g, "version.rollback", who->uid, ret_job, e);
	if (err || *ret_job)
		return err;
	return jobs_add(g->jobs, "version.rollback", who->uid,
			&(struct job_work){.work = work_nothing, .done = done_nothing, .ctx = g}, ret_job, e);
}
