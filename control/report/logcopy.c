/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/logcopy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/report/logcopy_state.h"

int logcopy_open(const struct copying *c, const char *name, int *ret_fd, uint64_t *ret_size, struct err *e)
{
	struct stat st;
	int fd = openat(c->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? -ENOENT
				       : err_set(e, -errno, "%s/%s: cannot be opened: %s", c->path, name,
						 strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, -EBADMSG, "%s/%s: is no regular file", c->path, name);
	}
	*ret_fd = fd;
	*ret_size = (uint64_t)st.st_size;
	return 0;
}

/* The first bytes of it as "log/<as>"; `most`: all that there is, up to so many. */
static int copy_open(const struct copying *c, int fd, const char *as, uint64_t n, struct err *e)
{
	char name[NAME_BYTES + 8];
	snprintf(name, sizeof(name), "log/%s", as);
	return pack_file(c->pack, name, fd, n, e);
}

static int copy_whole(const struct copying *c, const char *name, struct err *e)
{
	uint64_t size;
	int fd, err = logcopy_open(c, name, &fd, &size, e);
	if (err)
		return err;
	err = copy_open(c, fd, name, size, e);
	close(fd);
	return err;
}

/* Where entry `width` of a bundle begins. */
static int bundle_cut(const struct copying *c, int fd, const char *name, unsigned width, uint64_t *ret,
		      struct err *e)
{
	uint8_t head[BUNDLE_ENTRY_HEAD];
	uint64_t at = 0;
	for (unsigned i = 0; i < width; i++) {
		if (pread(fd, head, sizeof(head), (off_t)at) != sizeof(head))
			return err_set(e, -EBADMSG, "%s/%s: has fewer than %u entries", c->path, name, width);
		at += sizeof(head) + (uint64_t)(head[0] << 8 | head[1]);
	}
	*ret = at;
	return 0;
}

/* A partial tile out of the full one, which has taken its place. */
static int copy_cut(const struct copying *c, const struct tile *t, struct err *e)
{
	struct tile full = {t->level, t->n, TILE_WIDTH};
	char from[TILE_PATH_BYTES], as[TILE_PATH_BYTES];
	uint64_t size, n = (uint64_t)t->width * sizeof(struct hash);
	int fd;
	tile_path(&full, from);
	tile_path(t, as);
	int err = logcopy_open(c, from, &fd, &size, e);
	if (err)
		return err;
	if (t->level == TILE_ENTRIES)
		err = bundle_cut(c, fd, from, t->width, &n, e);
	if (!err && n > size)
		err = err_set(e, -EBADMSG, "%s/%s: is shorter than %u hashes", c->path, from, t->width);
	if (!err)
		err = copy_open(c, fd, as, n, e);
	close(fd);
	return err;
}

static int missing(const struct copying *c, const char *name, struct err *e)
{
	return err_set(e, -EBADMSG, "%s/%s: is missing: rojactl status says what is wrong with the log",
		       c->path, name);
}

int logcopy_tile(const struct copying *c, const struct tile *t, struct err *e)
{
	char name[TILE_PATH_BYTES], kept[TILE_PATH_BYTES];
	tile_path(t, name);
	int err = copy_whole(c, name, e);
	if (err == -ENOENT && t->width < TILE_WIDTH)
		err = copy_cut(c, t, e);
	if (err == -ENOENT && t->width == TILE_WIDTH && t->level == TILE_ENTRIES) {
		snprintf(kept, sizeof(kept), "kept/%s", name + strlen("tile/entries/"));
		err = copy_whole(c, kept, e);
	}
	return err == -ENOENT ? missing(c, name, e) : err;
}

int logcopy_list(const struct copying *c, const char *name, struct dirent ***ret, int *ret_n, struct err *e)
{
	*ret = NULL;
	*ret_n = scandirat(c->folder, name, ret, NULL, alphasort);
	if (*ret_n >= 0)
		return 0;
	*ret_n = 0;
	return errno == ENOENT
		   ? 0
		   : err_set(e, -errno, "%s/%s: cannot be read: %s", c->path, name, strerror(errno));
}

void logcopy_list_free(struct dirent **names, int n)
{
	while (n > 0)
		free(names[--n]);
	free(names);
}

static int copy_tiles(const struct copying *c, const atomic_bool *cancel, struct err *e)
{
	struct tile_walk it = {0};
	struct tile t;
	int err = 0;
	while (!err && tile_next(&it, 0, c->at.size, &t)) {
		if (atomic_load_explicit(cancel, memory_order_relaxed))
			return err_set(e, -ECANCELED, "the daemon stops");
		if (t.width < TILE_WIDTH)
			err = logcopy_narrower(c, &t, e);
		if (!err)
			err = logcopy_tile(c, &t, e);
	}
	return err;
}

/* SIZE.checkpoint and, where it is there, SIZE.tsr. */
static int copy_stamp(const struct copying *c, const char *name, struct err *e)
{
	char *end, file[NAME_BYTES];
	errno = 0;
	unsigned long long size = strtoull(name, &end, 10);
	if (end == name || errno || size > c->at.size || strcmp(end, ".checkpoint"))
		return 0;
	snprintf(file, sizeof(file), "stamps/%.60s", name);
	int err = copy_whole(c, file, e);
	if (err)
		return err == -ENOENT ? 0 : err;
	snprintf(file, sizeof(file), "stamps/%llu.tsr", size);
	err = copy_whole(c, file, e);
	return err == -ENOENT ? 0 : err;
}

static int copy_stamps(const struct copying *c, struct err *e)
{
	struct dirent **names;
	int n, err = logcopy_list(c, "stamps", &names, &n, e);
	for (int i = 0; i < n && !err; i++)
		err = copy_stamp(c, names[i]->d_name, e);
	logcopy_list_free(names, n);
	return err;
}

int logcopy_read(const struct copying *c, const char *name, uint64_t most, uint8_t **ret, size_t *ret_n,
		 struct err *e)
{
	uint64_t size;
	int fd, err = logcopy_open(c, name, &fd, &size, e);
	if (err)
		return err;
	uint8_t *bytes = size <= most ? malloc(size + 1) : NULL;
	ssize_t got = bytes ? read(fd, bytes, size) : -1;
	close(fd);
	if (got != (ssize_t)size) {
		free(bytes);
		return err_set(e, -EBADMSG, "%s/%s: cannot be read whole", c->path, name);
	}
	*ret = bytes;
	*ret_n = size;
	return 0;
}

/* Which bodies were removed; none: no bytes. -EAGAIN: some are just being. */
static int read_pruned(const struct copying *c, uint8_t **ret, size_t *ret_n, struct err *e)
{
	struct stat st;
	*ret = NULL;
	*ret_n = 0;
	if (!fstatat(c->folder, "pruned.new", &st, AT_SYMLINK_NOFOLLOW))
		return err_set(e, -EAGAIN,
			       "retention removes bodies of the log just now: try again in a minute");
	int err = logcopy_read(c, "pruned", UINT64_C(1) << 34, ret, ret_n, e);
	return err == -ENOENT ? 0 : err;
}

/* The checkpoint's bytes, and what they say. */
static int read_point(struct copying *c, uint8_t **ret, size_t *ret_n, struct err *e)
{
	struct note note;
	struct checkpoint k;
	struct stat st;
	int err = logcopy_read(c, "checkpoint", NOTE_MAX_BYTES, ret, ret_n, e);
	if (err == -ENOENT)
		return err_set(e, err, "%s/checkpoint: the log has no checkpoint yet", c->path);
	if (!err)
		err = note_parse((struct span){*ret, *ret_n}, &note, e);
	if (!err)
		err = checkpoint_parse(note.text, &k, e);
	if (!err && fstatat(c->folder, "checkpoint", &st, AT_SYMLINK_NOFOLLOW))
		err = err_set(e, -errno, "%s/checkpoint: cannot be looked at", c->path);
	if (err)
		return err;
	c->at = (struct log_point){.size = k.size, .root = k.root, .signed_at = st.st_mtim.tv_sec};
	snprintf(c->at.origin, sizeof(c->at.origin), "%.*s", (int)k.origin.len, (const char *)k.origin.p);
	return 0;
}

static int copy_log(struct copying *c, const atomic_bool *cancel, struct err *e)
{
	uint8_t *pruned = NULL, *point = NULL, *again = NULL;
	size_t n_pruned, n_point, n_again = 0;
	int err = read_pruned(c, &pruned, &n_pruned, e);
	if (!err)
		err = read_point(c, &point, &n_point, e);
	if (!err)
		err = copy_tiles(c, cancel, e);
	if (!err)
		err = copy_stamps(c, e);
	if (!err)
		err = read_pruned(c, &again, &n_again, e);
	if (!err && (n_again != n_pruned || (n_again && memcmp(again, pruned, n_again))))
		err = err_set(e, -EAGAIN,
			      "retention removed bodies of the log just now: try again in a minute");
	if (!err && n_pruned)
		err = pack_bytes(c->pack, "log/pruned", pruned, n_pruned, e);
	if (!err)
		err = pack_bytes(c->pack, "log/checkpoint", point, n_point, e);
	free(pruned);
	free(point);
	free(again);
	return err;
}

static int begin(const char *folder, struct copying *c, struct err *e)
{
	c->path = folder;
	c->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return c->folder < 0 ? err_set(e, -errno, "%s: cannot be opened: %s", folder, strerror(errno)) : 0;
}

int logcopy(struct pack *p, const char *folder, const atomic_bool *cancel, struct log_point *ret,
	    struct err *e)
{
	struct copying c = {.pack = p};
	int err = begin(folder, &c, e);
	if (err)
		return err;
	err = copy_log(&c, cancel, e);
	close(c.folder);
	if (!err)
		*ret = c.at;
	return err;
}

int log_point_read(const char *folder, struct log_point *ret, struct err *e)
{
	struct copying c = {.pack = NULL};
	uint8_t *point = NULL;
	size_t n;
	int err = begin(folder, &c, e);
	if (err)
		return err;
	err = read_point(&c, &point, &n, e);
	free(point);
	close(c.folder);
	if (!err)
		*ret = c.at;
	return err;
}
