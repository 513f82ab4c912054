/* SPDX-License-Identifier: BSD-3-Clause */
/* The files of tests/lists: good.tsv says what is read of those that are good, bad.tsv why the others are refused. What is too large
 * to be kept is made here. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/import_fixture.h"

#define COLUMNS_MAX 6

static const struct {
	const char *name;
	int code;
} errors[] = {{"ENODATA", -ENODATA},
	      {"EILSEQ", -EILSEQ},
	      {"E2BIG", -E2BIG},
	      {"EBADMSG", -EBADMSG},
	      {"EINVAL", -EINVAL}};

static int find_error(const char *name)
{
	for (unsigned i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (!strcmp(errors[i].name, name))
			return errors[i].code;
	return 1;
}

static int import_file(const char *folder, char *const *row, uint64_t max_rejected, struct import_result *ret,
		       struct err *e)
{
	char path[512];
	snprintf(path, sizeof(path), LISTS_FOLDER "/%s/%s", folder, row[0]);
	json_t *o = import_options(strcmp(row[2], "-") ? row[2] : "");
	struct import_request q = {.fd = open(path, O_RDONLY | O_CLOEXEC),
				   .name = row[0],
				   .format = row[1],
				   .options = o,
				   .original = fixture_original,
				   .object = fixture_object,
				   .key = &fixture_key,
				   .max_rejected = max_rejected};
	CU_ASSERT_FATAL(q.fd >= 0);
	int err = import_run(&q, ret, e);
	close(q.fd);
	json_decref(o);
	return err;
}

static void check_same(const char *file, const char *got, const char *wanted)
{
	if (strcmp(got, wanted))
		printf("# %s\n#   got    %s\n#   wanted %s\n", file, got, wanted);
	CU_ASSERT_STRING_EQUAL(got, wanted);
}

static void check_bad(char *const *row)
{
	struct import_result r;
	struct err e = {""};
	unlink(fixture_original);
	unlink(fixture_object);
	int err = import_file("bad", row, strtoull(row[3], NULL, 10), &r, &e);
	CU_ASSERT_EQUAL(err, find_error(row[4]));
	check_same(row[0], e.text, row[5]);
	CU_ASSERT(import_left_nothing());
}

static void check_good(char *const *row)
{
	struct import_result r;
	struct err e = {""};
	int err = import_file("good", row, 0, &r, &e);
	check_same(row[0], e.text, "");
	if (err)
		return;
	char *entries = import_entries();
	check_same(row[0], entries, row[3]);
	CU_ASSERT_EQUAL(r.rejected, 0);
	free(entries);
	import_result_free(&r);
}

static unsigned count_files(const char *folder)
{
	char path[512];
	unsigned n = 0;
	snprintf(path, sizeof(path), LISTS_FOLDER "/%s", folder);
	DIR *d = opendir(path);
	for (struct dirent *x; d && (x = readdir(d));)
		n += *x->d_name != '.';
	if (d)
		closedir(d);
	return n;
}

/* A row a file, and no file without a row. */
static void check_table(const char *folder, unsigned columns, void (*check)(char *const *row))
{
	char path[512], line[4096];
	unsigned rows = 0;
	snprintf(path, sizeof(path), LISTS_FOLDER "/%s.tsv", folder);
	FILE *f = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (fgets(line, sizeof(line), f)) {
		char *row[COLUMNS_MAX], *rest = line;
		line[strcspn(line, "\n")] = 0;
		if (*line == '#')
			continue;
		for (unsigned i = 0; i < columns; i++) {
			row[i] = strsep(&rest, "\t");
			CU_ASSERT_PTR_NOT_NULL_FATAL(row[i]);
		}
		check(row);
		rows++;
	}
	fclose(f);
	CU_ASSERT_EQUAL(rows, count_files(folder));
}

static void test_good_files_are_read(void)
{
	check_table("good", 4, check_good);
}

static void test_bad_files_are_refused(void)
{
	check_table("bad", 6, check_bad);
}

static long peak_kib(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static int import_fd(int fd, const char *format, uint64_t max_bytes, struct err *e)
{
	struct import_result r;
	struct import_request q = {.fd = fd,
				   .name = "list",
				   .format = format,
				   .original = fixture_original,
				   .object = fixture_object,
				   .key = &fixture_key,
				   .max_bytes = max_bytes};
	int err = import_run(&q, &r, e);
	if (!err)
		import_result_free(&r);
	return err;
}

static void test_a_line_of_two_gigabytes_is_refused(void)
{
	static const char *const formats[] = {"plain", "urls", "hosts", "csv", "jsonl", "rpz", "xml"};
	int fd = import_fixture_fd("name.test", 9);
	struct err e;
	CU_ASSERT_EQUAL_FATAL(ftruncate(fd, INT64_C(2) << 30), 0);
	for (unsigned i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		CU_ASSERT_EQUAL(import_fd(fd, formats[i], 0, &e), -EFBIG);
		CU_ASSERT_STRING_EQUAL(
		    e.text, "list: has 2147483648 bytes, more than the limit of 268435456: is it a "
			    "list? Else raise the limit");
		CU_ASSERT_EQUAL(import_fd(fd, formats[i], UINT64_C(1) << 40, &e), -EILSEQ);
	}
	close(fd);
}

/* `n` bytes: head, then `part` again and again. */
static int make_large(const char *head, const char *part, size_t n)
{
	int fd = memfd_create("large", MFD_CLOEXEC);
	size_t part_n = strlen(part), block_n = part_n * (1 + 65536 / part_n), done = strlen(head);
	char *block = malloc(block_n);
	for (size_t i = 0; i < block_n; i++)
		block[i] = part[i % part_n];
	CU_ASSERT_FATAL(write(fd, head, done) == (ssize_t)done);
	for (; done < n; done += block_n)
		CU_ASSERT_FATAL(write(fd, block, block_n) == (ssize_t)block_n);
	free(block);
	return fd;
}

/* What never ends is refused long before it has been read, in little memory. */
static void test_what_never_ends_is_refused_early(void)
{
	static const struct {
		const char *format, *head, *part, *sentence;
		int err;
	} rows[] = {
	    {"csv", "a.test\n\"", "x\n",
	     "list: line 2: a field in quotes begins in this record and is not closed: where it ends cannot be known, so "
	     "nothing of the file is used",
	     -EBADMSG},
	    {"csv", "a.test\n", "x",
	     "list: line 2: the line is longer than 65536 bytes: is this CSV, and is each quote closed?",
	     -EBADMSG},
	    {"rpz", "a.test CNAME .\n@ SOA (", "x\n",
	     "list: line 2: a '(' is opened in this record and not closed: is the zone cut short?", -EBADMSG},
	    {"rpz", "a.test CNAME .\n", "x",
	     "list: line 2: the line is longer than 65536 bytes: is this a zone file?", -EBADMSG},
	    {"xml", "<r a=\"", "x",
	     "list: line 1: an element, attribute or comment of over 1048576 bytes: is it a register?",
	     -EBADMSG},
	    {"xml", "<r><!--", "x",
	     "list: line 1: an element, attribute or comment of over 1048576 bytes: is it a register?",
	     -EBADMSG},
	    {"xml", "<", "x",
	     "list: line 1: an element, attribute or comment of over 1048576 bytes: is it a register?",
	     -EBADMSG},
	    {"xml", "<r>", "<a>",
	     "list: line 1: elements are more than 16 deep in one another: is it a register?", -EBADMSG},
	    {"jsonl", "", "[", "list: not one entry in its 1 lines, 1 rejected: is it of the format jsonl?",
	     -ENODATA},
	    {"hosts", "", "0.0.0.0 ",
	     "list: not one entry in its 1 lines, 1 rejected: is it of the format hosts?", -ENODATA},
	};
	long before = peak_kib();
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err e = {""};
		int fd = make_large(rows[i].head, rows[i].part, 64 << 20);
		CU_ASSERT_EQUAL(import_fd(fd, rows[i].format, 0, &e), rows[i].err);
		check_same(rows[i].format, e.text, rows[i].sentence);
		CU_ASSERT(rows[i].err == -ENODATA || lseek(fd, 0, SEEK_CUR) < 4 << 20);
		close(fd);
	}
	CU_ASSERT(peak_kib() - before < 40 * 1024);
}

static const struct test tests[] = {
    TEST(test_good_files_are_read),
    TEST(test_bad_files_are_refused),
    TEST(test_a_line_of_two_gigabytes_is_refused),
    TEST(test_what_never_ends_is_refused_early),
};

int main(void)
{
	if (import_fixture_init())
		return 1;
	int r = harness_run("readers_refused", tests, sizeof(tests) / sizeof(*tests));
	import_fixture_fini();
	return r;
}
