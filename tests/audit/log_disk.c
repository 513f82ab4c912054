/* SPDX-License-Identifier: BSD-3-Clause */
/* log_disk: a disk that fills up, and one that fails to write, under a log that is being written; then it is well again. As root.
 *
 *	tmpfs "beneath" <- file "disk" <- loop device <- ext4 without a journal <- the log
 *	    full: writes of the loop device fail: EIO            full: ENOSPC
 *
 * Each time: the log says what is wrong, and reports durable nothing that is not; when there is room again everything goes on by itself, nothing that
 * was appended is lost, the trouble is over; and what was reported durable is there when the log is opened anew. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "audit/log.h"
#include "audit/verify.h"

#define ORIGIN	"roja.example/audit"
#define WAIT_MS 120000

static char folder[] = "/tmp/roja-log-disk-XXXXXX";
static uint64_t next;

static void fail(const char *what, const char *why)
{
	printf("not ok log_disk: %s: %s\n", what, why);
	exit(1);
}

__attribute__((format(printf, 1, 2))) static int shell(const char *fmt, ...)
{
	char command[600];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	return system(command);
}

static void must(int status, const char *what)
{
	if (status)
		fail(what, "the command failed");
}

static struct audit_log *open_log(void)
{
	char path[100];
	struct audit_log *l = NULL;
	struct err e = {""};
	snprintf(path, sizeof(path), "%s/top/audit", folder);
	struct log_config c = {
	    .folder = path, .origin = ORIGIN, .checkpoint_ms = 20, .segment_bytes = 200000};
	if (log_open(&c, &l, &e))
		fail("open", e.text);
	return l;
}

/* An act of some 300 bytes. -EAGAIN: too much waits. */
static int append(struct audit_log *l)
{
	static uint8_t text[200];
	struct entry entry = {.kind = ENTRY_ACT, .time_ns = next + 1};
	struct err e;
	memset(text, 'x', sizeof(text));
	entry.v[ENTRY_F(ACT, act_id)].n = next + 1;
	entry.v[ENTRY_F(ACT, text)].s = (struct span){text, sizeof(text)};
	int err = log_add(l, &entry, NULL, &e);
	if (!err)
		next++;
	return err;
}

static uint64_t commit(struct audit_log *l, unsigned n)
{
	while (n-- && !append(l))
		;
	log_set(l, "n", &next, sizeof(next));
	return log_commit(l);
}

struct look {
	uint64_t acts;
	bool in_order;
};

static bool look_at(void *ctx, uint64_t index, struct span bytes)
{
	static struct entry entry;
	struct look *look = ctx;
	struct err e;
	(void)index;
	if (entry_decode(bytes, &entry, &e))
		look->in_order = false;
	else if (entry.kind == ENTRY_ACT)
		look->in_order &= entry.v[ENTRY_F(ACT, act_id)].n == ++look->acts;
	return look->in_order;
}

/* The acts that are durable, in order; `all`: and that is all. */
static void check(struct audit_log *l, bool all, const char *what)
{
	struct look look = {.in_order = true};
	struct err e = {""};
	if (log_read(l, 0, UINT64_MAX, look_at, &look, &e))
		fail(what, e.text);
	if (!look.in_order || (all && look.acts != next))
		fail(what, "acts are lost or twice there");
}

static void verify(const char *what)
{
	char path[100], state[100];
	struct verify_report report;
	struct err e = {""};
	snprintf(path, sizeof(path), "%s/top/audit/log", folder);
	snprintf(state, sizeof(state), "%s/kept", folder);
	struct verify_options o = {.state = state, .threads = 1};
	if (verify_folder(path, &o, &report, &e))
		fail(what, e.text);
	if (report.fault != VERIFY_NONE) {
		printf("# %s: %s\n", verify_fault_words[report.fault], report.file);
		fail(what, report.text);
	}
}

/* Fills, appends until the log is in trouble, and goes on for some time. */
static void trouble(struct audit_log *l, const char *what, const char *filler)
{
	shell("cat /dev/zero > %s/%s 2>/dev/null", folder, filler);
	for (unsigned i = 0; !log_status(l)->trouble[0]; i++) {
		commit(l, 50);
		poll(NULL, 0, 1);
		if (i > 100000)
			fail(what, "no trouble comes");
	}
	const struct log_status s = *log_status(l);
	printf("# %s: %s\n", what, s.trouble);
	while (log_status(l)->failures < s.failures + 2) {
		commit(l, 2);
		poll(NULL, 0, 10);
	}
	if (!s.trouble_ns || log_status(l)->durable < s.durable)
		fail(what, "it says something else");
	check(l, false, what);
}

/* Makes room, and waits until all is published and well. */
static void relieve(struct audit_log *l, const char *what, const char *filler)
{
	struct err e = {""};
	must(shell("rm %s/%s", folder, filler), what);
	if (log_wait(l, commit(l, 3), true, WAIT_MS, &e))
		fail(what, e.text);
	for (unsigned i = 0; log_status(l)->trouble[0] && i < 1000; i++)
		poll(NULL, 0, 10);
	if (log_status(l)->trouble[0])
		fail(what, "the trouble does not end");
	check(l, true, what);
	verify(what);
}

static void mount_disk(void)
{
	if (geteuid()) {
		printf("ok log_disk: left out: not root\n");
		exit(0);
	}
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		fail("namespace", strerror(errno));
	if (!mkdtemp(folder))
		fail("folder", strerror(errno));
	must(shell("cd %s && mkdir beneath top && mount -t tmpfs -o size=40m tmpfs beneath && "
		   "truncate -s 32m beneath/disk && mkfs.ext4 -q -b 1024 -O ^has_journal -m 0 beneath/disk",
		   folder),
	     "mkfs");
	if (shell("mount -o loop,errors=continue %s/beneath/disk %s/top", folder, folder)) {
		shell("umount %s/beneath && rm -r %s", folder, folder);
		printf("ok log_disk: left out: no loop device here\n");
		exit(0);
	}
}

int main(void)
{
	mount_disk();
	struct audit_log *l = open_log();
	commit(l, 500);
	for (unsigned i = 0; i < 2; i++) {
		trouble(l, "a full disk", "top/filler");
		relieve(l, "a full disk", "top/filler");
	}
	/* what was written beneath already needs no room: the log goes on until it wants new blocks */
	trouble(l, "a disk that fails to write", "beneath/filler");
	relieve(l, "a disk that fails to write", "beneath/filler");
	log_close(l);
	verify("closed");
	l = open_log();
	check(l, true, "opened anew");
	log_close(l);
	must(shell("umount %s/top && umount %s/beneath && rm -r %s", folder, folder, folder), "umount");
	printf("ok log_disk: %llu acts, none lost\n", (unsigned long long)next);
	return 0;
}
