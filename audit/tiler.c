/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/tiler.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "audit/tiler_files.h"

/* The hashes of the last tile of a level as peaks of the tree's frontier. */
static void add_peaks(struct frontier *to, unsigned level, const struct hash *hashes, unsigned n)
{
	struct frontier part = {0};
	for (unsigned i = 0; i < n; i++)
		frontier_add(&part, &hashes[i]);
	for (unsigned bit = 0; bit < TILE_HEIGHT; bit++)
		if (n >> bit & 1)
			to->peaks[TILE_HEIGHT * level + bit] = part.peaks[bit];
}

static unsigned rest(unsigned level, uint64_t size)
{
	return (unsigned)(tile_count((int)level, size) % TILE_WIDTH);
}

static void edge_root(const struct tiler_edge *edge, const struct hash *leaves, struct hash *ret)
{
	struct frontier f = {.size = edge->size};
	add_peaks(&f, 0, leaves, rest(0, edge->size));
	for (unsigned level = 1; level < TILE_LEVELS; level++)
		add_peaks(&f, level, edge->hashes[level], rest(level, edge->size));
	frontier_root(&f, ret);
}

int tiler_load(struct tiler *t, struct log_dir *d, uint64_t size, const struct hash *root,
	       struct hash leaves[TILE_WIDTH], struct err *e)
{
	struct tree_source source = dir_source(d);
	struct hash got;
	t->is.size = size;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct hash *to = level ? t->is.hashes[level] : leaves;
		unsigned width = rest(level, size);
		int err = width ? source.tile(source.ctx, level, tile_count((int)level, size) / TILE_WIDTH,
					      width, to, e)
				: 0;
		if (err)
			return err == -ENOENT ? -EBADMSG : err;
	}
	edge_root(&t->is, leaves, &got);
	if (size && !hash_equal(&got, root))
		return err_set(e, -EBADMSG,
			       "the last hash tiles do not have the root that the checkpoint signs: "
			       "put the folder back from a copy");
	t->next = t->is;
	return 0;
}

/* A level got its next hash. A tile that is full by it is written, and goes up. */
static int push(struct tiler *t, unsigned level, struct hash h, uint64_t leaves, struct err *e)
{
	for (; level < TILE_LEVELS; level++) {
		uint64_t count = tile_count((int)level, leaves); /* with this one */
		struct hash *tile = t->next.hashes[level];
		tile[(count - 1) % TILE_WIDTH] = h;
		if (count % TILE_WIDTH)
			return 0;
		struct tile full = {(int)level, count / TILE_WIDTH - 1, TILE_WIDTH};
		int err = tiler_file(t->folder, &full, tile, TILE_WIDTH * sizeof(*tile), e);
		if (err)
			return err;
		struct frontier f = {0};
		for (unsigned i = 0; i < TILE_WIDTH; i++)
			frontier_add(&f, &tile[i]);
		h = f.peaks[TILE_HEIGHT];
	}
	return 0;
}

static int write_bundle(struct tiler *t, uint64_t n, const struct tiler_bundle *b, struct err *e)
{
	struct tile entries = {TILE_ENTRIES, n, b->n}, hashes = {0, n, b->n};
	struct frontier f = {0};
	int err = tiler_file(t->folder, &entries, b->entries.p, b->entries.len, e);
	if (!err)
		err = tiler_file(t->folder, &hashes, b->hashes, b->n * sizeof(*b->hashes), e);
	if (err || b->n < TILE_WIDTH)
		return err;
	for (unsigned i = 0; i < TILE_WIDTH; i++)
		frontier_add(&f, &b->hashes[i]);
	return push(t, 1, f.peaks[TILE_HEIGHT], (n + 1) * TILE_WIDTH, e);
}

int tiler_write(struct tiler *t, uint64_t to, const struct tiler_bundle *bundles, struct hash *ret_root,
		struct err *e)
{
	uint64_t first = t->is.size / TILE_WIDTH, end = (to + TILE_WIDTH - 1) / TILE_WIDTH;
	int err = 0;
	t->next = t->is;
	t->next.size = to;
	for (uint64_t n = first; !err && n < end; n++)
		err = write_bundle(t, n, &bundles[n - first], e);
	for (unsigned level = 1; !err && level < TILE_LEVELS; level++) {
		uint64_t count = tile_count((int)level, to);
		struct tile part = {(int)level, count / TILE_WIDTH, rest(level, to)};
		if (part.width && count > tile_count((int)level, t->is.size))
			err = tiler_file(t->folder, &part, t->next.hashes[level],
					 part.width * sizeof(struct hash), e);
	}
	if (!err && syncfs(t->folder))
		err = err_set(e, -errno, "the tiles cannot be synced: %s", strerror(errno));
	if (!err)
		edge_root(&t->next, rest(0, to) ? bundles[end - 1 - first].hashes : NULL, ret_root);
	return err;
}

int tiler_publish(struct tiler *t, const char *note, size_t bytes, struct err *e)
{
	static const char *const temp = "checkpoint.tmp", *const name = "checkpoint";
	int fd = openat(t->folder, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int err = fd < 0 ? -errno : tiler_write_all(fd, note, bytes);
	if (!err && fdatasync(fd))
		err = -errno;
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	if (!err && (renameat(t->folder, temp, t->folder, name) || fsync(t->folder)))
		err = -errno;
	return err ? err_set(e, err, "log/%s cannot be written: %s", name, strerror(-err)) : 0;
}

void tiler_commit(struct tiler *t)
{
	for (int level = TILE_ENTRIES; level < TILE_LEVELS; level++) {
		uint64_t n = tile_count(level, t->is.size) / TILE_WIDTH,
			 end = tile_count(level, t->next.size) / TILE_WIDTH;
		for (; n < end; n++)
			tiler_remove_partial(t->folder, &(struct tile){level, n, TILE_WIDTH});
	}
	t->is = t->next;
}
