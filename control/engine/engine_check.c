/* SPDX-License-Identifier: BSD-3-Clause */
/* An import checked again, against what is enforced now, with a compile of it alone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/engine/compile_job.h"
#include "control/engine/engine_state.h"
#include "control/engine/import_job.h"
#include "control/store/exempt.h"
#include "control/store/lists.h"

struct checking {
	struct engine *engine;
	struct list_row list;
	int64_t import;
	struct plan plan; /* of this import alone */
	struct plan_list plan_list;
	char entries[ENGINE_PATH + 160], previous[ENGINE_PATH + 160];
	const struct config_authority *authority;
	uint64_t lines, rejected;
	const struct guard *guard;
	bool addresses_assessed;
	struct safety_report safety;
	struct compile_result compiled;
	char unenforceable[ERR_BYTES]; /* what the self-check says; "": all is well */
};

static void checking_free(struct checking *c)
{
	if (c->guard)
		engine_guard_done(c->engine);
	safety_report_free(&c->safety);
	free(c->compiled.report);
	texts_free(c->plan.overrides, c->plan.n_overrides);
	texts_free(c->plan.exceptions, c->plan.n_exceptions);
	list_row_free(&c->list);
	free(c);
}

static int find_import(struct checking *c, int64_t import, struct err *e)
{
	struct engine *g = c->engine;
	struct rows r;
	bool there = false;
	rows_open(
	    &r, g->store,
	    "SELECT i.id, i.object, i.lines, i.rejected, (SELECT object FROM imports WHERE id = l.active_import)"
	    " FROM imports i JOIN lists l ON l.id = i.list_id WHERE l.id = ?1 AND i.object IS NOT NULL"
	    " AND (?2 = 0 OR i.id = ?2) ORDER BY i.id DESC LIMIT 1",
	    "ii", c->list.id, import);
	if ((there = rows_next(&r))) {
		c->import = rows_int(&r, 0);
		snprintf(c->plan_list.object, sizeof(c->plan_list.object), "%s", rows_text(&r, 1));
		engine_path(g, c->plan_list.object, c->entries, sizeof(c->entries));
		c->lines = (uint64_t)rows_int(&r, 2);
		c->rejected = (uint64_t)rows_int(&r, 3);
		if (!rows_null(&r, 4))
			engine_path(g, rows_text(&r, 4), c->previous, sizeof(c->previous));
	}
	int err = rows_end(&r, e);
	return err || there ? err
			    : err_set(e, -ENOENT,
				      "list %s has no such import that could be read; rojactl list show %s",
				      c->list.name, c->list.name);
}

static int check_safety(struct checking *c, const atomic_bool *cancel, struct err *e)
{
	struct safety_request q = {.entries = c->entries,
				   .previous = *c->previous ? c->previous : NULL,
				   .key = store_key(c->engine->store),
				   .guard = c->guard,
				   .overrides = (const char *const *)c->plan.overrides,
				   .n_overrides = c->plan.n_overrides,
				   .lines = c->lines,
				   .rejected = c->rejected,
				   .cancel = cancel};
	import_policy(&q, c->authority, c->addresses_assessed);
	return safety_check(&q, &c->safety, e);
}

static int work(void *arg, const atomic_bool *cancel, struct err *e)
{
	struct checking *c = arg;
	int err = check_safety(c, cancel, e);
	if (err)
		return err;
	const struct compile_skipped skipped = {c->safety.skipped, c->safety.n_skipped};
	const struct compile_request q = {.plan = &c->plan,
					  .skipped = &skipped,
					  .guard = c->guard,
					  .key = store_key(c->engine->store),
					  .objects = c->engine->objects,
					  .cache = c->engine->cache};
	err = compile_run(&q, cancel, &c->compiled, e);
	if (err == -ECANCELED)
		return err;
	if (err)
		snprintf(c->unenforceable, sizeof(c->unenforceable), "%s", e->text);
	return 0;
}

static json_t *result_json(const struct checking *c)
{
	json_t *o = json_pack("{sIsssbsIsI}", "import", (json_int_t)c->import, "list", c->list.name,
			      "refused", c->safety.refused || *c->unenforceable, "lines",
			      (json_int_t)c->lines, "entries", (json_int_t)c->safety.entries);
	if (!o || safety_json(o, &c->safety, !c->list.confidential))
		return o;
	json_object_set_new(o, "rejected", json_integer((json_int_t)c->rejected));
	if (*c->unenforceable)
		json_object_set_new(o, "why", json_string(c->unenforceable));
	if (c->compiled.report)
		json_object_set_new(o, "selfcheck", json_loads(c->compiled.report, 0, NULL));
	return o;
}

static int on_done(void *ctx, void *arg, int err, bool cancelled, json_t **ret, struct err *e)
{
	struct checking *c = arg;
	(void)ctx;
	if (!err && cancelled)
		err = err_set(e, -ECANCELED, "the daemon stops");
	if (!err)
		*ret = result_json(c);
	checking_free(c);
	return err;
}

int engine_check(struct engine *g, int64_t uid, int64_t list_id, int64_t import_id, uint64_t *ret_job,
		 struct err *e)
{
	struct checking *c = calloc(1, sizeof(*c));
	if (!c)
		return err_set(e, -ENOMEM, "no memory for a check");
	c->engine = g;
	c->plan.lists = &c->plan_list;
	c->plan.n_lists = 1;
	int err = list_find(g->store, e, list_id, NULL, &c->list);
	if (!err)
		err = find_import(c, import_id, e);
	if (!err)
		err =
		    overrides_active(g->store, e, c->list.order_id, &c->plan.overrides, &c->plan.n_overrides);
	if (!err)
		err = exceptions_active(g->store, e, &c->plan.exceptions, &c->plan.n_exceptions);
	if (!err) {
		c->authority = control_config_authority(g->config, c->list.authority);
		c->addresses_assessed = engine_addresses_assessed(g, c->list.order_id);
		c->guard = engine_guard_use(g);
		err = jobs_add(g->jobs, "list.check", uid,
			       &(struct job_work){.work = work, .done = on_done, .ctx = g, .arg = c}, ret_job,
			       e);
	}
	if (err)
		checking_free(c);
	return err;
}
