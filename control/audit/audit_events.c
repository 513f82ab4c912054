/* SPDX-License-Identifier: BSD-3-Clause */
/* A data plane's events become leaves, or counts: here clients' addresses end. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "control/audit/audit_state.h"
#include "control/log.h"
#include "control/store/clock.h"
#include "control/store/journal.h"

#define NS  1000000000ull
#define DAY 86400

#define KEYS_A_RING 2 /* rings_keep */

static struct entry *entry_of(struct audit *a, enum entry_kind kind, const struct ring *r,
			      const struct event *ev)
{
	a->entry.kind = kind;
	a->entry.time_ns = ev->time_ns;
	a->entry.v[0] =
	    value_uint(r->at.source); /* the first two fields of every kind that an event becomes */
	a->entry.v[1] = value_uint(ev->seq);
	return &a->entry;
}

/* The first record that is taken of a ring: it gets its number. */
static int begin(struct audit *a, struct ring *r, const struct event *ev, struct err *e)
{
	struct entry *t = &a->entry;
	uint64_t first = ev->type == EVENT_GAP ? ev->gap.first : ev->seq;
	t->kind = ENTRY_SOURCE;
	t->time_ns = (uint64_t)clock_now_ns();
	t->v[ENTRY_F(SOURCE, source)] = value_uint(a->sources + 1);
	t->v[ENTRY_F(SOURCE, node)] = value_text(r->node);
	t->v[ENTRY_F(SOURCE, file)] = value_bytes(r->file, sizeof(r->file));
	t->v[ENTRY_F(SOURCE, ring)] = value_uint(r->ring);
	t->v[ENTRY_F(SOURCE, begin)] = value_uint(first - 1);
	int err = log_add(a->log, t, NULL, e);
	if (!err) {
		r->at.source = ++a->sources;
		r->at.begin = r->at.seq = r->at.told = first - 1;
	}
	return err;
}

/* That there is another key is itself an act: it shows that keys were not kept. */
static void tell_key(struct audit *a)
{
	struct err e = {""};
	if (journal_add(a->store, &e, &who_program, "pseudonym.key", "log", OUTCOME_DONE,
			"a new key makes pseudonyms; the one before, if there was one, is destroyed"))
		log_error("that pseudonyms have a new key cannot be kept: %s", e.text);
}

static int pseudonym(struct audit *a, int64_t order, const struct event_hit *h, uint8_t ret[8])
{
	bool fresh = false;
	int err = privacy_pseudonym(a->privacy, clock_now() / DAY, order, h->src, h->ip_version == 4 ? 4 : 16,
				    ret, &fresh);
	if (!err && fresh)
		tell_key(a);
	return err;
}

static int take_hit(struct audit *a, struct ring *r, const struct event *ev, struct err *e)
{
	const struct event_hit *h = &ev->hit;
	struct privacy_place place = privacy_place(a->privacy, h->version, h->list);
	uint8_t rule[8], who[PRIVACY_PSEUDONYM_BYTES];
	size_t who_bytes = 0;
	int err = 0;
	if (place.records == RECORDS_COUNTS) {
		err = counts_add(a, r->node, ev->time_ns / NS / 60, &place, h->proto, h->action);
		r->at.counted += !err;
		return err;
	}
	if (place.records == RECORDS_PSEUDONYMS && !pseudonym(a, place.order, h, who))
		who_bytes = sizeof(who);
	struct entry *t = entry_of(a, ENTRY_HIT, r, ev);
	put_be32(rule, (uint32_t)(h->rule >> 32));
	put_be32(rule + 4, (uint32_t)h->rule);
	t->v[ENTRY_F(HIT, version)] = value_uint(h->version);
	t->v[ENTRY_F(HIT, order)] = value_uint((uint64_t)place.order);
	t->v[ENTRY_F(HIT, list)] = value_uint((uint64_t)place.list);
	t->v[ENTRY_F(HIT, line)] = value_uint(h->line);
	t->v[ENTRY_F(HIT, rule)] = value_bytes(rule, sizeof(rule));
	t->v[ENTRY_F(HIT, rule_kind)] = value_uint(h->kind);
	t->v[ENTRY_F(HIT, protocol)] = value_uint(h->proto);
	t->v[ENTRY_F(HIT, action)] = value_uint(h->action);
	t->v[ENTRY_F(HIT, pseudonym)] = value_bytes(who, who_bytes);
	err = log_add(a->log, t, NULL, e);
	r->at.hits += !err;
	return err;
}

static struct entry *other(struct audit *a, struct ring *r, const struct event *ev)
{
	struct entry *t;
	switch (ev->type) {
	case EVENT_OUTAGE:
		t = entry_of(a, ENTRY_OUTAGE, r, ev);
		t->v[ENTRY_F(OUTAGE, port)] = value_uint(ev->outage.port);
		t->v[ENTRY_F(OUTAGE, reason)] = value_uint(ev->outage.reason);
		t->v[ENTRY_F(OUTAGE, began)] = value_uint(ev->outage.began_ns);
		t->v[ENTRY_F(OUTAGE, ended)] = value_uint(ev->outage.ended_ns);
		t->v[ENTRY_F(OUTAGE, frames)] = value_uint(ev->outage.frames);
		t->v[ENTRY_F(OUTAGE, bytes)] = value_uint(ev->outage.bytes);
		t->v[ENTRY_F(OUTAGE, closed)] = value_uint(ev->outage.fail_closed);
		return t;
	case EVENT_GAP:
		t = entry_of(a, ENTRY_GAP, r, ev);
		t->v[ENTRY_F(GAP, first)] = value_uint(ev->gap.first);
		t->v[ENTRY_F(GAP, last)] = value_uint(ev->gap.last);
		return t;
	case EVENT_SWAP:
		t = entry_of(a, ENTRY_SWAP, r, ev);
		t->v[ENTRY_F(SWAP, version)] = value_uint(ev->swap.version);
		t->v[ENTRY_F(SWAP, digest)] = value_bytes(ev->swap.digest, sizeof(ev->swap.digest));
		t->v[ENTRY_F(SWAP, outcome)] = value_uint(ev->swap.outcome);
		return t;
	case EVENT_START:
		t = entry_of(a, ENTRY_START, r, ev);
		t->v[ENTRY_F(START, pid)] = value_uint(ev->start.pid);
		return t;
	default: /* EVENT_LINK: intake.h lets no other pass */
		t = entry_of(a, ENTRY_LINK, r, ev);
		t->v[ENTRY_F(LINK, port)] = value_uint(ev->link.port);
		t->v[ENTRY_F(LINK, up)] = value_uint(ev->link.up);
		return t;
	}
}

static int add(struct audit *a, struct ring *r, const struct event *ev, struct err *e)
{
	if (ev->type == EVENT_HIT)
		return take_hit(a, r, ev, e);
	int err = log_add(a->log, other(a, r, ev), NULL, e);
	r->at.others += !err;
	return err;
}

static int take(struct audit *a, struct ring *r, const struct event *ev, struct err *e)
{
	int err = r->at.source ? 0 : begin(a, r, ev, e);
	if (err)
		return err;
	err = add(a, r, ev, e);
	if (err ==
	    -EINVAL) { /* a number that no entry may hold: damage; what comes behind it shall not wait for ever */
		log_error("record %" PRIu64 " of ring %u of data plane %s is damaged and counts as lost: %s",
			  ev->seq, r->ring, r->node, e->text);
		r->at.lost++;
		err = 0;
	}
	if (err)
		return err;
	r->at.lost += ev->seq - r->at.seq - 1;
	r->at.seq = ev->seq;
	return 0;
}

int audit_events(struct audit *a, const char *node, const uint8_t file[16], unsigned ring,
		 const struct event *ev, unsigned n)
{
	struct err e = {""};
	/* counts of hits and the ring's place: all of them go into the map, or nothing is taken */
	if (!log_has_room(a->log, n + KEYS_A_RING))
		return -EAGAIN;
	struct ring *r = rings_find(a, node, file, ring);
	int err = r ? 0 : -ENOMEM;
	for (unsigned i = 0; i < n && !err; i++)
		if (!r->at.source || ev[i].seq > r->at.seq)
			err = take(a, r, &ev[i], &e);
	if (err && err != -EAGAIN)
		log_error("events of data plane %s cannot be taken, they wait in its rings: %s", node,
			  e.text);
	/* What was taken and how far go together, also when the rest was not. */
	int kept = counts_keep(a);
	if (!kept && r && r->at.source)
		kept = rings_keep(a, r);
	return err ? err : kept;
}
