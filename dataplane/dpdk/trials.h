/* SPDX-License-Identifier: BSD-3-Clause */
/* trials: every running worker says what it would do with requests that are on no wire.
 *
 * Model:    the main thread makes a batch (core/trial.h) and hands it to all workers by one pointer each. A worker looks at its
 *           pointer once a round and judges some requests, by the ruleset that it judges traffic by, in a pipeline of its own: no event,
 *           counter, block or frame comes of it. A worker that takes up another ruleset meanwhile begins anew, so its answers are of one.
 *           Where frames come in, trials get at most a TRIALS_SHARE-th of the worker's time. It gives the pointer back when it is done.
 * Owner:    trials_free, once the workers have ended. Answers live until the next call.
 * Threads:  the main thread; worker_try the worker's.
 * Limits:   TRIAL_REQUESTS requests; TRIALS_WAIT_NS: who has not answered by then is left out of it, and its pointer is waited for before the
 *           next batch.
 * Errors:   -EINVAL with the number of the request, never its text; -EBUSY: a worker still has the batch before.
 * Cost:     a worker without trials: one load of its own cache line a round.
 */
#ifndef DATAPLANE_DPDK_TRIALS_H
#define DATAPLANE_DPDK_TRIALS_H

#include <stdatomic.h>

#include "dataplane/core/trial.h"
#include "dataplane/dpdk/config.h"

#define TRIALS_SHARE   16
#define TRIALS_WAIT_NS 1000000000ull

struct workers;
struct worker;
struct generation;

/* What one worker said, by one ruleset. */
struct trial_answers {
	bool whole;	  /* it has answered all */
	uint64_t version; /* 0: none */
	uint8_t digest[32];
	struct trial_answer v[TRIAL_REQUESTS];
};

/* A batch in the workers' hands. */
struct trial_job {
	const struct trial_batch *batch;
	_Atomic bool cancelled;
	struct trial_answers by_worker[CONFIG_WORKERS_MAX];
};

/* A worker's side of it. */
struct trier {
	_Atomic(struct trial_job *) job; /* set by the main thread, cleared by the worker */
	struct pipeline *pipeline;
	unsigned at;		 /* requests done */
	uint64_t turn, rest_tsc; /* of the generation that answers; when it may go on */
};

struct trials {
	struct trial_batch *batch;
	struct trial_job job;
};

/* Asks n requests of all workers and waits for the answers: (*t)->job.by_worker. The first call allocates *t. */
int trials_run(struct trials **t, struct workers *ws, const struct trial_ask *v, unsigned n, struct err *e);
void trials_free(struct trials *t);

/* worker_try.c. A worker's setup; and once a round, where there is a job. A worker that naps still does between rounds: it may have a
 * priority above all others. */
int trier_init(struct trier *t, const struct pipeline_config *like, struct err *e);
void worker_try(struct worker *w);

static inline bool trier_is_asked(const struct trier *t)
{
	return __builtin_expect(atomic_load_explicit(&t->job, memory_order_relaxed) != NULL, false);
}

#endif
