/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/feed/temp.h"
#include "tests/unit/harness.h"

#define BIG (300 * 1000)

static char folder[] = "/tmp/roja-temp-XXXXXX";

static const char *const places[] = {NULL, folder};
#define N_PLACES (sizeof(places) / sizeof(*places))

static void check_holds(int fd, const char *wanted, size_t n)
{
	char *got = malloc(n + 1);
	CU_ASSERT_EQUAL(read(fd, got, n + 1), (ssize_t)n);
	CU_ASSERT(!memcmp(got, wanted, n));
	free(got);
}

static void test_temp_is_at_its_start_when_finished(void)
{
	for (size_t i = 0; i < N_PLACES; i++) {
		struct err e;
		int fd;
		CU_ASSERT_EQUAL_FATAL(temp_open(places[i], &fd, &e), 0);
		CU_ASSERT_EQUAL(temp_write(fd, "one ", 4, &e), 0);
		CU_ASSERT_EQUAL(temp_write(fd, "", 0, &e), 0);
		CU_ASSERT_EQUAL(temp_write(fd, "two", 3, &e), 0);
		CU_ASSERT_EQUAL(temp_finish(fd, &e), 0);
		check_holds(fd, "one two", 7);
		CU_ASSERT_EQUAL(temp_finish(fd, &e), 0);
		check_holds(fd, "one two", 7);
		CU_ASSERT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
	}
}

static void test_temp_in_memory_never_changes_again(void)
{
	struct err e;
	int fd;
	CU_ASSERT_EQUAL_FATAL(temp_open(NULL, &fd, &e), 0);
	CU_ASSERT_EQUAL(temp_write(fd, "list", 4, &e), 0);
	CU_ASSERT_EQUAL(temp_finish(fd, &e), 0);
	CU_ASSERT_EQUAL(temp_write(fd, "x", 1, &e), -EPERM);
	CU_ASSERT_STRING_EQUAL(e.text, "The temporary file cannot be written: Operation not permitted.");
	CU_ASSERT_EQUAL(ftruncate(fd, 0), -1);
	CU_ASSERT(mmap(NULL, 4, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	check_holds(fd, "list", 4);
	close(fd);
}

static void test_temp_in_a_folder_has_no_name(void)
{
	struct err e;
	struct stat st;
	int fd;
	CU_ASSERT_EQUAL_FATAL(temp_open(folder, &fd, &e), 0);
	CU_ASSERT_EQUAL(fstat(fd, &st), 0);
	CU_ASSERT_EQUAL(st.st_nlink, 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CU_ASSERT_EQUAL(linkat(AT_FDCWD, path, AT_FDCWD, "/tmp/roja-temp-named", AT_SYMLINK_FOLLOW), -1);
	close(fd);
	CU_ASSERT_EQUAL(temp_open("/tmp/roja-temp-there-is-none", &fd, &e), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(e.text, "/tmp/roja-temp-there-is-none: a temporary file cannot be made"));
}

static int copy_bytes(size_t n, uint64_t max, const char *place, const atomic_bool *cancel, int *ret_fd,
		      uint64_t *ret_bytes, struct err *e)
{
	char *bytes = malloc(n + 1);
	memset(bytes, 'x', n + 1);
	FILE *f = tmpfile();
	CU_ASSERT_EQUAL_FATAL(fwrite(bytes, 1, n + 1, f), n + 1);
	fflush(f);
	lseek(fileno(f), 1, SEEK_SET);
	int r = temp_copy(fileno(f), "a.txt", place, max, cancel, ret_fd, ret_bytes, e);
	if (!r)
		check_holds(*ret_fd, bytes, n);
	fclose(f);
	free(bytes);
	return r;
}

static void test_temp_copy_takes_all_from_where_it_stands_up_to_the_limit(void)
{
	static const struct {
		size_t n;
		uint64_t max;
		int r;
	} rows[] = {
	    {0, 0, 0},	   {1, 0, -EFBIG},	   {10, 10, 0},	      {11, 10, -EFBIG},
	    {BIG, BIG, 0}, {BIG, BIG - 1, -EFBIG}, {65536, 65536, 0}, {65537, 65536, -EFBIG},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t k = 0; k < N_PLACES; k++) {
			struct err e;
			int fd = -7;
			uint64_t bytes = 77;
			int r = copy_bytes(rows[i].n, rows[i].max, places[k], NULL, &fd, &bytes, &e);
			CU_ASSERT_EQUAL(r, rows[i].r);
			CU_ASSERT_EQUAL(bytes, r ? 77 : rows[i].n);
			if (!r)
				close(fd);
			else
				CU_ASSERT_EQUAL(fd, -7);
		}
}

static void test_temp_copy_says_what_was_too_long(void)
{
	struct err e;
	int fd;
	uint64_t bytes;
	CU_ASSERT_EQUAL(copy_bytes(11, 10, NULL, NULL, &fd, &bytes, &e), -EFBIG);
	CU_ASSERT_STRING_EQUAL(e.text,
			       "a.txt: more than the limit of 10 bytes: is it a list? Else raise the limit.");
}

static void test_temp_copy_reads_a_pipe_to_its_end(void)
{
	struct err e;
	int p[2], fd;
	uint64_t bytes;
	CU_ASSERT_EQUAL_FATAL(pipe2(p, O_NONBLOCK), 0);
	CU_ASSERT_EQUAL(write(p[1], "from a pipe", 11), 11);
	close(p[1]);
	CU_ASSERT_EQUAL_FATAL(temp_copy(p[0], "stdin", NULL, 100, NULL, &fd, &bytes, &e), 0);
	CU_ASSERT_EQUAL(bytes, 11);
	check_holds(fd, "from a pipe", 11);
	close(fd);
	close(p[0]);
}

static void test_temp_copy_is_cancelled(void)
{
	struct err e;
	int p[2], fd = -7;
	uint64_t bytes;
	atomic_bool cancel = true;
	CU_ASSERT_EQUAL_FATAL(pipe(p), 0);
	CU_ASSERT_EQUAL(temp_copy(p[0], "stdin", NULL, 100, &cancel, &fd, &bytes, &e), -ECANCELED);
	CU_ASSERT_EQUAL(fd, -7);
	close(p[0]);
	close(p[1]);
}

static void test_temp_copy_names_what_cannot_be_read(void)
{
	struct err e;
	int fd;
	uint64_t bytes;
	int dir = open("/", O_RDONLY | O_DIRECTORY);
	CU_ASSERT_EQUAL(temp_copy(dir, "a.txt", NULL, 100, NULL, &fd, &bytes, &e), -EISDIR);
	CU_ASSERT_STRING_EQUAL(e.text, "a.txt: cannot be read: Is a directory.");
	close(dir);
}

int main(void)
{
	static const struct test tests[] = {
	    TEST(test_temp_is_at_its_start_when_finished),
	    TEST(test_temp_in_memory_never_changes_again),
	    TEST(test_temp_in_a_folder_has_no_name),
	    TEST(test_temp_copy_takes_all_from_where_it_stands_up_to_the_limit),
	    TEST(test_temp_copy_says_what_was_too_long),
	    TEST(test_temp_copy_reads_a_pipe_to_its_end),
	    TEST(test_temp_copy_is_cancelled),
	    TEST(test_temp_copy_names_what_cannot_be_read),
	};
	if (!mkdtemp(folder))
		return 1;
	int r = harness_run("temp", tests, sizeof(tests) / sizeof(*tests));
	rmdir(folder);
	return r;
}
