/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "bpf/guard_state.h"

#define BPFFS	      "/sys/fs/bpf"
#define LOCK_TRIES    300
#define LOCK_PAUSE_NS 10000000

static bool is_bpffs(void)
{
	struct statfs s;
	return !statfs(BPFFS, &s) && s.f_type == BPF_FS_MAGIC;
}

/* Two processes that start at once must not mount one over the other: the lock is on the folder beneath. */
static int mount_bpffs(struct err *e)
{
	int ret = 0;
	if (is_bpffs())
		return 0;
	int fd = open(BPFFS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return said_error(e, -errno, "cannot open " BPFFS);
	flock(fd, LOCK_EX);
	if (!is_bpffs() && mount("bpf", BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700"))
		ret = said_error(e, -errno, "cannot mount a BPF file system on " BPFFS);
	close(fd);
	return ret;
}

static int name_dir(const char *instance, struct kept *k, struct err *e)
{
	size_t len = strlen(instance);
	if (!len || len > 63 || instance[0] == '.' || strchr(instance, '/') || !strcmp(instance, "xdp"))
		return err_set(e, -EINVAL,
			       "instance \"%s\": give a name of 1 to 63 characters that can be a folder's",
			       instance);
	snprintf(k->dir, sizeof(k->dir), BPFFS "/%s", instance);
	k->lock_fd = -1;
	for (unsigned i = 0; i < N_MAPS; i++)
		k->map_fd[i] = -1;
	return 0;
}

static bool still_there(const struct kept *k)
{
	struct stat by_fd, by_path;
	return !fstat(k->lock_fd, &by_fd) && !stat(k->dir, &by_path) && by_fd.st_ino == by_path.st_ino;
}

static int lock(struct kept *k, struct err *e)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};
	k->lock_fd = open(k->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (k->lock_fd < 0)
		return said_error(e, -errno, "cannot open %s", k->dir);
	for (unsigned i = 0; flock(k->lock_fd, LOCK_EX | LOCK_NB); i++) {
		if (errno != EWOULDBLOCK || i == LOCK_TRIES) {
			int ret = errno == EWOULDBLOCK ? -EBUSY : -errno;
			bpffs_close(k);
			return err_set(
			    e, ret, "%s is held by another process: end it first, or choose another instance",
			    k->dir);
		}
		nanosleep(&pause, NULL);
	}
	if (still_there(k))
		return 0;
	bpffs_close(k);
	return err_set(e, -EBUSY, "%s was removed by another process: try again", k->dir);
}

int bpffs_open(const char *instance, struct kept *k, struct err *e)
{
	int ret = name_dir(instance, k, e);
	if (ret)
		return ret;
	ret = mount_bpffs(e);
	if (ret)
		return ret;
	if (mkdir(k->dir, 0700) && errno != EEXIST)
		return said_error(e, -errno, "cannot make %s", k->dir);
	return lock(k, e);
}

int bpffs_open_existing(const char *instance, struct kept *k, struct err *e)
{
	int ret = name_dir(instance, k, e);
	if (ret)
		return ret;
	if (!is_bpffs() || access(k->dir, F_OK))
		return -ENOENT;
	return lock(k, e);
}

void bpffs_close(struct kept *k)
{
	if (k->lock_fd >= 0)
		close(k->lock_fd);
	k->lock_fd = -1;
}

void bpffs_path(const struct kept *k, const char *name, unsigned number, char ret[GUARD_PATH_BYTES])
{
	if (number)
		snprintf(ret, GUARD_PATH_BYTES, "%.90s/%.32s-%u", k->dir, name, number);
	else
		snprintf(ret, GUARD_PATH_BYTES, "%.90s/%.32s", k->dir, name);
}

int bpffs_remove(struct kept *k, struct err *e)
{
	DIR *d = opendir(k->dir);
	if (!d)
		return said_error(e, -errno, "cannot read %s", k->dir);
	for (struct dirent *entry; (entry = readdir(d));)
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
	if (rmdir(k->dir))
		return said_error(e, -errno, "cannot remove %s", k->dir);
	return 0;
}
