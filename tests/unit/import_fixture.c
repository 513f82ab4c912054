/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/import_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct seal_key fixture_key = {.bytes = {1, 2, 3}, .id = {4}};
char fixture_original[64], fixture_object[64];
static char folder[] = "/tmp/roja-import-XXXXXX";

int import_fixture_init(void)
{
	if (!mkdtemp(folder))
		return -errno;
	snprintf(fixture_original, sizeof(fixture_original), "%s/original.sealed", folder);
	snprintf(fixture_object, sizeof(fixture_object), "%s/object.sealed", folder);
	return 0;
}

static void forget(void)
{
	unlink(fixture_original);
	unlink(fixture_object);
}

void import_fixture_fini(void)
{
	forget();
	rmdir(folder);
}

bool import_left_nothing(void)
{
	unsigned n = 0;
	DIR *d = opendir(folder);
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n == 2; /* . and .. */
}

int import_fixture_fd(const void *p, size_t n)
{
	int fd = memfd_create("list", MFD_CLOEXEC);
	if (fd < 0 || (n && write(fd, p, n) != (ssize_t)n))
		abort();
	return fd;
}

json_t *import_options(const char *options)
{
	char copy[256];
	snprintf(copy, sizeof(copy), "%s", options ? options : "");
	json_t *o = json_object();
	char *rest, *word = strtok_r(copy, " ", &rest);
	for (; word; word = strtok_r(NULL, " ", &rest)) {
		char *equal = strchr(word, '=');
		if (!equal)
			abort();
		*equal = 0;
		json_object_set_new(o, word, json_string(equal + 1));
	}
	return o;
}

int import_bytes(const char *format, const char *options, const void *p, size_t n, uint64_t max_rejected,
		 struct import_result *ret, struct err *e)
{
	json_t *o = import_options(options);
	struct import_request q = {.fd = import_fixture_fd(p, n),
				   .name = "list",
				   .format = format,
				   .options = o,
				   .original = fixture_original,
				   .object = fixture_object,
				   .key = &fixture_key,
				   .max_rejected = max_rejected};
	forget();
	int err = import_run(&q, ret, e);
	close(q.fd);
	json_decref(o);
	return err;
}

int import_text(const char *format, const char *options, const char *text, struct import_result *ret,
		struct err *e)
{
	return import_bytes(format, options, text, strlen(text), 0, ret, e);
}

char *import_entries(void)
{
	struct entries *r;
	struct entry en;
	struct err e;
	char *text;
	size_t n;
	int got = 0;
	FILE *f = open_memstream(&text, &n);
	CU_ASSERT_EQUAL_FATAL(entries_open(fixture_object, &fixture_key, &r, &e), 0);
	for (const char *gap = ""; (got = entries_next(r, &en, &e)) > 0; gap = "; ") {
		CU_ASSERT_EQUAL(strlen(en.text), en.len);
		fprintf(f, "%s%u %s", gap, en.line, en.text);
	}
	CU_ASSERT_EQUAL(got, 0);
	entries_close(r);
	fclose(f);
	return text;
}

char *import_notes(const struct import_result *r)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	for (unsigned i = 0; i < r->n_notes; i++)
		fprintf(f, "%s%u %s", i ? "; " : "", r->notes[i].line, r->notes[i].why);
	fclose(f);
	return text;
}

static void check_text(const char *format, const struct import_row *row, const char *got, const char *wanted)
{
	bool same = !strcmp(got, wanted);
	if (!same)
		printf("# %s [%s] %s\n#   got    %s\n#   wanted %s\n", format,
		       row->options ? row->options : "", row->text, got, wanted);
	CU_ASSERT(same);
}

static void check_row(const char *format, const struct import_row *row)
{
	struct import_result ret = {.serial = -1};
	struct err e = {""};
	int err = import_text(format, row->options, row->text, &ret, &e);
	if (err || !row->entries) {
		check_text(format, row, e.text, row->entries ? "" : row->notes);
		CU_ASSERT(import_left_nothing());
	} else {
		char *entries = import_entries(), *notes = import_notes(&ret);
		check_text(format, row, entries, row->entries);
		check_text(format, row, notes, row->notes);
		free(entries);
		free(notes);
	}
	import_result_free(&ret);
}

void import_check_rows(const char *format, const struct import_row *rows, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		check_row(format, rows + i);
}
