/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/ctl/job.h"

#define SIGNATURE_MAX ((size_t)32 << 10) /* bytes: with it a request stays below RPC_REQUEST_MAX */

char *base64_text(const uint8_t *bytes, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = malloc((n + 2) / 3 * 4 + 1), *to = text;
	for (size_t i = 0; text && i < n; i += 3) {
		uint32_t v = (uint32_t)bytes[i] << 16 | (i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0) |
			     (i + 2 < n ? bytes[i + 2] : 0);
		*to++ = digits[v >> 18];
		*to++ = digits[v >> 12 & 63];
		*to++ = i + 1 < n ? digits[v >> 6 & 63] : '=';
		*to++ = i + 2 < n ? digits[v & 63] : '=';
	}
	if (text)
		*to = 0;
	return text;
}

/* The daemon waits for nobody, so it takes files alone: what comes through a pipe is held in memory first. */
static int hold(int from, const char *path, int *ret, struct err *e)
{
	char bytes[65536];
	ssize_t n = 0;
	int fd = memfd_create("rojactl", MFD_CLOEXEC);
	while (fd >= 0 && (n = read(from, bytes, sizeof(bytes))) > 0)
		for (ssize_t at = 0, put; at < n && n > 0; at += put)
			if ((put = write(fd, bytes + at, (size_t)(n - at))) < 0)
				n = put = -1;
	if (fd < 0 || n < 0 || lseek(fd, 0, SEEK_SET)) {
		int err = err_set(e, -EINVAL, "%s: cannot be read: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return err;
	}
	*ret = fd;
	return 0;
}

/* "-" is standard input. */
static int open_file(const char *path, int *ret, struct err *e)
{
	int fd = !strcmp(path, "-") ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	if (fd < 0)
		return err_set(e, -EINVAL, "%s: cannot be opened: %s", path, strerror(errno));
	if (!fstat(fd, &st) && S_ISDIR(st.st_mode)) {
		close(fd);
		return err_set(e, -EINVAL, "%s: is a folder; give a file", path);
	}
	if (!fstat(fd, &st) && S_ISREG(st.st_mode)) {
		*ret = fd;
		return 0;
	}
	int err = hold(fd, path, ret, e);
	close(fd);
	return err;
}

static int read_signature(const char *path, json_t **ret, struct err *e)
{
	uint8_t bytes[SIGNATURE_MAX + 1];
	FILE *f = fopen(path, "re");
	if (!f)
		return err_set(e, -EINVAL, "%s: cannot be opened: %s", path, strerror(errno));
	size_t n = fread(bytes, 1, sizeof(bytes), f);
	bool failed = ferror(f);
	fclose(f);
	if (failed || !n || n > SIGNATURE_MAX)
		return err_set(e, -EINVAL, "%s: a detached signature has 1 to %zu bytes; is it that file?",
			       path, SIGNATURE_MAX);
	char *text = base64_text(bytes, n);
	*ret = text ? json_string(text) : NULL;
	free(text);
	return *ret ? 0 : err_set(e, -ENOMEM, "memory ran out");
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return !strcmp(path, "-") ? "stdin" : slash && slash[1] ? slash + 1 : path;
}

/* One file into one list. *ret: the job's result, or {"job": N} where nobody waits. */
static int import(const struct request *q, json_t *list, const char *path, int fd, json_t *signature,
		  json_t *accept, json_t **ret, struct err *e)
{
	struct stat st;
	json_t *file = rpc_string(name_of(path));
	json_t *params = json_pack("{s:O, s:o, s:O*, s:O*}", "list", list, "file", file, "signature",
				   signature, "accept", accept);
	if (!params)
		return err_set(e, -ENOMEM, "memory ran out");
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		json_object_set_new(params, "size", rpc_u64((uint64_t)st.st_size));
	int err = rpc_call_fd(q->ask.socket, "list.import", params, fd, (unsigned)q->ask.timeout_ms, ret, e);
	json_decref(params);
	return err || q->no_wait ? err : job_wait(&q->ask, ret, e);
}

int list_import_run(struct request *q)
{
	const char *path = request_value(q, "file")->text, *signed_by = request_value(q, "signature")->text;
	const struct opt_list *accepted = &request_value(q, "accept")->list;
	json_t *signature = NULL, *result = NULL, *accept = accepted->n ? json_array() : NULL;
	struct err e = {""};
	for (unsigned i = 0; i < accepted->n; i++)
		json_array_append_new(accept, rpc_string(accepted->v[i]));
	int fd = -1, err = open_file(path, &fd, &e);
	if (!err && signed_by)
		err = read_signature(signed_by, &signature, &e);
	if (!err)
		err = import(q, json_object_get(q->params, "list"), path, fd, signature, accept, &result, &e);
	if (fd >= 0)
		close(fd);
	json_decref(signature);
	json_decref(accept);
	if (err)
		return request_failed(q, err, &e);
	request_show(q, result);
	int code = job_refused(result) ? CTL_REFUSED : CTL_OK;
	json_decref(result);
	return code;
}

struct source {
	char name[256];
	const char *path;
	int fd;
};

struct adding {
	struct request *q;
	struct source *sources;
	unsigned n;
	json_t *order, *lists; /* what came of it so far */
};

/* All files, before anything is proposed. */
static int open_sources(struct adding *a, const struct opt_list *given, struct err *e)
{
	int err = 0;
	a->sources = calloc(given->n + 1, sizeof(*a->sources));
	if (!a->sources)
		return err_set(e, -ENOMEM, "memory ran out");
	for (; a->n < given->n && !err; a->n++) {
		struct source *s = &a->sources[a->n];
		const char *text = given->v[a->n], *equals = strchr(text, '=');
		s->fd = -1;
		if (!equals || equals == text || !equals[1])
			err = err_set(e, -EINVAL, "--list: \"%s\" is not written NAME=FILE", text);
		else
			snprintf(s->name, sizeof(s->name), "%.*s", (int)(equals - text), text);
		s->path = equals ? equals + 1 : NULL;
		if (!err)
			err = open_file(s->path, &s->fd, e);
	}
	return err;
}

static int add_list(struct adding *a, const struct source *s, struct err *e)
{
	const char *format = request_value(a->q, "format")->text;
	json_t *added = NULL, *report = NULL, *name = json_string(s->name);
	json_t *params = json_pack("{s:O, s:O*, s:s*}", "order", json_object_get(a->order, "order"), "name",
				   name, "format", format);
	int err = name ? request_ask(a->q, "list.add", params, &added, e)
		       : err_set(e, -EINVAL, "--list: the name is no UTF-8 text");
	json_decref(params);
	if (!err)
		err = import(a->q, name, s->path, s->fd, NULL, NULL, &report, e);
	if (added)
		json_array_append_new(a->lists,
				      json_pack("{s:O, s:O*, s:O*, s:O*}", "name", name, "list",
						json_object_get(added, "list"), "proposal",
						json_object_get(added, "proposal"), "import", report));
	json_decref(name);
	json_decref(added);
	json_decref(report);
	return err;
}

static const struct view_column added_columns[] = {
    {"LIST", "name", CELL_TEXT, NULL},
    {"IMPORT", "import.import", CELL_TEXT, NULL},
    {"ENTRIES", "import.entries", CELL_TEXT, NULL},
    {"REJECTED", "import.rejected", CELL_TEXT, NULL},
    {"REFUSED", "import.refused", CELL_TEXT, NULL},
    {"WHY", "import.why", CELL_TEXT, NULL},
};
static const struct view added_view = {VIEW_COLUMNS(added_columns)};

/* Whether an import was refused. */
static bool show_added(const struct adding *a)
{
	struct style s = style_of(stdout);
	size_t i;
	json_t *list;
	bool refused = false;
	json_array_foreach(a->lists, i, list) refused |= job_refused(json_object_get(list, "import"));
	json_object_set(a->order, "lists", a->lists);
	if (a->q->ask.json) {
		view_json(a->order, stdout);
		return refused;
	}
	view_sentence("order {order} is proposed (proposal {proposal})", a->order, &s);
	if (json_array_size(a->lists))
		view_print(&added_view, a->lists, &s);
	view_sentence("another person approves all of it: rojactl order approve {order}", a->order, &s);
	return refused;
}

int order_add_run(struct request *q)
{
	struct adding a = {.q = q, .lists = json_array()};
	struct err e = {""};
	int err = open_sources(&a, &request_value(q, "list")->list, &e), code = CTL_OK;
	if (!err)
		err = request_ask(q, "order.add", q->params, &a.order, &e);
	for (unsigned i = 0; i < a.n && !err; i++)
		err = add_list(&a, &a.sources[i], &e);
	if (a.order)
		code = show_added(&a) ? CTL_REFUSED : CTL_OK;
	if (err)
		code = request_failed(q, err, &e);
	for (unsigned i = 0; i < a.n; i++)
		if (a.sources[i].fd >= 0)
			close(a.sources[i].fd);
	free(a.sources);
	json_decref(a.order);
	json_decref(a.lists);
	return code;
}
