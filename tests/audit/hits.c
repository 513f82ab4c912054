/* SPDX-License-Identifier: BSD-3-Clause */
/* hits FILE RINGS RECORDS RATE SECONDS VERSION RULES: what a data plane under attack reports: RATE hits a second for SECONDS (0: until it is
 * killed), by turns in RINGS rings, of RULES rules of list 0 of ruleset VERSION. Says "ready" first; at the end, also after SIGTERM, one line:
 * hits put, lost, gap records. A restart goes on where the file's numbers are. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/events.h"
#include "common/hit_proto.h"
#include "rules/list.h"
#include "rules/meta.h"

#define TICKS 1000 /* a second */

static volatile sig_atomic_t ended;

static void end(int number)
{
	(void)number;
	ended = 1;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct event hit(uint64_t n, uint64_t version, uint32_t rules)
{
	static const struct {
		enum hit_proto proto;
		enum action action;
	} kinds[] = {{HIT_TLS, ACTION_ALERT},
		     {HIT_HTTP, ACTION_PAGE},
		     {HIT_QUIC, ACTION_CLOSE},
		     {HIT_DNS, ACTION_NXDOMAIN}};
	uint32_t mixed = (uint32_t)(n * 2654435761u), line = mixed % rules + 1;
	struct event ev = {.type = EVENT_HIT, .time_ns = now_ns(CLOCK_REALTIME)};
	ev.hit = (struct event_hit){.version = version,
				    .rule = 0x9e3779b97f4a7c15ull * line,
				    .line = line,
				    .kind = RULE_DOMAIN,
				    .proto = (uint8_t)kinds[mixed >> 30].proto,
				    .action = (uint8_t)kinds[mixed >> 30].action,
				    .ip_version = 4,
				    .sport = (uint16_t)(1024 + n % 60000),
				    .dport = 443};
	memcpy(ev.hit.src, (uint8_t[]){192, 0, 2, (uint8_t)n}, 4);
	memcpy(ev.hit.dst, (uint8_t[]){198, 51, 100, (uint8_t)(n >> 8)}, 4);
	return ev;
}

int main(int argc, char **argv)
{
	struct events_producer *p;
	struct err e = {"FILE RINGS RECORDS RATE SECONDS VERSION RULES"};
	unsigned long long put = 0, lost = 0, gaps = 0;
	signal(SIGTERM, end);
	if (argc != 8 ||
	    events_open_producer(argv[1], (unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]), &p, &e)) {
		fprintf(stderr, "hits: %s\n", e.text);
		return 1;
	}
	unsigned rings = (unsigned)atoi(argv[2]);
	uint64_t rate = strtoull(argv[4], NULL, 10), seconds = strtoull(argv[5], NULL, 10);
	uint64_t version = strtoull(argv[6], NULL, 10), n = 0, begun = now_ns(CLOCK_MONOTONIC);
	puts("ready");
	fflush(stdout);
	for (uint64_t tick = 1; !ended && (!seconds || tick <= seconds * TICKS); tick++) {
		for (; n < tick * rate / TICKS; n++) {
			struct event ev = hit(n, version, (uint32_t)atoi(argv[7]));
			events_put(p, (unsigned)(n % rings), &ev);
		}
		uint64_t due = begun + tick * (1000000000 / TICKS);
		struct timespec until = {.tv_sec = (time_t)(due / 1000000000),
					 .tv_nsec = (long)(due % 1000000000)};
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	}
	for (unsigned i = 0; i < rings; i++) {
		struct events_counts c;
		events_put_gap(p, i, now_ns(CLOCK_REALTIME));
		events_producer_counts(p, i, &c);
		put += c.put - c.gaps;
		lost += c.lost;
		gaps += c.gaps;
	}
	printf("%llu %llu %llu\n", put, lost, gaps);
	events_close_producer(p);
	return 0;
}
