/* SPDX-License-Identifier: BSD-3-Clause */
/* file:// URLs, by our own hands: below one folder, whatever links say. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "control/feed/fetch_state.h"
#include "control/feed/temp.h"

static int open_below(struct fetch_part *p, const char *path)
{
	const char *folder = p->q->file_root;
	int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return fetch_fail(p, FETCH_WHY_SETTING, "the folder %s: %s.", folder, strerror(errno));
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	int why = errno;
	close(root);
	if (fd >= 0)
		return fd;
	switch (why) {
	case ENOENT:
	case ENOTDIR:
		return fetch_fail(p, FETCH_WHY_GONE, "there is no such file.");
	case EACCES:
	case EPERM:
		return fetch_fail(p, FETCH_WHY_DENIED, "this process may not read it.");
	case EXDEV:
	case ELOOP:
		return fetch_fail(p, FETCH_WHY_REDIRECT, "a link leads out of the folder %s.", folder);
	default:
		return fetch_fail(p, FETCH_WHY_LOCAL, "%s.", strerror(why));
	}
}

/* Whoever writes over the file changes it, and so does who puts another in its place. */
static void say_version(const struct stat *st, char to[FETCH_MAX_VALIDATOR])
{
	snprintf(to, FETCH_MAX_VALIDATOR, "\"%jx-%jx-%jx-%jx.%lx\"", (uintmax_t)st->st_dev,
		 (uintmax_t)st->st_ino, (uintmax_t)st->st_size, (uintmax_t)st->st_mtim.tv_sec,
		 (unsigned long)st->st_mtim.tv_nsec);
}

static int fail_copy(struct fetch_part *p, int r, const struct err *why)
{
	switch (-r) {
	case EFBIG:
		return fetch_fail(p, FETCH_WHY_SIZE, "more than the limit of %" PRIu64 " bytes.",
				  p->max_bytes);
	case ECANCELED:
		return fetch_fail(p, FETCH_WHY_CANCELLED, "cancelled.");
	default:
		return fetch_fail(p, FETCH_WHY_LOCAL, "%s", why->text);
	}
}

static int copy(struct fetch_part *p, int fd)
{
	struct stat before, after;
	struct err why;
	char version[FETCH_MAX_VALIDATOR], now[FETCH_MAX_VALIDATOR];
	if (fstat(fd, &before))
		return fetch_fail(p, FETCH_WHY_LOCAL, "%s.", strerror(errno));
	if (!S_ISREG(before.st_mode))
		return fetch_fail(p, FETCH_WHY_SETTING, "is no regular file.");
	say_version(&before, version);
	if (p->etag && !strcmp(p->etag, version)) {
		p->ret->status = FETCH_UNCHANGED;
		return 0;
	}
	int r = temp_copy(fd, p->shown, p->q->folder, p->max_bytes, p->q->cancel, &p->ret->fd, &p->ret->bytes,
			  &why);
	if (r)
		return fail_copy(p, r, &why);
	if (fstat(fd, &after))
		return fetch_fail(p, FETCH_WHY_LOCAL, "%s.", strerror(errno));
	say_version(&after, now);
	if (strcmp(version, now) || p->ret->bytes != (uint64_t)after.st_size)
		return fetch_fail(p, FETCH_WHY_CUT,
				  "it changed while it was read: write to another name, then rename.");
	memcpy(p->ret->etag, version, sizeof(version));
	p->ret->status = FETCH_NEW;
	return 0;
}

int fetch_file(struct fetch_part *p)
{
	char path[FETCH_MAX_URL + 1];
	CURLU *u = fetch_url_parse(p->url);
	bool below = u && fetch_url_file(u, p->q->file_root, path, sizeof(path));
	curl_url_cleanup(u);
	if (!below)
		return fetch_fail(p, FETCH_WHY_SETTING, "is not below the folder %s.", p->q->file_root);
	int fd = open_below(p, path);
	if (fd < 0)
		return fd;
	int r = copy(p, fd);
	close(fd);
	return r;
}
