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

/* Places given back while they were copied may hold half a newer record: drops those copies. */
static unsigned keep_whole(const struct events_consumer *c, unsigned ring, struct event *v, unsigned n)
{
	uint64_t first = c->at[ring] - n;
	ck_pr_fence_load(); /* the copies before head */
	uint64_t freed = ck_pr_load_64(&events_ring(&c->map, ring)->head) - first;
	if (freed > UINT64_MAX / 2) /* head is still before them */
		return n;
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
	ck_pr_fence_release(); /* the reads of the records before their places are given back */
	ck_pr_store_64(&r->head, at);
}

void events_consumer_counts(const struct events_consumer *c, unsigned ring, struct events_counts *ret)
{
	const struct events_ring *r = events_ring(&c->map, ring);
	*ret = (struct events_counts){ck_pr_load_64(&r->tail), ck_pr_load_64(&r->lost),
				      ck_pr_load_64(&r->gaps), ck_pr_load_64(&r->head)};
}
