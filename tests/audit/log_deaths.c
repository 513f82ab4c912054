/* SPDX-License-Identifier: BSD-3-Clause */
/* log_deaths N [SEED]: kills a writer of the log with SIGKILL, N times at random points, and looks each time at what is left.
 *
 * The writer appends acts numbered from 1, and sets "n" to the last number with the same batch; it tells through a pipe what the log calls
 * durable. After most deaths, and in two of three of these after what a power cut does to everything that was not synced, the log is opened again: no
 * acknowledged act may be lost, the acts are 1, 2, 3..., "n" is the last one, and the verifier, which keeps every checkpoint that it
 * saw, finds nothing. Each 50 deaths there is a new folder, so that deaths come early too. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit/log.h"
#include "audit/verify.h"
#include "tests/audit/log_power.h"

#define DEATHS_A_FOLDER 50
#define PENDING		256
#define WAIT_MS		120000

static unsigned seed;

static unsigned any(unsigned below)
{
	seed = seed * 1664525u + 1013904223u;
	return (unsigned)((uint64_t)(seed >> 8) * below >> 24);
}

static void fail(const char *what, const char *why)
{
	printf("not ok log_deaths: %s: %s\n", what, why);
	exit(1);
}

static struct audit_log *open_log(const char *folder)
{
	struct audit_log *l = NULL;
	struct err e = {""};
	char path[200];
	snprintf(path, sizeof(path), "%s/audit", folder);
	struct log_config c = {.folder = path,
			       .origin = "roja.example/audit",
			       .checkpoint_ms = 1 + any(5),
			       .segment_bytes = 4096 + any(60000)};
	if (log_open(&c, &l, &e))
		fail("open", e.text);
	return l;
}

static uint64_t number(struct audit_log *l)
{
	size_t bytes;
	uint64_t n = 0;
	const void *p = log_get(l, "n", &bytes);
	if (p)
		memcpy(&n, p, sizeof(n));
	return n;
}

static void add_act(struct audit_log *l, uint64_t n)
{
	struct entry entry = {.kind = ENTRY_ACT, .time_ns = n};
	struct err e = {""};
	entry.v[ENTRY_F(ACT, act_id)].n = n;
	entry.v[ENTRY_F(ACT, act)].s = (struct span){(const uint8_t *)"test.act", 8};
	if (log_add(l, &entry, NULL, &e))
		fail("append", e.text);
}

static void tell(uint64_t n)
{
	if (write(STDOUT_FILENO, &n, sizeof(n)) != (ssize_t)sizeof(n))
		exit(0);
}

/* Appends until it is killed. */
static void writer(const char *folder)
{
	disk_begin(folder, false);
	struct audit_log *l = open_log(folder);
	uint64_t tickets[PENDING], numbers[PENDING], n = number(l);
	unsigned first = 0, end = 0;
	char vkey[NOTE_VKEY_BYTES];
	struct err e;
	tell(n);
	disk_begin(folder, true);
	for (;;) {
		for (unsigned i = any(40) + 1; i; i--)
			add_act(l, ++n);
		log_set(l, "n", &n, sizeof(n));
		if (!any(8))
			log_set(l, "sometimes", &n, any(2) ? sizeof(n) : 0);
		tickets[end % PENDING] = log_commit(l);
		numbers[end++ % PENDING] = n;
		if (!any(60))
			log_rotate(l, vkey, &e); /* -EBUSY: the last one is not over */
		if (end - first == PENDING || !any(3))
			log_wait(l, tickets[(end - 1) % PENDING], false, WAIT_MS, &e);
		uint64_t done = log_done(l), told = 0;
		while (first < end && tickets[first % PENDING] <= done)
			told = numbers[first++ % PENDING];
		if (told)
			tell(told);
	}
}

struct look {
	uint64_t acts, leaves;
	bool in_order;
};

static bool look_at(void *ctx, uint64_t index, struct span bytes)
{
	static struct entry entry;
	struct look *look = ctx;
	struct err e;
	look->in_order &= index == look->leaves++ && !entry_decode(bytes, &entry, &e);
	if (look->in_order && entry.kind == ENTRY_ACT)
		look->in_order = entry.v[ENTRY_F(ACT, act_id)].n == ++look->acts;
	return look->in_order;
}

static void verify(const char *folder)
{
	char path[200], state[200];
	struct verify_report report;
	struct err e = {""};
	snprintf(path, sizeof(path), "%s/audit/log", folder);
	snprintf(state, sizeof(state), "%s/kept", folder);
	struct verify_options o = {.state = state, .threads = 1};
	if (verify_folder(path, &o, &report, &e))
		fail("verify", e.text);
	if (report.fault != VERIFY_NONE) {
		printf("# %s: %s\n", verify_fault_words[report.fault], report.file);
		fail("verify", report.text);
	}
}

/* Opens the log and looks; then closes it, or dies too. Exits 0, or 2: there was something to recover. */
static void checker(const char *folder, uint64_t acknowledged)
{
	disk_begin(folder, false);
	struct audit_log *l = open_log(folder);
	struct look look = {.in_order = true};
	struct err e = {""};
	const struct log_status *s = log_status(l);
	bool recovered = s->recovered[0];
	if (log_read(l, 0, UINT64_MAX, look_at, &look, &e))
		fail("read", e.text);
	if (!look.in_order)
		fail("read", "leaves are not in order");
	if (look.leaves != s->durable || look.acts != number(l))
		fail("read", "leaves and map are of different batches");
	if (look.acts < acknowledged)
		fail("read", "an acknowledged act is lost");
	if (log_wait(l, log_commit(l), true, WAIT_MS, &e))
		fail("publish", e.text);
	if (any(2)) {
		log_close(l);
		verify(folder);
	} else if (any(2)) {
		verify(folder);
	}
	_exit(recovered ? 2 : 0);
}

static pid_t start(const char *what, const char *folder, uint64_t n, int out)
{
	char text[32], random[32];
	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	snprintf(random, sizeof(random), "%u", any(1u << 24));
	pid_t pid = fork();
	if (pid)
		return pid;
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	execl("/proc/self/exe", "log_deaths", what, random, folder, text, NULL);
	_exit(127);
}

/* Reads what is told until `us` have passed since the start, then kills. Returns the last number. */
static uint64_t let_live(const char *folder, unsigned us, uint64_t acknowledged)
{
	int p[2];
	uint64_t n;
	struct timespec begun, now;
	if (pipe2(p, O_CLOEXEC))
		fail("pipe", strerror(errno));
	clock_gettime(CLOCK_MONOTONIC, &begun);
	pid_t pid = start("writer", folder, 0, p[1]);
	close(p[1]);
	for (;;) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		int64_t left =
		    us - ((now.tv_sec - begun.tv_sec) * 1000000ll + (now.tv_nsec - begun.tv_nsec) / 1000);
		struct timespec wait = {left / 1000000, left % 1000000 * 1000};
		struct pollfd fd = {p[0], POLLIN, 0};
		if (left <= 0 || ppoll(&fd, 1, &wait, NULL) <= 0)
			break;
		if (read(p[0], &n, sizeof(n)) != (ssize_t)sizeof(n))
			fail("writer", "it ended by itself");
		acknowledged = n;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (read(p[0], &n, sizeof(n)) == (ssize_t)sizeof(n))
		acknowledged = n;
	close(p[0]);
	return acknowledged;
}

static bool look_after(const char *folder, uint64_t acknowledged)
{
	int status;
	pid_t pid = start("checker", folder, acknowledged, -1);
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 2)) {
		printf("# %s is left to look at\n", folder);
		exit(1);
	}
	return WEXITSTATUS(status) == 2;
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/roja-deaths-XXXXXX", command[200];
	unsigned deaths = argc > 1 ? (unsigned)atoi(argv[1]) : 50, recovered = 0, cuts = 0, files = 0,
		 wal = 0;
	seed = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
	if (argc == 5 && !strcmp(argv[1], "writer"))
		writer(argv[3]);
	if (argc == 5 && !strcmp(argv[1], "checker"))
		checker(argv[3], strtoull(argv[4], NULL, 10));
	uint64_t acknowledged = 0, all = 0;
	for (unsigned i = 0; i < deaths; i++) {
		if (i % DEATHS_A_FOLDER == 0) {
			strcpy(folder + strlen(folder) - 6, "XXXXXX");
			if (!mkdtemp(folder))
				fail("folder", strerror(errno));
			disk_begin(folder, false);
			acknowledged = 0;
		}
		uint64_t before = acknowledged;
		acknowledged = let_live(folder, any(any(3) ? 30000 : 4000), acknowledged);
		all += acknowledged - before;
		bool last = i % DEATHS_A_FOLDER == DEATHS_A_FOLDER - 1 || i + 1 == deaths;
		if (!last && !any(3))
			continue; /* the next one opens it, and trusts what it finds */
		if (any(3)) {
			wal += disk_cut();
			files += power_cut(folder, any(1u << 24));
			cuts++;
		}
		recovered += look_after(folder, acknowledged);
		if (last) {
			snprintf(command, sizeof(command), "rm -r %s", folder);
			if (system(command))
				fail("rm", folder);
		}
	}
	printf(
	    "ok log_deaths: %u deaths, %u with something to recover; %u power cuts, %u files lost by them, %u write-ahead files under them; %llu acknowledged acts, "
	    "none lost\n",
	    deaths, recovered, cuts, files, wal, (unsigned long long)all);
	return 0;
}
