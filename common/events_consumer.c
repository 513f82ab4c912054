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
	uint64_t at[EVENTS_RINGS_MAX]; /* records peeked so far, by ring */
};

/* The producer's lock is on the file itself; the consumer's is on a file beside it, so that both can be held. */
static int lock(const char *path, int *ret_fd, struct err *e)
{
	char name[4096];
	if (snprintf(name, sizeof(name), "%s.consumer", path) >= (int)sizeof(name))
		return err_set(e, -ENAMETOOLONG, "%s: too long", path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_set(e, -errno, "%s: cannot make it: %s", name, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return err_set(e, -EBUSY, "%s: another process consumes these events", path);
	}
	*ret_fd = fd;
	return 0;
}

static int open_file(const char *path, bool observer, struct events_consumer **ret, struct err *e)
{
	struct events_consumer *c = calloc(1, sizeof(*c));
	if (!c)
		return err_set(e, -ENOMEM, "no memory");
	c->observer = observer;
	int fd = open(path, (observer ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	int err = fd < 0 ? err_set(e, -errno, "%s: cannot open it: %s%s", path, strerror(errno),
				   errno == ENOENT ? "; has roja-dataplane run?" : "")
			 : 0;
	err = err ? err : events_map(path, fd, !observer, &c->map, e);
	if (err) {
		if (fd >= 0)
			close(fd);
		free(c);
		return err;
	}
	for (unsigned i = 0; i < c->map.rings; i++)
		c->at[i] = ck_pr_load_64(&events_ring(&c->map, i)->head);
	*ret = c;
	return 0;
}

int events_open_consumer(const char *path, struct events_consumer **ret, struct err *e)
{
	struct events_consumer *c;
	int fd = -1, err = lock(path, &fd, e);
	err = err ? err : open_file(path, false, &c, e);
	if (err) {
		if (fd >= 0)
			close(fd);
		return err;
	}
	/* one descriptor to keep: the lock's; the mapping needs none */
	close(c->map.fd);
	c->map.fd = fd;
	*ret = c;
	return 0;
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

unsigned events_peek(struct events_consumer *c, unsigned ring, struct event *ret, unsigned max)
{
	struct events_ring *r = events_ring(&c->map, ring);
	uint64_t tail = ck_pr_load_64(&r->tail), head = ck_pr_load_64(&r->head);
	ck_pr_fence_load();
	/* whatever the file says, no more than a ring's worth lies between the two */
	if (tail - head > c->map.records)
		head = tail - c->map.records;
	if (c->at[ring] - head > tail - head)
		c->at[ring] = head;
	unsigned n = 0;
	while (n < max && c->at[ring] != tail)
		ret[n++] = *events_record(&c->map, ring, c->at[ring]++);
	if (!c->observer || !n)
		return n;
	/* places given back meanwhile may hold newer records: these copies are not to be trusted */
	ck_pr_fence_load();
	uint64_t first = c->at[ring] - n, freed = ck_pr_load_64(&r->head) - first;
	if (freed == 0 || freed > c->map.records)
		return n;
	unsigned skip = freed < n ? (unsigned)freed : n;
	memmove(ret, ret + skip, (n - skip) * sizeof(*ret));
	return n - skip;
}

void events_ack(struct events_consumer *c, unsigned ring, uint64_t seq)
{
	struct events_ring *r = events_ring(&c->map, ring);
	uint64_t head = ck_pr_load_64(&r->head);
	if (c->observer || c->at[ring] - head > c->map.records)
		return;
	while (head != c->at[ring] && events_record(&c->map, ring, head)->seq <= seq)
		head++;
	ck_pr_fence_release();
	ck_pr_store_64(&r->head, head);
}

void events_consumer_counts(const struct events_consumer *c, unsigned ring, struct events_counts *ret)
{
	const struct events_ring *r = events_ring(&c->map, ring);
	*ret = (struct events_counts){ck_pr_load_64(&r->tail), ck_pr_load_64(&r->lost),
				      ck_pr_load_64(&r->gaps), ck_pr_load_64(&r->head)};
}
