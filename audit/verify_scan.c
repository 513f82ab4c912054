/* SPDX-License-Identifier: BSD-3-Clause */
/* Every file of the folder: which of them the checkpoint covers, and which no log has. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/verify_run.h"

#define DEPTH_MAX 12 /* tile/0/x001/x234/...: of 2^64 there are seven */
#define SIZE_MAX_ (UINT64_C(1) << 62)

static bool ends(const char *path, const char *with)
{
	size_t n = strlen(path), m = strlen(with);
	return n >= m && !strcmp(path + n - m, with);
}

static int add(uint64_t **list, size_t *n, size_t *room, uint64_t value)
{
	if (*n == *room) {
		size_t more = *room ? 2 * *room : 256;
		uint64_t *p = realloc(*list, more * sizeof(*p));
		if (!p)
			return -ENOMEM;
		*list = p;
		*room = more;
	}
	(*list)[(*n)++] = value;
	return 0;
}

static int add_partial(struct verify_scan *s, const struct tile *t)
{
	if (s->n_partial == s->room_partial) {
		size_t more = s->room_partial ? 2 * s->room_partial : 256;
		struct tile *p = realloc(s->partial, more * sizeof(*p));
		if (!p)
			return -ENOMEM;
		s->partial = p;
		s->room_partial = more;
	}
	s->partial[s->n_partial++] = *t;
	return 0;
}

/* Faults here are told when the leaves have none. */
static void blame(struct verify_run *v, enum verify_fault fault, uint64_t leaf, uint64_t last,
		  const char *path, const char *why)
{
	if (!v->scan_found.code)
		verify_find(&v->scan_found, fault, leaf, last, path, "%s", why);
}

/* Of how many leaves a log must be, to have this tile. false: no log is so long. */
static bool needs(const struct tile *t, uint64_t *ret)
{
	unsigned shift = t->level > 0 ? TILE_HEIGHT * (unsigned)t->level : 0;
	uint64_t hashes;
	if (t->n >= SIZE_MAX_ / TILE_WIDTH)
		return false;
	hashes = t->n * TILE_WIDTH + t->width;
	if (hashes > SIZE_MAX_ >> shift)
		return false;
	*ret = hashes << shift;
	return true;
}

static int take_tile(struct verify_run *v, const char *path, const struct tile *t)
{
	uint64_t need;
	if (!needs(t, &need)) {
		blame(v, VERIFY_UNKNOWN, VERIFY_NO_LEAF, 0, path, "no log is so long");
		return 0;
	}
	if (need > v->head.size) {
		if (need > v->scan.need)
			snprintf(v->scan.beyond, sizeof(v->scan.beyond), "%s", path);
		v->scan.need = need > v->scan.need ? need : v->scan.need;
		return 0;
	}
	if (t->width < TILE_WIDTH)
		return add_partial(&v->scan, t);
	if (t->level == TILE_ENTRIES && verify_pruned_any(&v->pruned, t->n))
		blame(v, VERIFY_RETENTION, t->n * TILE_WIDTH, t->n * TILE_WIDTH + TILE_WIDTH - 1, path,
		      "the bundle is there, though bodies of it were removed");
	return 0;
}

static int take_kept(struct verify_run *v, const char *path)
{
	char as_tile[VERIFY_FILE_BYTES + 8];
	struct tile t;
	snprintf(as_tile, sizeof(as_tile), "tile/entries/%s", path + strlen("kept/"));
	if (!tile_parse(as_tile, &t) || t.width != TILE_WIDTH || t.n >= SIZE_MAX_ / TILE_WIDTH) {
		blame(v, VERIFY_UNKNOWN, VERIFY_NO_LEAF, 0, path, "no log has this file");
		return 0;
	}
	if (!verify_pruned_any(&v->pruned, t.n) && !verify_pruned_any(&v->pruned_new, t.n))
		blame(v, VERIFY_RETENTION, t.n * TILE_WIDTH, t.n * TILE_WIDTH + TILE_WIDTH - 1, path,
		      "bodies are said to be removed, and the file pruned does not say so");
	return add(&v->scan.kept, &v->scan.n_kept, &v->scan.room_kept, t.n);
}

/* stamps/4711.tsr */
static int take_stamp(struct verify_run *v, const char *path)
{
	struct verify_scan *s = &v->scan;
	const char *name = path + strlen("stamps/");
	char canonical[48], *end;
	errno = 0;
	uint64_t size = strtoull(name, &end, 10);
	bool is_reply = ends(path, ".tsr");
	snprintf(canonical, sizeof(canonical), "%" PRIu64 "%s", size, is_reply ? ".tsr" : ".checkpoint");
	if (errno || !size || strcmp(name, canonical)) {
		blame(v, VERIFY_UNKNOWN, VERIFY_NO_LEAF, 0, path, "no log has this file");
		return 0;
	}
	return is_reply ? add(&s->replies, &s->n_replies, &s->room_replies, size)
			: add(&s->stamps, &s->n_stamps, &s->room_stamps, size);
}

static int take(struct verify_run *v, const char *path)
{
	struct tile t;
	if (ends(path, ".tmp") || !strcmp(path, "checkpoint") || !strcmp(path, "pruned") ||
	    !strcmp(path, "pruned.new"))
		return 0;
	if (tile_parse(path, &t))
		return take_tile(v, path, &t);
	if (!strncmp(path, "kept/", 5))
		return take_kept(v, path);
	if (!strncmp(path, "stamps/", 7))
		return take_stamp(v, path);
	blame(v, VERIFY_UNKNOWN, VERIFY_NO_LEAF, 0, path, "no log has this file");
	return 0;
}

static int walk(struct verify_run *v, int folder, char *path, size_t len, unsigned depth)
{
	int err = 0;
	DIR *d = fdopendir(folder);
	if (!d) {
		err = -errno;
		close(folder);
		return err;
	}
	struct dirent *f;
	while (!err && (errno = 0, f = readdir(d))) {
		if (!strcmp(f->d_name, ".") || !strcmp(f->d_name, ".."))
			continue;
		int n = snprintf(path + len, VERIFY_FILE_BYTES - len, "%s%s", len ? "/" : "", f->d_name);
		if (n < 0 || len + (size_t)n >= VERIFY_FILE_BYTES) {
			blame(v, VERIFY_UNKNOWN, VERIFY_NO_LEAF, 0, path, "no log has names as long as this");
			continue;
		}
		int below = f->d_type == DT_REG || f->d_type == DT_LNK || depth == DEPTH_MAX
				? -1
				: openat(folder, f->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			err = walk(v, below, path, len + (size_t)n, depth + 1);
		else if (f->d_type == DT_DIR && errno != ENOENT && depth < DEPTH_MAX)
			err = -errno;
		else if (f->d_type != DT_DIR || depth == DEPTH_MAX)
			err = take(v, path);
	}
	if (!err && errno)
		err = -errno;
	closedir(d);
	path[len] = 0;
	return err;
}

static int by_place(const void *a, const void *b)
{
	const struct tile *x = a, *y = b;
	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return (x->width > y->width) - (x->width < y->width);
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

bool verify_scan_has(const struct verify_scan *s, const struct tile *t)
{
	return s->n_partial && bsearch(t, s->partial, s->n_partial, sizeof(*t), by_place);
}

bool verify_has(const uint64_t *sorted, size_t n, uint64_t value)
{
	return n && bsearch(&value, sorted, n, sizeof(value), by_number);
}

static void sort(uint64_t *list, size_t n)
{
	if (n)
		qsort(list, n, sizeof(*list), by_number);
}

int verify_scan(struct verify_run *v)
{
	char path[VERIFY_FILE_BYTES] = "";
	struct verify_scan *s = &v->scan;
	int fd = openat(v->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 ? -errno : walk(v, fd, path, 0, 0);
	if (err)
		return verify_find_read(&v->found, err, VERIFY_NO_LEAF, 0, path);
	if (s->n_partial)
		qsort(s->partial, s->n_partial, sizeof(*s->partial), by_place);
	sort(s->kept, s->n_kept);
	sort(s->stamps, s->n_stamps);
	sort(s->replies, s->n_replies);
	return 0;
}
