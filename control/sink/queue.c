/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/sink/queue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct portion *portion_new(uint64_t first)
{
	struct portion *p = malloc(sizeof(*p));
	if (!p)
		return NULL;
	p->next = NULL;
	p->place = first;
	p->n = 0;
	p->bytes = 0;
	return p;
}

void portion_free(struct portion *p)
{
	free(p);
}

bool portion_has_room(const struct portion *p, size_t bytes)
{
	return p->n < PORTION_LEAVES && bytes <= PORTION_BYTES - p->bytes;
}

void portion_skip(struct portion *p, uint64_t index)
{
	p->place = index + 1;
}

bool portion_add(struct portion *p, uint64_t index, struct span entry)
{
	struct portion_leaf *last = p->n ? &p->leaves[p->n - 1] : NULL;
	if (!entry.p && last && last->len == PORTION_GONE && last->last + 1 == index) {
		last->last = index;
		p->place = index + 1;
		return true;
	}
	if (!portion_has_room(p, entry.len))
		return false;
	p->leaves[p->n++] = (struct portion_leaf){index, index, (uint32_t)p->bytes,
						  entry.p ? (uint32_t)entry.len : PORTION_GONE};
	if (entry.len)
		memcpy(p->p + p->bytes, entry.p, entry.len);
	p->bytes += entry.len;
	p->place = index + 1;
	return true;
}

int queue_init(struct queue *q, uint64_t place)
{
	*q = (struct queue){
	    .settled = place, .written = place, .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	q->last = &q->first;
	if (q->wake < 0)
		return -errno;
	pthread_mutex_init(&q->lock, NULL);
	return 0;
}

static void clear(struct queue *q)
{
	for (struct portion *p = q->first, *next; p; p = next) {
		next = p->next;
		portion_free(p);
	}
	q->first = NULL;
	q->last = &q->first;
	q->bytes = 0;
}

void queue_fini(struct queue *q)
{
	clear(q);
	close(q->wake);
	pthread_mutex_destroy(&q->lock);
}

bool queue_has_room(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	bool room = q->bytes + sizeof(struct portion) <= QUEUE_BYTES && !q->rewind;
	pthread_mutex_unlock(&q->lock);
	return room;
}

bool queue_put(struct queue *q, struct portion *p)
{
	const uint64_t one = 1;
	pthread_mutex_lock(&q->lock);
	bool taken = !q->rewind;
	if (taken) {
		*q->last = p;
		q->last = &p->next;
		q->bytes += sizeof(*p);
	}
	pthread_mutex_unlock(&q->lock);
	if (!taken)
		portion_free(p);
	else if (write(q->wake, &one, sizeof(one)) < 0)
		return true; /* it is awake already */
	return taken;
}

bool queue_rewound(struct queue *q, uint64_t *ret)
{
	pthread_mutex_lock(&q->lock);
	bool rewound = q->rewind;
	if (rewound)
		*ret = q->settled;
	q->rewind = false;
	pthread_mutex_unlock(&q->lock);
	return rewound;
}

void queue_look(struct queue *q, struct queue_figures *ret)
{
	pthread_mutex_lock(&q->lock);
	*ret = (struct queue_figures){q->settled, q->written, q->sent, q->failures, q->is_up, "", ""};
	memcpy(ret->trouble, q->trouble, sizeof(ret->trouble));
	memcpy(ret->stale, q->stale, sizeof(ret->stale));
	pthread_mutex_unlock(&q->lock);
}

struct portion *queue_take(struct queue *q)
{
	uint64_t woken;
	if (read(q->wake, &woken, sizeof(woken)) < 0)
		woken = 0; /* nothing was put in since */
	pthread_mutex_lock(&q->lock);
	struct portion *p = q->first;
	if (p) {
		q->first = p->next;
		if (!q->first)
			q->last = &q->first;
		q->bytes -= sizeof(*p);
	}
	pthread_mutex_unlock(&q->lock);
	return p;
}

void queue_settle(struct queue *q, uint64_t place, uint64_t sent)
{
	pthread_mutex_lock(&q->lock);
	if (place > q->settled)
		q->settled = place;
	if (q->settled > q->written)
		q->written = q->settled;
	q->sent += sent;
	pthread_mutex_unlock(&q->lock);
}

void queue_wrote(struct queue *q, uint64_t place)
{
	pthread_mutex_lock(&q->lock);
	q->written = place;
	pthread_mutex_unlock(&q->lock);
}

void queue_up(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->is_up = true;
	q->trouble[0] = 0;
	pthread_mutex_unlock(&q->lock);
}

void queue_stale(struct queue *q, const char *stale)
{
	pthread_mutex_lock(&q->lock);
	snprintf(q->stale, sizeof(q->stale), "%s", stale);
	pthread_mutex_unlock(&q->lock);
}

void queue_rewind(struct queue *q, const char *trouble)
{
	pthread_mutex_lock(&q->lock);
	clear(q);
	q->rewind = true;
	q->written = q->settled;
	q->is_up = false;
	q->failures++;
	snprintf(q->trouble, sizeof(q->trouble), "%s", trouble);
	pthread_mutex_unlock(&q->lock);
}
