/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_tile: a path that is taken is the one that is written; a bundle's entries lie in it, and make it again. The first byte: a bundle's width
 * less one; the rest is a bundle, what is kept of one, and a path. */
#include <assert.h>
#include <string.h>

#include "audit/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void check_path(const uint8_t *p, size_t len)
{
	char path[256], again[TILE_PATH_BYTES];
	struct tile t;
	if (len >= sizeof(path) || memchr(p, 0, len))
		return;
	memcpy(path, p, len);
	path[len] = 0;
	if (!tile_parse(path, &t))
		return;
	assert(t.level >= TILE_ENTRIES && t.level < TILE_LEVELS && t.width >= 1 && t.width <= TILE_WIDTH);
	tile_path(&t, again);
	assert(!strcmp(path, again));
}

static void check_bundle(const uint8_t *p, size_t len, unsigned width)
{
	struct span s[TILE_WIDTH];
	const uint8_t *at = p;
	if (!bundle_split((struct span){p, len}, width, s))
		return;
	for (unsigned i = 0; i < width; i++) {
		assert(be16(at) == s[i].len && s[i].p == at + BUNDLE_ENTRY_HEAD);
		at = s[i].p + s[i].len;
	}
	assert(at == p + len);
	assert(width == 1 || !bundle_split((struct span){p, len}, width - 1, s));
	assert(width == TILE_WIDTH || !bundle_split((struct span){p, len}, width + 1, s));
	assert(!bundle_split((struct span){p, len - 1}, width, s));
}

static void check_kept(const uint8_t *p, size_t len)
{
	struct span s[TILE_WIDTH];
	const uint8_t *at = p;
	if (!kept_split((struct span){p, len}, s))
		return;
	for (unsigned i = 0; i < TILE_WIDTH; i++) {
		assert(*at++ == (s[i].p ? KEPT_ENTRY : KEPT_REMOVED));
		if (!s[i].p)
			continue;
		assert(be16(at) == s[i].len && s[i].p == at + BUNDLE_ENTRY_HEAD);
		at = s[i].p + s[i].len;
	}
	assert(at == p + len);
	assert(!kept_split((struct span){p, len - 1}, s));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	if (!len)
		return 0;
	check_path(p + 1, len - 1);
	check_bundle(p + 1, len - 1, p[0] + 1u);
	check_kept(p + 1, len - 1);
	return 0;
}
