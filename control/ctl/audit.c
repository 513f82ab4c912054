/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/audit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LINES_MAX 32768 /* bytes; a request stays below RPC_REQUEST_MAX */

/* The note as it is, to be piped into a file. */
int audit_checkpoint_run(struct request *q)
{
	json_t *result = NULL;
	struct err e = {""};
	int err = request_ask(q, q->command->method, q->params, &result, &e);
	if (err)
		return request_failed(q, err, &e);
	const char *note = json_string_value(json_object_get(result, "checkpoint"));
	if (q->ask.json)
		request_show(q, result);
	else
		fputs(note ? note : "", stdout);
	json_decref(result);
	return CTL_OK;
}

static int read_lines(const char *path, char ret[LINES_MAX + 1], struct err *e)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	if (!f)
		return err_set(e, -EINVAL, "%s: cannot be opened: %s", path, strerror(errno));
	size_t n = fread(ret, 1, LINES_MAX + 1, f);
	bool bad = ferror(f);
	if (f != stdin)
		fclose(f);
	if (bad)
		return err_set(e, -EINVAL, "%s: cannot be read", path);
	if (n > LINES_MAX)
		return err_set(e, -EINVAL, "%s: is longer than a cosigned checkpoint can be", path);
	ret[n] = 0;
	return 0;
}

int audit_cosign_run(struct request *q)
{
	char lines[LINES_MAX + 1];
	json_t *result = NULL, *text = NULL;
	struct err e = {""};
	const char *path = request_value(q, "file")->text;
	int err = read_lines(path, lines, &e);
	if (!err && (!(text = json_string(lines)) || json_object_set_new(q->params, "lines", text)))
		err = err_set(&e, -EINVAL, "%s: is no text", path);
	if (!err)
		err = request_ask(q, q->command->method, q->params, &result, &e);
	if (err)
		return request_failed(q, err, &e);
	request_show(q, result);
	json_decref(result);
	return CTL_OK;
}
