/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/link/intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/hit_proto.h"
#include "rules/list.h"
#include "rules/meta.h"

#define PATH_BYTES	4096
#define PAUSE_MS	20  /* nothing waits */
#define PAUSE_TICKET_MS 10  /* what was taken is not durable yet; whoever makes it so may call earlier */
#define PAUSE_NONE_MS	250 /* there is no file, or it is not ours */
#define PAUSE_SINK_MS	50  /* after the sink did not take a batch, doubling */
#define PAUSE_SINK_MAX	2000
#define LOOK_EVERY	25 /* idle turns between two looks at whether the path names another file */

enum trouble { TROUBLE_OPEN, TROUBLE_UNSOUND, TROUBLE_NUMBER, TROUBLE_REMOVE, TROUBLES_N };

struct batch {
	unsigned ring, n, peeked; /* n: the sound ones, which the sink gets */
	struct event ev[INTAKE_BATCH];
};

struct intake {
	char path[PATH_BYTES], name[PATH_BYTES + 16]; /* name: of the open file */
	struct intake_sink sink;
	struct intake_counts counts;
	struct events_consumer *c;
	unsigned old;	       /* the next set-aside name to look at; EVENTS_OLD_MAX: the path's own turn */
	bool is_old;	       /* the open file is one set aside */
	bool stopped, leaving; /* leaving: the path names another file, this one is emptied */
	unsigned idle, sink_pause_ms, next_ring;
	unsigned old_told; /* set-aside files, as bits, of which it was said that they cannot be opened */
	uint64_t last[EVENTS_RINGS_MAX]; /* the last number by ring; 0: none yet */
	bool told[TROUBLES_N];
	int open_error; /* the last one that was told */
	struct batch batch;
	uint64_t taken; /* rings with records that wait for the ticket, as bits */
	uint64_t ticket;
};
_Static_assert(EVENTS_RINGS_MAX <= 64, "a bit a ring");

bool intake_sound(const struct event *ev)
{
	if (!ev->seq || ev->worker >= EVENTS_RINGS_MAX)
		return false;
	switch (ev->type) {
	case EVENT_HIT:
		return ev->hit.kind < RULE_KINDS_N && ev->hit.proto < HIT_PROTOS_N &&
		       ev->hit.action < ACTION_N && (ev->hit.ip_version == 4 || ev->hit.ip_version == 6);
	case EVENT_GAP:
		return ev->gap.first && ev->gap.first <= ev->gap.last && ev->gap.last + 1 == ev->seq;
	case EVENT_OUTAGE:
		return ev->outage.reason < EVENT_OUTAGE_REASONS_N && ev->outage.fail_closed <= 1;
	case EVENT_SWAP:
		return ev->swap.outcome < EVENT_SWAP_OUTCOMES_N;
	case EVENT_START:
		return true;
	case EVENT_LINK:
		return ev->link.up <= 1;
	default:
		return false;
	}
}

__attribute__((format(printf, 3, 4))) static void tell(struct intake *t, enum trouble kind,
						       const char *format, ...)
{
	struct err e;
	va_list ap;
	if (t->told[kind] || t->stopped)
		return;
	t->told[kind] = true;
	va_start(ap, format);
	vsnprintf(e.text, sizeof(e.text), format, ap);
	va_end(ap);
	t->sink.on_trouble(t->sink.ctx, e.text);
}

int intake_new(const char *path, const struct intake_sink *sink, struct intake **ret, struct err *e)
{
	if (!*path || strlen(path) >= PATH_BYTES)
		return err_set(e, -ENAMETOOLONG, "events: a path has 1 to %d bytes", PATH_BYTES - 1);
	struct intake *t = calloc(1, sizeof(*t));
	if (!t)
		return err_set(e, -ENOMEM, "memory ran out");
	strcpy(t->path, path);
	t->sink = *sink;
	*ret = t;
	return 0;
}

void intake_free(struct intake *t)
{
	if (!t)
		return;
	events_close_consumer(t->c);
	explicit_bzero(&t->batch, sizeof(t->batch)); /* clients' addresses */
	free(t);
}

void intake_stop(struct intake *t)
{
	t->stopped = true;
}

const struct intake_counts *intake_counts(const struct intake *t)
{
	return &t->counts;
}

/* Numbers rise by one, but over a run that a gap record names. Whether the record is to be taken. */
static bool follows(struct intake *t, unsigned ring, const struct event *ev)
{
	uint64_t last = t->last[ring], first = ev->type == EVENT_GAP ? ev->gap.first : ev->seq;
	if (last && first != last + 1) {
		t->counts.damaged++;
		tell(
		    t, TROUBLE_NUMBER,
		    "%s: ring %u: number %llu comes after %llu, and no gap record says why: hits may be missing, or a "
		    "program other than the data plane wrote there",
		    t->name, ring, (unsigned long long)first, (unsigned long long)last);
		if (ev->seq <= last)
			return false;
	}
	t->last[ring] = ev->seq;
	return true;
}

static void keep_sound(struct intake *t)
{
	struct batch *b = &t->batch;
	b->n = 0;
	for (unsigned i = 0; i < b->peeked; i++) {
		const struct event *ev = &b->ev[i];
		if (!intake_sound(ev)) {
			t->counts.damaged++;
			tell(
			    t, TROUBLE_UNSOUND,
			    "%s: ring %u: record %llu is damaged and was left out: see whether another program writes there",
			    t->name, b->ring, (unsigned long long)ev->seq);
			if (ev->seq > t->last[b->ring])
				t->last[b->ring] = ev->seq;
		} else if (follows(t, b->ring, ev)) {
			b->ev[b->n++] = *ev;
		}
	}
}

/* Hands the batch over. true: it is the sink's, and gone from here. */
static bool deliver(struct intake *t)
{
	struct batch *b = &t->batch;
	if (b->n && t->sink.on_events(t->sink.ctx, events_id(t->c), b->ring, b->ev, b->n)) {
		t->sink_pause_ms = !t->sink_pause_ms			   ? PAUSE_SINK_MS
				   : t->sink_pause_ms * 2 < PAUSE_SINK_MAX ? t->sink_pause_ms * 2
									   : PAUSE_SINK_MAX;
		return false;
	}
	t->sink_pause_ms = 0;
	for (unsigned i = 0; i < b->n; i++)
		if (b->ev[i].type == EVENT_GAP)
			t->counts.lost += b->ev[i].gap.last - b->ev[i].gap.first + 1;
	t->counts.taken += b->n;
	t->taken |= 1ull << b->ring;
	explicit_bzero(b->ev, b->peeked * sizeof(*b->ev));
	b->peeked = b->n = 0;
	return true;
}

/* What was taken goes back to its rings once it is durable. false: not yet. */
static bool give_back(struct intake *t)
{
	if (!t->taken)
		return true;
	if (!t->sink.durable(t->sink.ctx, t->ticket))
		return false;
	for (unsigned ring = 0; ring < EVENTS_RINGS_MAX; ring++)
		if (t->taken >> ring & 1)
			events_ack(t->c, ring, UINT64_MAX);
	t->taken = 0;
	return true;
}

/* Up to `budget` batches, one a ring. false: the sink did not take one. */
static bool take(struct intake *t, unsigned budget)
{
	struct batch *b = &t->batch;
	unsigned rings = events_rings(t->c);
	for (unsigned i = 0; i < rings && budget && !t->stopped; i++) {
		unsigned ring = t->next_ring++ % rings; /* none waits for ever behind a busy one */
		b->ring = ring;
		b->peeked = events_peek(t->c, ring, b->ev, INTAKE_BATCH);
		if (!b->peeked)
			continue;
		keep_sound(t);
		if (!deliver(t))
			return false;
		budget--;
	}
	return true;
}

static void close_file(struct intake *t)
{
	events_close_consumer(t->c);
	t->c = NULL;
	t->counts.open = t->leaving = false;
	t->idle = 0;
	memset(t->last, 0, sizeof(t->last));
	t->told[TROUBLE_UNSOUND] = t->told[TROUBLE_NUMBER] = false;
}

/* An emptied file: one set aside is removed, unless its name is another's by now. */
static void leave_file(struct intake *t)
{
	if (!t->is_old)
		t->old = 0; /* what we had open may have been set aside, and others before it */
	else if (!events_replaced(t->c) && unlink(t->name) && errno != ENOENT)
		tell(t, TROUBLE_REMOVE, "%s: all was taken from it, but it cannot be removed: %s", t->name,
		     strerror(errno));
	close_file(t);
}

/* Once for each set-aside file; of the path's own, once for each change of what is wrong. */
static void tell_open(struct intake *t, int err, const char *why)
{
	unsigned bit = t->is_old ? 1u << (t->old - 1) : 0;
	if (bit ? t->old_told & bit : (unsigned)(t->open_error == err))
		return;
	t->told[TROUBLE_OPEN] = false;
	tell(t, TROUBLE_OPEN, "%s", why);
	t->old_told |= bit;
	if (!bit)
		t->open_error = err;
}

/* The next file that there is. false: none now. */
static bool open_next(struct intake *t)
{
	struct err e;
	int err = 0;
	while (t->old < EVENTS_OLD_MAX) {
		t->is_old = true;
		if (events_old_name(t->path, t->old++, t->name, sizeof(t->name)) || access(t->name, F_OK))
			continue;
		err = events_open_consumer(t->name, &t->c, &e);
		if (!err)
			return true;
		tell_open(t, err, e.text); /* left for a person */
	}
	t->is_old = false;
	strcpy(t->name, t->path);
	err = events_open_consumer(t->path, &t->c, &e);
	if (err && err != -ENOENT)
		tell_open(t, err, e.text);
	if (!err)
		t->open_error = 0;
	else
		t->old = 0; /* one may be set aside before the next one is there */
	return !err;
}

/* Nothing waits in the open file. Whether it is still the one to take. */
static bool stay(struct intake *t)
{
	if (t->is_old || t->leaving) {
		leave_file(t);
		return false;
	}
	if (++t->idle >= LOOK_EVERY) {
		t->idle = 0;
		t->leaving =
		    events_replaced(t->c); /* asked before the last look: what was put before is seen */
	}
	return true;
}

unsigned intake_turn(struct intake *t)
{
	unsigned pause_ms = PAUSE_NONE_MS;
	if (t->stopped)
		return PAUSE_NONE_MS;
	if (!give_back(t))
		return PAUSE_TICKET_MS;
	if (t->batch.peeked && !deliver(t))
		return t->sink_pause_ms;
	while (!t->taken) {
		if (!t->c && !open_next(t))
			return PAUSE_NONE_MS;
		t->counts.open = true;
		bool taken = take(t, INTAKE_BATCHES);
		if (t->stopped)
			return PAUSE_NONE_MS;
		pause_ms = taken ? PAUSE_TICKET_MS : t->sink_pause_ms;
		if (!taken)
			break;
		if (t->taken)
			t->idle = 0;
		else if (stay(t) && !t->leaving)
			return PAUSE_MS;
	}
	if (t->taken)
		t->ticket = t->sink.commit(t->sink.ctx);
	return pause_ms;
}
