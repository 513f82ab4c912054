/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/engine/jobs.h"

#include <errno.h>
#include <stdlib.h>

enum job_state { JOB_NONE, JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED };

struct job {
	uv_work_t work;
	struct jobs *jobs;
	enum job_state state;
	uint64_t id;
	int64_t uid;
	const char *method;
	struct job_work what;
	int err;
	struct err e;
	json_t *result;
};

struct jobs {
	uv_loop_t *loop;
	atomic_bool cancel;
	uint64_t last;
	unsigned running, waiting;
	struct job all[JOBS_MAX]; /* job `id` is at id % JOBS_MAX */
};

int jobs_new(uv_loop_t *loop, struct jobs **ret, struct err *e)
{
	struct jobs *j = calloc(1, sizeof(*j));
	if (!j)
		return err_set(e, -ENOMEM, "no memory for jobs");
	j->loop = loop;
	*ret = j;
	return 0;
}

static void finish(struct job *job, bool cancelled)
{
	json_t *result = NULL;
	int err = job->what.done(job->what.ctx, job->what.arg, job->err, cancelled, &result, &job->e);
	job->state = err ? JOB_FAILED : JOB_DONE;
	job->result = result;
}

static void start(struct job *job);

static void start_next(struct jobs *j)
{
	for (uint64_t id = j->last >= JOBS_MAX ? j->last - JOBS_MAX + 1 : 1;
	     j->waiting && j->running < JOBS_RUNNING && id <= j->last; id++) {
		struct job *job = &j->all[id % JOBS_MAX];
		if (job->state != JOB_WAITING)
			continue;
		j->waiting--;
		start(job);
	}
}

static void on_work(uv_work_t *w)
{
	struct job *job = w->data;
	job->err = job->what.work(job->what.arg, &job->jobs->cancel, &job->e);
}

static void on_done(uv_work_t *w, int status)
{
	struct job *job = w->data;
	struct jobs *j = job->jobs;
	j->running--;
	finish(job, status || atomic_load(&j->cancel));
	start_next(j);
}

static void start(struct job *job)
{
	struct jobs *j = job->jobs;
	job->state = JOB_RUNNING;
	job->work.data = job;
	j->running++;
	uv_queue_work(j->loop, &job->work, on_work, on_done);
}

int jobs_add(struct jobs *j, const char *method, int64_t uid, const struct job_work *w, uint64_t *ret_id,
	     struct err *e)
{
	struct job *job = &j->all[(j->last + 1) % JOBS_MAX];
	if (job->state == JOB_WAITING || job->state == JOB_RUNNING || atomic_load(&j->cancel))
		return err_set(e, -EBUSY, "too much waits to be done: try again later");
	json_decref(job->result);
	*job = (struct job){.jobs = j, .id = ++j->last, .uid = uid, .method = method, .what = *w};
	*ret_id = job->id;
	job->state = JOB_WAITING;
	j->waiting++;
	start_next(j);
	return 0;
}

void jobs_stop(struct jobs *j)
{
	atomic_store(&j->cancel, true);
	for (unsigned i = 0; i < JOBS_MAX; i++)
		if (j->all[i].state == JOB_WAITING) {
			j->waiting--;
			finish(&j->all[i], true);
		}
}

bool jobs_idle(const struct jobs *j)
{
	return !j->running && !j->waiting;
}

unsigned jobs_of(const struct jobs *j, int64_t uid)
{
	unsigned n = 0;
	for (unsigned i = 0; i < JOBS_MAX; i++)
		n += j->all[i].uid == uid &&
		     (j->all[i].state == JOB_WAITING || j->all[i].state == JOB_RUNNING);
	return n;
}

void jobs_free(struct jobs *j)
{
	if (!j)
		return;
	for (unsigned i = 0; i < JOBS_MAX; i++)
		json_decref(j->all[i].result);
	free(j);
}

int jobs_show(const struct jobs *j, uint64_t id, int64_t uid, json_t **ret, struct err *e)
{
	static const char *const states[] = {"", "running", "running", "done", "failed"};
	const struct job *job = &j->all[id % JOBS_MAX];
	if (!id || job->id != id)
		return err_set(e, -ENOENT, "there is no job %llu, or it ended too long ago",
			       (unsigned long long)id);
	if (job->uid != uid)
		return err_set(e, -EACCES, "job %llu is somebody else's", (unsigned long long)id);
	*ret = json_pack("{sIsssssOsO}", "job", (json_int_t)id, "method", job->method, "state",
			 states[job->state], "result", job->result ? job->result : json_null(), "error",
			 json_null());
	if (*ret && job->state == JOB_FAILED)
		json_object_set_new(*ret, "error", json_string(job->e.text));
	return *ret ? 0 : err_set(e, -ENOMEM, "no memory");
}
