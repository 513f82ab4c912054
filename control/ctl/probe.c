/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/probe.h"

#include <errno.h>
#include <unistd.h>

#include "control/ctl/job.h"

static json_int_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* On a terminal: how many entries were asked so far. */
static void say_progress(void *ctx)
{
	const struct request *q = ctx;
	json_t *now = NULL;
	struct err e;
	if (q->ask.json || !isatty(STDERR_FILENO) || request_ask(q, "status", NULL, &now, &e))
		return;
	const json_t *probe = json_object_get(now, "probe");
	if (json_is_true(json_object_get(probe, "running")))
		fprintf(stderr, "\r%lld of %lld entries ", (long long)number(probe, "entries"),
			(long long)number(probe, "of"));
	json_decref(now);
}

static int run_now(struct request *q, json_t **ret, struct err *e)
{
	int err = request_ask(q, "probe.run", q->params, ret, e);
	if (!err)
		err = job_wait_saying(&q->ask, ret, say_progress, q, e);
	if (!q->ask.json && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	return err;
}

static void say_silent(const json_t *result)
{
	size_t i;
	json_t *n;
	json_array_foreach(json_object_get(result, "dataplanes"), i, n)
	{
		const char *name = json_string_value(json_object_get(n, "dataplane")),
			   *why = json_string_value(json_object_get(n, "why"));
		if (!json_is_true(json_object_get(n, "answered")))
			fprintf(stderr, "rojactl probe: data plane %s could not be probed: %s\n",
				name ? name : "?", why ? why : "?");
	}
}

static int begin_only(struct request *q)
{
	json_t *job = NULL;
	struct err e = {""};
	int err = request_ask(q, "probe.run", q->params, &job, &e);
	if (!err && q->ask.json)
		view_json(job, stdout);
	else if (!err)
		printf("job %lld\n", (long long)number(job, "job"));
	json_decref(job);
	return err ? request_failed(q, err, &e) : CTL_OK;
}

int probe_run(struct request *q)
{
	json_t *result = NULL, *rows = NULL;
	struct err e = {""};
	if (q->no_wait)
		return begin_only(q);
	int err = run_now(q, &result, &e);
	if (!err)
		err = request_ask(q, "probe.list", q->params, &rows, &e);
	bool failed = json_is_true(json_object_get(result, "failed"));
	if (!err) {
		say_silent(result);
		request_show(q, rows);
	}
	json_decref(result);
	json_decref(rows);
	return err ? request_failed(q, err, &e) : failed ? CTL_OTHERWISE : CTL_OK;
}
