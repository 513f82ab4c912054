/* SPDX-License-Identifier: BSD-3-Clause */
/* put FILE RECORDS RATE: puts hits in ring 0 of an event file, about RATE a second, until it is killed. All bytes of a hit
 * are equal, so that half of one is seen. Says "ready" first; SIGTERM ends it with one line: its counts of events put (without
 * gap records), lost, and gap records, and the last sequence number used. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/events.h"

#define BURST	   50
#define PUT_WORKER 255 /* so that take knows them */

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
	signal(SIGTERM, end);
	if (argc != 4 || events_open_producer(argv[1], 1, (unsigned)atoi(argv[2]), &p, &e)) {
		fprintf(stderr, "put: %s\n", argc == 4 ? e.text : "FILE RECORDS RATE");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	struct timespec pause = {.tv_nsec = 1000000000l / (atoi(argv[3]) / BURST)};
	for (uint8_t byte = 1; !ended; nanosleep(&pause, NULL)) {
		for (unsigned i = 0; i < BURST; i++, byte++) {
			struct event ev = {.type = EVENT_HIT, .worker = PUT_WORKER};
			memset(ev.room, byte, sizeof(ev.room));
			events_put(p, 0, &ev);
		}
	}
	events_put_gap(p, 0, 0);
	events_producer_counts(p, 0, &n);
	printf("%llu %llu %llu %llu\n", (unsigned long long)(n.put - n.gaps), (unsigned long long)n.lost,
	       (unsigned long long)n.gaps, (unsigned long long)(n.put + n.lost));
	events_close_producer(p);
	return 0;
}
