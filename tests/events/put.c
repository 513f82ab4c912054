/* SPDX-License-Identifier: BSD-3-Clause */
/* put FILE RECORDS RATE: puts hits in ring 0 of an event file, about RATE a second, until it is killed. Says "ready" first; SIGTERM ends it
 * with one line, "PUT LOST LAST": its counts, and the last sequence number used. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/events.h"

static volatile sig_atomic_t ended;

static void end(int number)
{
	(void)number;
	ended = 1;
}

int main(int argc, char **argv)
{
	struct events_producer *p;
	struct events_counts n;
	struct err e;
	struct event ev = {0};
	if (argc != 4 || events_open_producer(argv[1], 1, (unsigned)atoi(argv[2]), &p, &e)) {
		fprintf(stderr, "put: %s\n", argc == 4 ? e.text : "FILE RECORDS RATE");
		return 1;
	}
	signal(SIGTERM, end);
	puts("ready");
	fflush(stdout);
	const unsigned burst = 50;
	struct timespec pause = {.tv_nsec = 1000000000l / (atoi(argv[3]) / (long)burst)};
	while (!ended) {
		for (unsigned i = 0; i < burst; i++) {
			ev = (struct event){.type = EVENT_HIT};
			ev.hit.line = 7;
			events_put(p, 0, &ev);
		}
		nanosleep(&pause, NULL);
	}
	events_producer_counts(p, 0, &n);
	printf("%llu %llu %llu\n", (unsigned long long)n.put, (unsigned long long)n.lost,
	       (unsigned long long)ev.seq);
	events_close_producer(p);
	return 0;
}
