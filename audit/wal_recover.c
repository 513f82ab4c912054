/* SPDX-License-Identifier: BSD-3-Clause */
/* wal_recover: all segments of a folder, in order. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/wal.h"
#include "audit/wal_format.h"

struct segment {
	uint64_t number;
	uint8_t *bytes;
	struct wal_reader reader;
	struct wal_frame state;
};

struct numbers {
	uint64_t *v;
	size_t n, room;
};

static int damaged(uint64_t number, size_t at, struct err *e, const char *what)
{
	char name[WAL_NAME_BYTES];
	wal_name(number, name);
	return err_set(e, -EBADMSG, "wal/%s, byte %zu: %s", name, at, what);
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static int add_number(struct numbers *to, const char *name)
{
	char canonical[WAL_NAME_BYTES];
	uint64_t number = strtoull(name, NULL, 10);
	wal_name(number, canonical);
	if (!number || strcmp(name, canonical) != 0)
		return 0;
	if (to->n == to->room) {
		size_t room = 2 * to->room + 16;
		uint64_t *v = realloc(to->v, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		to->v = v;
		to->room = room;
	}
	to->v[to->n++] = number;
	return 0;
}

static int list(int folder, struct numbers *ret, struct err *e)
{
	int err = 0, fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 || fsync(fd) ? NULL : fdopendir(fd);
	if (!d) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err_set(e, err, "the folder wal cannot be read: %s", strerror(-err));
	}
	for (struct dirent *in; !err && (in = readdir(d));)
		err = add_number(ret, in->d_name);
	closedir(d);
	if (err)
		return err_set(e, err, "no memory");
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_number);
	for (size_t i = 1; i < ret->n; i++)
		if (ret->v[i] != ret->v[i - 1] + 1)
			return damaged(ret->v[i - 1] + 1, 0, e,
				       "the file is missing: put it back from a copy of the folder");
	return 0;
}

static int read_whole(int fd, uint8_t *p, size_t bytes)
{
	for (size_t at = 0; at < bytes;) {
		ssize_t n = read(fd, p + at, bytes - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		at += (size_t)n;
	}
	return 0;
}

/* What is read is what the disk has: a death may have come between a write and its sync, and what a failed sync left in memory is not on the disk.
 * That it is forgotten is an advice. */
static int settle(int fd)
{
	if (fdatasync(fd))
		return -errno;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return 0;
}

static int load(int folder, uint64_t number, uint8_t **ret, size_t *ret_bytes, struct err *e)
{
	char name[WAL_NAME_BYTES];
	struct stat st;
	wal_name(number, name);
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC), err = fd < 0 || fstat(fd, &st) ? -errno : 0;
	uint8_t *p = NULL;
	if (!err && (uint64_t)st.st_size > WAL_FILE_MAX)
		err = -EFBIG;
	if (!err)
		err = settle(fd);
	if (!err && !(p = malloc((size_t)st.st_size + 1)))
		err = -ENOMEM;
	if (!err)
		err = read_whole(fd, p, (size_t)st.st_size);
	if (fd >= 0)
		close(fd);
	if (err) {
		free(p);
		return err_set(e, err, "wal/%s cannot be read: %s", name, strerror(-err));
	}
	*ret = p;
	*ret_bytes = (size_t)st.st_size;
	return 0;
}

static void segment_free(struct segment *s)
{
	free(s->bytes);
	*s = (struct segment){0};
}

/* A segment's first batch is written once header and state are durable. If these are not whole, is there one? */
static bool has_batches(const struct segment *s)
{
	const struct span file = s->reader.file;
	for (size_t at = WAL_HEADER_BYTES + WAL_ALIGN; at + WAL_HEAD_BYTES <= file.len; at += WAL_ALIGN)
		if (!memcmp(file.p + at, WAL_FRAME_MAGIC, WAL_MAGIC_BYTES))
			return true;
	return false;
}

/* Reads a segment up to its state. -ENODATA: it was being made, and holds nothing. */
static int segment_open(int folder, uint64_t number, struct segment *ret, struct err *e)
{
	size_t bytes = 0;
	struct segment s = {.number = number};
	int err = load(folder, number, &s.bytes, &bytes, e);
	if (err)
		return err;
	err = wal_begin(&s.reader, (struct span){s.bytes, bytes}, number, e);
	if (!err) {
		err = wal_next(&s.reader, &s.state, e);
		err = err == 1	 ? 0
		      : err == 0 ? damaged(number, s.reader.at, e, "the state frame is missing")
				 : err;
	}
	if (err && !has_batches(&s))
		err = -ENODATA;
	else if (err == -ENODATA)
		err = damaged(number, s.reader.at, e, "the state frame is damaged: frames follow behind it");
	if (err)
		segment_free(&s);
	else
		*ret = s;
	return err;
}

/* Tells a segment's batches; `next`: the segment behind it, NULL: none. */
static int tell(struct segment *s, const struct segment *next, const struct wal_visitor *v,
		struct wal_found *found, struct err *e)
{
	struct wal_frame f;
	int more = 1, err = v->state(v->ctx, &s->state, e);
	while (!err && (!next || s->reader.ticket < next->state.ticket)) {
		struct wal_reader before = s->reader;
		more = wal_next(&s->reader, &f, e);
		if (more <= 0 || (next && f.ticket > next->state.ticket)) {
			s->reader = before;
			break;
		}
		err = v->batch(v->ctx, &f, e);
	}
	if (err)
		return err;
	if (next && s->reader.ticket != next->state.ticket)
		return more == -EBADMSG ? -EBADMSG
					: damaged(s->number, s->reader.at, e,
						  "batches are missing that the next file counts on: put "
						  "the file back from a copy of the folder");
	if (more == -EBADMSG)
		return more;
	if (more == -ENODATA)
		snprintf(found->torn, sizeof(found->torn), "%.400s; %zu bytes were left out", e->text,
			 s->reader.file.len - s->reader.at);
	return v->segment ? v->segment(v->ctx, s->number, e) : 0;
}

int wal_recover(int folder, const struct wal_visitor *v, struct wal_found *ret, struct err *e)
{
	struct numbers all = {0};
	struct segment s = {0}, next = {0};
	struct err why = {""};
	*ret = (struct wal_found){0};
	int err = list(folder, &all, &why);
	size_t n = all.n;
	if (!err && n)
		err = segment_open(folder, all.v[0], &s, &why);
	for (size_t i = 0; !err && i < n; i++) {
		if (i + 1 < n)
			err = segment_open(folder, all.v[i + 1], &next, &why);
		if (err == -ENODATA && i + 2 == n) {
			char name[WAL_NAME_BYTES];
			wal_name(all.v[--n], name);
			snprintf(ret->torn, sizeof(ret->torn), "wal/%s was being made and held nothing",
				 name);
			err = 0;
		}
		if (!err)
			err = tell(&s, i + 1 < n ? &next : NULL, v, ret, &why);
		if (!err)
			ret->last = s.number;
		segment_free(&s);
		s = next;
		next = (struct segment){0};
	}
	/* the very first one, of which not even the state was finished: there is no log yet */
	if (err == -ENODATA)
		err = all.n == 1 && all.v[0] == 1 ? 0 : -EBADMSG;
	segment_free(&s);
	free(all.v);
	if (err && e)
		*e = why;
	return err;
}
