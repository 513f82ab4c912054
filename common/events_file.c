/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/events_file.h"

#include <ck_pr.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define X(id, word, help) word,
const char *const event_type_names[EVENT_TYPES_N] = {EVENT_TYPES(X)};
const char *const event_outage_reason_names[EVENT_OUTAGE_REASONS_N] = {EVENT_OUTAGE_REASONS(X)};
const char *const event_swap_outcome_names[EVENT_SWAP_OUTCOMES_N] = {EVENT_SWAP_OUTCOMES(X)};
#undef X

size_t events_file_bytes(unsigned rings, unsigned records)
{
	return EVENTS_HEADER_BYTES +
	       rings * (sizeof(struct events_ring) + (size_t)records * sizeof(struct event));
}

int events_old_name(const char *path, unsigned i, char *ret, unsigned long room)
{
	int n = i ? snprintf(ret, room, "%s.old.%u", path, i + 1) : snprintf(ret, room, "%s.old", path);
	return n < 0 || (unsigned long)n >= room ? -ENAMETOOLONG : 0;
}

bool events_same_file(const char *path, int fd)
{
	struct stat at, open;
	return !lstat(path, &at) && !fstat(fd, &open) && at.st_dev == open.st_dev && at.st_ino == open.st_ino;
}

static int take_lock(const char *path, enum events_lock lock, int fd, struct err *e)
{
	static const char *const busy[] = {
	    "%s: another data plane puts events there; give each its own events.path",
	    "%s: another process consumes these events",
	};
	struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = lock, .l_len = 1};
	if (lock == EVENTS_LOCK_NONE || !fcntl(fd, F_OFD_SETLK, &byte))
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return err_set(e, -EBUSY, busy[lock], path);
	return err_set(e, -errno, "%s: cannot lock it: %s", path, strerror(errno));
}

int events_open_locked(const char *path, enum events_lock lock, int flags, int *ret_fd, struct err *e)
{
	/* a folder that another user may write to must not lead this process elsewhere: no links, plain files only */
	flags |= O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	for (unsigned tries = 0; tries < EVENTS_TRIES_MAX; tries++) {
		struct stat st;
		int fd = open(path, flags, 0600);
		if (fd < 0)
			return err_set(e, -errno, "%s: cannot open it: %s%s", path, strerror(errno),
				       errno == ENOENT ? "; has roja-dataplane run?" : "");
		int err = fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_nlink > 1
			      ? err_set(e, -EINVAL, "%s: it is no plain file of one name; remove it", path)
			      : take_lock(path, lock, fd, e);
		if (!err && events_same_file(path, fd)) {
			*ret_fd = fd;
			return 0;
		}
		close(fd);
		if (err)
			return err;
	}
	return err_set(e, -EAGAIN, "%s: it is replaced faster than it can be opened", path);
}

static const char *whats_wrong(const struct events_header *h, size_t bytes, size_t block)
{
	if (memcmp(h->magic, EVENTS_MAGIC, sizeof(h->magic)))
		return "it is no event file";
	if (h->format != EVENTS_FORMAT || h->endian != EVENTS_ENDIAN ||
	    h->record_bytes != sizeof(struct event))
		return "it is of another version or machine";
	if (!h->rings || h->rings > EVENTS_RINGS_MAX || h->records < EVENTS_RECORDS_MIN ||
	    h->records > EVENTS_RECORDS_MAX || (h->records & (h->records - 1)))
		return "its geometry is impossible";
	/* hugetlbfs has whole pages only */
	size_t want = events_file_bytes(h->rings, h->records);
	if (bytes != want && bytes != (want + block - 1) / block * block)
		return "its size is not what its header says";
	return NULL;
}

int events_map(const char *path, int fd, enum events_lock lock, struct events_map *ret, struct err *e)
{
	struct stat st;
	struct events_header h;
	if (fstat(fd, &st) || pread(fd, &h, sizeof(h), 0) != sizeof(h))
		return err_set(e, -EINVAL,
			       "%s: too short for an event file; remove it and restart the data plane", path);
	const char *wrong = whats_wrong(&h, (size_t)st.st_size, (size_t)st.st_blksize);
	if (wrong)
		return err_set(e, -EINVAL, "%s: %s; remove it and restart the data plane", path, wrong);
	int may = lock == EVENTS_LOCK_NONE ? PROT_READ : PROT_READ | PROT_WRITE;
	/* the packet path shall meet no page for the first time */
	int how = lock == EVENTS_LOCK_PRODUCER ? MAP_SHARED | MAP_POPULATE : MAP_SHARED;
	void *base = mmap(NULL, (size_t)st.st_size, may, how, fd, 0);
	if (base == MAP_FAILED)
		return err_set(e, -errno, "%s: cannot map it: %s", path, strerror(errno));
	*ret = (struct events_map){fd, base, (size_t)st.st_size, h.rings, h.records};
	return 0;
}

void events_unmap(struct events_map *m)
{
	if (m->base)
		munmap(m->base, m->bytes);
	if (m->fd >= 0)
		close(m->fd);
	*m = (struct events_map){.fd = -1};
}

static bool ring_sound(const struct events_map *m, unsigned ring)
{
	const struct events_ring *r = events_ring(m, ring);
	uint64_t tail = r->tail, head = ck_pr_load_64(&r->head), seq = 0;
	if (head > tail || tail - head > m->records || !r->next_seq || r->next_seq > UINT64_MAX / 2)
		return false;
	/* every record has a number of its own: the n-th has at least n */
	for (uint64_t i = head; i != tail; i++) {
		uint64_t last = seq;
		seq = events_record(m, ring, i)->seq;
		if (seq <= last || seq <= i)
			return false;
	}
	/* the last one is there even if it was acknowledged; a death may have left its number the next */
	seq = events_last_seq(m, ring, tail);
	return seq >= tail && seq <= r->next_seq;
}

bool events_sound(const struct events_map *m)
{
	for (unsigned i = 0; i < m->rings; i++)
		if (!ring_sound(m, i))
			return false;
	return true;
}
