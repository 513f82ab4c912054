/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

#define COPY_BYTES     (64u * 1024)
#define CANCEL_EACH_MS 250
#define SEALS	       (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int open_memory(struct err *e)
{
	int fd = memfd_create("roja-list", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL) /* a kernel before 6.3 */
		fd = memfd_create("roja-list", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return err_set(e, -errno, "A temporary file in memory cannot be made: %s.", strerror(errno));
	return fd;
}

int temp_open(const char *folder, int *ret_fd, struct err *e)
{
	if (!folder) {
		int memory = open_memory(e);
		if (memory < 0)
			return memory;
		*ret_fd = memory;
		return 0;
	}
	/* O_EXCL: it can never be given a name. */
	int fd = open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(
		    e, -errno,
		    "%s: a temporary file cannot be made in this folder: %s; name a folder that exists, that "
		    "this process may write to, and whose file system has files without a name (O_TMPFILE).",
		    folder, strerror(errno));
	*ret_fd = fd;
	return 0;
}

int temp_write(int fd, const void *bytes, uint64_t n, struct err *e)
{
	for (const char *p = bytes; n;) {
		ssize_t done = write(fd, p, n < SSIZE_MAX ? n : SSIZE_MAX);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_set(e, -errno, "The temporary file cannot be written: %s.",
				       strerror(errno));
		p += done;
		n -= (uint64_t)done;
	}
	return 0;
}

int temp_finish(int fd, struct err *e)
{
	int seals =
	    fcntl(fd, F_GET_SEALS); /* a file on a disk has none, one without a name on tmpfs takes none */
	if (seals >= 0 && !(seals & F_SEAL_SEAL) && fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return err_set(e, -errno, "The temporary file in memory cannot be sealed: %s.",
			       strerror(errno));
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_set(e, -errno, "The temporary file cannot be rewound: %s.", strerror(errno));
	return 0;
}

/* The next bytes, 0 at the end. Waits where the other side is slow, as long as nobody cancels. */
static ssize_t read_some(int from, const char *name, void *to, const atomic_bool *cancel, struct err *e)
{
	for (;;) {
		if (cancel && atomic_load(cancel))
			return err_set(e, -ECANCELED, "%s: cancelled.", name);
		struct pollfd p = {.fd = from, .events = POLLIN};
		int ready = poll(&p, 1, CANCEL_EACH_MS);
		if (ready == 0 || (ready < 0 && errno == EINTR))
			continue;
		ssize_t n = ready < 0 ? -1 : read(from, to, COPY_BYTES);
		if (n >= 0)
			return n;
		if (errno != EINTR && errno != EAGAIN)
			return err_set(e, -errno, "%s: cannot be read: %s.", name, strerror(errno));
	}
}

static int copy(int from, const char *name, int to, uint64_t max_bytes, const atomic_bool *cancel,
		uint64_t *ret_bytes, struct err *e)
{
	void *buffer = malloc(COPY_BYTES);
	if (!buffer)
		return err_set(e, -ENOMEM, "%s: out of memory.", name);
	int r = 0;
	uint64_t bytes = 0;
	for (;;) {
		ssize_t n = read_some(from, name, buffer, cancel, e);
		if (n <= 0) {
			r = (int)n;
			break;
		}
		if ((uint64_t)n > max_bytes - bytes) {
			r = err_set(e, -EFBIG,
				    "%s: more than the limit of %" PRIu64
				    " bytes: is it a list? Else raise the limit.",
				    name, max_bytes);
			break;
		}
		bytes += (uint64_t)n;
		r = temp_write(to, buffer, (uint64_t)n, e);
		if (r)
			break;
	}
	explicit_bzero(buffer, COPY_BYTES);
	free(buffer);
	if (!r)
		*ret_bytes = bytes;
	return r;
}

int temp_copy(int from, const char *name, const char *folder, uint64_t max_bytes, const atomic_bool *cancel,
	      int *ret_fd, uint64_t *ret_bytes, struct err *e)
{
	int fd;
	uint64_t bytes = 0;
	int r = temp_open(folder, &fd, e);
	if (r)
		return r;
	r = copy(from, name, fd, max_bytes, cancel, &bytes, e);
	if (!r)
		r = temp_finish(fd, e);
	if (r) {
		close(fd);
		return r;
	}
	*ret_fd = fd;
	*ret_bytes = bytes;
	return 0;
}
