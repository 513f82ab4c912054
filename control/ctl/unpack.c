/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/unpack.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/tar.h"
#include "control/ctl/folder.h"

#define CHUNK 65536

static int broken(struct err *e)
{
	return err_set(e, -EPROTO, "what the daemon wrote is not whole: is the disk full?");
}

/* Exactly n bytes. */
static int take(int from, void *to, size_t n, struct err *e)
{
	char *p = to;
	while (n) {
		ssize_t got = read(from, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return broken(e);
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

static int make(int from, int folder, const char *path, const char *name, uint64_t size, struct err *e)
{
	char chunk[CHUNK];
	int fd, err = folder_create(folder, path, name, &fd, e);
	for (uint64_t left = size; !err && left;) {
		size_t n = left < CHUNK ? (size_t)left : CHUNK;
		err = take(from, chunk, n, e);
		if (!err)
			err = folder_put(fd, path, name, chunk, n, e);
		left -= n;
	}
	if (!err)
		err = take(from, chunk, tar_padding(size), e);
	if (fd >= 0)
		err = folder_close(fd, path, name, err, e);
	return err;
}

int unpack(int from, int folder, const char *path, unsigned *ret_files, struct err *e)
{
	uint8_t block[TAR_BLOCK];
	char name[TAR_NAME_MAX + 1];
	uint64_t size;
	unsigned n = 0;
	if (lseek(from, 0, SEEK_SET))
		return broken(e);
	for (;; n++) {
		int err = take(from, block, sizeof(block), e);
		if (err)
			return err;
		enum tar_is is = tar_read(block, name, &size);
		if (is == TAR_END)
			break;
		err = is == TAR_BAD ? broken(e) : make(from, folder, path, name, size, e);
		if (err)
			return err;
	}
	*ret_files = n;
	return 0;
}
