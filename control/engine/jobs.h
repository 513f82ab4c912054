/* SPDX-License-Identifier: BSD-3-Clause */
/* jobs: work that takes long, in a worker thread, and what became of it.
 *
 * Model:    a job has work (worker thread; touches only its own arg) and done (main thread; commits, says the result). What
 *           became of it stays to be asked for until JOBS_MAX later ones have ended.
 * Owner:    arg is the caller's; done frees it, also when the process ends first (then with cancelled set).
 * Threads:  all functions: the main thread. work: a worker.
 * Limits:   JOBS_MAX remembered, JOBS_RUNNING at once; more wait their turn, JOBS_MAX in all: then -EBUSY.
 */
#ifndef CONTROL_ENGINE_JOBS_H
#define CONTROL_ENGINE_JOBS_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/err.h"

#define JOBS_MAX     256
#define JOBS_RUNNING 2

struct jobs;

struct job_work {
	/* 0 or -errno with a sentence; cancel: give up soon when it becomes true. */
	int (*work)(void *arg, const atomic_bool *cancel, struct err *e);
	/* err, e: of work. Sets *ret_result (may stay NULL) and returns 0, or -errno with a sentence. Frees arg. */
	int (*done)(void *ctx, void *arg, int err, bool cancelled, json_t **ret_result, struct err *e);
	void *ctx, *arg;
};

int jobs_new(uv_loop_t *loop, struct jobs **ret, struct err *e);
/* Cancels what runs; afterwards the loop must run until jobs_idle before jobs_free. */
void jobs_stop(struct jobs *j);
bool jobs_idle(const struct jobs *j);
void jobs_free(struct jobs *j);
/* How many of a user's are not done. */
unsigned jobs_of(const struct jobs *j, int64_t uid);

/* method: a literal, for people. uid: who may ask for it; anyone of the same uid. */
int jobs_add(struct jobs *j, const char *method, int64_t uid, const struct job_work *w, uint64_t *ret_id,
	     struct err *e);
/* {job, method, state: running|done|failed, error, result}; -ENOENT; -EACCES: another's. */
int jobs_show(const struct jobs *j, uint64_t id, int64_t uid, json_t **ret, struct err *e);

#endif
