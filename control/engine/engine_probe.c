/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/engine/engine_probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/engine/engine_state.h"
#include "control/engine/probe_job.h"
#include "control/log.h"
#include "control/store/clock.h"
#include "control/store/probes.h"

#define SUBJECT		 "the self-test"
#define RESTS_BY_ITSELF	 3
#define RESTS_BY_COMMAND 1
#define RETRY_S		 60 /* after one that failed */

struct probing {
	struct prober_progress progress;
	atomic_bool abort;
	uint64_t of; /* entries of it, over all lists */
	bool running, wanted;
	int64_t last, not_before;
};

int probing_new(struct engine *g, struct probing **ret, struct err *e)
{
	struct probing *p = calloc(1, sizeof(*p));
	if (!p)
		return err_set(e, -ENOMEM, "no memory for the engine");
	int err = probes_last(g->store, e, &p->last);
	if (!p->last) /* the first one comes with the first version */
		p->last = clock_now();
	if (err)
		free(p);
	else
		*ret = p;
	return err;
}

void probing_free(struct probing *p)
{
	free(p);
}

/* On its way; freed by done. */
struct probe_run {
	struct engine *engine;
	struct probe_job job;
	struct prober_result result;
	int64_t version;
};

static int work(void *arg, const atomic_bool *cancel, struct err *e)
{
	struct probe_run *r = arg;
	r->job.request.cancel = cancel;
	return prober_run(&r->job.request, &r->result, e);
}

static json_t *told_json(const struct probe_run *r, unsigned node, uint64_t *ret_missed, uint64_t *ret_harmed)
{
	const struct prober_told *n = &r->result.nodes[node];
	uint64_t entries = 0, unenforceable = 0, missed = 0, harmed = 0;
	for (unsigned i = 0; i < r->result.n_orders; i++) {
		entries += n->orders[i].entries;
		unenforceable += n->orders[i].unenforceable;
		missed += n->orders[i].missed;
		harmed += n->orders[i].harmed;
	}
	*ret_missed += missed;
	*ret_harmed += harmed;
	return json_pack("{sssbsosIsIsIsIsI}", "dataplane", r->job.nodes[node].name, "answered",
			 (int)n->answered, "why", n->answered ? json_null() : json_string(n->why), "entries",
			 (json_int_t)entries, "missed", (json_int_t)missed, "unenforceable",
			 (json_int_t)unenforceable, "harmed", (json_int_t)harmed, "workers",
			 (json_int_t)n->workers);
}

static json_t *result_json(const struct probe_run *r)
{
	json_t *nodes = json_array();
	uint64_t missed = 0, harmed = 0;
	bool silent = false;
	for (unsigned k = 0; k < r->result.n_nodes; k++) {
		json_array_append_new(nodes, told_json(r, k, &missed, &harmed));
		silent |= !r->result.nodes[k].answered;
	}
	return json_pack("{sIsosIsIsb}", "version", (json_int_t)r->version, "dataplanes", nodes, "missed",
			 (json_int_t)missed, "harmed", (json_int_t)harmed, "failed",
			 (int)(missed || harmed || silent));
}

static int done(void *ctx, void *arg, int err, bool cancelled, json_t **ret_result, struct err *e)
{
	struct engine *g = ctx;
	struct probe_run *r = arg;
	struct probing *p = g->probing;
	p->running = false;
	if (!err && !cancelled) {
		if (!r->job.request.order)
			p->last = clock_now();
		err = probe_job_keep(g, &r->job, &r->result, r->version, e);
		*ret_result = err ? NULL : result_json(r);
		engine_alarm_clear(g, ALARM_PROBE_FAILED, SUBJECT);
	} else if (err == -ECANCELED) {
		p->wanted = true; /* again, once what is active now is everywhere */
	} else if (!cancelled) {
		engine_alarm(g, ALARM_PROBE_FAILED, SUBJECT, "it could not be done: %s", e->text);
		p->not_before = clock_now() + RETRY_S;
		p->wanted = true;
	}
	prober_result_free(&r->result);
	probe_job_free(&r->job);
	free(r);
	return err;
}

static int start(struct engine *g, const char *method, int64_t uid, int64_t order, uint64_t *ret_job,
		 struct err *e)
{
	struct probing *p = g->probing;
	struct probe_run *r = calloc(1, sizeof(*r));
	if (!r)
		return err_set(e, -ENOMEM, "no memory for a probe");
	r->version = g->active.id;
	int err = probe_job_make(g, order, &r->job, e);
	if (!err) {
		atomic_store(&p->abort, false);
		atomic_store(&p->progress.entries, 0);
		atomic_store(&p->progress.requests, 0);
		p->of = r->job.entries;
		r->job.request.abort = &p->abort;
		r->job.request.rests = uid == WHO_PROGRAM_UID ? RESTS_BY_ITSELF : RESTS_BY_COMMAND;
		r->job.request.progress = &p->progress;
		const struct job_work w = {.work = work, .done = done, .ctx = g, .arg = r};
		err = jobs_add(g->jobs, method, uid, &w, ret_job, e);
	}
	if (err) {
		probe_job_free(&r->job);
		free(r);
		return err;
	}
	p->running = true;
	if (!order)
		p->wanted = false;
	return 0;
}

int engine_probe(struct engine *g, int64_t uid, int64_t order, uint64_t *ret_job, struct err *e)
{
	if (!g->active.id)
		return err_set(e, -ENOENT, "nothing is in force yet, so there is nothing to probe");
	if (!g->n_nodes)
		return err_set(e, -ENOENT, "no data plane is configured, so there is nobody to ask");
	if (g->probing->running)
		return err_set(e, -EBUSY, "a probe runs already: rojactl status shows how far it is");
	return start(g, "probe.run", uid, order, ret_job, e);
}

bool engine_probing(const struct engine *g, uint64_t *ret_entries, uint64_t *ret_of)
{
	const struct probing *p = g->probing;
	*ret_entries = atomic_load(&p->progress.entries);
	*ret_of = p->of;
	return p->running;
}

void probing_adopted(struct engine *g)
{
	if (!g->probing)
		return; /* at the start */
	atomic_store(&g->probing->abort, true);
	g->probing->wanted = true;
}

static bool everywhere(struct engine *g)
{
	for (unsigned i = 0; i < g->n_nodes; i++)
		if (link_status(g->nodes[i].link)->acknowledged != (uint64_t)g->active.id)
			return false;
	return g->n_nodes && g->active.id;
}

static void begin(struct engine *g)
{
	struct probing *p = g->probing;
	struct err e = {""};
	uint64_t job;
	if (p->running || g->stopping || !g->active.id || !g->n_nodes || clock_now() < p->not_before)
		return;
	if (start(g, "probe", WHO_PROGRAM_UID, 0, &job, &e)) {
		log_error("the compliance self-test cannot begin: %s", e.text);
		p->not_before = clock_now() + RETRY_S;
	}
}

void probing_acknowledged(struct engine *g)
{
	if (g->probing && g->probing->wanted && everywhere(g))
		begin(g);
}

/* By the clock also where a data plane has not the active version: that is to be found out. */
void probing_tick(struct engine *g, int64_t now)
{
	int64_t every = g->config->probe.every_s;
	probing_acknowledged(g);
	if (every && now - g->probing->last >= every)
		begin(g);
}

void probing_stop(struct engine *g)
{
	if (g->probing)
		atomic_store(&g->probing->abort, true);
}
