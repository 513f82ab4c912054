/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of JSON lines: appended, moved aside when it is too large, opened anew where somebody else moved it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/sink/output.h"

#define FILE_MODE 0640

struct file {
	struct output output;
	int fd;
	uint64_t bytes, settled;
	dev_t device;
	ino_t inode;
};

static int fail(const struct file *f, const char *what, struct err *e)
{
	int err = -errno;
	return err_set(e, err, "%s: cannot be %s: %s", f->output.config->path, what, strerror(-err));
}

/* What a death cut stays as a line of its own: its record is written again. */
static int end_line(struct file *f, struct err *e)
{
	char last;
	if (!f->bytes)
		return 0;
	if (pread(f->fd, &last, 1, (off_t)f->bytes - 1) != 1)
		return fail(f, "read", e);
	if (last == '\n')
		return 0;
	if (write(f->fd, "\n", 1) != 1)
		return fail(f, "written", e);
	f->bytes++;
	return 0;
}

static void file_close(struct output *o)
{
	struct file *f = (struct file *)o;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static int open_file(struct file *f, struct err *e)
{
	struct stat st;
	f->fd = open(f->output.config->path,
		     O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, FILE_MODE);
	if (f->fd < 0 || fstat(f->fd, &st))
		return fail(f, "opened", e);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "%s: is no regular file; name another", f->output.config->path);
	f->bytes = (uint64_t)st.st_size;
	f->device = st.st_dev;
	f->inode = st.st_ino;
	return end_line(f, e);
}

static int file_open(struct output *o, struct err *e)
{
	struct file *f = (struct file *)o;
	f->settled = 0;
	int err = open_file(f, e);
	if (err)
		file_close(o);
	return err;
}

/* Is it still the one that the path names? */
static bool was_moved(const struct file *f)
{
	struct stat st;
	return lstat(f->output.config->path, &st) || st.st_dev != f->device || st.st_ino != f->inode;
}

/* PATH.1 is the newest of those moved aside; the oldest goes. */
static int rotate(struct file *f, struct err *e)
{
	char from[1100], to[1100];
	const char *path = f->output.config->path;
	for (uint32_t i = f->output.config->rotate_files; i; i--) {
		snprintf(to, sizeof(to), "%s.%u", path, i);
		snprintf(from, sizeof(from), "%s.%u", path, i - 1);
		if (rename(i == 1 ? path : from, to) && errno != ENOENT)
			return fail(f, "moved aside", e);
	}
	return 0;
}

static int renew(struct file *f, uint64_t more, struct err *e)
{
	uint64_t most = f->output.config->rotate_bytes;
	bool full = most && f->bytes && f->bytes + more > most;
	bool moved = was_moved(f);
	if (!full && !moved)
		return 0;
	int err = full && !moved ? rotate(f, e) : 0;
	if (err)
		return err;
	file_close(&f->output);
	return open_file(f, e);
}

static int file_write(struct output *o, const struct output_batch *b, struct err *e)
{
	struct file *f = (struct file *)o;
	const char *p = b->p;
	size_t n = b->len;
	int err = renew(f, n, e);
	if (err)
		return err;
	while (n) {
		ssize_t w = write(f->fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return fail(f, "written", e);
		p += w;
		n -= (size_t)w;
		f->bytes += (uint64_t)w;
	}
	f->settled = b->place;
	return 0;
}

static int file_wait(struct output *o, int wake, int ms, struct err *e)
{
	int r = output_poll(o, -1, 0, wake, ms);
	return r < 0 ? err_set(e, r, "%s: %s", o->config->path, strerror(-r)) : 0;
}

static uint64_t file_settled(struct output *o)
{
	return ((struct file *)o)->settled;
}

static void file_free(struct output *o)
{
	file_close(o);
	free(o);
}

static const struct output_ops ops = {
    .open = file_open,
    .write = file_write,
    .wait = file_wait,
    .settled = file_settled,
    .close = file_close,
    .free = file_free,
};

int output_file_new(const struct config_sink *config, int stop, struct output **ret, struct err *e)
{
	struct file *f = calloc(1, sizeof(*f));
	if (!f)
		return err_set(e, -ENOMEM, "no memory for sink %s", config->name);
	f->output = (struct output){&ops, config, stop, ""};
	f->fd = -1;
	*ret = &f->output;
	return 0;
}
