/* SPDX-License-Identifier: BSD-3-Clause */
/* The custody record of an export: a line each time it was made or handed on; each holds the SHA-256 of the line before, and may be signed. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit/export.h"
#include "audit/export_files.h"
#include "audit/export_sign.h"
#include "audit/verify_run.h"

static json_t *who_and_where(const char *action, const char *note)
{
	char host[256] = "", when[32] = "";
	struct passwd *user = getpwuid(getuid());
	time_t now = time(NULL);
	struct tm tm;
	gethostname(host, sizeof(host) - 1);
	if (gmtime_r(&now, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "time", when, "action", action, "user",
			 user ? user->pw_name : "", "uid", (json_int_t)getuid(), "host", host, "program",
			 "roja-audit " ROJA_VERSION, "note", note ? note : "");
}

static int append(int fd, const char *line, struct err *e)
{
	int out = openat(fd, "custody.jsonl", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t n = strlen(line);
	int err = out < 0 ? -errno : write(out, line, n) != (ssize_t)n || fsync(out) ? -EIO : 0;
	if (out >= 0)
		close(out);
	return err ? err_set(e, err, "custody.jsonl: %s", strerror(-err)) : 0;
}

/* The line's end is on the disk before its SHA-256 is told. */
static int append_line(int fd, json_t *o, const struct signer *by, char ret[65], struct err *e)
{
	char line[8192];
	struct err why = {"no memory"};
	char *text = by ? export_line_sign(o, by, &why)
			: json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
	int n = text ? snprintf(line, sizeof(line), "%s\n", text) : 0;
	free(text);
	if (!n)
		return err_set(e, -ENOMEM, "custody.jsonl: %s", why.text);
	if (n >= (int)sizeof(line))
		return err_set(e, -E2BIG, "the note is too long");
	int err = append(fd, line, e);
	return err ? err : export_sha256(line, (size_t)n, ret);
}

int export_custody(const char *folder, const char *action, const char *note, const struct signer *by,
		   char ret[65], struct err *e)
{
	struct verify_buffer manifest = {NULL, 0, 0}, record = {NULL, 0, 0};
	char digest[65], before[65] = "";
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", folder, strerror(errno));
	int err = verify_read(fd, "manifest.json", EXPORT_MANIFEST_MAX, &manifest);
	if (!err) {
		err = verify_read(fd, "custody.jsonl", EXPORT_MANIFEST_MAX, &record);
		err = err == -ENOENT ? 0 : err;
	}
	if (err)
		err_set(e, err, "%s: no export: %s", folder, strerror(-err));
	json_t *o = err ? NULL : who_and_where(action, note);
	if (o) {
		size_t end = record.len, start;
		for (start = end ? end - 1 : 0; start && record.p[start - 1] != '\n'; start--)
			;
		export_sha256(manifest.p, manifest.len, digest);
		if (end)
			export_sha256(record.p + start, end - start, before);
		json_object_set_new(o, "manifest", json_string(digest));
		json_object_set_new(o, "before", json_string(before));
		err = append_line(fd, o, by, ret, e);
		json_decref(o);
	} else if (!err) {
		err = err_set(e, -EINVAL, "the note is not UTF-8");
	}
	verify_buffer_free(&manifest);
	verify_buffer_free(&record);
	close(fd);
	return err;
}
