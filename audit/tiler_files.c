/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/tiler_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int tiler_write_all(int fd, const void *p, size_t bytes)
{
	const uint8_t *at = p;
	while (bytes) {
		ssize_t n = write(fd, at, bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		at += n;
		bytes -= (size_t)n;
	}
	return 0;
}

/* Every folder of a path. */
static int make_folders(int folder, const char *path)
{
	char part[TILE_PATH_BYTES + 8];
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdirat(folder, part, 0755) && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int open_new(int folder, const char *path)
{
	int fd = openat(folder, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), err;
	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	err = make_folders(folder, path);
	if (err)
		return err;
	fd = openat(folder, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : fd;
}

int tiler_file(int folder, const struct tile *t, const void *p, size_t bytes, struct err *e)
{
	char path[TILE_PATH_BYTES], temp[TILE_PATH_BYTES + 8];
	tile_path(t, path);
	snprintf(temp, sizeof(temp), "%s.tmp", path);
	int fd = open_new(folder, temp), err = fd < 0 ? fd : tiler_write_all(fd, p, bytes);
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	if (!err && renameat(folder, temp, folder, path))
		err = -errno;
	return err ? err_set(e, err, "log/%s cannot be written: %s", path, strerror(-err)) : 0;
}

void tiler_remove_partial(int folder, const struct tile *full)
{
	char path[TILE_PATH_BYTES + 8];
	tile_path(full, path);
	strcat(path, ".p");
	int fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *in; (in = readdir(d));)
		unlinkat(fd, in->d_name, 0);
	closedir(d);
	unlinkat(folder, path, AT_REMOVEDIR);
}
