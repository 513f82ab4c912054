/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int folder_open(const char *path, int *ret, struct err *e)
{
	if (mkdir(path, 0700) && errno != EEXIST)
		return err_set(e, -EINVAL, "%s: cannot be made: %s", path, strerror(errno));
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -EINVAL, "%s: is no folder that can be used: %s", path, strerror(errno));
	*ret = fd;
	return 0;
}

static int cannot(const char *path, const char *name, struct err *e)
{
	if (errno == EEXIST)
		return err_set(e, -EINVAL, "%s/%s: is there already; give a folder that is empty or new",
			       path, name);
	return err_set(e, -EINVAL, "%s/%s: cannot be written: %s", path, name, strerror(errno));
}

/* The folder that the last part of the name is in, made where it is missing; the caller closes it. */
static int folder_of(int folder, const char *name, const char **ret_last)
{
	int fd = dup(folder);
	const char *slash;
	char part[256];
	for (; fd >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
		size_t n = (size_t)(slash - name);
		int next = -1;
		if (n < sizeof(part)) {
			memcpy(part, name, n);
			part[n] = 0;
			if (!mkdirat(fd, part, 0700) || errno == EEXIST)
				next = openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		} else {
			errno = ENAMETOOLONG;
		}
		int kept = errno;
		close(fd);
		errno = kept;
		fd = next;
	}
	*ret_last = name;
	return fd;
}

int folder_create(int folder, const char *path, const char *name, int *ret_fd, struct err *e)
{
	const char *last;
	int in = folder_of(folder, name, &last);
	if (in < 0)
		return cannot(path, name, e);
	int fd = openat(in, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int err = fd < 0 ? cannot(path, name, e) : 0;
	close(in);
	*ret_fd = fd;
	return err;
}

int folder_temp(int folder, const char *path, int *ret_fd, struct err *e)
{
	static const char name[] = ".report.part";
	int fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return cannot(path, name, e);
	if (unlinkat(folder, name, 0)) {
		close(fd);
		return cannot(path, name, e);
	}
	*ret_fd = fd;
	return 0;
}

int folder_put(int fd, const char *path, const char *name, const void *bytes, size_t n, struct err *e)
{
	for (const char *p = bytes; n;) {
		ssize_t put = write(fd, p, n);
		if (put < 0 && errno != EINTR)
			return cannot(path, name, e);
		p += put > 0 ? put : 0;
		n -= put > 0 ? (size_t)put : 0;
	}
	return 0;
}

int folder_close(int fd, const char *path, const char *name, int err, struct err *e)
{
	return close(fd) && !err ? cannot(path, name, e) : err;
}

int folder_write(int folder, const char *path, const char *name, const void *bytes, size_t n, struct err *e)
{
	int fd, err = folder_create(folder, path, name, &fd, e);
	return err ? err : folder_close(fd, path, name, folder_put(fd, path, name, bytes, n, e), e);
}
