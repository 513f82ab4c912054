/* SPDX-License-Identifier: BSD-3-Clause */
#include <ck_pr.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "common/events_file.h"

struct events_producer {
	struct events_map map;
};

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Takes up where an earlier producer died, at whatever instruction. */
static void recover(const struct events_map *m)
{
	for (unsigned i = 0; i < m->rings; i++) {
		struct events_ring *r = events_ring(m, i);
		uint64_t last = r->tail ? events_record(m, i, r->tail - 1)->seq : 0;
		if (r->next_seq <= last)
			r->next_seq = last + 1;
		if (r->gap_first && (r->gap_first <= last || r->gap_first >= r->next_seq))
			r->gap_first = 0; /* it was put, or its first loss was not counted yet */
	}
}

/* A whole file under another name, then renamed: nobody sees half of it. */
static int make(const char *path, unsigned rings, unsigned records, struct err *e)
{
	char temporary[4096];
	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return err_set(e, -ENAMETOOLONG, "events.path: too long");
	int fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_set(e, -errno, "%s: cannot make it: %s", temporary, strerror(errno));
	struct events_header h = {
	    .magic = EVENTS_MAGIC,
	    .format = EVENTS_FORMAT,
	    .endian = EVENTS_ENDIAN,
	    .record_bytes = sizeof(struct event),
	    .rings = rings,
	    .records = records,
	    .created_ns = now_ns(),
	};
	int err = getrandom(h.id, sizeof(h.id), 0) == sizeof(h.id) ? 0 : -errno;
	/* room for all of it now, not a fault when it is written */
	err = err ? err : -posix_fallocate(fd, 0, (off_t)events_file_bytes(rings, records));
	if (!err && pwrite(fd, &h, sizeof(h), 0) != sizeof(h))
		err = -errno;
	for (unsigned i = 0; !err && i < rings; i++) {
		struct events_ring r = {.next_seq = 1};
		off_t at = (off_t)(EVENTS_HEADER_BYTES + i * sizeof(r));
		err = pwrite(fd, &r, sizeof(r), at) == sizeof(r) ? 0 : -errno;
	}
	close(fd);
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	return err ? err_set(e, err, "%s: cannot make an event file of %zu bytes: %s", path,
			     events_file_bytes(rings, records), strerror(-err))
		   : 0;
}

/* Opens what is there, if it is whole and of this geometry: 1; sets it aside otherwise: 0. */
static int reopen(const char *path, unsigned rings, unsigned records, struct events_map *ret, struct err *e)
{
	char old[4096];
	struct events_map m = {.fd = -1};
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0
				       : err_set(e, -errno, "%s: cannot open it: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return err_set(e, -EBUSY,
			       "%s: another data plane puts events there; give each its own events.path",
			       path);
	}
	int err = events_map(path, fd, true, &m, e);
	if (!err && m.rings == rings && m.records == records) {
		*ret = m;
		return 1;
	}
	events_unmap(&m);
	if (err)
		close(fd);
	if (snprintf(old, sizeof(old), "%s.old", path) >= (int)sizeof(old) || rename(path, old))
		return err_set(e, -errno, "%s: cannot set it aside: %s", path, strerror(errno));
	return 0;
}

int events_open_producer(const char *path, unsigned rings, unsigned records, struct events_producer **ret,
			 struct err *e)
{
	struct events_producer *p = calloc(1, sizeof(*p));
	if (!p)
		return err_set(e, -ENOMEM, "no memory");
	p->map.fd = -1;
	int err = reopen(path, rings, records, &p->map, e);
	if (!err) {
		err = make(path, rings, records, e);
		err = err ? err : reopen(path, rings, records, &p->map, e);
	}
	if (err < 0) {
		free(p);
		return err;
	}
	recover(&p->map);
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

static void publish(struct events_producer *p, unsigned ring, struct events_ring *r, struct event *ev)
{
	uint64_t tail = r->tail;
	ev->seq = r->next_seq;
	*events_record(&p->map, ring, tail) = *ev;
	ck_pr_fence_store();
	ck_pr_store_64(&r->tail, tail + 1);
	r->next_seq = ev->seq + 1;
}

/* The order of the two stores lets recover() tell a gap that was put from one that was not. */
static void publish_gap(struct events_producer *p, unsigned ring, struct events_ring *r,
			const struct event *like)
{
	struct event gap = {.type = EVENT_GAP, .worker = like->worker, .time_ns = like->time_ns};
	gap.gap = (struct event_gap){r->gap_first, r->next_seq - 1};
	publish(p, ring, r, &gap);
	ck_pr_fence_store();
	r->gap_first = 0;
	r->gaps++;
}

bool events_put(struct events_producer *p, unsigned ring, struct event *ev)
{
	struct events_ring *r = events_ring(&p->map, ring);
	uint64_t used = r->tail - ck_pr_load_64(&r->head), need = r->gap_first ? 2 : 1;
	ck_pr_fence_load();
	if (used + need > p->map.records) {
		ev->seq = r->next_seq;
		if (!r->gap_first)
			ck_pr_store_64(&r->gap_first, ev->seq);
		ck_pr_fence_store();
		r->next_seq = ev->seq + 1;
		r->lost++;
		return false;
	}
	if (r->gap_first)
		publish_gap(p, ring, r, ev);
	publish(p, ring, r, ev);
	return true;
}

void events_producer_counts(const struct events_producer *p, unsigned ring, struct events_counts *ret)
{
	const struct events_ring *r = events_ring(&p->map, ring);
	*ret = (struct events_counts){ck_pr_load_64(&r->tail), ck_pr_load_64(&r->lost),
				      ck_pr_load_64(&r->gaps), ck_pr_load_64(&r->head)};
}
