/* SPDX-License-Identifier: BSD-3-Clause */
/* put_events FILE RINGS: puts an event of each type, and one of values that nobody knows, in turn into the rings: the time of
 * each is a second after the one before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/events.h"

#define RECORDS 4096
#define BEGAN	1796083200 /* 2026-12-01T00:00:00Z */

static const struct event events[] = {
    {.type = EVENT_START, .start = {.pid = 4242}},
    {.type = EVENT_SWAP, .swap = {.version = 17, .digest = {0xab}, .outcome = 0}},
    {.type = EVENT_HIT,
     .hit = {.version = 17,
	     .rule = 0xabc,
	     .line = 7,
	     .list = 1,
	     .ip_version = 4,
	     .port = 1,
	     .sport = 40000,
	     .dport = 443,
	     .src = {192, 0, 2, 1},
	     .dst = {198, 51, 100, 2}}},
    {.type = EVENT_HIT,
     .hit = {.ip_version = 6,
	     .proto = 3,
	     .kind = 1,
	     .action = 1,
	     .src = {0x20, 0x01, 0x0d, 0xb8, [15] = 1},
	     .dst = {0x20, 0x01, 0x0d, 0xb8, [15] = 2}}},
    {.type = EVENT_GAP, .gap = {.first = 3, .last = 9}},
    {.type = EVENT_OUTAGE,
     .outage = {.began_ns = BEGAN * 1000000000ull,
		.ended_ns = BEGAN * 1000000000ull + 2500000,
		.frames = 10,
		.bytes = 640,
		.port = 1}},
    {.type = EVENT_LINK, .link = {.port = 1, .up = 1}},
    {.type = EVENT_HIT, .hit = {.proto = 200, .kind = 201, .action = 202, .ip_version = 9}},
    {.type = EVENT_OUTAGE, .outage = {.reason = 203, .fail_closed = 1, .began_ns = UINT64_MAX}},
    {.type = 204},
};

int main(int argc, char **argv)
{
	struct events_producer *p;
	struct err e = {""};
	if (argc != 3)
		return 2;
	unsigned rings = (unsigned)atoi(argv[2]);
	if (events_open_producer(argv[1], rings, RECORDS, &p, &e)) {
		fprintf(stderr, "put_events: %s\n", e.text);
		return 1;
	}
	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++) {
		struct event ev = events[i];
		ev.time_ns = (BEGAN + i) * 1000000000ull + 123456789;
		if (!events_put(p, i % rings, &ev))
			return 1;
	}
	events_close_producer(p);
	return 0;
}
