/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/feed/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "control/feed/spool_state.h"

#define EVENTS_BYTES 4096

struct spool_ident spool_ident_of(const struct stat *st)
{
	return (struct spool_ident){
	    .device = st->st_dev,
	    .inode = st->st_ino,
	    .bytes = (uint64_t)st->st_size,
	    .changed_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec,
	};
}

bool spool_ident_same(const struct spool_ident *a, const struct spool_ident *b)
{
	return a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
	       a->changed_ns == b->changed_ns;
}

bool spool_is_regular(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_nlink == 1;
}

void spool_signature_name(const char *name, char *to)
{
	snprintf(to, SPOOL_SIGNATURE_BYTES, "%s%s", name, SPOOL_SIGNATURE);
}

static struct spool_arrival *find_arrival(struct spool *s, const char *name)
{
	for (unsigned i = 0; i < s->n_arrivals; i++)
		if (!strcmp(s->arrivals[i].name, name))
			return &s->arrivals[i];
	return NULL;
}

static void add_arrival(struct spool *s, const char *name)
{
	size_t n = strlen(name);
	struct spool_arrival *a = find_arrival(s, name);
	if (!a && s->n_arrivals < 2 * SPOOL_MAX_FILES && n < sizeof(a->name))
		a = &s->arrivals[s->n_arrivals++];
	if (!a)
		return; /* then it waits until it has settled */
	*a = (struct spool_arrival){0};
	memcpy(a->name, name, n + 1);
}

void spool_arrivals_read(struct spool *s)
{
	_Alignas(struct inotify_event) char events[EVENTS_BYTES];
	ssize_t n;
	while (s->inotify_fd >= 0 && (n = read(s->inotify_fd, events, sizeof(events))) > 0)
		for (char *at = events; at < events + n;) {
			const struct inotify_event *v = (const struct inotify_event *)at;
			if ((v->mask & IN_MOVED_TO) && !(v->mask & IN_ISDIR) && v->len)
				add_arrival(s, v->name);
			at += sizeof(*v) + v->len;
		}
}

bool spool_arrivals_have(struct spool *s, const char *name, const struct spool_ident *ident)
{
	static const struct spool_ident unknown;
	struct spool_arrival *a = find_arrival(s, name);
	if (!a)
		return false;
	if (spool_ident_same(&a->ident, &unknown))
		a->ident = *ident;
	a->seen = spool_ident_same(&a->ident, ident);
	return a->seen;
}

void spool_arrivals_tidy(struct spool *s)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < s->n_arrivals; i++)
		if (s->arrivals[i].seen) {
			s->arrivals[kept] = s->arrivals[i];
			s->arrivals[kept++].seen = false;
		}
	s->n_arrivals = kept;
}

static int open_folder(int at, const char *name, int flags)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
}

static int open_below(struct spool *s, const char *name, int *ret, struct err *e)
{
	if (mkdirat(s->fd, name, 0700) && errno != EEXIST)
		return err_set(e, -errno,
			       "%s/%s: cannot be made: %s; this process must be able to write there.",
			       s->folder, name, strerror(errno));
	*ret = open_folder(s->fd, name, O_NOFOLLOW);
	if (*ret < 0)
		return err_set(e, -errno, "%s/%s: must be a folder, not a link: %s.", s->folder, name,
			       strerror(errno));
	return 0;
}

/* The folder that is open, not what its name may mean by now. */
static int watch(int folder)
{
	char path[32];
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", folder);
	if (fd >= 0 && inotify_add_watch(fd, path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int open_all(struct spool *s, const char *folder, struct err *e)
{
	s->folder = strdup(folder);
	s->arrivals = calloc(2 * SPOOL_MAX_FILES, sizeof(*s->arrivals));
	if (!s->folder || !s->arrivals)
		return err_set(e, -ENOMEM, "%s: out of memory.", folder);
	s->fd = open_folder(AT_FDCWD, folder, 0);
	if (s->fd < 0)
		return err_set(e, -errno, "%s: the spool folder cannot be opened: %s.", folder,
			       strerror(errno));
	int r = open_below(s, "done", &s->done_fd, e);
	if (!r)
		r = open_below(s, "refused", &s->refused_fd, e);
	if (!r)
		s->inotify_fd = watch(s->fd);
	return r;
}

int spool_new(const char *folder, const struct spool_options *options, struct spool **ret, struct err *e)
{
	struct spool *s = malloc(sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "%s: out of memory.", folder);
	*s = (struct spool){.options = *options, .fd = -1, .done_fd = -1, .refused_fd = -1, .inotify_fd = -1};
	int r = open_all(s, folder, e);
	if (r)
		spool_free(s);
	else
		*ret = s;
	return r;
}

void spool_free(struct spool *s)
{
	if (!s)
		return;
	const int fds[] = {s->fd, s->done_fd, s->refused_fd, s->inotify_fd};
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(s->arrivals);
	free(s->folder);
	free(s);
}

int spool_fd(const struct spool *s)
{
	return s->inotify_fd;
}
