/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "audit/tile.h"
#include "tests/unit/harness.h"

#define EACH(i, table) for (size_t i = 0; i < sizeof(table) / sizeof(*(table)); i++)

/* Of C2SP tlog-tiles.md, "Merkle Tree" and "Partial Tiles", and of the shapes that come of them. */
static const struct {
	struct tile tile;
	const char *path;
} paths[] = {
    {{0, 1234067, 256}, "tile/0/x001/x234/067"},
    {{1, 1234067, 256}, "tile/1/x001/x234/067"},
    {{TILE_ENTRIES, 1234067, 256}, "tile/entries/x001/x234/067"},
    {{0, 0, 44}, "tile/0/000.p/44"},
    {{0, 273, 112}, "tile/0/273.p/112"},
    {{1, 1, 17}, "tile/1/001.p/17"},
    {{2, 0, 1}, "tile/2/000.p/1"},
    {{0, 999, 256}, "tile/0/999"},
    {{0, 1000, 256}, "tile/0/x001/000"},
    {{7, 12, 255}, "tile/7/012.p/255"},
    {{TILE_ENTRIES, UINT64_MAX, 1}, "tile/entries/x018/x446/x744/x073/x709/x551/615.p/1"},
};

static void test_tile_paths(void)
{
	EACH(i, paths)
	{
		char path[TILE_PATH_BYTES];
		struct tile t = {-9, 0, 0};
		tile_path(&paths[i].tile, path);
		CU_ASSERT_STRING_EQUAL(path, paths[i].path);
		CU_ASSERT_TRUE(tile_parse(path, &t));
		CU_ASSERT_TRUE(t.level == paths[i].tile.level && t.n == paths[i].tile.n &&
			       t.width == paths[i].tile.width);
	}
}

/* One file has one name: whatever else would say the same is refused. */
static const char *const no_paths[] = {
    "",
    "tile",
    "tile/0",
    "tile/0/",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/00/000",
    "tile/8/000",
    "tile/-1/000",
    "tile/entries",
    "tile/Entries/000",
    "/tile/0/000",
    "tile//000",
    "tile/0/000/",
    "tile/0/000.p",
    "tile/0/000.p/",
    "tile/0/000.p/0",
    "tile/0/000.p/01",
    "tile/0/000.p/256",
    "tile/0/000.p/1000",
    "tile/0/000.p/4x",
    "tile/0/000.p/44/",
    "tile/0/000.P/44",
    "tile/0/x000/001",
    "tile/0/x000/x001/001",
    "tile/0/x001",
    "tile/0/x001/",
    "tile/0/001/000",
    "tile/0/x001/x000",
    "tile/0/X001/000",
    "tile/0/x1/000",
    "tile/0/ 01",
    "tile/0/+01",
    "tile/0/000 ",
    "tile/0/000\n",
    "tile/0/../checkpoint",
    "tile/entries/x018/x446/x744/x073/x709/x551/616",
    "tile/entries/x001/x018/x446/x744/x073/x709/x551/615",
};

static void test_tile_other_names_are_none(void)
{
	EACH(i, no_paths)
	{
		struct tile t = {3, 4, 5};
		if (tile_parse(no_paths[i], &t))
			printf("# taken: %s\n", no_paths[i]);
		CU_ASSERT_FALSE(tile_parse(no_paths[i], &t));
		CU_ASSERT_TRUE(t.level == 3 && t.n == 4 && t.width == 5);
	}
}

/* C2SP tlog-tiles.md's example of 70,000; TLOG.md 5 and 7. */
static const struct {
	uint64_t size;
	unsigned n;
	const char *right[6]; /* the right edge of each level that is partial, and full ones that end there */
} edges[] = {
    {0, 0, {0}},
    {1, 2, {"tile/entries/000.p/1", "tile/0/000.p/1"}},
    {255, 2, {"tile/entries/000.p/255", "tile/0/000.p/255"}},
    {256, 3, {"tile/entries/000", "tile/0/000", "tile/1/000.p/1"}},
    {257, 5, {"tile/entries/001.p/1", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"}},
    {65536, 256 * 2 + 2, {"tile/entries/255", "tile/0/255", "tile/1/000", "tile/2/000.p/1"}},
    {70000,
     274 * 2 + 2 + 1,
     {"tile/entries/273.p/112", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"}},
};

static void test_tile_a_log_is_these_files(void)
{
	EACH(i, edges)
	{
		struct tile_walk it = {0};
		struct tile t;
		unsigned n = 0, found = 0, wanted = 0;
		while (wanted < 6 && edges[i].right[wanted])
			wanted++;
		for (; tile_next(&it, 0, edges[i].size, &t); n++) {
			char path[TILE_PATH_BYTES];
			tile_path(&t, path);
			for (unsigned k = 0; k < wanted; k++)
				found += !strcmp(path, edges[i].right[k]);
		}
		CU_ASSERT_EQUAL(n, edges[i].n);
		CU_ASSERT_EQUAL(found, wanted);
	}
}

/* The set of files of a size by the definition: every full tile, and the partial one where it is not empty. Walks in order of level and n, so a
 * comparison goes in step. */
static bool has_tile(int level, uint64_t n, uint64_t size, unsigned *ret_width)
{
	uint64_t hashes = size;
	for (int l = 0; l < level; l++)
		hashes /= 256;
	if (hashes <= n * 256)
		return false;
	*ret_width = hashes - n * 256 >= 256 ? 256 : (unsigned)(hashes - n * 256);
	return true;
}

static void walk_is_the_difference(uint64_t from, uint64_t to)
{
	struct tile_walk it = {0};
	struct tile t;
	for (int level = TILE_ENTRIES; level < TILE_LEVELS; level++) {
		unsigned had, has;
		for (uint64_t n = 0; has_tile(level, n, to, &has); n++) {
			if (has_tile(level, n, from, &had) && had >= has)
				continue;
			if (!tile_next(&it, from, to, &t) || t.level != level || t.n != n || t.width != has) {
				printf("# from %lu to %lu: level %d, tile %lu\n", from, to, level, n);
				CU_FAIL("the walk leaves out or adds a tile");
				return;
			}
		}
	}
	CU_ASSERT_FALSE(tile_next(&it, from, to, &t));
	CU_ASSERT_FALSE(tile_next(&it, from, to, &t)); /* and stays there */
}

static void test_tile_walk_is_exactly_what_is_new(void)
{
	static const uint64_t sizes[] = {0,	1,     2,     255,   256,    257,    511,
					 512,	513,   600,   4096,  65535,  65536,  65537,
					 65791, 65792, 65793, 70000, 131071, 131072, 131073};
	EACH(i, sizes)
	EACH(k, sizes)
	walk_is_the_difference(sizes[i], sizes[k]);
	for (int i = 0; i < 2000; i++) {
		uint64_t from = (uint64_t)random() % 3000;
		walk_is_the_difference(from, from + (uint64_t)random() % 1000);
	}
	/* level 3 exists */
	walk_is_the_difference((1 << 24) - 1, 1 << 24);
}

static void test_tile_counts(void)
{
	CU_ASSERT_EQUAL(tile_count(TILE_ENTRIES, 70000), 70000);
	CU_ASSERT_EQUAL(tile_count(0, 70000), 70000);
	CU_ASSERT_EQUAL(tile_count(1, 70000), 273);
	CU_ASSERT_EQUAL(tile_count(2, 70000), 1);
	CU_ASSERT_EQUAL(tile_count(3, 70000), 0);
	CU_ASSERT_EQUAL(tile_count(7, UINT64_MAX), 255);
	CU_ASSERT_EQUAL(tile_count(8, UINT64_MAX), 0);
}

static bool splits(const char *hex, unsigned width, struct span *ret)
{
	static uint8_t bytes[256];
	size_t n = unhex(hex, bytes, sizeof(bytes));
	uint8_t *g = guarded(bytes, n);
	bool ok = bundle_split((struct span){g, n}, width, ret);
	for (unsigned i = 0; ok && i < width; i++)
		ret[i].p = bytes + (ret[i].p - g);
	guarded_free(g, n);
	return ok;
}

/* TLOG.md 10: big endian, zero is legal, no count, no end mark. */
static void test_tile_bundles(void)
{
	struct span s[4];
	CU_ASSERT_TRUE(splits("0003 616263  0000  0001 00", 3, s));
	CU_ASSERT_TRUE(s[0].len == 3 && !memcmp(s[0].p, "abc", 3) && s[1].len == 0 && s[2].len == 1);
	CU_ASSERT_TRUE(splits("0000", 1, s));
	static const struct {
		const char *hex;
		unsigned width;
	} bad[] = {
	    {"", 1},
	    {"00", 1},
	    {"0001", 1},
	    {"0003 6162", 1},
	    {"0300 616263", 1}, /* little endian */
	    {"0001 61 00", 1},
	    {"0001 61", 2},
	    {"0001 61 0001 62", 1},
	    {"0002 0001 61 0001", 2},
	};
	EACH(i, bad)
	CU_ASSERT_FALSE(splits(bad[i].hex, bad[i].width, s));
	uint8_t *large = calloc(1, 2 + BUNDLE_ENTRY_MAX);
	put_be16(large, BUNDLE_ENTRY_MAX);
	CU_ASSERT_TRUE(bundle_split((struct span){large, 2 + BUNDLE_ENTRY_MAX}, 1, s));
	CU_ASSERT_EQUAL(s[0].len, (size_t)BUNDLE_ENTRY_MAX);
	CU_ASSERT_FALSE(bundle_split((struct span){large, 1 + BUNDLE_ENTRY_MAX}, 1, s));
	free(large);
	/* a cut entry leaves the cursor before its length */
	static const uint8_t cut[] = {0, 1, 'a', 0, 2, 'b'};
	struct cursor c = cursor_over(cut, sizeof(cut));
	CU_ASSERT_TRUE(bundle_next(&c, s));
	CU_ASSERT_FALSE(bundle_next(&c, s + 1));
	CU_ASSERT_PTR_EQUAL(c.p, cut + 3);
}

static const struct test tests[] = {
    TEST(test_tile_paths),  TEST(test_tile_other_names_are_none),	 TEST(test_tile_a_log_is_these_files),
    TEST(test_tile_counts), TEST(test_tile_walk_is_exactly_what_is_new), TEST(test_tile_bundles),
};

HARNESS_MAIN("tile", tests)
