/* SPDX-License-Identifier: BSD-3-Clause */
/* take FILE LOG: consumes an event file as the control process does: what it peeks is written to LOG first (an append that
 * outlives the process), then acknowledged. A line a record: ring, sequence number, type, and of a gap its first and last
 * number, of a hit its ruleset version and line. SIGTERM ends it when everything is taken. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/events.h"

#define BATCH 256

static volatile sig_atomic_t ended;

static void end(int number)
{
	(void)number;
	ended = 1;
}

static int write_line(char *at, size_t room, unsigned ring, const struct event *ev)
{
	unsigned long long a = 0, b = 0;
	if (ev->type == EVENT_GAP) {
		a = ev->gap.first;
		b = ev->gap.last;
	} else if (ev->type == EVENT_HIT) {
		a = ev->hit.version;
		b = ev->hit.line;
	}
	return snprintf(at, room, "%u %llu %s %llu %llu\n", ring, (unsigned long long)ev->seq,
			ev->type < EVENT_TYPES_N ? event_type_names[ev->type] : "?", a, b);
}

static unsigned take(struct events_consumer *c, unsigned ring, int log)
{
	static struct event v[BATCH];
	static char text[BATCH * 96];
	int used = 0;
	unsigned n = events_peek(c, ring, v, BATCH);
	for (unsigned i = 0; i < n; i++)
		used += write_line(text + used, sizeof(text) - (size_t)used, ring, &v[i]);
	if (n && write(log, text, (size_t)used) != used)
		exit(1);
	if (n)
		events_ack(c, ring, v[n - 1].seq);
	return n;
}

int main(int argc, char **argv)
{
	struct events_consumer *c;
	struct err e;
	if (argc != 3 || events_open_consumer(argv[1], &c, &e)) {
		fprintf(stderr, "take: %s\n", argc == 3 ? e.text : "FILE LOG");
		return 1;
	}
	int log = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0600);
	signal(SIGTERM, end);
	for (;;) {
		const struct timespec pause = {.tv_nsec = 1000000};
		bool last = ended; /* before looking: what was put before the end is seen */
		unsigned n = 0;
		for (unsigned i = 0; i < events_rings(c); i++)
			n += take(c, i, log);
		if (!n && last)
			break;
		if (!n)
			nanosleep(&pause, NULL);
	}
	events_close_consumer(c);
	return 0;
}
