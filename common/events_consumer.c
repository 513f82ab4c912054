/* SPDX-License-Identifier: BSD-3-Clause */
#include <ck_pr.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/events_file.h"

struct events_consumer {
	struct events_map map;
	bool observer;
	uint8_t id[16];
	char path[EVENTS_PATH_BYTES];
	uint64_t at[EVENTS_RINGS_MAX]; /* records peeked so far, by ring */
};

/* Gives back what lies before `to`, whose addresses and ports are of no use any more: what stays in memory until the ring has gone
 * round must not tell who asked for what was blocked. The places are the consumer's until head moves. A death on the way has
 * moved `wiping` (the next consumer goes on from there) or nothing; observers take nothing before it. */
static void give_back(const struct events_map *m, struct events_ring *r, unsigned ring, uint64_t head,
		      uint64_t to)
{
	ck_pr_fence_release(); /* the reads of the records before anything changes in them */
	ck_pr_store_64(&r->wiping, to);
	ck_pr_fence_store();
	for (; head != to; head++) {
		struct event *ev = events_record(m, ring, head);
		if (ev->type != EVENT_HIT)
			continue;
		ev->hit.sport = ev->hit.dport = 0;
		memset(ev->hit.src, 0, sizeof(ev->hit.src));
		memset(ev->hit.dst, 0, sizeof(ev->hit.dst));
	}
	ck_pr_fence_release(); /* the wiping before the places are given back */
	ck_pr_store_64(&r->head, to);
}

/* head is the consumer's own: where it cannot be right, everything that may still be there comes again. The producer takes
 * such a ring for full and waits. */
static void begin(struct events_consumer *c, unsigned ring)
{
	struct events_ring *r = events_ring(&c->map, ring);
	uint64_t head = ck_pr_load_64(&r->head), tail = ck_pr_load_64(&r->tail);
	if (!c->observer && (head > tail || tail - head > c->map.records)) {
		head = tail > c->map.records ? tail - c->map.records : 0;
		ck_pr_store_64(&r->head, head);
	}
	uint64_t wiping = ck_pr_load_64(&r->wiping);
	if (!c->observer && wiping > head && wiping <= tail) { /* an earlier consumer died on the way */
		give_back(&c->map, r, ring, head, wiping);
		head = wiping;
	}
	c->at[ring] = head;
}

static int open_file(const char *path, bool observer, struct events_consumer **ret, struct err *e)
{
	enum events_lock lock = observer ? EVENTS_LOCK_NONE : EVENTS_LOCK_CONSUMER;
	struct events_consumer *c = calloc(1, sizeof(*c));
	int fd = -1, err;
	if (!c || snprintf(c->path, sizeof(c->path), "%s", path) >= (int)sizeof(c->path)) {
		free(c);
		return err_set(e, c ? -ENAMETOOLONG : -ENOMEM, "events: %s",
			       c ? "path too long" : "no memory");
	}
	c->observer = observer;
	err = events_open_locked(path, lock, observer ? O_RDONLY : O_RDWR, &fd, e);
	err = err ? err : events_map(path, fd, lock, &c->map, e);
	if (err) {
		if (fd >= 0)
			close(fd);
		free(c);
		return err;
	}
	memcpy(c->id, ((const struct events_header *)(const void *)c->map.base)->id, sizeof(c->id));
	for (unsigned i = 0; i < c->map.rings; i++)
		begin(c, i);
	*ret = c;
	return 0;
}

int events_open_consumer(const char *path, struct events_consumer **ret, struct err *e)
{
	return open_file(path, false, ret, e);
}

int events_open_observer(const char *path, struct events_consumer **ret, struct err *e)
{
	return open_file(path, true, ret, e);
}

void events_close_consumer(struct events_consumer *c)
{
	if (!c)
		return;
	events_unmap(&c->map);
	free(c);
}

unsigned events_rings(const struct events_consumer *c)
{
	return c->map.rings;
}

const uint8_t *events_id(const struct events_consumer *c)
{
	return c->id;
}

bool events_replaced(const struct events_consumer *c)
{
	return !events_same_file(c->path, c->map.fd);
}

/* Places wiped or given back while they were copied may hold half a newer record: drops those copies. */
static unsigned keep_whole(const struct events_consumer *c, unsigned ring, struct event *v, unsigned n)
{
	uint64_t first = c->at[ring] - n;
	const struct events_ring *r = events_ring(&c->map, ring);
	ck_pr_fence_load(); /* the copies before what says that they may have changed */
	uint64_t head = ck_pr_load_64(&r->head) - first, wiping = ck_pr_load_64(&r->wiping) - first;
	/* either may still be before them */
	uint64_t freed = head > UINT64_MAX / 2 ? 0 : head;
	if (wiping <= UINT64_MAX / 2 && wiping > freed)
		freed = wiping;
	unsigned skip = freed < n ? (unsigned)freed : n;
	memmove(v, v + skip, (n - skip) * sizeof(*v));
	return n - skip;
}

unsigned events_peek(struct events_consumer *c, unsigned ring, struct event *ret, unsigned max)
{
	struct events_ring *r = events_ring(&c->map, ring);
	/* head first: tail is never behind an earlier head, so that tail - head is right even while both move */
	uint64_t head = ck_pr_load_64(&r->head);
	ck_pr_fence_load();
	uint64_t tail = ck_pr_load_64(&r->tail);
	ck_pr_fence_load(); /* tail before the records that it publishes */
	/* whatever the file says, no more than a ring's worth lies between the two */
	if (tail - head > c->map.records)
		head = tail - c->map.records;
	if (c->at[ring] - head > tail - head)
		c->at[ring] = head;
	unsigned n = 0;
	while (n < max && c->at[ring] != tail)
		ret[n++] = *events_record(&c->map, ring, c->at[ring]++);
	return c->observer && n ? keep_whole(c, ring, ret, n) : n;
}

void events_ack(struct events_consumer *c, unsigned ring, uint64_t seq)
{
	struct events_ring *r = events_ring(&c->map, ring);
	uint64_t head = ck_pr_load_64(&r->head), at = c->at[ring];
	if (c->observer || at - head > c->map.records)
		return;
	while (at != head && ck_pr_load_64(&events_record(&c->map, ring, at - 1)->seq) > seq)
		at--;
	give_back(&c->map, r, ring, head, at);
}

void events_consumer_counts(const struct events_consumer *c, unsigned ring, struct events_counts *ret)
{
	const struct events_ring *r = events_ring(&c->map, ring);
	*ret = (struct events_counts){ck_pr_load_64(&r->tail), ck_pr_load_64(&r->lost),
				      ck_pr_load_64(&r->gaps), ck_pr_load_64(&r->head)};
}
