/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/dir.h"
#include "tests/unit/harness.h"
#include "tests/unit/tree_fixture.h"

static char folder[] = "/tmp/test_dir.XXXXXX";
static struct err why;

static const char *full_path(const char *path)
{
	static char full[512];
	snprintf(full, sizeof(full), "%s/%s", folder, path);
	return full;
}

static void write_file(const char *path, const void *bytes, size_t n)
{
	char full[512];
	snprintf(full, sizeof(full), "%s/%s", folder, path);
	for (char *slash = full + strlen(folder) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = 0;
		mkdir(full, 0755);
	}
	FILE *f = fopen(full, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

/* Entry i is eight bytes, as in numbered_leaves. */
static size_t entry_put(uint8_t *p, uint64_t i)
{
	uint64_t be = __builtin_bswap64(i);
	put_be16(p, sizeof(be));
	memcpy(p + 2, &be, sizeof(be));
	return 2 + sizeof(be);
}

static void write_tile(const struct array_source *a, const struct tile *t)
{
	char path[TILE_PATH_BYTES];
	uint8_t bundle[TILE_WIDTH * 10];
	size_t n = 0;
	tile_path(t, path);
	if (t->level != TILE_ENTRIES) {
		write_file(path, a->levels[t->level] + t->n * TILE_WIDTH, t->width * sizeof(struct hash));
		return;
	}
	for (unsigned i = 0; i < t->width; i++)
		n += entry_put(bundle + n, t->n * TILE_WIDTH + i);
	write_file(path, bundle, n);
}

/* The log's files when it grows through these sizes. */
static void write_log(const struct array_source *a, const uint64_t *sizes, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct tile_walk it = {0};
		struct tile t;
		while (tile_next(&it, i ? sizes[i - 1] : 0, sizes[i], &t))
			write_tile(a, &t);
	}
}

static void clear(void)
{
	char command[64];
	snprintf(command, sizeof(command), "rm -rf %s/*", folder);
	CU_ASSERT_EQUAL(system(command), 0);
}

static struct log_dir *open_dir(void)
{
	struct log_dir *d = NULL;
	CU_ASSERT_EQUAL_FATAL(dir_open(folder, &d, &why), 0);
	return d;
}

/* A tile that was read once is gone from the disk: what reads it again fails. */
struct once {
	struct tree_source dir;
	uint64_t size;
	unsigned reads;
};

static int once_tile(void *ctx, unsigned level, uint64_t n, unsigned width, struct hash *ret, struct err *e)
{
	struct once *o = ctx;
	char path[TILE_PATH_BYTES];
	int err = o->dir.tile(o->dir.ctx, level, n, width, ret, e);
	tile_path(&(struct tile){(int)level, n, width}, path);
	o->reads += !err && !unlink(full_path(path));
	return err;
}

static void test_dir_roots_and_proofs_of_every_signed_size(void)
{
	static const uint64_t sizes[] = {1, 44, 255, 256, 257, 300, 513, 65535, 65536, 65537, 70000};
	const unsigned count = sizeof(sizes) / sizeof(*sizes);
	struct hash *leaves = numbered_leaves(70000), root, want, proof[TREE_PROOF_MAX];
	struct array_source a;
	unsigned n;
	array_source_init(&a, leaves, 70000);
	write_log(&a, sizes, count);
	struct log_dir *d = open_dir();
	struct tree_source s = dir_source(d);
	for (unsigned i = 0; i < count; i++) {
		naive_root(leaves, sizes[i], &want);
		CU_ASSERT_EQUAL(tree_root(&s, sizes[i], &root, &why), 0);
		CU_ASSERT_TRUE(hash_equal(&root, &want));
		uint64_t leaf = sizes[i] * 2 / 3;
		CU_ASSERT_EQUAL(tree_prove_inclusion(&s, sizes[i], leaf, proof, &n, &why), 0);
		CU_ASSERT_TRUE(tree_check_inclusion(sizes[i], leaf, &leaves[leaf], proof, n, &want));
	}
	dir_close(d);
	/* a size that was never signed, below a wider partial tile; and one where the full one has replaced it */
	d = open_dir();
	s = dir_source(d);
	CU_ASSERT_EQUAL(tree_root(&s, 30, &root, &why), 0);
	naive_root(leaves, 30, &want);
	CU_ASSERT_TRUE(hash_equal(&root, &want));
	CU_ASSERT_EQUAL(unlink(full_path("tile/0/000.p/44")), 0);
	CU_ASSERT_EQUAL(tree_root(&s, 44, &root, &why), 0);
	dir_close(d);
	d = open_dir();
	s = dir_source(d);
	CU_ASSERT_EQUAL(tree_root(&s, 69990, &root, &why), 0);
	naive_root(leaves, 69990, &want);
	CU_ASSERT_TRUE(hash_equal(&root, &want));
	CU_ASSERT_EQUAL(tree_root(&s, 70001, &root, &why), -ENOENT); /* what the folder has not */
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "tile/0/273.p/113"));
	dir_close(d);
	/* a proof reads a tile once */
	write_log(&a, &sizes[count - 1], 1);
	d = open_dir();
	struct once o = {dir_source(d), 70000, 0};
	s = (struct tree_source){&o, once_tile};
	CU_ASSERT_EQUAL(tree_prove_inclusion(&s, 70000, 1234, proof, &n, &why), 0);
	naive_root(leaves, 70000, &want);
	CU_ASSERT_TRUE(tree_check_inclusion(70000, 1234, &leaves[1234], proof, n, &want));
	/* the path: 0/004, 1/000; the right edge: 0/273.p/112, 1/001.p/17 */
	CU_ASSERT_EQUAL(o.reads, 4);
	dir_close(d);
	array_source_fini(&a);
	free(leaves);
	clear();
}

static void test_dir_bundles(void)
{
	static const uint64_t sizes[] = {40, 300};
	struct hash *leaves = numbered_leaves(300);
	struct span s[TILE_WIDTH];
	struct array_source a;
	array_source_init(&a, leaves, 300);
	write_log(&a, sizes, 2);
	struct log_dir *d = open_dir();
	uint64_t index = 0;
	for (uint64_t n = 0; n < 2; n++) {
		unsigned width = n ? 44 : 256;
		CU_ASSERT_EQUAL_FATAL(dir_bundle(d, n, width, s, &why), 0);
		for (unsigned i = 0; i < width; i++, index++) {
			struct hash h;
			tree_leaf(s[i].p, s[i].len, &h);
			CU_ASSERT_TRUE(hash_equal(&h, &leaves[index]));
		}
	}
	CU_ASSERT_EQUAL(unlink(full_path("tile/entries/001.p/44")), 0);
	CU_ASSERT_EQUAL(dir_bundle(d, 1, 44, s, &why), 0); /* was read once */
	CU_ASSERT_EQUAL(dir_bundle(d, 1, 43, s, &why), 0);
	CU_ASSERT_EQUAL(dir_bundle(d, 1, 45, s, &why), -ENOENT);
	CU_ASSERT_EQUAL(dir_bundle(d, 1, 44, s, &why), -ENOENT);
	CU_ASSERT_EQUAL(dir_bundle(d, 0, 40, s, &why), 0);
	CU_ASSERT_EQUAL(s[39].len, 8);
	CU_ASSERT_EQUAL(dir_bundle(d, 7, 256, s, &why), -ENOENT);
	CU_ASSERT_EQUAL(dir_bundle(d, 0, 0, s, &why), -EINVAL);
	CU_ASSERT_EQUAL(dir_bundle(d, 0, 257, s, &why), -EINVAL);
	dir_close(d);
	array_source_fini(&a);
	free(leaves);
	clear();
}

/* kept/: where bodies were removed. */
static void test_dir_kept(void)
{
	uint8_t kept[TILE_WIDTH * 11 + 1];
	size_t n = 0;
	struct span s[TILE_WIDTH];
	for (unsigned i = 0; i < TILE_WIDTH; i++) {
		kept[n++] = i % 3 == 0;
		if (i % 3 == 0)
			n += entry_put(kept + n, 1000 * 256 + i);
	}
	write_file("kept/x001/000", kept, n);
	struct log_dir *d = open_dir();
	CU_ASSERT_EQUAL_FATAL(dir_bundle(d, 1000, TILE_WIDTH, s, &why), 0);
	for (unsigned i = 0; i < TILE_WIDTH; i++) {
		CU_ASSERT_EQUAL(s[i].p == NULL, i % 3 != 0);
		CU_ASSERT_EQUAL(s[i].len, i % 3 ? 0 : 8);
	}
	CU_ASSERT_TRUE(s[255].p[7] == 255 && s[255].p[5] == 3); /* 256,255 */
	CU_ASSERT_EQUAL(dir_bundle(d, 1000, 10, s, &why), 0);
	dir_close(d);
	static const struct {
		int at, value, cut, longer;
	} bad[] = {{0, 2, 0, 0}, {0, 255, 0, 0}, {0, 0, 0, 0}, {11, 1, 0, 0}, {0, 1, 1, 0}, {0, 1, 0, 1}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		uint8_t was = kept[bad[i].at];
		kept[bad[i].at] = (uint8_t)bad[i].value;
		write_file("kept/x001/000", kept, n - (size_t)bad[i].cut + (size_t)bad[i].longer);
		kept[bad[i].at] = was;
		d = open_dir();
		CU_ASSERT_EQUAL(dir_bundle(d, 1000, TILE_WIDTH, s, &why), -EBADMSG);
		CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "kept/x001/000"));
		dir_close(d);
	}
	/* while bodies are being removed both are there: the whole one is taken */
	uint8_t whole[TILE_WIDTH * 10];
	for (unsigned i = 0; i < TILE_WIDTH; i++)
		entry_put(whole + i * 10, i);
	write_file("tile/entries/x001/000", whole, sizeof(whole));
	d = open_dir();
	CU_ASSERT_EQUAL(dir_bundle(d, 1000, TILE_WIDTH, s, &why), 0);
	CU_ASSERT_PTR_NOT_NULL(s[1].p);
	dir_close(d);
	clear();
}

static void test_dir_damage_is_named(void)
{
	struct hash *leaves = numbered_leaves(300), h[TILE_WIDTH];
	static const uint64_t sizes[] = {300};
	struct span s[TILE_WIDTH], bytes;
	struct array_source a;
	struct log_dir *d;
	array_source_init(&a, leaves, 300);
	write_log(&a, sizes, 1);
	static const struct {
		const char *path;
		off_t bytes;
		int level;
		uint64_t n;
		unsigned width;
	} bad[] = {
	    {"tile/0/000", 8191, 0, 0, 256},
	    {"tile/0/000", 8193, 0, 0, 256},
	    {"tile/0/000", 0, 0, 0, 256},
	    {"tile/0/000", 8160, 0, 0, 256},
	    {"tile/0/001.p/44", 44 * 32 + 32, 0, 1, 44},
	    {"tile/0/001.p/44", 44 * 32 - 1, 0, 1, 44},
	    {"tile/entries/000", 2559, -1, 0, 256},
	    {"tile/entries/000", 2562, -1, 0, 256},
	    {"tile/entries/000", (off_t)1 << 40, -1, 0, 256},
	    {"tile/entries/001.p/44", 0, -1, 1, 44},
	    {"tile/0/000", (off_t)1 << 40, 0, 0, 256},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CU_ASSERT_EQUAL(truncate(full_path(bad[i].path), bad[i].bytes), 0);
		d = open_dir();
		struct tree_source source = dir_source(d);
		int err = bad[i].level == TILE_ENTRIES ? dir_bundle(d, bad[i].n, bad[i].width, s, &why)
						       : source.tile(source.ctx, (unsigned)bad[i].level,
								     bad[i].n, bad[i].width, h, &why);
		CU_ASSERT_EQUAL(err, -EBADMSG);
		CU_ASSERT_PTR_NOT_NULL(strstr(why.text, bad[i].path));
		dir_close(d);
		write_log(&a, sizes, 1);
	}
	d = open_dir();
	struct tree_source source = dir_source(d);
	CU_ASSERT_EQUAL(source.tile(source.ctx, 0, 0, 0, h, &why), -EINVAL);
	CU_ASSERT_EQUAL(source.tile(source.ctx, 0, 0, 257, h, &why), -EINVAL);
	CU_ASSERT_EQUAL(source.tile(source.ctx, 8, 0, 1, h, &why), -EINVAL);
	CU_ASSERT_EQUAL(dir_file(d, "tile/0/000", 8191, &bytes, &why), -EBADMSG);
	CU_ASSERT_EQUAL(dir_file(d, "tile/0/000", 8192, &bytes, &why), 0);
	CU_ASSERT_EQUAL(bytes.len, 8192);
	dir_close(d);
	array_source_fini(&a);
	free(leaves);
	clear();
}

/* Nothing outside the folder, and nothing that is no file, is ever read. */
static void test_dir_reads_files_of_its_own_alone(void)
{
	static const char *const links[][2] = {
	    {"/etc/passwd", "checkpoint"}, {"outside", "checkpoint"}, {"../../etc/passwd", "checkpoint"}};
	struct span s;
	struct log_dir *d = open_dir();
	write_file("outside", "x", 1);
	CU_ASSERT_EQUAL(dir_checkpoint(d, &s, &why), -ENOENT);
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		CU_ASSERT_EQUAL(symlink(links[i][0], full_path(links[i][1])), 0);
		CU_ASSERT_EQUAL(dir_checkpoint(d, &s, &why), -EBADMSG);
		CU_ASSERT_EQUAL(unlink(full_path(links[i][1])), 0);
	}
	CU_ASSERT_EQUAL(symlink("/etc", full_path("tile")), 0); /* a folder that is a link */
	CU_ASSERT_EQUAL(dir_file(d, "tile/passwd", 1 << 20, &s, &why), -EBADMSG);
	CU_ASSERT_EQUAL(unlink(full_path("tile")), 0);
	CU_ASSERT_EQUAL(dir_file(d, "/etc/passwd", 1 << 20, &s, &why), -EBADMSG);
	CU_ASSERT_EQUAL(dir_file(d, "../../etc/passwd", 1 << 20, &s, &why), -EBADMSG);
	CU_ASSERT_EQUAL(mkfifo(full_path("checkpoint"), 0600), 0); /* does not wait for a writer */
	CU_ASSERT_EQUAL(dir_checkpoint(d, &s, &why), -EBADMSG);
	CU_ASSERT_EQUAL(unlink(full_path("checkpoint")), 0);
	CU_ASSERT_EQUAL(mkdir(full_path("checkpoint"), 0700), 0);
	CU_ASSERT_EQUAL(dir_checkpoint(d, &s, &why), -EBADMSG);
	CU_ASSERT_EQUAL(rmdir(full_path("checkpoint")), 0);
	write_file("checkpoint", "one", 3);
	CU_ASSERT_EQUAL(dir_checkpoint(d, &s, &why), 0);
	write_file("checkpoint", "other", 5); /* read anew */
	CU_ASSERT_EQUAL(dir_checkpoint(d, &s, &why), 0);
	CU_ASSERT_TRUE(s.len == 5 && !memcmp(s.p, "other", 5));
	CU_ASSERT_EQUAL(truncate(full_path("checkpoint"), NOTE_MAX_BYTES + 1), 0);
	CU_ASSERT_EQUAL(dir_checkpoint(d, &s, &why), -EBADMSG);
	dir_close(d);
	CU_ASSERT_EQUAL(dir_open(full_path("none"), &d, &why), -ENOENT);
	CU_ASSERT_EQUAL(dir_open(full_path("outside"), &d, &why), -ENOTDIR);
	dir_close(NULL);
	clear();
}

static const struct test tests[] = {
    TEST(test_dir_roots_and_proofs_of_every_signed_size),
    TEST(test_dir_bundles),
    TEST(test_dir_kept),
    TEST(test_dir_damage_is_named),
    TEST(test_dir_reads_files_of_its_own_alone),
};

int main(void)
{
	if (!mkdtemp(folder))
		return 2;
	int failed = harness_run("dir", tests, sizeof(tests) / sizeof(*tests));
	return rmdir(folder) ? 2 : failed;
}
