/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/reports.h"

#include <string.h>
#include <unistd.h>

#include "control/ctl/folder.h"
#include "control/ctl/job.h"
#include "control/ctl/unpack.h"

static const char *text_of(const json_t *result, const char *key)
{
	const char *text = json_string_value(json_object_get(result, key));
	return text ? text : "";
}

/* confirmation-3.txt and, where the daemon gave it, confirmation-3.html */
static int write_letter(const char *path, const json_t *result, struct err *e)
{
	static const struct {
		const char *member, *end;
	} files[] = {{"text", "txt"}, {"html", "html"}};
	json_int_t order = json_integer_value(json_object_get(result, "order"));
	char name[64];
	int folder, err = folder_open(path, &folder, e);
	if (err)
		return err;
	for (unsigned i = 0; i < sizeof(files) / sizeof(*files) && !err; i++) {
		const char *text = text_of(result, files[i].member);
		snprintf(name, sizeof(name), "confirmation-%lld.%s", (long long)order, files[i].end);
		err = *text ? folder_write(folder, path, name, text, strlen(text), e) : 0;
		if (!err && *text)
			printf("%s/%s\n", path, name);
	}
	close(folder);
	return err;
}

int report_confirm_run(struct request *q)
{
	const char *folder = request_value(q, "output")->text;
	bool html = request_value(q, "html")->flag;
	json_t *result = NULL;
	struct err e = {""};
	if (folder && json_object_set_new(q->params, "html", json_true()))
		return CTL_FAILED;
	int err = request_ask(q, q->command->method, q->params, &result, &e);
	if (!err && folder)
		err = write_letter(folder, result, &e);
	else if (!err && html && !q->ask.json)
		fputs(text_of(result, "html"), stdout);
	else if (!err)
		request_show(q, result);
	json_decref(result);
	return err ? request_failed(q, err, &e) : CTL_OK;
}

/* The daemon's answer, once the temporary file holds what it wrote. */
static int ask_for_files(struct request *q, int temp, json_t **ret, struct err *e)
{
	int err = rpc_call_fd(q->ask.socket, q->command->method, q->params, temp, (unsigned)q->ask.timeout_ms,
			      ret, e);
	return err ? err : job_wait(&q->ask, ret, e);
}

int report_folder_run(struct request *q)
{
	const char *path = request_value(q, "output")->text;
	json_t *result = NULL;
	struct err e = {""};
	unsigned n;
	int folder = -1, temp = -1, err = folder_open(path, &folder, &e);
	if (!err)
		err = folder_temp(folder, path, &temp, &e);
	if (!err)
		err = ask_for_files(q, temp, &result, &e);
	if (!err)
		err = unpack(temp, folder, path, &n, &e);
	if (!err)
		request_show(q, result);
	if (temp >= 0)
		close(temp);
	if (folder >= 0)
		close(folder);
	json_decref(result);
	return err ? request_failed(q, err, &e) : CTL_OK;
}
