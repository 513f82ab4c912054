/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/compile.h"

static int write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n < 1u << 30 ? n : 1u << 30);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= (size_t)done;
	}
	return fsync(fd) ? -errno : 0;
}

static int sync_folder(char *path)
{
	int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int err = fsync(fd) ? -errno : 0;
	close(fd);
	return err;
}

int ruleset_write(const char *path, const void *image, size_t bytes, struct err *e)
{
	char *temporary = NULL;
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return err_set(e, -ENOMEM, "%s: no memory", path);
	int fd = mkstemp(temporary), err = fd < 0 ? -errno : 0;
	if (!err) {
		err = write_all(fd, image, bytes);
		if (close(fd) && !err)
			err = -errno;
		if (!err && (chmod(temporary, 0644) || rename(temporary, path)))
			err = -errno;
		if (err)
			unlink(temporary);
		else
			err = sync_folder(temporary);
	}
	free(temporary);
	return err ? err_set(e, err, "%s: cannot write it: %s", path, strerror(-err)) : 0;
}

int ruleset_write_sealed(const char *path, const void *image, size_t bytes, const struct seal_key *k,
			 struct err *e)
{
	return ruleset_write_version(path, image, bytes, 0, k, e);
}

int ruleset_write_version(const char *path, const void *image, size_t bytes, uint64_t version,
			  const struct seal_key *k, struct err *e)
{
	struct seal_writer *w;
	int err = seal_create_numbered(path, k, version, &w, e);
	if (err)
		return err;
	err = seal_write(w, image, bytes, e);
	if (err) {
		seal_abort(w);
		return err;
	}
	return seal_commit_mode(w, 0640, e);
}
