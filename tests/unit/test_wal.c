/* SPDX-License-Identifier: BSD-3-Clause */
/* test_wal: what was written comes back, up to a torn end and never past damage. */
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/wal_fixture.h"

#define ONE	   "0000000001.wal"
#define TWO	   "0000000002.wal"
#define FILE_BYTES 4096
#define FRAMES	   3

static int folder = -1;
static char path[64];
static struct wal_file w;
static size_t ends[FRAMES + 1]; /* of the state and each batch of write_one */

static void begin(void)
{
	strcpy(path, "/tmp/roja-wal-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(path));
	folder = open(path, O_RDONLY | O_DIRECTORY);
}

static void end(void)
{
	char command[100];
	wal_close(&w);
	close(folder);
	snprintf(command, sizeof(command), "rm -r %s", path);
	CU_ASSERT_EQUAL(system(command), 0);
}

static struct err e;

static int create(uint64_t number, uint64_t ticket, uint64_t size)
{
	static struct hash peaks[TREE_LEVELS + 1];
	uint8_t set[WAL_SET_BYTES];
	struct wal_frame state = {
	    .type = WAL_STATE,
	    .ticket = ticket,
	    .size = size,
	    .sets = {set, wal_set_put(set, span_of("k"), span_of("v"))},
	    .leaves = {(const uint8_t *)peaks, (size_t)__builtin_popcountll(size) * sizeof(*peaks)}};
	return wal_create(folder, number, &state, &w, &e);
}

/* A batch of n leaves: "leaf<index>". */
static int put(uint64_t ticket, uint64_t size, unsigned n)
{
	uint8_t set[WAL_SET_BYTES], leaves[256];
	size_t len = 0;
	for (unsigned i = 0; i < n; i++) {
		int bytes = snprintf((char *)leaves + len + 2, 20, "leaf%d", (int)(size - n + i));
		put_be16(leaves + len, (uint16_t)bytes);
		len += 2 + (size_t)bytes;
	}
	struct wal_frame f = {.type = WAL_BATCH,
			      .ticket = ticket,
			      .size = size,
			      .sets = {set, wal_set_put(set, span_of("at"), span_of("x"))},
			      .leaves = {leaves, len}};
	return wal_put(&w, &f, &e);
}

/* A segment of three batches. */
static void write_one(uint64_t number)
{
	CU_ASSERT_EQUAL_FATAL(create(number, 0, 0), 0);
	ends[0] = w.at;
	for (unsigned i = 1; i <= FRAMES; i++) {
		CU_ASSERT_EQUAL_FATAL(put(i, 2 * i, 2), 0);
		ends[i] = w.at;
	}
}

static const char *const wanted[FRAMES + 1] = {
    "(0:0 k=v)#1", "(0:0 k=v)[1:2 at=x ,leaf0 ,leaf1]#1",
    "(0:0 k=v)[1:2 at=x ,leaf0 ,leaf1][2:4 at=x ,leaf2 ,leaf3]#1",
    "(0:0 k=v)[1:2 at=x ,leaf0 ,leaf1][2:4 at=x ,leaf2 ,leaf3][3:6 at=x ,leaf4 ,leaf5]#1"};

static void test_wal_comes_back_as_written(void)
{
	begin();
	struct told t = recovered(folder);
	CU_ASSERT(!t.err && !t.found.last && !t.found.torn[0] && !t.len);
	write_one(1);
	t = recovered(folder);
	CU_ASSERT(!t.err && t.found.last == 1 && !t.found.torn[0]);
	CU_ASSERT_STRING_EQUAL(t.text, wanted[FRAMES]);
	wal_close(&w);
	CU_ASSERT_EQUAL(create(2, 3, 6), 0);
	CU_ASSERT_EQUAL(put(7, 6, 0), 0);
	CU_ASSERT_EQUAL(put(8, 7, 1), 0);
	t = recovered(folder);
	CU_ASSERT(!t.err && t.found.last == 2);
	CU_ASSERT_STRING_EQUAL(t.text + strlen(wanted[FRAMES]), "(3:6 k=v)[7:6 at=x][8:7 at=x ,leaf6]#2");
	CU_ASSERT_EQUAL(wal_remove(folder, 1, &e), 0);
	t = recovered(folder);
	CU_ASSERT_STRING_EQUAL(t.text, "(3:6 k=v)[7:6 at=x][8:7 at=x ,leaf6]#2");
	end();
}

/* The number of batches that are whole in the first `n` bytes; -1: not even the state. */
static int whole_in(size_t n)
{
	int batches = -1;
	while (batches < FRAMES && ends[batches + 1] <= n)
		batches++;
	return batches;
}

static void test_wal_cut_anywhere_is_whole_batches(void)
{
	uint8_t file[FILE_BYTES];
	begin();
	write_one(1);
	size_t n = get_file(folder, ONE, file, sizeof(file));
	CU_ASSERT_EQUAL_FATAL(n, ends[FRAMES]);
	for (size_t cut = 0; cut < n; cut++) {
		put_file(folder, ONE, file, cut);
		struct told t = recovered(folder);
		int batches = whole_in(cut);
		CU_ASSERT_EQUAL(t.err, 0);
		CU_ASSERT_STRING_EQUAL(t.text, batches < 0 ? "" : wanted[batches]);
		CU_ASSERT_EQUAL(t.found.last, batches < 0 ? 0 : 1);
		CU_ASSERT(batches < 0 || !t.found.torn[0] == (cut == ends[batches]));
	}
	end();
}

static void test_wal_zeros_behind_a_cut_are_torn(void)
{
	uint8_t file[FILE_BYTES];
	begin();
	write_one(1);
	size_t n = get_file(folder, ONE, file, sizeof(file));
	for (size_t cut = ends[FRAMES - 1]; cut < n; cut++) {
		uint8_t with[FILE_BYTES] = {0};
		memcpy(with, file, cut);
		put_file(folder, ONE, with, sizeof(with));
		struct told t = recovered(folder);
		CU_ASSERT(!t.err && t.found.torn[0]);
		/* the last bytes of a frame are padding, zeros too */
		CU_ASSERT(!strcmp(t.text, wanted[FRAMES - 1]) || cut > n - 8);
	}
	end();
}

/* A file being made as the newest: what is before it counts. */
static void test_wal_torn_while_made_is_left_out(void)
{
	uint8_t file[FILE_BYTES];
	begin();
	write_one(1);
	wal_close(&w);
	CU_ASSERT_EQUAL_FATAL(create(2, FRAMES, 6), 0);
	size_t n = get_file(folder, TWO, file, sizeof(file));
	for (size_t cut = 0; cut < n; cut++) {
		put_file(folder, TWO, file, cut);
		struct told t = recovered(folder);
		CU_ASSERT(!t.err && t.found.last == 1 && t.found.torn[0]);
		CU_ASSERT_STRING_EQUAL(t.text, wanted[FRAMES]);
	}
	/* what was there by that name does not hinder */
	wal_close(&w);
	CU_ASSERT_EQUAL(create(2, FRAMES, 6), 0);
	CU_ASSERT_EQUAL(recovered(folder).found.last, 2);
	end();
}

/* Flips a byte by each of these; tells how many were taken for a torn end. */
static unsigned flip_each(const char *name, size_t from, size_t to, int err, const char *text)
{
	static const uint8_t masks[] = {0x01, 0x80, 0xff};
	uint8_t file[FILE_BYTES];
	unsigned torn = 0;
	size_t n = get_file(folder, name, file, sizeof(file));
	for (size_t at = from; at < to; at++)
		for (unsigned m = 0; m < sizeof(masks); m++) {
			file[at] ^= masks[m];
			put_file(folder, name, file, n);
			struct told t = recovered(folder);
			CU_ASSERT_EQUAL(t.err, err);
			CU_ASSERT(err || !strcmp(t.text, text));
			CU_ASSERT(!err || (strstr(t.e.text, name) && strstr(t.e.text, "byte ")));
			torn += !t.err && t.found.torn[0];
			file[at] ^= masks[m];
		}
	put_file(folder, name, file, n);
	return torn;
}

static void test_wal_flipped_bytes_are_found(void)
{
	begin();
	write_one(1);
	/* with batches behind: damage; in the last one: a torn end */
	CU_ASSERT_EQUAL(flip_each(ONE, 0, ends[FRAMES - 1], -EBADMSG, ""), 0);
	CU_ASSERT_EQUAL(flip_each(ONE, ends[FRAMES - 1], ends[FRAMES], 0, wanted[FRAMES - 1]),
			3 * (unsigned)(ends[FRAMES] - ends[FRAMES - 1]));
	wal_close(&w);
	/* with a file behind: damage everywhere */
	CU_ASSERT_EQUAL_FATAL(create(2, FRAMES, 6), 0);
	CU_ASSERT_EQUAL(flip_each(ONE, 0, ends[FRAMES], -EBADMSG, ""), 0);
	size_t made = w.at;
	CU_ASSERT_EQUAL(flip_each(TWO, 0, made, 0, wanted[FRAMES]), 3 * (unsigned)made);
	CU_ASSERT_EQUAL_FATAL(put(FRAMES + 1, 7, 1), 0);
	CU_ASSERT_EQUAL(flip_each(TWO, 0, made, -EBADMSG, ""), 0);
	end();
}

/* A segment that was given up: its end is where the next one says, whatever is behind. */
static void test_wal_given_up_ends_where_the_next_says(void)
{
	begin();
	write_one(1);
	CU_ASSERT_EQUAL_FATAL(put(4, 8, 2), 0);
	wal_close(&w);
	CU_ASSERT_EQUAL_FATAL(create(2, FRAMES, 6), 0);
	CU_ASSERT_EQUAL_FATAL(put(5, 9, 3), 0);
	struct told t = recovered(folder);
	CU_ASSERT(!t.err && !t.found.torn[0]);
	CU_ASSERT(!strncmp(t.text, wanted[FRAMES], strlen(wanted[FRAMES])));
	CU_ASSERT_STRING_EQUAL(t.text + strlen(wanted[FRAMES]), "(3:6 k=v)[5:9 at=x ,leaf6 ,leaf7 ,leaf8]#2");
	CU_ASSERT_EQUAL(flip_each(ONE, ends[FRAMES], ends[FRAMES] + 20, 0, t.text), 0);
	end();
}

static void test_wal_missing_and_moved_files_are_found(void)
{
	uint8_t one[FILE_BYTES], two[FILE_BYTES];
	begin();
	write_one(1);
	size_t n1 = get_file(folder, ONE, one, sizeof(one));
	wal_close(&w);
	CU_ASSERT_EQUAL_FATAL(create(2, FRAMES, 6), 0);
	CU_ASSERT_EQUAL_FATAL(put(4, 7, 1), 0);
	size_t n2 = get_file(folder, TWO, two, sizeof(two));
	wal_close(&w);
	CU_ASSERT_EQUAL_FATAL(create(3, 4, 7), 0);
	CU_ASSERT_EQUAL_FATAL(recovered(folder).err, 0);
	CU_ASSERT_EQUAL(renameat(folder, TWO, folder, "2.wal"), 0);
	struct told t = recovered(folder);
	CU_ASSERT(t.err == -EBADMSG && strstr(t.e.text, TWO) && strstr(t.e.text, "missing"));
	put_file(folder, TWO, one, n1);
	CU_ASSERT_EQUAL(recovered(folder).err, -EBADMSG);
	/* cut where it is whole: batches are missing that the next one counts on */
	put_file(folder, TWO, two, n2);
	put_file(folder, ONE, one, ends[FRAMES - 1]);
	t = recovered(folder);
	CU_ASSERT(t.err == -EBADMSG && strstr(t.e.text, ONE) && strstr(t.e.text, "batches are missing"));
	end();
}

/* A frame that was copied to another place of its file, or from another file, is none. */
static void test_wal_replayed_frames_are_no_frames(void)
{
	uint8_t file[FILE_BYTES];
	begin();
	write_one(1);
	size_t n = get_file(folder, ONE, file, sizeof(file));
	memcpy(file + n, file + ends[2], n - ends[2]);
	put_file(folder, ONE, file, n + n - ends[2]);
	struct told t = recovered(folder);
	CU_ASSERT(!t.err && t.found.torn[0]);
	CU_ASSERT_STRING_EQUAL(t.text, wanted[FRAMES]);
	/* the same place of another file of that number: other salt */
	wal_close(&w);
	write_one(1);
	CU_ASSERT_EQUAL(get_file(folder, ONE, file + FILE_BYTES / 2, FILE_BYTES / 2), n);
	memcpy(file + FILE_BYTES / 2 + ends[2], file + ends[2], ends[3] - ends[2]);
	put_file(folder, ONE, file + FILE_BYTES / 2, n);
	t = recovered(folder);
	CU_ASSERT(!t.err && t.found.torn[0]);
	CU_ASSERT_STRING_EQUAL(t.text, wanted[FRAMES - 1]);
	end();
}

static void test_wal_failed_writes_leave_what_was_durable(void)
{
	struct rlimit was, now;
	begin();
	write_one(1);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	now = was;
	now.rlim_cur = w.at + 40;
	setrlimit(RLIMIT_FSIZE, &now);
	CU_ASSERT_EQUAL(put(4, 8, 2), -EFBIG);
	CU_ASSERT_STRING_EQUAL(e.text, "wal/0000000001.wal cannot be written: File too large");
	wal_close(&w);
	now.rlim_cur = 100;
	setrlimit(RLIMIT_FSIZE, &now);
	CU_ASSERT_EQUAL(create(2, FRAMES, 6), -EFBIG);
	CU_ASSERT_EQUAL(faccessat(folder, TWO, F_OK, 0), -1);
	setrlimit(RLIMIT_FSIZE, &was);
	struct told t = recovered(folder);
	CU_ASSERT(!t.err && t.found.torn[0]);
	CU_ASSERT_STRING_EQUAL(t.text, wanted[FRAMES]);
	CU_ASSERT_EQUAL(create(2, FRAMES, 6), 0);
	CU_ASSERT_EQUAL(put(4, 8, 2), 0);
	t = recovered(folder);
	CU_ASSERT(!t.err && !t.found.torn[0] && t.found.last == 2);
	end();
}

static const struct test tests[] = {
    TEST(test_wal_comes_back_as_written),
    TEST(test_wal_cut_anywhere_is_whole_batches),
    TEST(test_wal_zeros_behind_a_cut_are_torn),
    TEST(test_wal_torn_while_made_is_left_out),
    TEST(test_wal_flipped_bytes_are_found),
    TEST(test_wal_given_up_ends_where_the_next_says),
    TEST(test_wal_missing_and_moved_files_are_found),
    TEST(test_wal_replayed_frames_are_no_frames),
    TEST(test_wal_failed_writes_leave_what_was_durable),
};

HARNESS_MAIN("wal", tests)
