/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/report_job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "control/report/logcopy.h"
#include "control/report/pack.h"
#include "control/store/clock.h"

#define TRIES 10

struct report_job {
	struct store *store;
	const char *method;
	char subject[128], user[64], log[1024], note[256]; /* "": none */
	int64_t uid;
	int fd;
	struct files files;
	struct pack pack;
	char sha256[65];
};

/* A pipe or device could keep a worker waiting for ever. */
static int check_fd(int fd, struct err *e)
{
	struct stat st;
	int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
	if (fd < 0)
		return err_set(
		    e, -EINVAL,
		    "no file came with the request: hand its descriptor over with it (SCM_RIGHTS), as rojactl "
		    "report does");
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || flags < 0 || flags & O_PATH ||
	    (flags & O_ACCMODE) == O_RDONLY)
		return err_set(e, -EINVAL,
			       "what came with the request is no regular file that can be written");
	return 0;
}

/* The log first: where retention was at work meanwhile, once more from the beginning. */
static int write_log(struct report_job *j, const atomic_bool *cancel, struct err *e)
{
	struct log_point at;
	int err = -EAGAIN;
	for (unsigned i = 0;
	     err == -EAGAIN && i < TRIES && !atomic_load_explicit(cancel, memory_order_relaxed); i++) {
		pack_fini(&j->pack);
		if (i)
			nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
		err = pack_begin(&j->pack, j->fd, clock_now(), e);
		if (!err && *j->log)
			err = logcopy(&j->pack, j->log, cancel, &at, e);
	}
	return err;
}

static int work(void *arg, const atomic_bool *cancel, struct err *e)
{
	struct report_job *j = arg;
	int err = write_log(j, cancel, e);
	if (!err)
		err = pack_files(&j->pack, &j->files, e);
	return err ? err : pack_end(&j->pack, j->sha256, e);
}

static void job_free(struct report_job *j)
{
	if (j->fd >= 0)
		close(j->fd);
	files_free(&j->files);
	pack_fini(&j->pack);
	free(j);
}

static int on_done(void *ctx, void *arg, int err, bool cancelled, json_t **ret, struct err *e)
{
	struct report_job *j = arg;
	const struct who who = {j->uid, j->user};
	(void)ctx;
	if (!err && cancelled)
		err = err_set(e, -ECANCELED, "the daemon stops");
	if (err)
		(void)journal_add(j->store, NULL, &who, j->method, j->subject, OUTCOME_FAILED, "%s", e->text);
	else
		err = journal_add(j->store, e, &who, j->method, j->subject, OUTCOME_DONE,
				  "%u files were handed over, SHA-256 of %s %s", j->pack.n, FILES_SUMS,
				  j->sha256);
	if (!err)
		err = call_done(json_pack("{si sI ss ss?}", "files", (int)j->pack.n, "bytes",
					  (json_int_t)j->pack.bytes, "sha256", j->sha256, "note",
					  *j->note ? j->note : NULL),
				ret, e);
	job_free(j);
	return err;
}

int report_job_may(const struct call *c, struct err *e)
{
	int err = check_fd(c->fd, e);
	return err ? err : call_may_begin(c, e);
}

int report_job_begin(struct call *c, const char *method, const char *subject, const char *log,
		     const char *note, struct files *files, json_t **ret, struct err *e)
{
	uint64_t number;
	struct report_job *j = calloc(1, sizeof(*j));
	if (!j) {
		files_free(files);
		return err_set(e, -ENOMEM, "memory ran out");
	}
	*j = (struct report_job){.store = c->store,
				 .method = method,
				 .uid = c->who.uid,
				 .fd = -1,
				 .files = *files,
				 .pack = {.fd = -1}};
	files->n = 0;
	snprintf(j->subject, sizeof(j->subject), "%s", subject);
	snprintf(j->note, sizeof(j->note), "%s", note ? note : "");
	snprintf(j->log, sizeof(j->log), "%s", log ? log : "");
	snprintf(j->user, sizeof(j->user), "%s", c->who.name);
	int err = report_job_may(c, e);
	if (err) {
		job_free(j);
		return err;
	}
	j->fd = c->fd;
	c->fd = -1;
	err = jobs_add(c->jobs, method, c->who.uid,
		       &(struct job_work){.work = work, .done = on_done, .arg = j}, &number, e);
	if (err) {
		job_free(j);
		return err;
	}
	return call_job(number, ret, e);
}
