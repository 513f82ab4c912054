/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/prune.h"
#include "tests/unit/harness.h"

#define BUNDLES 5
#define DIED	9

static char folder[64];
static struct err e;

/* The process dies at the call whose turn it is: before it, or once it is done. */
static int turns = -1;
static bool after;

#define DIES(call)                                     \
	do {                                           \
		bool now = turns >= 0 && turns-- == 0; \
		if (now && !after)                     \
			_exit(DIED);                   \
		long done = (long)(call);              \
		if (now)                               \
			_exit(DIED);                   \
		return (__typeof__(call))done;         \
	} while (0)

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __real_rmdir(const char *path);
int __wrap_rmdir(const char *path);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);

int __wrap_fsync(int fd)
{
	DIES(__real_fsync(fd));
}
int __wrap_rename(const char *from, const char *to)
{
	DIES(__real_rename(from, to));
}
int __wrap_unlink(const char *path)
{
	DIES(__real_unlink(path));
}
int __wrap_rmdir(const char *path)
{
	DIES(__real_rmdir(path));
}
int __wrap_mkdir(const char *path, mode_t mode)
{
	DIES(__real_mkdir(path, mode));
}
/* Half of it, where it dies in the middle. */
ssize_t __wrap_write(int fd, const void *p, size_t n)
{
	if (turns == 0 && !after && __real_write(fd, p, n / 2) < 0)
		abort();
	DIES(__real_write(fd, p, n));
}

static void run(const char *command)
{
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

static void put(const char *name, const void *p, size_t n)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL_FATAL(fwrite(p, 1, n, f), n);
	fclose(f);
}

static bool there(const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return !access(path, F_OK);
}

/* Entry i of bundle n: its number, as often as i says; entry 7 is empty. */
static size_t entry_of(unsigned n, unsigned i, uint8_t ret[300])
{
	memset(ret, (int)(n + i), 300);
	return i == 7 ? 0 : 1 + i;
}

static void begin(void)
{
	static uint8_t bytes[TILE_WIDTH * 302];
	char command[160], name[32];
	strcpy(folder, "/tmp/roja-prune.XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(command, sizeof(command), "mkdir -p %s/tile/entries/002.p", folder);
	run(command);
	put("tile/entries/002.p/17", "x", 1);
	for (unsigned n = 0; n < BUNDLES; n++) {
		uint8_t *to = bytes;
		for (unsigned i = 0; i < TILE_WIDTH; i++) {
			uint8_t entry[300];
			size_t len = entry_of(n, i, entry);
			*to++ = (uint8_t)(len >> 8);
			*to++ = (uint8_t)len;
			memcpy(to, entry, len);
			to += len;
		}
		snprintf(name, sizeof(name), "tile/entries/%03u", n);
		put(name, bytes, (size_t)(to - bytes));
	}
}

static void end(void)
{
	char command[96];
	snprintf(command, sizeof(command), "rm -r %s", folder);
	run(command);
}

static void set(struct prune_bits *b, uint64_t leaf)
{
	b->bits[leaf / 8] |= (uint8_t)(1u << leaf % 8);
}

static struct prune_bits bits(uint64_t minimum)
{
	struct prune_bits b = {0};
	CU_ASSERT_EQUAL_FATAL(prune_load(folder, &b, &e), 0);
	CU_ASSERT_EQUAL_FATAL(prune_widen(&b, minimum, &e), 0);
	return b;
}

/* Every bundle is as the bits say, and nothing else is left. */
static bool is_as(const struct prune_bits *b)
{
	static const uint8_t none[PRUNE_BYTES];
	bool good = !there("pruned.new");
	for (unsigned n = 0; n < BUNDLES; n++) {
		struct span got[TILE_WIDTH];
		uint8_t *bytes, want[300];
		char whole[32], kept[32];
		bool any = n < b->minimum && memcmp(b->bits + n * PRUNE_BYTES, none, PRUNE_BYTES) != 0;
		snprintf(whole, sizeof(whole), "tile/entries/%03u", n);
		snprintf(kept, sizeof(kept), "kept/%03u", n);
		good &= there(whole) != any && there(kept) == any;
		if (prune_bundle(folder, n, got, &bytes, &e))
			return false;
		for (unsigned i = 0; i < TILE_WIDTH; i++) {
			size_t len = entry_of(n, i, want);
			if (prune_get(b, n * TILE_WIDTH + i))
				good &= !got[i].p;
			else
				good &= got[i].p && got[i].len == len && !memcmp(got[i].p, want, len);
		}
		free(bytes);
	}
	return good && there("tile/entries/002.p/17") ==
			   !(2 < b->minimum && memcmp(b->bits + 2 * PRUNE_BYTES, none, PRUNE_BYTES));
}

static bool is_stored(const struct prune_bits *b)
{
	struct prune_bits now;
	bool same = !prune_load(folder, &now, &e) && now.minimum == b->minimum &&
		    !memcmp(now.bits, b->bits, b->minimum * PRUNE_BYTES);
	prune_free(&now);
	return same;
}

static struct prune_bits some(uint64_t minimum)
{
	struct prune_bits b = bits(minimum);
	for (uint64_t i = 0; i < 2 * TILE_WIDTH; i += 3)
		set(&b, i);
	set(&b, 2 * TILE_WIDTH + 7);
	return b;
}

static void test_bodies_go_hashes_are_not_touched(void)
{
	struct hash digest;
	uint64_t n;
	begin();
	struct prune_bits b = some(4);
	prune_digest(&b, &digest);
	CU_ASSERT_EQUAL(prune_count(&b), 172);
	CU_ASSERT_EQUAL(prune_write(folder, &b, &e), 0);
	CU_ASSERT_EQUAL(prune_apply(folder, &digest, NULL, &n, &e), 0);
	CU_ASSERT_EQUAL(n, 3);
	CU_ASSERT(is_as(&b) && is_stored(&b));
	CU_ASSERT_EQUAL(prune_apply(folder, &digest, NULL, &n, &e), 0);
	CU_ASSERT_EQUAL(n, 0);
	/* more of the same bundle, later */
	struct prune_bits more = bits(5);
	for (uint64_t i = TILE_WIDTH; i < 2 * TILE_WIDTH; i++)
		set(&more, i);
	set(&more, 4 * TILE_WIDTH + 1);
	prune_digest(&more, &digest);
	CU_ASSERT_EQUAL(prune_write(folder, &more, &e), 0);
	CU_ASSERT_EQUAL(prune_apply(folder, &digest, NULL, &n, &e), 0);
	CU_ASSERT_EQUAL(n, 2);
	CU_ASSERT(is_as(&more) && is_stored(&more));
	prune_free(&b);
	prune_free(&more);
	end();
}

static void test_what_no_leaf_names_is_not_done(void)
{
	struct hash other = {{1}};
	struct prune_bits none = {0};
	begin();
	struct prune_bits b = some(4);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(prune_write(folder, &b, &e), 0);
		CU_ASSERT_EQUAL(prune_apply(folder, i ? &other : NULL, NULL, NULL, &e), 0);
		CU_ASSERT(is_as(&none) && !there("pruned"));
	}
	prune_free(&b);
	end();
}

static void test_damaged_bundles_are_left_alone(void)
{
	struct hash digest;
	begin();
	struct prune_bits b = some(4);
	prune_digest(&b, &digest);
	put("tile/entries/001", "\0\1", 2);
	CU_ASSERT_EQUAL(prune_write(folder, &b, &e), 0);
	CU_ASSERT_EQUAL(prune_apply(folder, &digest, NULL, NULL, &e), -EBADMSG);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "tile/entries/001"));
	CU_ASSERT(there("tile/entries/000") && there("tile/entries/001") && there("pruned.new"));
	put("pruned", "x", 1);
	struct prune_bits bad;
	CU_ASSERT_EQUAL(prune_load(folder, &bad, &e), -EBADMSG);
	prune_free(&b);
	end();
}

/* What a process does until it dies at its k-th call; whether it came to its end. */
static bool live(int k, bool dies_after, const struct prune_bits *b, const struct hash *digest)
{
	int status;
	pid_t child = fork();
	CU_ASSERT_FATAL(child >= 0);
	if (!child) {
		struct err mine;
		turns = k;
		after = dies_after;
		_exit(prune_write(folder, b, &mine) || prune_apply(folder, digest, NULL, NULL, &mine) ? 1
												      : 0);
	}
	waitpid(child, &status, 0);
	CU_ASSERT(WIFEXITED(status) && (WEXITSTATUS(status) == DIED || WEXITSTATUS(status) == 0));
	return WEXITSTATUS(status) == 0;
}

/* Deaths at each call that changes the folder, before and after it; of a first removal and of one on top of it. */
static void test_each_step_can_be_the_last_one(void)
{
	struct hash digest;
	unsigned deaths = 0;
	for (int round = 0; round < 2; round++)
		for (int dies_after = 0; dies_after < 2; dies_after++) {
			bool done = false;
			for (int k = 0; !done; k++) {
				begin();
				struct prune_bits b = some(3), more;
				if (round) {
					prune_digest(&b, &digest);
					CU_ASSERT_EQUAL(prune_write(folder, &b, &e), 0);
					CU_ASSERT_EQUAL(prune_apply(folder, &digest, NULL, NULL, &e), 0);
				}
				more = bits(5);
				for (uint64_t i = 0; i < 5 * TILE_WIDTH; i += round ? 2 : 5)
					set(&more, i);
				prune_digest(&more, &digest);
				done = live(k, dies_after, &more, &digest);
				deaths += !done;
				/* the leaf is there: it goes on. Where not even the file was there, all begins again. */
				CU_ASSERT_EQUAL(prune_apply(folder, &digest, NULL, NULL, &e), 0);
				if (!is_stored(&more)) {
					CU_ASSERT(is_as(round ? &b : &(struct prune_bits){0}));
					CU_ASSERT_EQUAL(prune_write(folder, &more, &e), 0);
					CU_ASSERT_EQUAL(prune_apply(folder, &digest, NULL, NULL, &e), 0);
				}
				CU_ASSERT(is_as(&more) && is_stored(&more));
				prune_free(&b);
				prune_free(&more);
				end();
			}
		}
	printf("# %u deaths\n", deaths);
	CU_ASSERT(deaths > 60);
}

static const struct test tests[] = {
    TEST(test_bodies_go_hashes_are_not_touched),
    TEST(test_what_no_leaf_names_is_not_done),
    TEST(test_damaged_bundles_are_left_alone),
    TEST(test_each_step_can_be_the_last_one),
};

HARNESS_MAIN("prune", tests)
