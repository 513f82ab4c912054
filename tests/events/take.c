/* SPDX-License-Identifier: BSD-3-Clause */
/* take FILE LOG: consumes an event file as docs/events.md wants it: first what was set aside, then the file, then the next one
 * at its path. What it peeks is written to LOG (an append that outlives the process), then acknowledged. A line a record:
 * first half of the file's id, ring, sequence number, type ("torn": the bytes of one of put's are not equal), of a gap its first and last
 * number. Says "ready" first; SIGTERM ends it when everything is taken. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/events.h"

#define BATCH	   256
#define PUT_WORKER 255 /* events of put: all bytes are equal */

static volatile sig_atomic_t ended;

static void end(int number)
{
	(void)number;
	ended = 1;
}

static const char *word(const struct event *ev)
{
	bool whole = ev->worker != PUT_WORKER || ev->type != EVENT_HIT ||
		     !memcmp(ev->room, ev->room + 1, sizeof(ev->room) - 1);
	return !whole ? "torn" : ev->type < EVENT_TYPES_N ? event_type_names[ev->type] : "?";
}

static int write_line(char *at, size_t room, uint64_t id, unsigned ring, const struct event *ev)
{
	bool gap = ev->type == EVENT_GAP;
	return snprintf(at, room, "%016llx %u %llu %s %llu %llu\n", (unsigned long long)id, ring,
			(unsigned long long)ev->seq, word(ev), (unsigned long long)(gap ? ev->gap.first : 0),
			(unsigned long long)(gap ? ev->gap.last : 0));
}

static unsigned take_ring(struct events_consumer *c, unsigned ring, int log)
{
	static struct event v[BATCH];
	static char text[BATCH * 128];
	int used = 0;
	uint64_t id;
	unsigned n = events_peek(c, ring, v, BATCH);
	memcpy(&id, events_id(c), sizeof(id));
	for (unsigned i = 0; i < n; i++)
		used += write_line(text + used, sizeof(text) - (size_t)used, id, ring, &v[i]);
	if (n && write(log, text, (size_t)used) != used)
		exit(1);
	if (n)
		events_ack(c, ring, v[n - 1].seq);
	return n;
}

static unsigned take(struct events_consumer *c, int log)
{
	unsigned n = 0;
	for (unsigned i = 0; i < events_rings(c); i++)
		n += take_ring(c, i, log);
	return n;
}

static void rest(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void open_it(const char *path, struct events_consumer **ret)
{
	struct err e;
	int err;
	while ((err = events_open_consumer(path, ret, &e)) == -EBUSY || (err == -ENOENT && !ended))
		rest();
	if (err) {
		fprintf(stderr, "take: %s\n", e.text);
		exit(1);
	}
}

static void take_set_aside(const char *path, int log)
{
	char name[4096];
	struct events_consumer *c;
	for (unsigned i = 0; i < EVENTS_OLD_MAX && !events_old_name(path, i, name, sizeof(name)); i++) {
		if (access(name, F_OK))
			continue;
		open_it(name, &c);
		while (take(c, log))
			;
		if (!events_replaced(c))
			unlink(name);
		events_close_consumer(c);
	}
}

/* One file, until the path names another (true) or the end. */
static bool take_file(const char *path, int log)
{
	struct events_consumer *c;
	bool last = false, replaced = false;
	open_it(path, &c);
	for (;;) {
		/* both asked before looking: what was put before is seen */
		bool leave = last || replaced;
		if (take(c, log))
			continue;
		if (leave)
			break;
		last = ended;
		replaced = events_replaced(c);
		rest();
	}
	events_close_consumer(c);
	return replaced;
}

int main(int argc, char **argv)
{
	signal(SIGTERM, end);
	int log = argc == 3 ? open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
	if (log < 0) {
		fputs("take: FILE LOG\n", stderr);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	do
		take_set_aside(argv[1], log);
	while (take_file(argv[1], log));
	return 0;
}
