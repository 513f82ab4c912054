/* SPDX-License-Identifier: BSD-3-Clause */
/* tree_prove: roots, frontiers and proofs out of tiles.
 *
 * A proof is a list of ranges of leaves; each is one perfect subtree, but for at most one at the right edge. They are hashed from the lowest up,
 * so that the eight levels that one tile spans come one after the other, and the tile read last is the one asked for next. */
#include <errno.h>
#include <inttypes.h>

#include "audit/tree.h"

#define SIZE_MAX_LEAVES (UINT64_C(1) << TREE_LEVELS)

struct reader {
	const struct tree_source *source;
	uint64_t size;
	bool has;
	unsigned level;
	uint64_t n;
	struct hash tile[TILE_WIDTH];
};

static int reader_tile(struct reader *r, unsigned level, uint64_t n, struct err *e)
{
	if (r->has && r->level == level && r->n == n)
		return 0;
	uint64_t left = (r->size >> (TILE_HEIGHT * level)) - n * TILE_WIDTH;
	unsigned width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
	r->has = false;
	int err = r->source->tile(r->source->ctx, level, n, width, r->tile, e);
	if (err)
		return err;
	r->has = true;
	r->level = level;
	r->n = n;
	return 0;
}

/* The n-th perfect subtree of 2^height leaves. */
static int perfect(struct reader *r, unsigned height, uint64_t n, struct hash *ret, struct err *e)
{
	unsigned up = height % TILE_HEIGHT, width = 1u << up;
	uint64_t first = n << up;
	struct hash h[TILE_WIDTH / 2];
	int err = reader_tile(r, height / TILE_HEIGHT, first / TILE_WIDTH, e);
	if (err)
		return err;
	const struct hash *from = r->tile + first % TILE_WIDTH;
	for (; width > 1; width /= 2, from = h)
		for (unsigned i = 0; i < width / 2; i++)
			tree_node(&from[2 * i], &from[2 * i + 1], &h[i]);
	*ret = *from;
	return 0;
}

/* The root of leaves first to end-1, where first is a multiple of the largest power of two in them. */
static int range_root(struct reader *r, uint64_t first, uint64_t end, struct hash *ret, struct err *e)
{
	bool begun = false;
	struct hash h, left;
	for (uint64_t rest = end - first, at = end; rest; rest &= rest - 1) {
		unsigned height = (unsigned)__builtin_ctzll(rest);
		at -= UINT64_C(1) << height;
		int err = perfect(r, height, at >> height, &left, e);
		if (err)
			return err;
		if (begun)
			tree_node(&left, &h, &h);
		else
			h = left;
		begun = true;
	}
	*ret = h;
	return 0;
}

static int too_large(uint64_t size, struct err *e)
{
	return err_set(e, -EINVAL, "a tree of %" PRIu64 " leaves: 2^%d is the most", size, TREE_LEVELS);
}

int tree_frontier(const struct tree_source *s, uint64_t size, struct frontier *ret, struct err *e)
{
	struct reader r = {.source = s, .size = size};
	struct frontier f = {.size = size};
	if (size > SIZE_MAX_LEAVES)
		return too_large(size, e);
	for (uint64_t rest = size; rest; rest &= rest - 1) {
		unsigned height = (unsigned)__builtin_ctzll(rest);
		int err = perfect(&r, height, (size >> height) - 1, &f.peaks[height], e);
		if (err)
			return err;
	}
	*ret = f;
	return 0;
}

int tree_root(const struct tree_source *s, uint64_t size, struct hash *ret, struct err *e)
{
	struct frontier f;
	int err = tree_frontier(s, size, &f, e);
	if (err)
		return err;
	frontier_root(&f, ret);
	return 0;
}

/* The ranges of a proof, from the root down. */
struct ranges {
	unsigned n;
	struct {
		uint64_t first, end;
	} at[TREE_PROOF_MAX];
};

static void ranges_add(struct ranges *s, uint64_t first, uint64_t end)
{
	s->at[s->n].first = first;
	s->at[s->n++].end = end;
}

static uint64_t split(uint64_t first, uint64_t end)
{
	return first + (UINT64_C(1) << (63 - __builtin_clzll(end - first - 1)));
}

static int ranges_hash(const struct tree_source *s, uint64_t size, const struct ranges *w, struct hash *ret,
		       unsigned *ret_n, struct err *e)
{
	struct reader r = {.source = s, .size = size};
	struct hash h[TREE_PROOF_MAX];
	for (unsigned i = 0; i < w->n; i++) {
		unsigned from = w->n - 1 - i;
		int err = range_root(&r, w->at[from].first, w->at[from].end, &h[i], e);
		if (err)
			return err;
	}
	for (unsigned i = 0; i < w->n; i++)
		ret[i] = h[i];
	*ret_n = w->n;
	return 0;
}

int tree_prove_inclusion(const struct tree_source *s, uint64_t size, uint64_t index,
			 struct hash ret[TREE_PROOF_MAX], unsigned *ret_n, struct err *e)
{
	struct ranges w = {0};
	if (size > SIZE_MAX_LEAVES)
		return too_large(size, e);
	if (index >= size)
		return err_set(e, -EINVAL, "leaf %" PRIu64 ": the tree has %" PRIu64, index, size);
	for (uint64_t first = 0, end = size; end - first > 1;) {
		uint64_t middle = split(first, end);
		if (index < middle) {
			ranges_add(&w, middle, end);
			end = middle;
		} else {
			ranges_add(&w, first, middle);
			first = middle;
		}
	}
	return ranges_hash(s, size, &w, ret, ret_n, e);
}

int tree_prove_consistency(const struct tree_source *s, uint64_t from, uint64_t to,
			   struct hash ret[TREE_PROOF_MAX], unsigned *ret_n, struct err *e)
{
	struct ranges w = {0};
	if (to > SIZE_MAX_LEAVES)
		return too_large(to, e);
	if (!from || from > to)
		return err_set(e, -EINVAL,
			       "from %" PRIu64 " to %" PRIu64 " leaves: from must be 1 to %" PRIu64, from, to,
			       to);
	uint64_t first = 0, end = to;
	while (end != from) {
		uint64_t middle = split(first, end);
		if (from <= middle) {
			ranges_add(&w, middle, end);
			end = middle;
		} else {
			ranges_add(&w, first, middle);
			first = middle;
		}
	}
	if (first) /* the old tree's last subtree; where that is the whole of it, its root is known */
		ranges_add(&w, first, end);
	return ranges_hash(s, to, &w, ret, ret_n, e);
}
