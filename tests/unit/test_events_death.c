/* SPDX-License-Identifier: BSD-3-Clause */
/* A process puts, loses, takes and acknowledges one machine instruction at a time. Whatever an instruction leaves in the file
 * is what its death there would leave: on a copy of every such state the next producer and the next consumer go on. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/events.h"
#include "common/events_file.h"
#include "tests/unit/harness.h"

#define RECORDS 64

/* What the stepped process has done for certain. */
struct done {
	uint64_t put, lost, seq, acknowledged;
};

static char folder[64], path[96], copy[96];
static struct events_producer *p;
static struct events_consumer *c;
static struct event got[RECORDS];
static struct done *done;
static struct err e;

static struct event pattern(uint8_t byte)
{
	struct event ev = {.type = EVENT_HIT, .time_ns = 1};
	memset(ev.room, byte, sizeof(ev.room));
	return ev;
}

static bool whole(const struct event *ev)
{
	for (unsigned i = 1; i < sizeof(ev->room); i++)
		if (ev->room[i] != ev->room[0])
			return false;
	return ev->room[0] != 0;
}

static void put(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct event ev = pattern((uint8_t)(1 + i));
		if (events_put(p, 0, &ev))
			done->put++;
		else
			done->lost++;
		done->seq = ev.seq;
	}
}

static void acknowledge(unsigned n)
{
	unsigned had = events_peek(c, 0, got, n);
	events_ack(c, 0, got[had - 1].seq);
	done->acknowledged += had;
}

/* A free ring, a full one, runs of losses of several lengths, each way to tell a gap, and the ring's end passed. */
static void stepped_process(void)
{
	put(4); /* 2 go in, 2 are lost */
	acknowledge(1);
	put(1); /* no room for the gap and this one */
	acknowledge(3);
	put(4);			 /* gap, 3 go in */
	events_put_gap(p, 0, 1); /* no room for the next gap */
	acknowledge(1);
	events_put_gap(p, 0, 1);
	events_put_gap(p, 0, 1);
	acknowledge(RECORDS);
	put(3);
}

static void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/roja-events-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/events", folder);
	snprintf(copy, sizeof(copy), "%s/copy", folder);
	done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CU_ASSERT_EQUAL_FATAL(events_open_producer(path, 1, RECORDS, &p, &e), 0);
	CU_ASSERT_EQUAL_FATAL(events_open_consumer(path, &c, &e), 0);
	put(RECORDS - 2);
}

static void clean_up(void)
{
	events_close_producer(p);
	events_close_consumer(c);
	unlink(copy);
	unlink(path);
	CU_ASSERT_EQUAL(rmdir(folder), 0);
	munmap(done, sizeof(*done));
}

/* From the first record on, every number is a record's or named by the gap record right behind the run. */
static bool numbers_go_on(const struct event *v, unsigned n, uint64_t *ret_gaps)
{
	uint64_t next = v[0].type == EVENT_GAP ? v[0].gap.first : v[0].seq;
	for (unsigned i = 0; i < n; i++) {
		bool gap = v[i].type == EVENT_GAP;
		uint64_t first = gap ? v[i].gap.first : v[i].seq;
		if (first != next || (gap && v[i].gap.last + 1 != v[i].seq) || (!gap && !whole(&v[i])))
			return false;
		if (gap && *ret_gaps && v[i].gap.nth != *ret_gaps + 1)
			return false;
		if (gap)
			*ret_gaps = v[i].gap.nth;
		next = v[i].seq + 1;
	}
	return true;
}

/* The sentence of what is wrong after going on from this state, or NULL. */
static const char *goes_on(const struct done *d)
{
	struct events_producer *p2;
	struct events_consumer *c2;
	struct events_counts n, before;
	struct event v[2 * RECORDS], probe = pattern(0xff);
	uint64_t gaps = 0;
	if (events_open_producer(copy, 1, RECORDS, &p2, &e) || events_set_aside(p2))
		return "the next producer does not go on";
	if (events_open_consumer(copy, &c2, &e))
		return "the next consumer does not open it";
	events_producer_counts(p2, 0, &before);
	unsigned had = events_peek(c2, 0, v, RECORDS);
	events_ack(c2, 0, UINT64_MAX);
	bool put = events_put(p2, 0, &probe);
	had += events_peek(c2, 0, v + had, RECORDS);
	events_producer_counts(p2, 0, &n);
	events_close_producer(p2);
	events_close_consumer(c2);
	if (!put || v[had - 1].seq != probe.seq || v[had - 1].room[0] != 0xff)
		return "the next event is not the last";
	if (!numbers_go_on(v, had, &gaps))
		return "a number is missing or twice, or a record is not whole";
	if (probe.seq <= d->seq || probe.seq != n.put + n.lost)
		return "the next number is not the next";
	if (before.put - before.gaps - d->put > 1 || before.lost - d->lost > 1 ||
	    before.acknowledged < d->acknowledged || (gaps && gaps != n.gaps))
		return "the counts are not what was done";
	return NULL;
}

static bool write_copy(const void *state, size_t bytes)
{
	int fd = open(copy, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	bool good = fd >= 0 && write(fd, state, bytes) == (ssize_t)bytes;
	close(fd);
	return good;
}

static pid_t start_stepped(void)
{
	pid_t pid = fork();
	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(2);
		raise(SIGSTOP);
		stepped_process();
		_exit(0);
	}
	return pid;
}

static void test_events_go_on_after_a_death_at_any_instruction(void)
{
	struct events_map m;
	unsigned states = 0;
	const char *wrong = NULL;
	int status;
	set_up();
	CU_ASSERT_EQUAL_FATAL(events_map(path, open(path, O_RDONLY), EVENTS_LOCK_NONE, &m, &e), 0);
	void *last = calloc(1, m.bytes);
	pid_t pid = start_stepped();
	waitpid(pid, &status, 0);
	while (WIFSTOPPED(status) && !wrong) {
		if (memcmp(last, m.base, m.bytes)) {
			memcpy(last, m.base, m.bytes);
			wrong = write_copy(last, m.bytes) ? goes_on(done) : "cannot copy";
			states++;
		}
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL))
			break;
		waitpid(pid, &status, 0);
	}
	if (wrong) {
		fprintf(stderr, "state %u: %s\n", states, wrong);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	CU_ASSERT_PTR_NULL(wrong);
	CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CU_ASSERT_TRUE(states > 50); /* else the process was not stepped */
	CU_ASSERT_EQUAL(done->put, RECORDS - 2 + 2 + 3 + 3);
	CU_ASSERT_EQUAL(done->lost, 2 + 1 + 1);
	free(last);
	events_unmap(&m);
	clean_up();
}

static void run_round_the_ring(void)
{
	for (;;) {
		put(RECORDS / 2);
		sched_yield();
		acknowledge(RECORDS);
	}
}

/* An observer is slower than both sides, and overtaken by more than a lap: what it hands out is whole and in order. */
static void test_events_observer_hands_out_whole_records_only(void)
{
	struct events_consumer *o;
	unsigned seen = 0, wrong = 0;
	time_t end = time(NULL) + 60;
	set_up();
	CU_ASSERT_EQUAL_FATAL(events_open_observer(path, &o, &e), 0);
	acknowledge(RECORDS);
	pid_t pid = fork();
	if (!pid)
		run_round_the_ring();
	for (uint64_t last = 0; seen < 20000 && time(NULL) < end;) {
		unsigned n = events_peek(o, 0, got, RECORDS);
		for (unsigned i = 0; i < n; i++) {
			wrong += !whole(&got[i]) || got[i].seq <= last;
			last = got[i].seq;
		}
		seen += n;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_TRUE(seen >= 20000); /* else it shows nothing */
	events_close_consumer(o);
	clean_up();
}

static const struct test tests[] = {
    TEST(test_events_observer_hands_out_whole_records_only),
    TEST(test_events_go_on_after_a_death_at_any_instruction),
};

HARNESS_MAIN("events_death", tests)
