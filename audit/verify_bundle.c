/* SPDX-License-Identifier: BSD-3-Clause */
/* One entry bundle with its hash tile: what workers do. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify_run.h"

#define FIRST(s) ((s)->n * TILE_WIDTH)
#define LAST(s)	 (FIRST(s) + (s)->width - 1)
/* The ones of which bodies are never removed need no list here: a removed body has no kind. */

void verify_kept_path(uint64_t n, char ret[TILE_PATH_BYTES])
{
	struct tile t = {.level = TILE_ENTRIES, .n = n, .width = TILE_WIDTH};
	char path[TILE_PATH_BYTES];
	tile_path(&t, path);
	snprintf(ret, TILE_PATH_BYTES, "kept%s", path + strlen("tile/entries"));
}

/* A tile of the slot's width, or the full one: a partial file goes when it is there. *ret_path names what was read. */
static int read_tile(struct verify_run *v, struct verify_slot *s, int level, size_t max,
		     struct verify_buffer *ret, char path[TILE_PATH_BYTES], unsigned *ret_width)
{
	struct tile t = {.level = level, .n = s->n, .width = s->width}, full = {level, s->n, TILE_WIDTH};
	tile_path(&t, path);
	*ret_width = s->width;
	int err = verify_read(v->fd, path, max, ret);
	if (err == -ENOENT && s->width < TILE_WIDTH) {
		char other[TILE_PATH_BYTES];
		tile_path(&full, other);
		err = verify_read(v->fd, other, max, ret);
		if (!err) {
			memcpy(path, other, sizeof(other));
			*ret_width = TILE_WIDTH;
		}
	}
	return err;
}

static int read_hashes(struct verify_run *v, struct verify_slot *s)
{
	char path[TILE_PATH_BYTES];
	unsigned width;
	int err = read_tile(v, s, 0, VERIFY_TILE_BYTES, &s->tile, path, &width);
	if (err)
		return verify_find_read(&s->found, err, FIRST(s), LAST(s), path);
	if (s->tile.len != width * sizeof(struct hash))
		return verify_find(&s->found, VERIFY_DAMAGED, FIRST(s), LAST(s), path,
				   "it has %zu bytes, and must have %zu", s->tile.len,
				   width * sizeof(struct hash));
	return 0;
}

/* kept/: a byte an entry, then the entry where it is 1. */
static bool split_kept(struct span file, struct span ret[TILE_WIDTH])
{
	struct cursor c = cursor_over(file.p, file.len);
	for (unsigned i = 0; i < TILE_WIDTH; i++) {
		uint8_t there;
		ret[i] = (struct span){NULL, 0};
		if (!cursor_u8(&c, &there) || there > 1 || (there && !bundle_next(&c, &ret[i])))
			return false;
	}
	return !cursor_left(&c);
}

static int read_kept(struct verify_run *v, struct verify_slot *s, bool must)
{
	char path[TILE_PATH_BYTES];
	verify_kept_path(s->n, path);
	int err = verify_read(v->fd, path, VERIFY_BUNDLE_MAX, &s->file);
	if (err == -ENOENT && !must)
		return err;
	if (err)
		return verify_find_read(&s->found, err, FIRST(s), LAST(s), path);
	if (!split_kept((struct span){s->file.p, s->file.len}, s->entry))
		return verify_find(&s->found, VERIFY_DAMAGED, FIRST(s), LAST(s), path,
				   "it is not 256 entries, or marks of removed ones");
	for (unsigned i = 0; i < TILE_WIDTH; i++) {
		bool gone = verify_pruned_bit(&v->pruned, s->n, i),
		     may = verify_pruned_bit(&v->pruned_new, s->n, i);
		if (gone && s->entry[i].p)
			return verify_find(&s->found, VERIFY_RETENTION, FIRST(s) + i, FIRST(s) + i, path,
					   "the body of entry %u is there, though it was removed", i);
		if (!gone && !may && !s->entry[i].p)
			return verify_find(
			    &s->found, VERIFY_RETENTION, FIRST(s) + i, FIRST(s) + i, path,
			    "the body of entry %u is missing, and the file pruned does not say so", i);
	}
	return 0;
}

static int read_entries(struct verify_run *v, struct verify_slot *s)
{
	char path[TILE_PATH_BYTES];
	unsigned width;
	int err = read_tile(v, s, TILE_ENTRIES, VERIFY_BUNDLE_MAX, &s->file, path, &width);
	if (err)
		return verify_find_read(&s->found, err, FIRST(s), LAST(s), path);
	if (!bundle_split((struct span){s->file.p, s->file.len}, width, s->entry))
		return verify_find(&s->found, VERIFY_DAMAGED, FIRST(s), LAST(s), path,
				   "it is cut, or not exactly %u entries", width);
	return 0;
}

/* Bodies: where retention removed some, from kept/. */
static int read_bodies(struct verify_run *v, struct verify_slot *s)
{
	if (verify_pruned_any(&v->pruned, s->n))
		return read_kept(v, s, true);
	if (verify_pruned_any(&v->pruned_new, s->n)) {
		int err = read_kept(v, s, false);
		if (err != -ENOENT)
			return err;
	}
	return read_entries(v, s);
}

static int bad_entry(struct verify_slot *s, unsigned i, enum verify_fault fault, const char *text)
{
	char path[TILE_PATH_BYTES];
	struct tile t = {.level = TILE_ENTRIES, .n = s->n, .width = s->width};
	tile_path(&t, path);
	return verify_find(&s->found, fault, FIRST(s) + i, FIRST(s) + i, path, "entry %u of the bundle: %s",
			   i, text);
}

/* Hashes all; the first that differs from the tile's stays in `found`, with what the tree's other files can settle it by. */
static void compare(struct verify_slot *s)
{
	const struct hash *tile = (const struct hash *)s->tile.p;
	unsigned bad = s->width;
	for (unsigned i = 0; i < s->width; i++) {
		if (!s->entry[i].p) {
			s->leaf[i] = tile[i];
			continue;
		}
		tree_leaf(s->entry[i].p, s->entry[i].len, &s->leaf[i]);
		if (bad == s->width && !hash_equal(&s->leaf[i], &tile[i]))
			bad = i;
	}
	s->good = bad;
	if (bad < s->width) {
		s->differs = true;
		memcpy(s->tile_leaf, tile, s->width * sizeof(*tile));
		bad_entry(s, bad, VERIFY_ENTRY, "it was changed: it has another hash than the tree says");
	}
}

static void fold(struct verify_slot *s)
{
	struct hash h[TILE_WIDTH];
	if (s->width < TILE_WIDTH)
		return;
	memcpy(h, s->leaf, sizeof(h));
	verify_fold(h, TILE_WIDTH, &s->root);
	if (s->differs) {
		memcpy(h, s->tile_leaf, sizeof(h));
		verify_fold(h, TILE_WIDTH, &s->tile_root);
	}
}

static void decode(struct verify_slot *s)
{
	struct entry x;
	struct err e;
	for (unsigned i = 0; i < s->good; i++) {
		struct verify_fact *f = &s->fact[i];
		uint64_t time_ns;
		enum entry_kind kind;
		*f = (struct verify_fact){.removed = !s->entry[i].p};
		if (f->removed) {
			s->removed++;
			continue;
		}
		if (entry_decode(s->entry[i], &x, &e) == -EBADMSG) {
			s->good = i;
			bad_entry(s, i, VERIFY_ENCODING, e.text);
			return;
		}
		/* a later version's word: it is of its kind nevertheless */
		if (!entry_peek(s->entry[i], &kind, &time_ns) || kind == ENTRY_KINDS_END)
			time_ns = 0;
		else
			f->kind = (uint8_t)kind;
		if (VERIFY_EVENTS >> f->kind & 1) {
			f->source = x.v[0].n < UINT32_MAX ? (uint32_t)x.v[0].n : UINT32_MAX;
			f->seq = x.v[1].n;
		}
		if (time_ns) {
			s->first_ns = s->first_ns ? s->first_ns : time_ns;
			s->last_ns = time_ns;
		}
		s->bytes += s->entry[i].len;
	}
}

void verify_bundle(struct verify_run *v, struct verify_slot *s)
{
	s->found.code = 0;
	s->differs = false;
	s->good = 0;
	s->bytes = s->first_ns = s->last_ns = 0;
	s->removed = 0;
	int err = read_bodies(v, s);
	if (!err)
		err = read_hashes(v, s);
	if (err)
		return;
	compare(s);
	fold(s);
	decode(s);
}
