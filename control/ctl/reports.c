/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/reports.h"

#include <string.h>
#include <unistd.h>

#include "control/ctl/folder.h"

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
