/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/tile.h"

#include <stdio.h>
#include <string.h>

#define GROUPS_MAX 7 /* of three digits: 2^64 has twenty */

void tile_path(const struct tile *t, char ret[TILE_PATH_BYTES])
{
	unsigned groups[GROUPS_MAX], n = 0;
	uint64_t rest = t->n;
	do {
		groups[n++] = (unsigned)(rest % 1000);
		rest /= 1000;
	} while (rest);
	int len = t->level == TILE_ENTRIES ? snprintf(ret, TILE_PATH_BYTES, "tile/entries")
					   : snprintf(ret, TILE_PATH_BYTES, "tile/%d", t->level);
	while (n--)
		len += snprintf(ret + len, TILE_PATH_BYTES - (size_t)len, n ? "/x%03u" : "/%03u", groups[n]);
	if (t->width < TILE_WIDTH)
		snprintf(ret + len, TILE_PATH_BYTES - (size_t)len, ".p/%u", t->width);
}

static bool take(const char **p, const char *word)
{
	size_t n = strlen(word);
	if (strncmp(*p, word, n))
		return false;
	*p += n;
	return true;
}

/* At most `most` digits. */
static bool take_digits(const char **p, unsigned most, uint64_t *ret)
{
	unsigned n = 0;
	uint64_t v = 0;
	for (; n < most && **p >= '0' && **p <= '9'; n++)
		v = v * 10 + (uint64_t)(*(*p)++ - '0');
	*ret = v;
	return n > 0;
}

/* Takes what may be canonical; whether it is, tile_path tells. */
bool tile_parse(const char *path, struct tile *ret)
{
	const char *p = path;
	struct tile t = {.level = TILE_ENTRIES, .width = TILE_WIDTH};
	char canonical[TILE_PATH_BYTES];
	uint64_t v;
	bool more;
	if (!take(&p, "tile/"))
		return false;
	if (!take(&p, "entries")) {
		if (!take_digits(&p, 1, &v) || v >= TILE_LEVELS)
			return false;
		t.level = (int)v;
	}
	do {
		if (!take(&p, "/"))
			return false;
		more = take(&p, "x");
		if (!take_digits(&p, 3, &v) || t.n > (UINT64_MAX - v) / 1000)
			return false;
		t.n = t.n * 1000 + v;
	} while (more);
	if (take(&p, ".p/")) {
		if (!take_digits(&p, 3, &v) || v < 1 || v >= TILE_WIDTH)
			return false;
		t.width = (unsigned)v;
	}
	tile_path(&t, canonical);
	if (strcmp(path, canonical) != 0)
		return false;
	*ret = t;
	return true;
}

uint64_t tile_count(int level, uint64_t size)
{
	return level <= 0 ? size : level < TILE_LEVELS ? size >> (TILE_HEIGHT * level) : 0;
}

bool tile_next(struct tile_walk *it, uint64_t from, uint64_t to, struct tile *ret)
{
	int level = it->begun ? it->level : TILE_ENTRIES;
	uint64_t n = it->begun ? it->n + 1 : tile_count(level, from) / TILE_WIDTH;
	for (;; level++, n = tile_count(level, from) / TILE_WIDTH) {
		if (level == TILE_LEVELS)
			return false;
		uint64_t had = tile_count(level, from), has = tile_count(level, to);
		if (has <= had || n * TILE_WIDTH >= has)
			continue;
		uint64_t left = has - n * TILE_WIDTH;
		*it = (struct tile_walk){.level = level, .n = n, .begun = true};
		*ret = (struct tile){level, n, left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH};
		return true;
	}
}

bool bundle_next(struct cursor *c, struct span *ret)
{
	struct cursor rest = *c;
	uint16_t bytes;
	if (!cursor_be16(&rest, &bytes) || !cursor_span(&rest, bytes, ret))
		return false;
	*c = rest;
	return true;
}

bool bundle_split(struct span bundle, unsigned width, struct span *ret)
{
	struct cursor c = cursor_over(bundle.p, bundle.len);
	for (unsigned i = 0; i < width; i++)
		if (!bundle_next(&c, &ret[i]))
			return false;
	return !cursor_left(&c);
}

bool kept_split(struct span kept, struct span ret[TILE_WIDTH])
{
	struct cursor c = cursor_over(kept.p, kept.len);
	uint8_t what;
	for (unsigned i = 0; i < TILE_WIDTH; i++) {
		ret[i] = (struct span){NULL, 0};
		if (!cursor_u8(&c, &what) || what > KEPT_ENTRY ||
		    (what == KEPT_ENTRY && !bundle_next(&c, &ret[i])))
			return false;
	}
	return !cursor_left(&c);
}
