/* SPDX-License-Identifier: BSD-3-Clause */
/* Copies of a log that is being written as fast as it goes, each verified as roja-audit does. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/log.h"
#include "audit/verify.h"
#include "control/ctl/folder.h"
#include "control/ctl/unpack.h"
#include "control/report/logcopy.h"
#include "tests/unit/harness.h"

#define COPIES	8
#define BATCH	500
#define ENTRIES 1500 /* at least so many between two copies */
#define WAIT_MS 60000

static char folder[] = "/tmp/test_logcopy_live.XXXXXX";
static atomic_bool is_over;
static _Atomic uint64_t appended;
static const atomic_bool never;

static void wake(void *ctx)
{
	(void)ctx;
}

static struct audit_log *open_log(struct err *e)
{
	char path[64];
	struct audit_log *log = NULL;
	snprintf(path, sizeof(path), "%s/audit", folder);
	const struct log_config config = {
	    .folder = path, .origin = "roja.example/audit", .checkpoint_ms = 5, .notify = wake};
	return log_open(&config, &log, e) ? NULL : log;
}

/* The log's owner: until the copies are made. */
static void *write_log(void *arg)
{
	struct audit_log *log = arg;
	static struct entry entry;
	struct err e;
	entry.kind = ENTRY_ALARM;
	while (!is_over) {
		for (unsigned i = 0; i < BATCH; i++) {
			entry.time_ns++;
			if (!log_add(log, &entry, NULL, &e))
				appended++;
		}
		log_wait(log, log_commit(log), false, WAIT_MS, &e);
	}
	return NULL;
}

static uint64_t copy(unsigned number)
{
	char log[64], to[64], sha256[65];
	struct log_point at = {.size = 0};
	struct pack p = {.fd = -1};
	struct err e = {""};
	int out = -1, temp = -1;
	unsigned n;
	snprintf(log, sizeof(log), "%s/audit/log", folder);
	snprintf(to, sizeof(to), "%s/copy%u", folder, number);
	int err = folder_open(to, &out, &e);
	if (!err)
		err = folder_temp(out, to, &temp, &e);
	if (!err)
		err = pack_begin(&p, temp, 0, &e);
	if (!err)
		err = logcopy(&p, log, &never, &at, &e);
	if (!err)
		err = pack_end(&p, sha256, &e);
	if (!err)
		err = unpack(temp, out, to, &n, &e);
	if (err)
		printf("# copy %u: %s\n", number, e.text);
	CU_ASSERT_EQUAL(err, 0);
	pack_fini(&p);
	close(temp);
	close(out);
	return at.size;
}

static void verify(unsigned number, uint64_t size)
{
	static struct verify_report r;
	const struct verify_options how = {.threads = 1};
	char to[64];
	struct err e = {""};
	snprintf(to, sizeof(to), "%s/copy%u/log", folder, number);
	CU_ASSERT_EQUAL_FATAL(verify_folder(to, &how, &r, &e), 0);
	if (r.fault)
		printf("# copy %u: %s: %s\n", number, verify_fault_words[r.fault], r.text);
	CU_ASSERT_EQUAL(r.fault, VERIFY_NONE);
	CU_ASSERT_EQUAL(r.size, size);
}

static void test_logcopy_of_a_log_that_is_written(void)
{
	struct err e = {""};
	pthread_t writer;
	uint64_t size[COPIES];
	struct audit_log *log = open_log(&e);
	if (!log)
		printf("# %s\n", e.text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(log);
	CU_ASSERT_EQUAL_FATAL(log_wait(log, log_commit(log), true, WAIT_MS, &e), 0);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&writer, NULL, write_log, log), 0);
	for (unsigned i = 0; i < COPIES; i++) {
		for (uint64_t from = appended; appended < from + ENTRIES;)
			usleep(100);
		size[i] = copy(i);
	}
	is_over = true;
	pthread_join(writer, NULL);
	log_close(log);
	for (unsigned i = 0; i < COPIES; i++) {
		verify(i, size[i]);
		CU_ASSERT(!i || size[i] >= size[i - 1]);
	}
	CU_ASSERT(size[COPIES - 1] > size[0] + ENTRIES);
}

static const struct test tests[] = {
    TEST(test_logcopy_of_a_log_that_is_written),
};

int main(void)
{
	char command[64];
	if (!mkdtemp(folder))
		return 2;
	int failed = harness_run("logcopy_live", tests, 1);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) ? 2 : failed;
}
