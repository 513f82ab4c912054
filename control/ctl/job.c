/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/job.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define PAUSE_FIRST_MS 10
#define PAUSE_LAST_MS  200

static void pause_ms(unsigned ms)
{
	struct timespec t = {.tv_nsec = (long)ms * 1000000};
	nanosleep(&t, NULL);
}

/* Takes over `state`. *ret: the result, or NULL while it runs. */
static int look(json_t *state, json_t **ret, struct err *e)
{
	const char *word = json_string_value(json_object_get(state, "state"));
	json_t *error = json_object_get(state, "error"), *result = json_object_get(state, "result");
	int err = 0;
	if (word && !strcmp(word, "done")) {
		*ret = result ? json_incref(result) : json_null();
	} else if (word && !strcmp(word, "failed")) {
		const char *why =
		    json_string_value(json_is_object(error) ? json_object_get(error, "message") : error);
		err = err_set(e, -EREMOTEIO, "%s",
			      why ? why : "the job failed, and the daemon does not say why");
	} else if (!word) {
		err = err_set(e, -EPROTO, "the daemon's answer names no state of the job");
	}
	json_decref(state);
	return err;
}

int job_wait(const struct ask *a, json_t **answer, struct err *e)
{
	return job_wait_saying(a, answer, NULL, NULL, e);
}

int job_wait_saying(const struct ask *a, json_t **answer, void (*say)(void *ctx), void *ctx, struct err *e)
{
	json_t *job = json_object_get(*answer, "job"), *result = NULL;
	unsigned pause = PAUSE_FIRST_MS;
	if (!json_is_integer(job) || json_object_size(*answer) != 1)
		return 0;
	json_t *params = json_pack("{s:O}", "job", job);
	int err = params ? 0 : err_set(e, -ENOMEM, "memory ran out");
	while (!err && !result) {
		json_t *state = NULL;
		err = ask(a, "job.show", params, &state, e);
		if (!err)
			err = look(state, &result, e);
		if (!err && !result && say)
			say(ctx);
		if (!err && !result)
			pause_ms(pause);
		pause = pause * 3 / 2 < PAUSE_LAST_MS ? pause * 3 / 2 : PAUSE_LAST_MS;
	}
	json_decref(params);
	json_decref(*answer);
	*answer = result;
	return err;
}

bool job_refused(const json_t *result)
{
	return json_is_true(json_object_get(result, "refused"));
}
