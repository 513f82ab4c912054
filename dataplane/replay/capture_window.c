/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/replay/capture_window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define AHEAD_BYTES  (8ull << 20)
#define BEHIND_BYTES (16ull << 20)

static int map_file(const char *path, struct capture_window *w, uint64_t bytes, struct err *e)
{
	w->map = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, w->fd, 0);
	if (w->map == MAP_FAILED) {
		w->map = NULL;
		return err_set(e, -errno, "%s: cannot map it: %s", path, strerror(errno));
	}
	w->file_bytes = bytes;
	w->at = w->map;
	w->end = w->map + bytes;
	w->ended = true;
	capture_window_settle(w);
	return 0;
}

int capture_window_open(const char *path, struct capture_window *w, struct err *e)
{
	struct stat st;
	*w = (struct capture_window){.fd = !strcmp(path, "-") ? dup(STDIN_FILENO)
							      : open(path, O_RDONLY | O_CLOEXEC)};
	if (w->fd < 0 || fstat(w->fd, &st)) {
		int err = -errno;
		if (w->fd >= 0)
			close(w->fd);
		return err_set(e, err, "%s: cannot open it: %s", path, strerror(-err));
	}
	int err = 0;
	if (S_ISDIR(st.st_mode)) {
		err = err_set(e, -EISDIR, "%s: is a folder, not a capture", path);
	} else if (S_ISREG(st.st_mode) && st.st_size && lseek(w->fd, 0, SEEK_CUR) == 0) {
		err = map_file(path, w, (uint64_t)st.st_size, e);
	} else {
		w->buffer = malloc(CAPTURE_PIPE_BYTES);
		w->at = w->end = w->buffer;
		if (!w->buffer)
			err = err_set(e, -ENOMEM, "%s: no memory for %u bytes", path, CAPTURE_PIPE_BYTES);
	}
	if (err)
		capture_window_close(w);
	return err;
}

void capture_window_close(struct capture_window *w)
{
	if (w->map)
		munmap(w->map, w->file_bytes);
	free(w->buffer);
	close(w->fd);
}

bool capture_window_need(struct capture_window *w, size_t n)
{
	while ((size_t)(w->end - w->at) < n && !w->ended) {
		size_t used = (size_t)(w->end - w->buffer), room = CAPTURE_PIPE_BYTES - used;
		if (!room)
			return false; /* the burst is full; settle makes room */
		ssize_t got = read(w->fd, w->buffer + used, room);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			w->ended = true;
			w->error = got < 0 ? errno : 0;
			break;
		}
		w->end += got;
	}
	return (size_t)(w->end - w->at) >= n;
}

static void settle_pipe(struct capture_window *w)
{
	size_t left = (size_t)(w->end - w->at);
	if ((size_t)(w->at - w->buffer) < CAPTURE_PIPE_BYTES / 2)
		return;
	memmove(w->buffer, w->at, left);
	w->at = w->buffer;
	w->end = w->buffer + left;
}

void capture_window_settle(struct capture_window *w)
{
	if (!w->map) {
		settle_pipe(w);
		return;
	}
	if (w->pos + AHEAD_BYTES / 2 > w->ready && w->ready < w->file_bytes) {
		uint64_t n = w->file_bytes - w->ready < AHEAD_BYTES ? w->file_bytes - w->ready : AHEAD_BYTES;
		if (madvise(w->map + w->ready, n, MADV_POPULATE_READ))
			madvise(w->map + w->ready, n, MADV_WILLNEED);
		w->ready += n;
	}
	if (w->pos > w->released + 2 * BEHIND_BYTES) {
		madvise(w->map + w->released, BEHIND_BYTES, MADV_DONTNEED);
		w->released += BEHIND_BYTES;
	}
}
