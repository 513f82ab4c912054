/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl dataplane events: looks into the event rings, without taking anything out of them. */
#include "control/ctl/events.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "control/ctl/dataplane.h"
#include "control/ctl/tools.h"

#define EVENTS_PATH "/run/roja/events"
#define BATCH	    256
#define LOOK_NS	    100000000 /* between two looks at empty rings */

struct options {
	bool follow, fresh, json;
	const char *path;
};

static const struct opt rows[] = {
    {.name = "follow",
     .letter = 'f',
     .type = OPT_FLAG,
     .off = offsetof(struct options, follow),
     .help = "Go on with those that come, until Ctrl-C."},
    {.name = "new",
     .letter = 'n',
     .type = OPT_FLAG,
     .off = offsetof(struct options, fresh),
     .help = "Leave out those that are waiting already."},
    {.name = "json",
     .letter = 'j',
     .type = OPT_FLAG,
     .off = offsetof(struct options, json),
     .help = "Print a line of JSON an event."},
    {.name = "file",
     .letter = 'F',
     .type = OPT_STRING,
     .arg = "PATH",
     .off = offsetof(struct options, path),
     .help = "The file of event rings; " EVENTS_PATH " by default."},
};

const struct opt_program dataplane_events_program = {
    .name = "rojactl dataplane events",
    .synopsis = "[OPTION]...",
    .about =
	"Prints the events that wait in the data plane's rings: hits, losses, outages, switches of rulesets, starts and links. "
	"It only looks: whoever consumes them gets them all the same. It reads the file, not the socket, so that it "
	"works while no daemon runs.",
    .opts = rows,
    .n_opts = sizeof(rows) / sizeof(*rows),
    .more =
	"Addresses are those of the hit's client and server. list and line say where the rule stands in\n"
	"the ruleset's lists; rojactl test says which list that is. docs/events.md describes the file.\n\n"
	"Exit codes: 0 done; 2 wrong usage, or a file that cannot be read.\n",
};

/* What was peeked of a ring and not printed yet. */
struct pending {
	unsigned at, n;
	struct event v[BATCH];
};

struct look {
	const struct options *o;
	struct events_consumer *rings;
	struct pending *pending;
};

static const struct event *next_of(struct look *l, unsigned ring)
{
	struct pending *p = &l->pending[ring];
	if (p->at == p->n) {
		p->at = 0;
		p->n = events_peek(l->rings, ring, p->v, BATCH);
	}
	return p->at < p->n ? &p->v[p->at] : NULL;
}

static void print(const struct look *l, const struct event *ev, unsigned ring)
{
	json_t *event = event_to_json(ev, ring);
	if (l->o->json)
		view_json(event, stdout);
	else
		event_print(event, stdout);
	json_decref(event);
}

/* Everything that is there, the rings merged by time. */
static void drain(struct look *l, bool silent)
{
	for (;;) {
		const struct event *first = NULL;
		unsigned from = 0;
		for (unsigned i = 0; i < events_rings(l->rings); i++) {
			const struct event *ev = next_of(l, i);
			if (ev && (!first || ev->time_ns < first->time_ns)) {
				first = ev;
				from = i;
			}
		}
		if (!first)
			return;
		if (!silent)
			print(l, first, from);
		l->pending[from].at++;
	}
}

/* Opens the file, in the place of the one that was open. */
static int open_rings(struct look *l, struct err *e)
{
	struct events_consumer *rings;
	int err = events_open_observer(l->o->path, &rings, e);
	if (err)
		return err;
	struct pending *pending = calloc(events_rings(rings), sizeof(*pending));
	if (!pending) {
		events_close_consumer(rings);
		return err_set(e, -ENOMEM, "memory ran out");
	}
	events_close_consumer(l->rings);
	free(l->pending);
	l->rings = rings;
	l->pending = pending;
	return 0;
}

/* A daemon with other numbers of workers or records puts another file in the place of this one. While there is none, or none
 * that is ready, the old one will do. */
static void follow(struct look *l)
{
	static const struct timespec pause = {.tv_nsec = LOOK_NS};
	nanosleep(&pause, NULL);
	bool replaced = events_replaced(l->rings);
	drain(l, false);
	if (replaced && !open_rings(l, NULL))
		drain(l, false);
}

static int look(struct look *l, struct err *e)
{
	int err = open_rings(l, e);
	if (err)
		return err;
	drain(l, l->o->fresh);
	while (l->o->follow && !fflush(stdout))
		follow(l);
	return 0;
}

int dataplane_events(int argc, char **argv)
{
	struct options o = {.path = EVENTS_PATH};
	struct look l = {.o = &o};
	struct err e = {""};
	int n = 0, rc = opt_parse(&dataplane_events_program, argc, argv, &o, argv, &n, &e);
	if (rc == OPT_DONE)
		return CTL_OK;
	if (!rc && n)
		rc = err_set(&e, -EINVAL, "\"%s\": takes no argument; see %s --help", argv[0],
			     dataplane_events_program.name);
	if (!rc)
		rc = look(&l, &e);
	events_close_consumer(l.rings);
	free(l.pending);
	return rc ? ctl_fail("dataplane events", &e) : CTL_OK;
}
