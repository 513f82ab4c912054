/* SPDX-License-Identifier: BSD-3-Clause */
#include <ck_pr.h>
#include <errno.h>
#include <stdlib.h>

#include "common/events_file.h"

/* A process that is killed has done the stores of all instructions before the one it died at, and none after: the order of
 * the stores here, as the compiler leaves it, is all that the next producer relies on. Two stores carry the state:
 *
 *     tail      publishes a record, whose number the record itself holds
 *     next_seq  moves on behind a record, or by one for a loss
 *
 * Between the two, next_seq is the last record's number; recover() moves it on. A gap is to be told whenever next_seq is
 * more than one ahead of the last record, so telling it is no further state. */

struct events_producer {
	struct events_map map;
	char set_aside[EVENTS_PATH_BYTES];
};

static void recover(const struct events_map *m, unsigned ring)
{
	struct events_ring *r = events_ring(m, ring);
	uint64_t last = events_last_seq(m, ring, r->tail);
	if (r->next_seq <= last)
		r->next_seq = last + 1;
	r->lost = r->next_seq - 1 - r->tail; /* every number is a record's or lost */
	/* a death between a gap record and its count leaves the record the last one */
	if (r->tail && events_record(m, ring, r->tail - 1)->type == EVENT_GAP)
		r->gaps = events_record(m, ring, r->tail - 1)->gap.nth;
}

int events_open_producer(const char *path, unsigned rings, unsigned records, struct events_producer **ret,
			 struct err *e)
{
	struct events_producer *p = calloc(1, sizeof(*p));
	if (!p)
		return err_set(e, -ENOMEM, "%s: no memory", path);
	int err = events_map_or_make(path, rings, records, &p->map, p->set_aside, e);
	if (err) {
		free(p);
		return err;
	}
	for (unsigned i = 0; i < rings; i++)
		recover(&p->map, i);
	*ret = p;
	return 0;
}

void events_close_producer(struct events_producer *p)
{
	if (!p)
		return;
	events_unmap(&p->map);
	free(p);
}

const char *events_set_aside(const struct events_producer *p)
{
	return p->set_aside[0] ? p->set_aside : NULL;
}

static void publish(struct events_producer *p, unsigned ring, struct events_ring *r, struct event *ev)
{
	uint64_t tail = r->tail;
	ev->seq = r->next_seq;
	*events_record(&p->map, ring, tail) = *ev;
	ck_pr_fence_store();
	ck_pr_store_64(&r->tail, tail + 1);
	ck_pr_store_64(&r->next_seq, ev->seq + 1);
}

static void publish_gap(struct events_producer *p, unsigned ring, struct events_ring *r, uint64_t last,
			uint64_t time_ns)
{
	struct event gap = {.type = EVENT_GAP, .worker = (uint8_t)ring, .time_ns = time_ns};
	gap.gap = (struct event_gap){last + 1, r->next_seq - 1, r->gaps + 1};
	publish(p, ring, r, &gap);
	ck_pr_store_64(&r->gaps, gap.gap.nth);
}

/* Whether n places are free. What the consumer's side cannot rightly say counts as full. */
static bool has_room(const struct events_producer *p, struct events_ring *r, unsigned n)
{
	uint64_t used = r->tail - ck_pr_load_64(&r->head);
	ck_pr_fence_acquire(); /* the consumer read those places before it gave them back */
	return used <= p->map.records - n;
}

bool events_put(struct events_producer *p, unsigned ring, struct event *ev)
{
	struct events_ring *r = events_ring(&p->map, ring);
	uint64_t last = events_last_seq(&p->map, ring, r->tail);
	bool gap = r->next_seq != last + 1;
	if (!has_room(p, r, gap ? 2 : 1)) {
		ev->seq = r->next_seq;
		ck_pr_store_64(&r->next_seq, ev->seq + 1);
		ck_pr_store_64(&r->lost, r->lost + 1);
		return false;
	}
	if (gap)
		publish_gap(p, ring, r, last, ev->time_ns);
	publish(p, ring, r, ev);
	return true;
}

bool events_put_gap(struct events_producer *p, unsigned ring, uint64_t time_ns)
{
	struct events_ring *r = events_ring(&p->map, ring);
	uint64_t last = events_last_seq(&p->map, ring, r->tail);
	if (r->next_seq == last + 1)
		return true;
	if (!has_room(p, r, 1))
		return false;
	publish_gap(p, ring, r, last, time_ns);
	return true;
}

void events_producer_counts(const struct events_producer *p, unsigned ring, struct events_counts *ret)
{
	const struct events_ring *r = events_ring(&p->map, ring);
	*ret = (struct events_counts){ck_pr_load_64(&r->tail), ck_pr_load_64(&r->lost),
				      ck_pr_load_64(&r->gaps), ck_pr_load_64(&r->head)};
}
