/* SPDX-License-Identifier: BSD-3-Clause */
/* Hash tiles of level 1 and above, and which partial tiles must be there. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "audit/verify_run.h"

/* The leaves below hash i of a tile. */
static void covered(const struct verify_run *v, unsigned level, uint64_t n, unsigned i, uint64_t *ret_first,
		    uint64_t *ret_last)
{
	unsigned shift = TILE_HEIGHT * level;
	*ret_first = (n * TILE_WIDTH + i) << shift;
	*ret_last = ((n * TILE_WIDTH + i + 1) << shift) - 1;
	if (*ret_last >= v->head.size)
		*ret_last = v->head.size - 1;
}

/* Compares a tile's file with the hashes that follow from the level below. */
static int compare(struct verify_run *v, unsigned level)
{
	struct verify_level *l = &v->levels[level];
	struct tile t = {.level = (int)level, .n = l->n, .width = l->width};
	char path[TILE_PATH_BYTES];
	uint64_t first, last, end;
	unsigned width = l->width;
	covered(v, level, l->n, 0, &first, &last);
	covered(v, level, l->n, l->width - 1, &end, &last);
	tile_path(&t, path);
	int err = verify_read(v->fd, path, VERIFY_TILE_BYTES, &v->whole);
	if (err == -ENOENT &&
	    width < TILE_WIDTH) { /* a log that goes on removes it once it has the full one */
		struct tile full = {.level = (int)level, .n = l->n, .width = TILE_WIDTH};
		char other[TILE_PATH_BYTES];
		tile_path(&full, other);
		if (!verify_read(v->fd, other, VERIFY_TILE_BYTES, &v->whole)) {
			err = 0;
			width = TILE_WIDTH;
			memcpy(path, other, sizeof(path));
		}
	}
	if (err)
		return verify_find_read(&v->found, err, first, last, path);
	if (v->whole.len != width * sizeof(struct hash))
		return verify_find(&v->found, VERIFY_DAMAGED, first, last, path,
				   "it has %zu bytes, and must have %zu", v->whole.len,
				   width * sizeof(struct hash));
	for (unsigned i = 0; i < l->width; i++) {
		if (hash_equal(&l->hash[i], (struct hash *)v->whole.p + i))
			continue;
		covered(v, level, l->n, i, &first, &last);
		return verify_find(&v->found, VERIFY_HASH, first, last, path,
				   "hash %u is not what the tile below it, of leaves %" PRIu64 " to %" PRIu64
				   ", comes to",
				   i, first, last);
	}
	return 0;
}

int verify_levels_add(struct verify_run *v, unsigned level, const struct hash *h)
{
	struct hash up = *h;
	for (; level < TILE_LEVELS; level++) {
		struct verify_level *l = &v->levels[level];
		l->hash[l->width++] = up;
		if (l->width < TILE_WIDTH)
			return 0;
		int err = compare(v, level);
		if (err)
			return err;
		verify_fold(l->hash, TILE_WIDTH, &up);
		l->width = 0;
		l->n++;
	}
	return 0;
}

int verify_levels_edge(struct verify_run *v, struct verify_slot *s)
{
	struct verify_level *l = &v->levels[0];
	size_t bytes = 0;
	l->n = s->n;
	l->width = s->width;
	memcpy(l->hash, s->leaf, s->width * sizeof(*s->leaf));
	for (unsigned i = 0; i < s->width; i++)
		bytes += BUNDLE_ENTRY_HEAD + s->entry[i].len;
	/* the file may be the full one by now: the edge is its beginning */
	struct verify_buffer b = v->edge;
	v->edge = s->file;
	v->edge.len = bytes;
	s->file = b;
	return 0;
}

int verify_levels_end(struct verify_run *v)
{
	for (unsigned level = 1; level < TILE_LEVELS; level++) {
		int err = v->levels[level].width ? compare(v, level) : 0;
		if (err)
			return err;
	}
	return 0;
}

void verify_levels_signed(struct verify_run *v, uint64_t size)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct verify_level *l = &v->levels[level];
		uint64_t n = tile_count((int)level, size) / TILE_WIDTH;
		if (n != l->signed_n)
			memset(l->must, 0, sizeof(l->must));
		l->signed_n = n;
		l->must[tile_count((int)level, size) % TILE_WIDTH] = true;
	}
}
