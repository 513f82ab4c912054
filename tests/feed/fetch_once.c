/* SPDX-License-Identifier: BSD-3-Clause */
/* fetch_once KEY=VALUE...: one fetch with these members of struct fetch_request; prints its result as JSON. SIGUSR1 cancels it.
 * check=1: only whether the URL could be fetched. */
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/feed/fetch.h"

static atomic_bool cancel;
static struct fetch_request request = {.cancel = &cancel};

static const struct {
	const char *key;
	const char **to;
} texts[] = {
    {"url", &request.url},
    {"signature_url", &request.signature_url},
    {"etag", &request.etag},
    {"last_modified", &request.last_modified},
    {"file_root", &request.file_root},
    {"ca_file", &request.ca_file},
    {"client_cert", &request.client_cert},
    {"client_key", &request.client_key},
    {"authorization", &request.authorization},
    {"proxy", &request.proxy},
    {"folder", &request.folder},
};

static const struct {
	const char *key;
	unsigned *to;
} numbers[] = {
    {"connect_s", &request.connect_s},
    {"total_s", &request.total_s},
    {"slow_bytes_s", &request.slow_bytes_s},
    {"slow_s", &request.slow_s},
};

static void on_signal(int number)
{
	(void)number;
	cancel = true;
}

static bool set(const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!strcmp(texts[i].key, key)) {
			*texts[i].to = value;
			return true;
		}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!strcmp(numbers[i].key, key)) {
			*numbers[i].to = (unsigned)atoi(value);
			return true;
		}
	if (!strcmp(key, "max_bytes"))
		request.max_bytes = strtoull(value, NULL, 10);
	else if (!strcmp(key, "allow_http"))
		request.allow_http = *value == '1';
	else if (!strcmp(key, "cancel"))
		cancel = *value == '1';
	else
		return false;
	return true;
}

static json_t *content(const struct fetch_result *f)
{
	char *text = malloc(f->bytes + 1);
	ssize_t n = f->fd < 0 ? 0 : read(f->fd, text, f->bytes + 1);
	json_t *ret = json_stringn_nocheck(text, n < 0 ? 0 : (size_t)n);
	free(text);
	return ret;
}

static int print(int r, const struct fetch_result *f, const struct err *e)
{
	static const char *const status[] = {"failed", "new", "unchanged"};
	json_t *o = json_pack("{s:i, s:s, s:s, s:I, s:I, s:i, s:I, s:s, s:s, s:b, s:I, s:s, s:o}", "r", r,
			      "status", status[f->status], "why", fetch_why_name(f->why), "bytes",
			      (json_int_t)f->bytes, "code", (json_int_t)f->code, "redirects",
			      (int)f->redirects, "retry_after_s", (json_int_t)f->retry_after_s, "etag",
			      f->etag, "last_modified", f->last_modified, "fd", f->fd >= 0, "signature_bytes",
			      (json_int_t)f->signature_bytes, "sentence", e->text, "content", content(f));
	json_dumpf(o, stdout, 0);
	json_decref(o);
	return 0;
}

int main(int argc, char **argv)
{
	struct err e = {.text = ""};
	struct fetch_result f;
	bool only_check = false;
	for (int i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');
		if (!equals)
			return 2;
		*equals = 0;
		if (!strcmp(argv[i], "check"))
			only_check = true;
		else if (!set(argv[i], equals + 1))
			return 2;
	}
	signal(SIGUSR1, on_signal);
	if (only_check) {
		int r = fetch_check_url(request.url, request.allow_http, request.file_root, &e);
		return print(r, &(struct fetch_result){.fd = -1}, &e);
	}
	if (fetch_init(&e))
		return 1;
	int r = fetch_run(&request, &f, &e);
	print(r, &f, &e);
	fetch_result_fini(&f);
	fetch_fini();
	return 0;
}
