/* SPDX-License-Identifier: BSD-3-Clause */
/* events FILE: the events that wait in the rings, a JSON object a line; takes none of them. */
#include <inttypes.h>
#include <stdio.h>

#include "common/events.h"

#define AT_ONCE 64

static void print_hit(const struct event_hit *h)
{
	printf(", \"version\": %" PRIu64 ", \"list\": %u, \"line\": %u, \"port\": %u, \"sport\": %u",
	       h->version, h->list, h->line, h->port, h->sport);
}

static void print_outage(const struct event_outage *o)
{
	printf(", \"began_ns\": %" PRIu64 ", \"ended_ns\": %" PRIu64 ", \"frames\": %" PRIu64 ", \"port\": %u"
	       ", \"reason\": \"%s\"",
	       o->began_ns, o->ended_ns, o->frames, o->port, event_outage_reason_names[o->reason]);
}

static void print(const struct event *ev)
{
	printf("{\"type\": \"%s\", \"worker\": %u, \"seq\": %" PRIu64, event_type_names[ev->type], ev->worker,
	       ev->seq);
	if (ev->type == EVENT_HIT)
		print_hit(&ev->hit);
	else if (ev->type == EVENT_OUTAGE)
		print_outage(&ev->outage);
	puts("}");
}

int main(int argc, char **argv)
{
	struct events_consumer *c;
	struct event ev[AT_ONCE];
	struct err e = {""};
	if (argc != 2)
		return fputs("usage: events FILE\n", stderr), 2;
	if (events_open_observer(argv[1], &c, &e))
		return fprintf(stderr, "events: %s\n", e.text), 1;
	for (unsigned ring = 0; ring < events_rings(c); ring++)
		for (unsigned n; (n = events_peek(c, ring, ev, AT_ONCE)) > 0;)
			for (unsigned i = 0; i < n; i++)
				print(&ev[i]);
	events_close_consumer(c);
	return 0;
}
