/* SPDX-License-Identifier: BSD-3-Clause */
/* From the store to a compiled version: what is wanted, the job, and whether its outcome is still wanted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/engine/compile_job.h"
#include "control/engine/engine_state.h"
#include "control/log.h"
#include "control/store/clock.h"

#define RETRY_S	     60
#define RETRY_SOON_S 5 /* where the store did not take it */

struct compiling {
	struct engine *engine;
	struct plan *plan;
	struct compile_skipped *skipped;
	struct compile_request request;
	struct compile_result result;
	char file[64], path[ENGINE_PATH + 64];
	uint64_t began;
};

static void compiling_free(struct compiling *c)
{
	for (unsigned i = 0; c->skipped && i < c->plan->n_lists; i++)
		free(c->skipped[i].lines);
	free(c->skipped);
	free(c->result.report);
	plan_free(c->plan);
	free(c);
}

static int fill_skipped(const json_t *lines, struct compile_skipped *ret)
{
	size_t n = json_array_size(lines);
	ret->lines = n ? calloc(n, sizeof(*ret->lines)) : NULL;
	if (n && !ret->lines)
		return -ENOMEM;
	for (; ret->n < n; ret->n++)
		ret->lines[ret->n] = (uint32_t)json_integer_value(json_array_get(lines, ret->n));
	return 0;
}

/* What the check of each import left out. */
static int gather_skipped(struct compiling *c, struct err *e)
{
	const struct plan *p = c->plan;
	c->skipped = calloc(p->n_lists + 1, sizeof(*c->skipped));
	if (!c->skipped)
		return err_set(e, -ENOMEM, "no memory for a compile");
	for (unsigned i = 0; i < p->n_lists; i++) {
		json_t *row = NULL;
		int err = store_json_row(
		    c->engine->store, &row, e,
		    "SELECT report -> 'skipped' \"skipped:j\" FROM imports WHERE id = ? AND skipped > 0", "i",
		    p->lists[i].import_id);
		if (err && err != -ENOENT)
			return err;
		if (row && fill_skipped(json_object_get(row, "skipped"), &c->skipped[i]))
			err = err_set(e, -ENOMEM, "no memory for a compile");
		json_decref(row);
		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

/* Above every number that the store or a data plane knows. */
static int next_number(struct engine *g, uint64_t *ret, struct err *e)
{
	int64_t next;
	int err = version_next(g->store, e, &next);
	*ret = (uint64_t)next;
	for (unsigned i = 0; !err && i < g->n_nodes; i++) {
		uint64_t has = link_status(g->nodes[i].link)->version;
		if (has >= *ret && has < INT64_MAX)
			*ret = has + 1;
	}
	return err;
}

/* May it come into force although the store has changed meanwhile? If it blocks nothing that is no longer wanted. */
static bool still_wanted(const json_t *compiled, const json_t *now, const json_t *active)
{
	size_t i, k;
	json_t *l;
	if (!json_equal(json_object_get(compiled, "exceptions"), json_object_get(now, "exceptions")) ||
	    !json_equal(json_object_get(compiled, "overrides"), json_object_get(now, "overrides")))
		return false;
	json_array_foreach(json_object_get(compiled, "lists"), i, l)
	{
		const json_t *in[] = {json_object_get(now, "lists"), json_object_get(active, "lists")};
		bool there = false;
		for (unsigned n = 0; n < 2 && !there; n++)
			for (k = 0; k < json_array_size(in[n]) && !there; k++)
				there = json_equal(l, json_array_get(in[n], k));
		if (!there)
			return false;
	}
	return true;
}

static int keep(struct engine *g, struct compiling *c, struct version *ret, struct err *e)
{
	struct store *s = g->store;
	const struct version_new v = {.id = (int64_t)c->request.number,
				      .plan = c->plan->text,
				      .plan_digest = c->plan->digest,
				      .file = c->file,
				      .digest = c->result.digest,
				      .report = c->result.report,
				      .bytes = c->result.bytes,
				      .rules = c->result.rules};
	char subject[64];
	int64_t activation;
	snprintf(subject, sizeof(subject), "version %llu", (unsigned long long)c->request.number);
	int err = store_begin(s, e);
	if (err)
		return err;
	err = version_add(s, e, &v);
	if (!err)
		err = version_activate(s, e, v.id, "the store says so", &activation);
	if (!err)
		err = alarm_clear(s, e, ALARM_COMPILE_FAILED, "version");
	if (!err)
		err = journal_add(s, e, &who_program, "version.activate", subject, OUTCOME_DONE,
				  "%lld rules of %u lists, digest %s", (long long)v.rules, c->plan->n_lists,
				  v.digest);
	err = store_end(s, err, e);
	return err ? err : version_active(s, e, ret);
}

static void failed(struct engine *g, const struct compiling *c, int err, const struct err *e)
{
	int64_t now = clock_now();
	g->counts.compiles_failed++;
	snprintf(g->failed, sizeof(g->failed), "%s", c->plan->digest);
	g->retry_at = now + RETRY_S;
	snprintf(g->pending, sizeof(g->pending), "%s", e->text);
	if (err != -ECANCELED)
		engine_alarm(g, ALARM_COMPILE_FAILED, "version", "%s", e->text);
}

static json_t *version_json(const struct version *v)
{
	return json_pack("{sIsssb}", "version", (json_int_t)v->id, "digest", v->digest, "active", 1);
}

static int take(struct engine *g, struct compiling *c, json_t **ret, struct err *e)
{
	struct plan *now;
	struct version v;
	int err = plan_build(g->store, clock_now(), &now, e);
	if (err)
		return err;
	bool wanted =
	    !strcmp(now->digest, c->plan->digest) || still_wanted(c->plan->json, now->json, g->plan);
	plan_free(now);
	g->again = true;
	if (!wanted)
		return err_set(e, -EAGAIN,
			       "what is wanted changed while it was compiled: it is compiled again");
	err = keep(g, c, &v, e);
	if (err) {
		snprintf(g->failed, sizeof(g->failed), "%s", c->plan->digest);
		g->retry_at = clock_now() + RETRY_SOON_S;
		return err;
	}
	engine_adopt(g, &v, json_incref(c->plan->json), true);
	*ret = version_json(&v);
	return 0;
}

static int on_done(void *ctx, void *arg, int err, bool cancelled, json_t **ret, struct err *e)
{
	struct engine *g = ctx;
	struct compiling *c = arg;
	g->compiling = false;
	g->pending[0] = '\0';
	g->counts.compile_ns += uv_hrtime() - c->began;
	engine_guard_done(g);
	if (!err && (cancelled || g->stopping))
		err = err_set(e, -ECANCELED, "the daemon stops: it goes on at the next start");
	else if (err && !g->stopping)
		failed(g, c, err, e);
	if (!err)
		err = take(g, c, ret, e);
	if (err)
		unlink(c->path);
	compiling_free(c);
	if (g->again && !g->stopping)
		engine_poke(g);
	return err;
}

static int work(void *arg, const atomic_bool *cancel, struct err *e)
{
	struct compiling *c = arg;
	return compile_run(&c->request, cancel, &c->result, e);
}

static int start(struct engine *g, struct plan *p, const char *method, int64_t uid, uint64_t *ret_job,
		 struct err *e)
{
	struct compiling *c = calloc(1, sizeof(*c));
	uint64_t job;
	if (!c) {
		plan_free(p);
		return err_set(e, -ENOMEM, "no memory for a compile");
	}
	c->engine = g;
	c->plan = p;
	c->began = uv_hrtime();
	c->request = (struct compile_request){
	    .plan = p, .key = store_key(g->store), .objects = g->objects, .cache = g->cache};
	int err = gather_skipped(c, e);
	if (!err)
		err = next_number(g, &c->request.number, e);
	snprintf(c->file, sizeof(c->file), "version-%llu.roja", (unsigned long long)c->request.number);
	engine_path(g, c->file, c->path, sizeof(c->path));
	c->request.file = c->path;
	c->request.skipped = c->skipped;
	c->request.guard = engine_guard_use(g);
	if (!err)
		err =
		    jobs_add(g->jobs, method ? method : "version.activate", uid,
			     &(struct job_work){.work = work, .done = on_done, .ctx = g, .arg = c}, &job, e);
	if (err) {
		engine_guard_done(g);
		compiling_free(c);
		return err;
	}
	g->compiling = true;
	g->again = false;
	g->counts.compiles++;
	snprintf(g->pending, sizeof(g->pending), "version %llu is being compiled",
		 (unsigned long long)c->request.number);
	if (ret_job)
		*ret_job = job;
	return 0;
}

int engine_look(struct engine *g, const char *method, int64_t uid, uint64_t *ret_job, struct err *e)
{
	struct plan *p;
	int64_t now = clock_now();
	if (g->compiling) {
		g->again = true;
		return method ? err_set(e, -EBUSY, "a version is being compiled: try again in some seconds")
			      : 0;
	}
	int err = plan_build(g->store, now, &p, e);
	if (err)
		return err;
	g->next_change = p->next_change;
	bool is_active = g->active.id && !strcmp(p->digest, g->active.plan_digest);
	bool waits = !method && !strcmp(p->digest, g->failed) && now < g->retry_at;
	if (!is_active && !waits)
		return start(g, p, method, uid, ret_job, e);
	plan_free(p);
	if (is_active) {
		g->failed[0] = '\0';
		g->retry_at = INT64_MAX;
		if (g->pending[0])
			engine_alarm_clear(g, ALARM_COMPILE_FAILED, "version");
		g->pending[0] = '\0';
	}
	return 0;
}
