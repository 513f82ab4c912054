/* SPDX-License-Identifier: BSD-3-Clause */
/* test_log_recover: what a start makes of a death, and what it refuses, with a sentence and without a touch. */
#include <sys/wait.h>

#include "tests/unit/harness.h"
#include "tests/unit/log_fixture.h"

static struct fixture f;

__attribute__((format(printf, 1, 2))) static void shell(const char *fmt, ...)
{
	char command[600];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

/* A process that appends, waits until it is durable, and dies without closing; unpublished: behind the checkpoint. */
static void die_after(unsigned published, unsigned unpublished)
{
	int status;
	pid_t pid = fork();
	if (!pid) {
		f.config.checkpoint_ms = 3600000;
		if (fixture_open(&f))
			_exit(1);
		for (unsigned i = 0; i < published; i++)
			append_raw(f.log, i, NULL);
		if (published && log_wait(f.log, log_commit(f.log), true, WAIT_MS, &f.e))
			_exit(2);
		for (unsigned i = 0; i < unpublished; i++) {
			append_raw(f.log, i, NULL);
			log_set(f.log, "n", &i, sizeof(i));
			if (log_wait(f.log, log_commit(f.log), false, WAIT_MS, &f.e))
				_exit(3);
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CU_ASSERT_EQUAL_FATAL(status, 0);
}

static void refused(int err, const char *why)
{
	char before[100], after[100];
	snprintf(before, sizeof(before), "%s.before", f.folder);
	snprintf(after, sizeof(after), "%s.after", f.folder);
	shell("cd %s && find . -type f | sort | xargs sha256sum > %s", f.folder, before);
	CU_ASSERT_EQUAL(fixture_open(&f), err);
	if (!strstr(f.e.text, why))
		printf("# %s\n", f.e.text);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.e.text, why));
	shell("cd %s && find . -type f | sort | xargs sha256sum > %s", f.folder, after);
	shell("cmp %s %s && rm %s %s", before, after, before, after);
	CU_ASSERT_PTR_NULL_FATAL(f.log);
}

static struct published opens(void)
{
	int err = fixture_open(&f);
	if (err)
		printf("# %s\n", f.e.text);
	CU_ASSERT_EQUAL_FATAL(err, 0);
	CU_ASSERT_EQUAL_FATAL(log_wait(f.log, log_commit(f.log), true, WAIT_MS, &f.e), 0);
	struct published p = check_published(f.published, log_verifier(f.log));
	CU_ASSERT(p.good && p.size == log_status(f.log)->size);
	return p;
}

static void test_log_publishes_what_a_death_left(void)
{
	unsigned n;
	size_t bytes;
	fixture_begin(&f);
	die_after(300, 40);
	struct published p = opens();
	/* log, 300, head, 40, head, recovered */
	CU_ASSERT(p.size == 344 && p.heads == 2 && p.recovered == 1);
	CU_ASSERT_STRING_EQUAL(log_status(f.log)->recovered,
			       "the log was not closed: 41 durable leaves behind the checkpoint of 301 are "
			       "published now");
	memcpy(&n, log_get(f.log, "n", &bytes), sizeof(n));
	CU_ASSERT_EQUAL(n, 39);
	fixture_end(&f);
}

static void test_log_leaves_a_torn_end_out(void)
{
	unsigned n;
	size_t bytes;
	fixture_begin(&f);
	die_after(300, 40);
	shell("truncate -s -5 %s/wal/$(ls %s/wal | tail -1)", f.folder, f.folder);
	struct published p = opens();
	CU_ASSERT(p.size == 343 && p.recovered == 1);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(log_status(f.log)->recovered, "an unfinished write was left out: wal/"));
	memcpy(&n, log_get(f.log, "n", &bytes), sizeof(n));
	CU_ASSERT_EQUAL(n, 38);
	fixture_end(&f);
}

static void test_log_cut_below_its_checkpoint_is_refused(void)
{
	fixture_begin(&f);
	die_after(300, 0);
	shell("truncate -s -5 %s/wal/$(ls %s/wal | tail -1)", f.folder, f.folder);
	refused(-EBADMSG, "the checkpoint signs 301 leaves, of which wal/ knows ");
	fixture_end(&f);
}

static void test_log_without_its_write_ahead_files_is_refused(void)
{
	fixture_begin(&f);
	die_after(300, 3);
	shell("rm %s/wal/*", f.folder);
	refused(-EBADMSG, "wal/ is empty");
	shell("rm %s/log/checkpoint", f.folder);
	refused(-EBADMSG, "wal/ is empty");
	fixture_end(&f);
}

/* The published log of one time, the write-ahead files of another. */
static void test_log_of_two_copies_is_refused(void)
{
	char copy[80];
	fixture_begin(&f);
	snprintf(copy, sizeof(copy), "%s.copy", f.folder);
	opens();
	fixture_close(&f);
	shell("cp -r %s %s", f.folder, copy);
	die_after(300, 0);
	opens();
	fixture_close(&f);
	/* an older log/ under newer write-ahead files */
	shell("mv %s/log %s/log.newer && cp -r %s/log %s/log", f.folder, f.folder, copy, f.folder);
	refused(-EBADMSG, "are neither published nor in wal/");
	/* a newer log/ over older write-ahead files */
	shell("rm -r %s/log %s/wal && mv %s/log.newer %s/log && cp -r %s/wal %s/wal", f.folder, f.folder,
	      f.folder, f.folder, copy, f.folder);
	refused(-EBADMSG, "of which wal/ knows 1 only");
	shell("rm -r %s", copy);
	fixture_end(&f);
}

static void test_log_damaged_anywhere_is_refused(void)
{
	static const struct {
		const char *damage;
		int err;
		const char *why;
	} rows[] = {
	    {"printf X | dd of=wal/0000000001.wal bs=1 seek=300 conv=notrunc status=none", -EBADMSG,
	     "wal/0000000001.wal, byte "},
	    {"sed -i s/example/exbmple/ log/checkpoint", -EEXIST, "another origin"},
	    {"sed -i '3s/./A/;3s/^A/B/' log/checkpoint", -EBADMSG, "put the folder back from a copy"},
	    {"sed -i '5s/.....$/AAAA=/' log/checkpoint", -EBADMSG, "log/checkpoint: "},
	    {"printf X | dd of=$(ls log/tile/0/001.p/*) bs=1 seek=3 conv=notrunc status=none", -EBADMSG,
	     "the last hash tiles"},
	    {"printf X | dd of=$(ls log/tile/entries/001.p/*) bs=1 seek=3 conv=notrunc status=none", -EBADMSG,
	     "entry 256 is not what its hash says"},
	    {"rm log/tile/entries/001.p/*", -EBADMSG, "there is no such file"},
	    {"rm keys/*", -ENOKEY, "the key that signs the log is missing"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fixture_begin(&f);
		die_after(300, 5);
		shell("cd %s && %s", f.folder, rows[i].damage);
		refused(rows[i].err, rows[i].why);
		fixture_end(&f);
	}
}

/* A key that was made, and never named by a leaf, goes; the log goes on with its own. */
static void test_log_forgets_a_key_that_never_signed(void)
{
	fixture_begin(&f);
	die_after(10, 1);
	shell("cd %s/keys && cp *.pem 0badc0de.pem", f.folder);
	opens();
	shell("test $(ls %s/keys | wc -l) = 1", f.folder);
	fixture_end(&f);
}

/* A death between a rotation and the checkpoint that both keys sign. */
static void test_log_rotation_survives_a_death(void)
{
	int status;
	fixture_begin(&f);
	pid_t pid = fork();
	if (!pid) {
		char vkey[NOTE_VKEY_BYTES];
		f.config.checkpoint_ms = 3600000;
		if (fixture_open(&f) || log_wait(f.log, log_commit(f.log), true, WAIT_MS, &f.e) ||
		    log_rotate(f.log, vkey, &f.e) || log_wait(f.log, log_commit(f.log), false, WAIT_MS, &f.e))
			_exit(1);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CU_ASSERT_EQUAL_FATAL(status, 0);
	shell("test $(ls %s/keys | wc -l) = 2", f.folder);
	struct published p = opens();
	CU_ASSERT_EQUAL(p.keys, 1);
	fixture_close(&f);
	shell("test $(ls %s/keys | wc -l) = 1", f.folder);
	opens();
	fixture_end(&f);
}

/* A death while the key that signs no more is overwritten, before it is removed, and before the map knows. */
static void test_log_opens_with_a_key_that_was_half_wiped(void)
{
	int status;
	fixture_begin(&f);
	pid_t pid = fork();
	if (!pid) {
		char vkey[NOTE_VKEY_BYTES];
		f.config.checkpoint_ms = 3600000;
		if (fixture_open(&f) || log_wait(f.log, log_commit(f.log), true, WAIT_MS, &f.e))
			_exit(1);
		shell("ls %s/keys > %s.name", f.folder, f.folder);
		if (log_rotate(f.log, vkey, &f.e) || log_wait(f.log, log_commit(f.log), true, WAIT_MS, &f.e))
			_exit(2);
		shell("while test $(ls %s/keys | wc -l) != 1; do :; done", f.folder);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CU_ASSERT_EQUAL_FATAL(status, 0);
	shell("cd %s/keys && umask 077 && head -c 512 /dev/zero > $(cat ../../$(basename %s).name)", f.folder,
	      f.folder);
	opens();
	fixture_close(&f);
	shell("test $(ls %s/keys | wc -l) = 1 && rm %s.name", f.folder, f.folder);
	opens();
	fixture_end(&f);
}

static const struct test tests[] = {
    TEST(test_log_publishes_what_a_death_left),
    TEST(test_log_leaves_a_torn_end_out),
    TEST(test_log_cut_below_its_checkpoint_is_refused),
    TEST(test_log_without_its_write_ahead_files_is_refused),
    TEST(test_log_of_two_copies_is_refused),
    TEST(test_log_damaged_anywhere_is_refused),
    TEST(test_log_forgets_a_key_that_never_signed),
    TEST(test_log_rotation_survives_a_death),
    TEST(test_log_opens_with_a_key_that_was_half_wiped),
};

HARNESS_MAIN("log_recover", tests)
