/* SPDX-License-Identifier: BSD-3-Clause */
/* How the producer comes to its file. Whoever holds the producer's lock on what a name names may rename it: so two that
 * start at once never work on half a file, nor each on its own. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/events_file.h"

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* A daemon that starts as root, and the control process that does not, meet in a folder of the latter's group. */
static void give_to_group_of_folder(const char *path, int fd)
{
	char folder[EVENTS_PATH_BYTES];
	struct stat st;
	snprintf(folder, sizeof(folder), "%s", path);
	if (!stat(dirname(folder), &st) && fchown(fd, (uid_t)-1, st.st_gid))
		return; /* not root, or in a sandbox: the group is the process's own, which the service's unit sets */
}

/* Through a mapping: hugetlbfs has no write(). The header comes last, so that nothing incomplete has one. */
static int fill(int fd, unsigned rings, unsigned records, size_t bytes)
{
	struct events_header h = {
	    .magic = EVENTS_MAGIC,
	    .format = EVENTS_FORMAT,
	    .endian = EVENTS_ENDIAN,
	    .record_bytes = sizeof(struct event),
	    .rings = rings,
	    .records = records,
	    .created_ns = now_ns(),
	};
	if (getrandom(h.id, sizeof(h.id), 0) != sizeof(h.id))
		return -errno;
	void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	struct events_map m = {.base = base, .rings = rings, .records = records};
	for (unsigned i = 0; i < rings; i++)
		*events_ring(&m, i) = (struct events_ring){.next_seq = 1};
	memcpy(base, &h, sizeof(h));
	munmap(base, bytes);
	return 0;
}

static int size_and_fill(int fd, unsigned rings, unsigned records)
{
	struct stat st;
	if (ftruncate(fd, 0) || fchmod(fd, EVENTS_MODE) || fstat(fd, &st))
		return -errno;
	size_t bytes = events_file_bytes(rings, records), block = (size_t)st.st_blksize;
	if (block > EVENTS_HEADER_BYTES) /* perhaps hugetlbfs: whole pages */
		bytes = (bytes + block - 1) / block * block;
	/* room for all of it now, not a fault when it is written */
	int err = -posix_fallocate(fd, 0, (off_t)bytes);
	return err ? err : fill(fd, rings, records, bytes);
}

/* A whole file under another name, then renamed: nobody sees half of it. -EEXIST: another was faster. */
static int make(const char *path, unsigned rings, unsigned records, struct events_map *ret, struct err *e)
{
	char temporary[EVENTS_PATH_BYTES];
	int fd, err;
	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return err_set(e, -ENAMETOOLONG, "%s: too long", path);
	err = events_open_locked(temporary, EVENTS_LOCK_PRODUCER, O_RDWR | O_CREAT, &fd, e);
	if (err)
		return err;
	give_to_group_of_folder(path, fd);
	err = size_and_fill(fd, rings, records);
	if (!err && renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE))
		err = -errno;
	if (err) {
		err_set(e, err, "%s: cannot make an event file of %zu bytes: %s", path,
			events_file_bytes(rings, records), strerror(-err));
		unlink(temporary);
	} else {
		err = events_map(path, fd, EVENTS_LOCK_PRODUCER, ret, e);
	}
	if (err)
		close(fd);
	return err;
}

static bool all_acknowledged(const struct events_map *m)
{
	for (unsigned i = 0; i < m->rings; i++)
		if (events_ring(m, i)->tail != events_ring(m, i)->head)
			return false;
	return true;
}

/* Under the first free name. Where there is none the last one goes: a data plane that does not start would be worse. */
static int set_aside(const char *path, char name[EVENTS_PATH_BYTES], struct err *e)
{
	int err = -EEXIST;
	for (unsigned i = 0; err == -EEXIST && i < EVENTS_OLD_MAX; i++) {
		unsigned how = i + 1 < EVENTS_OLD_MAX ? RENAME_NOREPLACE : 0;
		err = events_old_name(path, i, name, EVENTS_PATH_BYTES);
		if (!err && renameat2(AT_FDCWD, path, AT_FDCWD, name, how))
			err = -errno;
	}
	return err ? err_set(e, err, "%s: cannot set it aside: %s", path, strerror(-err)) : 0;
}

/* Maps what is there, if it is whole and of this geometry: 1; removes it from its path otherwise: 0. */
static int reopen(const char *path, unsigned rings, unsigned records, struct events_map *ret,
		  char aside[EVENTS_PATH_BYTES], struct err *e)
{
	struct events_map m = {.fd = -1};
	int fd, err = events_open_locked(path, EVENTS_LOCK_PRODUCER, O_RDWR, &fd, e);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = events_map(path, fd, EVENTS_LOCK_PRODUCER, &m, e);
	if (err) {
		/* damaged: it stays locked until it is out of the way */
		err = err == -EINVAL ? set_aside(path, aside, e) : err;
		close(fd);
		return err;
	}
	bool sound = events_sound(&m);
	if (sound && m.rings == rings && m.records == records) {
		*ret = m;
		return 1;
	}
	if (sound && all_acknowledged(&m))
		err =
		    unlink(path) ? err_set(e, -errno, "%s: cannot remove it: %s", path, strerror(errno)) : 0;
	else
		err = set_aside(path, aside, e);
	events_unmap(&m);
	return err;
}

int events_map_or_make(const char *path, unsigned rings, unsigned records, struct events_map *ret,
		       char aside[EVENTS_PATH_BYTES], struct err *e)
{
	aside[0] = '\0';
	if (!rings || rings > EVENTS_RINGS_MAX || records < EVENTS_RECORDS_MIN ||
	    records > EVENTS_RECORDS_MAX || (records & (records - 1)))
		return err_set(e, -EINVAL,
			       "%s: %u rings of %u records: 1 to %u of a power of two from %u to %u", path,
			       rings, records, EVENTS_RINGS_MAX, EVENTS_RECORDS_MIN, EVENTS_RECORDS_MAX);
	int err = -EEXIST;
	for (unsigned tries = 0; err == -EEXIST && tries < EVENTS_TRIES_MAX; tries++) {
		err = reopen(path, rings, records, ret, aside, e);
		if (err)
			return err < 0 ? err : 0;
		err = make(path, rings, records, ret, e);
	}
	return err;
}
