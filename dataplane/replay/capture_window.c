/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/replay/capture_window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	if (S_ISDIR(st.st_mode))
		err = err_set(e, -EISDIR, "%s: is a folder, not a capture", path);
	else if (!(w->buffer = malloc(CAPTURE_BUFFER_BYTES)))
		err = err_set(e, -ENOMEM, "%s: no memory for %u bytes", path, CAPTURE_BUFFER_BYTES);
	if (err) {
		capture_window_close(w);
		return err;
	}
	w->at = w->end = w->buffer;
	w->file_bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	return 0;
}

void capture_window_close(struct capture_window *w)
{
	free(w->buffer);
	close(w->fd);
}

bool capture_window_need(struct capture_window *w, size_t n)
{
	while ((size_t)(w->end - w->at) < n && !w->ended) {
		size_t used = (size_t)(w->end - w->buffer), room = CAPTURE_BUFFER_BYTES - used;
		if (!room) {
			w->full = true;
			return false;
		}
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

void capture_window_settle(struct capture_window *w)
{
	size_t left = (size_t)(w->end - w->at);
	if (!w->full)
		return;
	memmove(w->buffer, w->at, left);
	w->at = w->buffer;
	w->end = w->buffer + left;
	w->full = false;
}
