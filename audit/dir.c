/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES_PREFIX	 "tile/entries"
#define KEPT_PREFIX	 "kept"
#define CACHED_TILES	 (2 * TILE_LEVELS) /* a proof's path, and the right edge */
#define BUNDLE_BYTES_MAX ((size_t)TILE_WIDTH * (BUNDLE_ENTRY_HEAD + BUNDLE_ENTRY_MAX))
#define KEPT_BYTES_MAX	 (BUNDLE_BYTES_MAX + TILE_WIDTH)

struct buffer {
	uint8_t *p;
	size_t room, len;
};

struct cached_tile {
	unsigned level, width; /* width 0: empty */
	uint64_t n, used;
	struct hash hashes[TILE_WIDTH];
};

struct log_dir {
	int fd;
	char *folder;
	struct buffer file, bundle;
	uint64_t bundle_n;
	unsigned bundle_width; /* entries of `bundle`, split; 0: none */
	struct span entries[TILE_WIDTH];
	uint64_t clock;
	struct cached_tile tiles[CACHED_TILES];
};

int dir_open(const char *folder, struct log_dir **ret, struct err *e)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", folder, strerror(errno));
	struct log_dir *d = calloc(1, sizeof(*d));
	char *name = strdup(folder);
	if (!d || !name) {
		free(d);
		free(name);
		close(fd);
		return err_set(e, -ENOMEM, "%s: no memory to read it", folder);
	}
	d->fd = fd;
	d->folder = name;
	*ret = d;
	return 0;
}

void dir_close(struct log_dir *d)
{
	if (!d)
		return;
	close(d->fd);
	free(d->folder);
	free(d->file.p);
	free(d->bundle.p);
	free(d);
}

/* Follows no symbolic link, and leaves the folder by no name. */
static int open_below(int folder, const char *path)
{
	struct open_how how = {
	    .flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	if (*path == '/' || strstr(path, "..")) {
		errno = EXDEV;
		return -1;
	}
	int fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
	if (fd < 0 && errno == ENOSYS) /* before Linux 5.6: the last name alone is guarded */
		fd = openat(folder, path, (int)how.flags);
	return fd;
}

static int open_failed(const struct log_dir *d, const char *path, struct err *e)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
		return err_set(e, -ENOENT, "%s/%s: there is no such file", d->folder, path);
	case ELOOP:
	case EXDEV:
		return err_set(e, -EBADMSG, "%s/%s: must be a file in this folder, not a link out of it",
			       d->folder, path);
	default:
		return err_set(e, -errno, "%s/%s: %s", d->folder, path, strerror(errno));
	}
}

/* The file's bytes. One byte more than it should have is asked for, so that a file which grows is noticed. */
static int fill(struct buffer *b, int fd, size_t bytes)
{
	if (b->room < bytes + 1) {
		uint8_t *p = realloc(b->p, bytes + 1);
		if (!p)
			return -ENOMEM;
		b->p = p;
		b->room = bytes + 1;
	}
	for (b->len = 0; b->len <= bytes;) {
		ssize_t n = read(fd, b->p + b->len, bytes + 1 - b->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		b->len += (size_t)n;
	}
	return b->len == bytes ? 0 : -EBADMSG;
}

static int read_whole(struct log_dir *d, const char *path, size_t max, struct buffer *b, struct err *e)
{
	struct stat st;
	int fd = open_below(d->fd, path), err;
	if (fd < 0)
		return open_failed(d, path, e);
	if (fstat(fd, &st))
		err = err_set(e, -errno, "%s/%s: %s", d->folder, path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err = err_set(e, -EBADMSG, "%s/%s: must be a file", d->folder, path);
	else if ((uint64_t)st.st_size > max)
		err = err_set(e, -EBADMSG, "%s/%s: %" PRIu64 " bytes: %zu is the most", d->folder, path,
			      (uint64_t)st.st_size, max);
	else {
		err = fill(b, fd, (size_t)st.st_size);
		if (err)
			err = err_set(e, err, "%s/%s: %s", d->folder, path,
				      err == -EBADMSG ? "changes while it is read" : strerror(-err));
	}
	close(fd);
	return err;
}

int dir_file(struct log_dir *d, const char *path, size_t max, struct span *ret, struct err *e)
{
	int err = read_whole(d, path, max, &d->file, e);
	if (!err)
		*ret = (struct span){d->file.p, d->file.len};
	return err;
}

int dir_checkpoint(struct log_dir *d, struct span *ret, struct err *e)
{
	return dir_file(d, "checkpoint", NOTE_MAX_BYTES, ret, e);
}

/* Reads the file that has t->width hashes or entries: the partial one of that width; else the full one, which replaced it; else a wider
 * partial one. t->width becomes that file's. */
static int read_tile(struct log_dir *d, struct tile *t, size_t each_max, struct buffer *b,
		     char path[TILE_PATH_BYTES], struct err *e)
{
	const unsigned asked = t->width;
	struct err first, none;
	tile_path(t, path);
	int err = read_whole(d, path, asked * each_max, b, &first);
	for (unsigned width = TILE_WIDTH; err == -ENOENT && width > asked; width--) {
		t->width = width;
		tile_path(t, path);
		err = read_whole(d, path, width * each_max, b, &none);
		if (err && err != -ENOENT)
			first = none;
	}
	return err ? err_set(e, err, "%s", first.text) : 0;
}

static struct cached_tile *cached(struct log_dir *d, unsigned level, uint64_t n)
{
	struct cached_tile *oldest = d->tiles;
	for (struct cached_tile *c = d->tiles; c < d->tiles + CACHED_TILES; c++) {
		if (c->width && c->level == level && c->n == n)
			return c;
		if (c->used < oldest->used)
			oldest = c;
	}
	oldest->width = 0;
	return oldest;
}

static int source_tile(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *ret, struct err *e)
{
	struct log_dir *d = ctx;
	struct tile t = {.level = (int)level, .n = n, .width = width};
	char path[TILE_PATH_BYTES];
	if (level >= TILE_LEVELS || !width || width > TILE_WIDTH)
		return err_set(e, -EINVAL, "%s: no tile of level %u has %u hashes", d->folder, level, width);
	struct cached_tile *c = cached(d, level, n);
	if (c->width < width) {
		int err = read_tile(d, &t, sizeof(struct hash), &d->file, path, e);
		if (err)
			return err;
		if (d->file.len != t.width * sizeof(struct hash))
			return err_set(e, -EBADMSG, "%s/%s: %zu bytes: must be %zu", d->folder, path,
				       d->file.len, t.width * sizeof(struct hash));
		memcpy(c->hashes, d->file.p, d->file.len);
		c->level = level;
		c->n = n;
		c->width = t.width;
	}
	c->used = ++d->clock;
	memcpy(ret, c->hashes, width * sizeof(*ret));
	return 0;
}

struct tree_source dir_source(struct log_dir *d)
{
	return (struct tree_source){d, source_tile};
}

static void kept_path(uint64_t n, char ret[TILE_PATH_BYTES])
{
	char entries[TILE_PATH_BYTES];
	tile_path(&(struct tile){TILE_ENTRIES, n, TILE_WIDTH}, entries);
	snprintf(ret, TILE_PATH_BYTES, KEPT_PREFIX "%s", entries + strlen(ENTRIES_PREFIX));
}

/* Of a bundle that loses bodies meanwhile, kept/ is there before it is gone. */
static int read_bundle(struct log_dir *d, uint64_t n, unsigned width, struct err *e)
{
	struct tile t = {.level = TILE_ENTRIES, .n = n, .width = width};
	char path[TILE_PATH_BYTES];
	struct err gone;
	int err = read_tile(d, &t, BUNDLE_ENTRY_HEAD + BUNDLE_ENTRY_MAX, &d->bundle, path, &gone);
	bool whole = err != -ENOENT;
	if (!whole) {
		t.width = TILE_WIDTH;
		kept_path(n, path);
		err = read_whole(d, path, KEPT_BYTES_MAX, &d->bundle, e);
	}
	if (err)
		return whole || err == -ENOENT ? err_set(e, err, "%s", gone.text) : err;
	struct span bytes = {d->bundle.p, d->bundle.len};
	if (!(whole ? bundle_split(bytes, t.width, d->entries) : kept_split(bytes, d->entries)))
		return err_set(e, -EBADMSG, "%s/%s: is not of %u entries: cut, or longer", d->folder, path,
			       t.width);
	d->bundle_n = n;
	d->bundle_width = t.width;
	return 0;
}

int dir_bundle(struct log_dir *d, uint64_t n, unsigned width, struct span ret[TILE_WIDTH], struct err *e)
{
	if (!width || width > TILE_WIDTH)
		return err_set(e, -EINVAL, "%s: no bundle has %u entries", d->folder, width);
	if (d->bundle_width < width || d->bundle_n != n) {
		d->bundle_width = 0;
		int err = read_bundle(d, n, width, e);
		if (err)
			return err;
	}
	memcpy(ret, d->entries, width * sizeof(*ret));
	return 0;
}
