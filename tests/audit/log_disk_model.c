/* SPDX-License-Identifier: BSD-3-Clause */
/* What of the write-ahead files is on the disk: kept beside them, in FOLDER/disk/, so that it outlives the process.
 *
 *	INODE        the bytes of a file as they were synced last      names        the folder's names with their inodes, as synced last
 *	live.INODE   a link to it, so that its number is not used anew  checkpoint   as its folder was synced last
 *	lost.INODE   a sync of it failed: what it had not, it never gets, though reading still shows it
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/audit/log_power.h"

#define PATH  320
#define NAMES 512

struct names {
	struct {
		char name[32];
		uint64_t inode;
	} v[NAMES];
	unsigned n;
};

static char disk[200]; /* FOLDER/disk; "": no such disk is played */
static bool fails;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static unsigned chance(unsigned below)
{
	unsigned n = 0;
	if (getrandom(&n, sizeof(n), 0) != (ssize_t)sizeof(n))
		abort();
	return n % below;
}

__attribute__((format(printf, 2, 3))) static const char *path(char ret[PATH], const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	vsnprintf(ret, PATH, format, ap);
	va_end(ap);
	return ret;
}

static uint8_t *get(const char *name, size_t *ret)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	*ret = 0;
	if (fd < 0 || fstat(fd, &st)) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	uint8_t *p = malloc((size_t)st.st_size + 1);
	ssize_t n = read(fd, p, (size_t)st.st_size);
	close(fd);
	*ret = n > 0 ? (size_t)n : 0;
	return p;
}

/* Whole or not at all: a death may come in between. */
static void put(const char *name, const void *p, size_t n)
{
	char temp[PATH + 8];
	snprintf(temp, sizeof(temp), "%s.tmp", name);
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n || close(fd) || rename(temp, name))
		abort();
}

static void copy(const char *from, const char *to)
{
	size_t n;
	uint8_t *p = get(from, &n);
	if (p)
		put(to, p, n);
	free(p);
}

static void wal_of(char ret[PATH])
{
	path(ret, "%.*s/audit/wal", (int)(strlen(disk) - strlen("/disk")), disk);
}

static void checkpoint_of(char ret[PATH])
{
	path(ret, "%.*s/audit/log/checkpoint", (int)(strlen(disk) - strlen("/disk")), disk);
}

static struct names names_now(void)
{
	struct names all = {.n = 0};
	struct stat st;
	char wal[PATH];
	wal_of(wal);
	DIR *d = opendir(wal);
	for (struct dirent *in; d && (in = readdir(d));) {
		if (*in->d_name == '.' || fstatat(dirfd(d), in->d_name, &st, 0))
			continue;
		if (all.n == NAMES || strlen(in->d_name) >= sizeof(all.v->name))
			abort();
		strcpy(all.v[all.n].name, in->d_name);
		all.v[all.n++].inode = st.st_ino;
	}
	if (d)
		closedir(d);
	return all;
}

static struct names names_synced(void)
{
	struct names all = {.n = 0};
	char name[PATH];
	size_t n;
	uint8_t *p = get(path(name, "%s/names", disk), &n);
	if (n)
		memcpy(&all, p, sizeof(all));
	free(p);
	return all;
}

static void sync_names(void)
{
	char to[PATH];
	struct names all = names_now();
	put(path(to, "%s/names", disk), &all, sizeof(all));
}

static void sync_file(const char *name, uint64_t inode)
{
	char to[PATH], live[PATH], lost[PATH];
	if (!access(path(lost, "%s/lost.%" PRIu64, disk, inode), F_OK))
		return;
	if (link(name, path(live, "%s/live.%" PRIu64, disk, inode)) && errno != EEXIST)
		return; /* it has no name any more */
	copy(name, path(to, "%s/%" PRIu64, disk, inode));
}

static void sync_checkpoint(void)
{
	char from[PATH], to[PATH];
	checkpoint_of(from);
	copy(from, path(to, "%s/checkpoint", disk));
}

static void sync_all(void)
{
	char wal[PATH], name[PATH + 40];
	struct names all = names_now();
	wal_of(wal);
	for (unsigned i = 0; i < all.n; i++) {
		snprintf(name, sizeof(name), "%s/%s", wal, all.v[i].name);
		sync_file(name, all.v[i].inode);
	}
	sync_names();
	sync_checkpoint();
}

void disk_begin(const char *folder, bool may_fail)
{
	char name[PATH];
	snprintf(disk, sizeof(disk), "%s/disk", folder);
	if (mkdir(path(name, "%s", disk), 0700) && errno != EEXIST)
		abort();
	fails = may_fail;
}

/* What of a file a power cut leaves: of each block that was written since it was synced, the old or the new bytes. */
static void cut_file(const char *name, uint64_t inode, unsigned block)
{
	char synced[PATH], lost[PATH];
	size_t old_n, new_n;
	bool is_lost = !access(path(lost, "%s/lost.%" PRIu64, disk, inode), F_OK);
	uint8_t *old = get(path(synced, "%s/%" PRIu64, disk, inode), &old_n),
		*new = get(is_lost ? synced : name, &new_n);
	if (new_n < old_n)
		abort();
	size_t n = !chance(3) ? old_n : !chance(2) ? new_n : old_n + chance((unsigned)(new_n - old_n) + 1);
	uint8_t *is = calloc(1, n + 1);
	for (size_t at = 0; at < n; at += block) {
		bool is_new = at + block > old_n && chance(2);
		for (size_t i = at; i < at + block && i < n; i++)
			is[i] = is_new ? new[i] : i < old_n ? old[i] : 0;
	}
	unlink(name);
	put(name, is, n);
	free(old);
	free(new);
	free(is);
}

static uint64_t inode_of(const struct names *all, const char *name)
{
	for (unsigned i = 0; i < all->n; i++)
		if (!strcmp(all->v[i].name, name))
			return all->v[i].inode;
	return 0;
}

static void cut_name(const char *wal, const char *name, const struct names *was, const struct names *is,
		     unsigned block)
{
	char full[PATH + 40], live[PATH];
	uint64_t before = inode_of(was, name), now = inode_of(is, name);
	snprintf(full, sizeof(full), "%s/%s", wal, name);
	if (before == now || (now && chance(2))) {
		cut_file(full, now, block);
		return;
	}
	unlink(full);
	/* its removal may be on the disk, or not */
	if (before && chance(2) && !link(path(live, "%s/live.%" PRIu64, disk, before), full))
		cut_file(full, before, block);
}

unsigned disk_cut(void)
{
	char wal[PATH], name[PATH], command[PATH];
	static struct names was, is;
	unsigned block = chance(2) ? 512 : 4096;
	was = names_synced();
	is = names_now();
	wal_of(wal);
	for (unsigned i = 0; i < was.n; i++)
		cut_name(wal, was.v[i].name, &was, &is, block);
	for (unsigned i = 0; i < is.n; i++)
		if (!inode_of(&was, is.v[i].name))
			cut_name(wal, is.v[i].name, &was, &is, block);
	if (chance(2)) {
		char to[PATH];
		checkpoint_of(to);
		copy(path(name, "%s/checkpoint", disk), to);
	}
	path(command, "rm -r %s", disk);
	if (system(command) || mkdir(disk, 0700))
		abort();
	sync_all();
	return is.n;
}

/* The path of what fd is open for; false: not of the log. */
static bool is_of_log(int fd, char ret[PATH], const char **ret_below)
{
	char name[64];
	size_t n = strlen(disk);
	if (!n)
		return false;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ssize_t len = readlink(name, ret, PATH - 1);
	n -= strlen("/disk");
	if (len < 0)
		return false;
	ret[len] = 0;
	if (strncmp(ret, disk, n) || strncmp(ret + n, "/audit/", 7))
		return false;
	*ret_below = ret + n + 7;
	return true;
}

/* A sync takes its time; a death may come before it, or behind it. */
static void pause_some(void)
{
	if (!chance(4))
		usleep(chance(3000));
}

static int play(int fd)
{
	char name[PATH], lost[PATH];
	const char *below;
	struct stat st;
	int err = 0;
	if (!is_of_log(fd, name, &below) || fstat(fd, &st))
		return 0;
	pause_some();
	pthread_mutex_lock(&lock);
	if (!strncmp(below, "wal/", 4) && fails && !chance(20)) {
		err = -1;
		if (!link(name, path(lost, "%s/live.%" PRIu64, disk, (uint64_t)st.st_ino)) || errno == EEXIST)
			put(path(lost, "%s/lost.%" PRIu64, disk, (uint64_t)st.st_ino), "", 0);
	} else if (!strncmp(below, "wal/", 4)) {
		sync_file(name, st.st_ino);
	} else if (!strcmp(below, "wal")) {
		sync_names();
	} else if (!strcmp(below, "log")) {
		sync_checkpoint();
	}
	pthread_mutex_unlock(&lock);
	pause_some();
	if (err)
		errno = EIO;
	return err;
}

int fdatasync(int fd)
{
	return play(fd);
}

int fsync(int fd)
{
	return play(fd);
}

int syncfs(int fd)
{
	(void)fd;
	pause_some();
	pthread_mutex_lock(&lock);
	if (*disk)
		sync_all();
	pthread_mutex_unlock(&lock);
	pause_some();
	return 0;
}

/* What a failed sync left in memory goes: then reading shows what is on the disk. */
int posix_fadvise(int fd, off_t at, off_t bytes, int what)
{
	char name[PATH], lost[PATH], synced[PATH];
	const char *below;
	struct stat st;
	(void)at, (void)bytes;
	if (what != POSIX_FADV_DONTNEED || !is_of_log(fd, name, &below) || fstat(fd, &st) ||
	    access(path(lost, "%s/lost.%" PRIu64, disk, (uint64_t)st.st_ino), F_OK))
		return 0;
	size_t n;
	uint8_t *p = get(path(synced, "%s/%" PRIu64, disk, (uint64_t)st.st_ino), &n);
	int to = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (to < 0 || (n && write(to, p, n) != (ssize_t)n) || ftruncate(to, st.st_size) || close(to) ||
	    unlink(lost))
		abort();
	free(p);
	return 0;
}
