/* SPDX-License-Identifier: BSD-3-Clause */
/* Partial tiles: each that is there is the beginning of a longer one; those of sizes that were signed are there. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "audit/verify_run.h"

/* The whole of what partial tiles of (level, n) are beginnings of. *ret_width: entries or hashes that it has. 1: a fault. */
static int load_whole(struct verify_run *v, int level, uint64_t n, struct span *ret, unsigned *ret_width)
{
	struct verify_level *edge = &v->levels[level < 0 ? 0 : level];
	struct tile full = {.level = level, .n = n, .width = TILE_WIDTH};
	char path[TILE_PATH_BYTES];
	if (edge->n == n && edge->width) {
		*ret_width = edge->width;
		*ret = level < 0
			   ? (struct span){v->edge.p, v->edge.len}
			   : (struct span){(const uint8_t *)edge->hash, edge->width * sizeof(struct hash)};
		return 0;
	}
	*ret_width = TILE_WIDTH;
	tile_path(&full, path);
	int err = verify_read(v->fd, path, level < 0 ? VERIFY_BUNDLE_MAX : VERIFY_TILE_BYTES, &v->whole);
	if (err == -ENOENT && level < 0 && verify_has(v->scan.kept, v->scan.n_kept, n)) {
		*ret = (struct span){NULL, 0};
		return 0;
	}
	if (err)
		return verify_find_read(&v->found, err, VERIFY_NO_LEAF, 0, path);
	*ret = (struct span){v->whole.p, v->whole.len};
	return 0;
}

/* Bytes of the first `width` entries of a bundle. */
static size_t prefix(struct span bundle, unsigned width)
{
	struct cursor c = cursor_over(bundle.p, bundle.len);
	struct span entry;
	while (width-- && bundle_next(&c, &entry))
		;
	return (size_t)(c.p - bundle.p);
}

static int compare(struct verify_run *v, const struct tile *t, struct span whole)
{
	uint64_t first = t->level > 0 ? t->n << (TILE_HEIGHT * (t->level + 1)) : t->n * TILE_WIDTH;
	char path[TILE_PATH_BYTES];
	tile_path(t, path);
	int err = verify_read(v->fd, path, t->level < 0 ? VERIFY_BUNDLE_MAX : VERIFY_TILE_BYTES, &v->partial);
	if (err == -ENOENT) /* removed meanwhile: that it must be there is checked below */
		return 0;
	if (err)
		return verify_find_read(&v->found, err, first, first, path);
	if (!whole.p) {
		if (verify_pruned_any(&v->pruned, t->n))
			return verify_find(&v->found, VERIFY_RETENTION, first, first + t->width - 1, path,
					   "it holds bodies of a bundle of which bodies were removed");
		return 0;
	}
	size_t want = t->level < 0 ? prefix(whole, t->width) : t->width * sizeof(struct hash);
	size_t same = 0;
	while (same < want && same < v->partial.len && v->partial.p[same] == whole.p[same])
		same++;
	if (same == want && v->partial.len == want)
		return 0;
	unsigned item = 0;
	if (t->level >= 0)
		item = (unsigned)(same / sizeof(struct hash));
	else
		while (item + 1 < t->width && prefix(whole, item + 1) <= same)
			item++;
	unsigned shift = t->level > 0 ? TILE_HEIGHT * (unsigned)t->level : 0;
	item = item < t->width ? item : t->width - 1;
	first = (t->n * TILE_WIDTH + item) << shift;
	return verify_find(&v->found, VERIFY_DAMAGED, first, first + (UINT64_C(1) << shift) - 1, path,
			   "it is not the beginning of the longer one: they differ from byte %zu on", same);
}

static int check_there(struct verify_run *v)
{
	struct verify_scan *s = &v->scan;
	struct span whole = {NULL, 0};
	unsigned width = 0;
	for (size_t i = 0; i < s->n_partial; i++) {
		const struct tile *t = &s->partial[i];
		if (!i || t->level != t[-1].level || t->n != t[-1].n) {
			int err = load_whole(v, t->level, t->n, &whole, &width);
			if (err)
				return err;
		}
		int err = compare(v, t, whole);
		if (err)
			return err;
	}
	return 0;
}

static int check_must(struct verify_run *v, int level)
{
	const struct verify_level *l = &v->levels[level < 0 ? 0 : level];
	struct tile full = {.level = level, .n = l->signed_n, .width = TILE_WIDTH};
	if (tile_count(level, v->head.size) / TILE_WIDTH != l->signed_n)
		return 0;
	for (unsigned w = 1; w < TILE_WIDTH; w++) {
		struct tile t = {.level = level, .n = l->signed_n, .width = w};
		char path[TILE_PATH_BYTES];
		if (!l->must[w] || verify_scan_has(&v->scan, &t))
			continue;
		tile_path(&full, path);
		if (!verify_read(v->fd, path, level < 0 ? VERIFY_BUNDLE_MAX : VERIFY_TILE_BYTES, &v->whole))
			return 0; /* the log went on */
		tile_path(&t, path);
		return verify_find(&v->found, VERIFY_MISSING, VERIFY_NO_LEAF, 0, path,
				   "a checkpoint was signed that needs it, and there is no full one yet");
	}
	return 0;
}

int verify_partials(struct verify_run *v)
{
	verify_levels_signed(v, v->head.size);
	int err = check_there(v);
	for (int level = TILE_ENTRIES; !err && level < TILE_LEVELS; level++)
		err = check_must(v, level);
	return err;
}
