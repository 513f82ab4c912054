/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/dir.h"
#include "audit/entry.h"
#include "common/bytes.h"
#include "control/ctl/folder.h"
#include "control/ctl/unpack.h"
#include "control/report/logcopy.h"
#include "tests/unit/harness.h"
#include "tests/unit/tree_fixture.h"

#define LEAVES 70000 /* so that there are three levels */
#define ORIGIN "roja.isp.example/audit"

static char folder[] = "/tmp/test_logcopy.XXXXXX"; /* holds log/, the log, and copies */
static struct array_source leaves;
static struct signer *key;
static struct err why;
static const atomic_bool never;

static void run(const char *format, ...)
{
	char command[512];
	va_list ap;
	va_start(ap, format);
	vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

static void write_file(const char *path, const void *bytes, size_t n)
{
	char full[512];
	snprintf(full, sizeof(full), "%s/log/%s", folder, path);
	for (char *slash = full + strlen(folder) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = 0;
		mkdir(full, 0755);
	}
	FILE *f = fopen(full, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

/* Entry i is its eight bytes, as in numbered_leaves. */
static void write_tile(const struct tile *t)
{
	char path[TILE_PATH_BYTES];
	uint8_t bundle[TILE_WIDTH * 10];
	tile_path(t, path);
	if (t->level != TILE_ENTRIES) {
		write_file(path, leaves.levels[t->level] + t->n * TILE_WIDTH, t->width * sizeof(struct hash));
		return;
	}
	for (unsigned i = 0; i < t->width; i++) {
		uint64_t be = __builtin_bswap64(t->n * TILE_WIDTH + i);
		put_be16(bundle + i * 10, sizeof(be));
		memcpy(bundle + i * 10 + 2, &be, sizeof(be));
	}
	write_file(path, bundle, t->width * 10);
}

static void grow(uint64_t from, uint64_t to)
{
	struct tile_walk it = {0};
	struct tile t;
	while (tile_next(&it, from, to, &t))
		write_tile(&t);
}

static struct hash root_of(uint64_t size)
{
	struct hash root;
	struct tree_source s = {&leaves, array_tile};
	CU_ASSERT_EQUAL_FATAL(tree_root(&s, size, &root, &why), 0);
	return root;
}

static void publish(uint64_t size)
{
	char note[NOTE_MAX_BYTES];
	struct hash root = root_of(size);
	size_t n = checkpoint_print(ORIGIN, size, &root, note);
	CU_ASSERT_EQUAL_FATAL(note_sign(note, &n, sizeof(note), key, &why), 0);
	write_file("checkpoint", note, n);
}

/* Copies to COPY/log/ and opens that. */
static int copy(const char *name, struct log_point *ret)
{
	char log[64], to[64];
	struct pack p;
	unsigned n;
	int out, temp = -1;
	snprintf(log, sizeof(log), "%s/log", folder);
	snprintf(to, sizeof(to), "%s/%s", folder, name);
	CU_ASSERT_EQUAL_FATAL(folder_open(to, &out, &why), 0);
	CU_ASSERT_EQUAL_FATAL(folder_temp(out, to, &temp, &why), 0);
	CU_ASSERT_EQUAL_FATAL(pack_begin(&p, temp, 0, &why), 0);
	int err = logcopy(&p, log, &never, ret, &why);
	if (!err) {
		char sha256[65];
		CU_ASSERT_EQUAL(pack_end(&p, sha256, &why), 0);
		CU_ASSERT_EQUAL(unpack(temp, out, to, &n, &why), 0);
		run("cd %s && sha256sum --quiet --strict -c SHA256SUMS", to);
	}
	pack_fini(&p);
	close(temp);
	close(out);
	return err;
}

/* It is the log of this size: its hashes give the root, its entries the hashes; nothing goes beyond. */
static void check(const char *name, uint64_t size)
{
	char path[64];
	struct log_dir *d;
	struct hash root, want = root_of(size);
	snprintf(path, sizeof(path), "%s/%s/log", folder, name);
	CU_ASSERT_EQUAL_FATAL(dir_open(path, &d, &why), 0);
	struct tree_source s = dir_source(d);
	CU_ASSERT_EQUAL_FATAL(tree_root(&s, size, &root, &why), 0);
	CU_ASSERT(hash_equal(&root, &want));
	struct frontier f = {0};
	for (uint64_t n = 0; n * TILE_WIDTH < size; n++) {
		struct span entries[TILE_WIDTH];
		unsigned width =
		    size - n * TILE_WIDTH < TILE_WIDTH ? (unsigned)(size % TILE_WIDTH) : TILE_WIDTH;
		CU_ASSERT_EQUAL_FATAL(dir_bundle(d, n, width, entries, &why), 0);
		for (unsigned i = 0; i < width; i++) {
			struct hash leaf;
			tree_leaf(entries[i].p, entries[i].len, &leaf);
			frontier_add(&f, &leaf);
		}
	}
	frontier_root(&f, &root);
	CU_ASSERT(hash_equal(&root, &want));
	dir_close(d);
	struct tile beyond = {TILE_ENTRIES, size / TILE_WIDTH, TILE_WIDTH};
	char tile[TILE_PATH_BYTES];
	tile_path(&beyond, tile);
	run("test ! -e %s/%s", path, tile);
}

static void begin(void)
{
	run("rm -rf %s/*", folder);
}

static void test_logcopy_is_the_log_of_its_checkpoint(void)
{
	static const uint64_t sizes[] = {1, 255, 256, 257, 300, 512, 65536, 65537, 66000};
	struct log_point at;
	char name[16];
	begin();
	grow(0, 100);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		grow(i ? sizes[i - 1] : 0, sizes[i]);
		publish(sizes[i]);
		snprintf(name, sizeof(name), "c%u", i);
		CU_ASSERT_EQUAL(copy(name, &at), 0);
		CU_ASSERT_EQUAL(at.size, sizes[i]);
		CU_ASSERT_STRING_EQUAL(at.origin, ORIGIN);
		CU_ASSERT(at.signed_at > 0);
		check(name, sizes[i]);
	}
}

/* The checkpoint is of before, the files are of now: full ones have taken the place of what is needed. */
static void test_logcopy_cuts_what_grew_meanwhile(void)
{
	static const uint64_t sizes[] = {100, 300, 65540, 66000};
	struct log_point at;
	char name[16];
	begin();
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		grow(i ? sizes[i - 1] : 0, sizes[i]);
	grow(66000, LEAVES);
	run("find %s/log/tile -name '*.p' | while read p; do test ! -e ${p%%.p} || rm -r $p; done", folder);
	run("test ! -e %s/log/tile/0/000.p", folder);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		publish(sizes[i]);
		snprintf(name, sizeof(name), "c%u", i);
		int err = copy(name, &at);
		if (err)
			printf("# %s\n", why.text);
		CU_ASSERT_EQUAL(err, 0);
		check(name, sizes[i]);
	}
}

static void test_logcopy_keeps_narrower_tiles_and_stamps(void)
{
	struct log_point at;
	begin();
	grow(0, 20);
	grow(20, 90);
	grow(90, 120);
	publish(90);
	write_file("stamps/20.checkpoint", "a", 1);
	write_file("stamps/20.tsr", "b", 1);
	write_file("stamps/90.checkpoint", "c", 1);
	write_file("stamps/120.checkpoint", "d", 1);
	write_file("stamps/90.checkpoint.tmp", "e", 1);
	write_file("tile/0/000.p/90.tmp", "e", 1);
	CU_ASSERT_EQUAL(copy("c", &at), 0);
	check("c", 90);
	run("cd %s/c/log && test \"$(find . -type f | sort | tr '\\n' ' ')\" = './checkpoint ./stamps/20.checkpoint ./stamps/20.tsr"
	    " ./stamps/90.checkpoint ./tile/0/000.p/20 ./tile/0/000.p/90 ./tile/entries/000.p/20 ./tile/entries/000.p/90 '",
	    folder);
}

/* The narrower ones are gone, the full one is there: those of the sizes that a leaf `head` names are cut from it, of level 1 all. */
static void test_logcopy_cuts_what_was_signed_out_of_full_ones(void)
{
	struct log_point at;
	uint8_t bundle[TILE_WIDTH * 10], head[8] = {0x84, ENTRY_HEAD, 0x01, 0x18, 20, 0x42, 0, 0};
	begin();
	grow(0, LEAVES);
	run("rm -r %s/log/tile/*/000.p %s/log/tile/1 2>/dev/null; true", folder, folder);
	for (unsigned i = 0; i < TILE_WIDTH; i++) {
		uint64_t be = __builtin_bswap64(i);
		put_be16(bundle + i * 10, sizeof(be));
		memcpy(bundle + i * 10 + 2, i == 20 || i == 200 ? head : (uint8_t *)&be, sizeof(be));
	}
	write_file("tile/entries/000", bundle, sizeof(bundle));
	publish(90);
	CU_ASSERT_EQUAL(copy("c", &at), 0);
	run("cd %s/c/log && test \"$(find . -type f | sort | tr '\\n' ' ')\" = './checkpoint ./tile/0/000.p/20 ./tile/0/000.p/90"
	    " ./tile/entries/000.p/20 ./tile/entries/000.p/90 '",
	    folder);
	grow(0, LEAVES);
	run("rm -r %s/log/tile/1/000.p 2>/dev/null; true", folder);
	publish(256 * 3);
	CU_ASSERT_EQUAL(copy("d", &at), 0);
	run("cd %s/d/log && ls tile/1/000.p | tr '\\n' ' ' | grep -qx '1 2 3 '", folder);
}

static void test_logcopy_of_what_retention_removed(void)
{
	struct log_point at;
	uint8_t pruned[32] = {1};
	begin();
	grow(0, 300);
	publish(300);
	write_file("kept/000", "\0\1\0\1x", 5);
	run("rm %s/log/tile/entries/000", folder);
	write_file("pruned", pruned, sizeof(pruned));
	CU_ASSERT_EQUAL(copy("c", &at), 0);
	run("cd %s && cmp log/kept/000 c/log/kept/000 && cmp log/pruned c/log/pruned && test ! -e c/log/tile/entries/000",
	    folder);
	write_file("pruned.new", pruned, sizeof(pruned));
	CU_ASSERT_EQUAL(copy("busy", &at), -EAGAIN);
}

static void test_logcopy_names_what_is_missing(void)
{
	struct log_point at;
	begin();
	write_file("other", "", 0);
	CU_ASSERT_EQUAL(copy("none", &at), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "/log/checkpoint: "));
	grow(0, 600);
	publish(600);
	run("rm %s/log/tile/0/001", folder);
	CU_ASSERT_EQUAL(copy("hole", &at), -EBADMSG);
	CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "/log/tile/0/001: is missing"));
	run("ln -s /etc/passwd %s/log/tile/0/001", folder);
	CU_ASSERT(copy("link", &at) < 0);
	write_file("checkpoint", "no note", 7);
	CU_ASSERT_EQUAL(copy("note", &at), -EBADMSG);
}

static const struct test tests[] = {
    TEST(test_logcopy_is_the_log_of_its_checkpoint),
    TEST(test_logcopy_cuts_what_grew_meanwhile),
    TEST(test_logcopy_keeps_narrower_tiles_and_stamps),
    TEST(test_logcopy_of_what_retention_removed),
    TEST(test_logcopy_names_what_is_missing),
    TEST(test_logcopy_cuts_what_was_signed_out_of_full_ones),
};

int main(void)
{
	struct hash *hashes = numbered_leaves(LEAVES);
	if (!mkdtemp(folder) || !hashes || signer_new(ORIGIN, &key, &why))
		return 2;
	array_source_init(&leaves, hashes, LEAVES);
	int failed = harness_run("logcopy", tests, sizeof(tests) / sizeof(*tests));
	char command[64];
	snprintf(command, sizeof(command), "rm -r %s", folder);
	failed |= system(command);
	array_source_fini(&leaves);
	signer_free(key);
	free(hashes);
	return failed;
}
