/* SPDX-License-Identifier: BSD-3-Clause */
/* worker_try: a worker judges requests that are on no wire, between its bursts. */
#include <rte_cycles.h>
#include <string.h>

#include "dataplane/dpdk/trials.h"
#include "dataplane/dpdk/worker_state.h"

#define IDLE_REQUESTS 16 /* a round in which no frame came */

int trier_init(struct trier *t, const struct pipeline_config *like, struct err *e)
{
	return trial_pipeline_new(like, &t->pipeline, e);
}

/* From the first request on, by the ruleset of now. */
static void begin(struct worker *w, struct trial_answers *a)
{
	const struct generation *g = w->generation;
	w->trier.at = 0;
	w->trier.turn = w->turn;
	a->version = g ? g->version : 0;
	if (g)
		memcpy(a->digest, ruleset_digest(g->rules), sizeof(a->digest));
	pipeline_set_ruleset(w->trier.pipeline, g ? g->rules : NULL, g ? g->scratch[w->index] : NULL);
}

static void give_back(struct worker *w)
{
	w->trier.at = 0;
	pipeline_set_ruleset(w->trier.pipeline, NULL, NULL);
	atomic_store_explicit(&w->trier.job, NULL, memory_order_release);
}

void worker_try(struct worker *w)
{
	struct trier *t = &w->trier;
	struct trial_job *job = atomic_load_explicit(&t->job, memory_order_acquire);
	struct trial_answers *a = &job->by_worker[w->index];
	uint64_t began = rte_rdtsc();
	if (atomic_load_explicit(&job->cancelled, memory_order_relaxed)) {
		give_back(w);
		return;
	}
	if (w->moved && began < t->rest_tsc)
		return;
	if (!t->at || t->turn != w->turn)
		begin(w, a);
	for (unsigned n = w->moved ? 1 : IDLE_REQUESTS; n && t->at < job->batch->n; n--, t->at++) {
		trial_judge(t->pipeline, job->batch, t->at, w->now_ns, &a->v[t->at]);
		worker_between(w);
	}
	t->rest_tsc = began + (rte_rdtsc() - began) * TRIALS_SHARE;
	if (t->at < job->batch->n)
		return;
	a->whole = true;
	give_back(w);
}
