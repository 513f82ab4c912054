/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_import: the first byte picks format and options, the rest is the file. What is imported is in order, each entry once, each the
 * canonical text of itself; what is refused has a sentence. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "control/feed/entry_set.h"
#include "control/feed/reader.h"
#include "rules/list_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const struct {
	const char *format, *options;
} choices[] = {
    {"plain", NULL},
    {"domains", NULL},
    {"urls", NULL},
    {"urls", "{\"bare\": \"page\", \"wildcards\": \"yes\"}"},
    {"hosts", NULL},
    {"hosts", "{\"address\": \"192.0.2.1\"}"},
    {"csv", NULL},
    {"csv", "{\"column\": \"url\", \"separator\": \"semicolon\", \"kind\": \"url\", \"bare\": \"domain\"}"},
    {"csv", "{\"column\": \"2\", \"kind\": \"plain\", \"header\": \"yes\"}"},
    {"jsonl", NULL},
    {"jsonl", "{\"field\": \"x\", \"kind\": \"ip\"}"},
    {"rpz", NULL},
    {"rpz", "{\"zone\": \"rpz.test\"}"},
    {"xml", NULL},
    {"xml", "{\"record\": \"r\", \"domain\": \"a,b\", \"type\": \"t\", \"wildcards\": \"yes\"}"},
};
#define CHOICES_N (sizeof(choices) / sizeof(*choices))

static char folder[] = "/dev/shm/roja-fuzz-XXXXXX"; /* in memory: each import waits for the disk */
static char original[64], object[64];

static void clean(void)
{
	unlink(original);
	unlink(object);
	rmdir(folder);
}

static void make_folder(void)
{
	if (*original)
		return;
	if (!mkdtemp(folder))
		abort();
	snprintf(original, sizeof(original), "%s/original", folder);
	snprintf(object, sizeof(object), "%s/object", folder);
	atexit(clean);
}

static void check_entries(const struct seal_key *key, uint64_t wanted)
{
	static struct url scratch;
	char last[LIST_LINE_MAX] = "", again[LIST_LINE_MAX];
	struct entries *r;
	struct entry en;
	struct list_entry parsed;
	struct err e;
	uint64_t n = 0;
	int got;
	if (entries_open(object, key, &r, &e))
		abort();
	for (; (got = entries_next(r, &en, &e)) > 0; n++) {
		assert(en.len < sizeof(last) && strcmp(last, en.text) < 0 && en.line);
		assert(!entry_parse(&en, &scratch, &parsed, &e));
		assert(list_entry_write(&parsed, again, sizeof(again)) == en.len && !strcmp(again, en.text));
		strcpy(last, en.text);
	}
	assert(!got && n == wanted);
	entries_close(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const struct seal_key key = {.bytes = {1}};
	struct import_result ret;
	struct err e = {""};
	if (!len)
		return 0;
	make_folder();
	unsigned choice = p[0] % CHOICES_N;
	int fd = memfd_create("list", MFD_CLOEXEC);
	if (fd < 0 || (len > 1 && write(fd, p + 1, len - 1) != (ssize_t)(len - 1)))
		abort();
	json_t *options = choices[choice].options ? json_loads(choices[choice].options, 0, NULL) : NULL;
	struct import_request q = {.fd = fd,
				   .name = "list",
				   .format = choices[choice].format,
				   .options = options,
				   .original = original,
				   .object = object,
				   .key = &key,
				   .max_rejected = 50};
	unlink(original);
	unlink(object);
	if (import_run(&q, &ret, &e)) {
		assert(*e.text && access(original, F_OK) && access(object, F_OK));
	} else {
		assert(ret.entries && ret.bytes == len - 1 && ret.n_notes <= ret.rejected);
		check_entries(&key, ret.entries);
		import_result_free(&ret);
	}
	json_decref(options);
	close(fd);
	return 0;
}
