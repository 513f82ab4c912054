/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/import_fixture.h"

static void test_import_sorts_by_bytes_and_keeps_the_first_line_of_each(void)
{
	static const struct import_row rows[] = {
	    {NULL, "b.test\na.test\nB.test.\n\n# c\nhttp://a.test/x\n=a.test\n*.a.test\n!a.test\n",
	     "9 !a.test; 8 *.a.test; 7 =a.test; 2 a.test; 1 b.test; 6 http://a.test/x", ""},
	    {NULL,
	     "\xef\xbb\xbf"
	     "a.test\r\nb.test # why\r\n",
	     "1 a.test; 2 b.test", ""},
	    {NULL, "a.test", "1 a.test", ""},
	    {NULL, "abcdefgh.test\nabcdefgh.tes\nabcdefg.test\nabcdefgh-.test\nabcdefgh\n",
	     "3 abcdefg.test; 5 abcdefgh; 4 abcdefgh-.test; 2 abcdefgh.tes; 1 abcdefgh.test", ""},
	    {NULL, "#! name: x\na.test\n", "2 a.test", ""},
	    {NULL,
	     "b\xc3\xbc"
	     "cher.test\nxn--bcher-kva.test\n",
	     "1 xn--bcher-kva.test", ""},
	};
	import_check_rows("plain", rows, sizeof(rows) / sizeof(*rows));
}

static void test_import_tells_what_it_read(void)
{
	struct import_result r;
	struct err e;
	CU_ASSERT_EQUAL_FATAL(import_text("plain", NULL, "abc\nABC\nx y\n", &r, &e), 0);
	CU_ASSERT_EQUAL(r.bytes, 12);
	CU_ASSERT_EQUAL(r.lines, 3);
	CU_ASSERT_EQUAL(r.entries, 1);
	CU_ASSERT_EQUAL(r.duplicates, 1);
	CU_ASSERT_EQUAL(r.rejected, 1);
	CU_ASSERT_EQUAL(r.serial, -1);
	CU_ASSERT_EQUAL(r.time, 0);
	CU_ASSERT_STRING_EQUAL(r.sha256, "7c46ba455e8cfd6d8aa99e296cc27a109be1c4e63245793a63ea6d2b9b1136f3");
	CU_ASSERT_EQUAL(r.n_notes, 1);
	CU_ASSERT_EQUAL(r.notes[0].line, 3);
	CU_ASSERT_STRING_EQUAL(r.notes[0].text, "x y");
	import_result_free(&r);
}

static void test_import_keeps_the_original_byte_for_byte(void)
{
	static const char text[] = "\xef\xbb\xbf# a comment\r\na.test\r\n\tbad bad";
	char got[sizeof(text)];
	struct import_result r;
	struct seal_reader *in;
	struct err e;
	CU_ASSERT_EQUAL_FATAL(import_text("plain", NULL, text, &r, &e), 0);
	CU_ASSERT_EQUAL_FATAL(seal_open(fixture_original, &fixture_key, &in, &e), 0);
	CU_ASSERT_EQUAL(seal_read(in, got, sizeof(got), &e), sizeof(text) - 1);
	CU_ASSERT(!memcmp(got, text, sizeof(text) - 1));
	seal_close(in);
	import_result_free(&r);
}

/* Random texts of few letters: many duplicates and common beginnings. */
static char *make_many(unsigned n)
{
	char *text = malloc(n * 48 + 1), *p = text;
	unsigned long x = 7;
	for (unsigned i = 0; i < n; i++) {
		unsigned len = 1 + (unsigned)((x = x * 6364136223846793005u + 1442695040888963407u) >> 60);
		if (x >> 40 & 1)
			p = stpcpy(p, "long-beginning");
		for (unsigned k = 0; k <= len; k++)
			*p++ = (char)('a' + ((x = x * 6364136223846793005u + 1442695040888963407u) >> 63));
		p = stpcpy(p, ".test\n");
	}
	return text;
}

static void test_import_of_many_is_in_order_without_duplicates(void)
{
	enum { N = 30000 };
	char *text = make_many(N), *got, *last = NULL;
	struct import_result r;
	struct err e;
	unsigned n = 0;
	CU_ASSERT_EQUAL_FATAL(import_text("plain", NULL, text, &r, &e), 0);
	got = import_entries();
	for (char *rest, *row = strtok_r(got, ";", &rest); row; row = strtok_r(NULL, ";", &rest), n++) {
		char *name = strrchr(row, ' ') + 1;
		CU_ASSERT(!last || strcmp(last, name) < 0);
		/* its line is the first one that holds it */
		char line[64], *at = text;
		snprintf(line, sizeof(line), "\n%s\n", name);
		char *first = strncmp(text, line + 1, strlen(line + 1)) ? strstr(text, line) + 1 : text;
		unsigned number = 1;
		for (; n % 64 == 0 && at < first; at++)
			number += *at == '\n';
		CU_ASSERT(n % 64 || (unsigned)atoi(row) == number);
		last = name;
	}
	CU_ASSERT_EQUAL(n, r.entries);
	CU_ASSERT_EQUAL(r.entries + r.duplicates, N);
	CU_ASSERT(r.entries > 1000 && r.duplicates > 1000);
	import_result_free(&r);
	free(got);
	free(text);
}

static void test_import_ends_at_too_many_rejected_lines(void)
{
	struct import_result r = {.bytes = 77};
	struct err e;
	static const char text[] = "a.test\nx y\nx y\nx y\nb.test\n";
	CU_ASSERT_EQUAL(import_bytes("plain", NULL, text, sizeof(text) - 1, 2, &r, &e), -E2BIG);
	CU_ASSERT_STRING_EQUAL(
	    e.text,
	    "list: line 4: this is one rejected line more than the limit of 2: is the file of the format "
	    "plain? Lines were rejected since: white space inside the entry: write one entry a line, a space "
	    "in a URL as %20, a comment after ' #'");
	CU_ASSERT_EQUAL(r.bytes, 77);
	CU_ASSERT(import_left_nothing());
	CU_ASSERT_EQUAL(import_bytes("plain", NULL, text, sizeof(text) - 1, 3, &r, &e), 0);
	CU_ASSERT_EQUAL(r.rejected, 3);
	import_result_free(&r);
}

/* Writes a text again and again into a pipe, until nobody reads any more. */
struct stream {
	int fd;
	const char *text;
	uint64_t bytes, written;
};

static void *write_stream(void *arg)
{
	struct stream *s = arg;
	size_t n = strlen(s->text), times = 65536 / n;
	char *block = malloc(times * n);
	for (size_t i = 0; i < times; i++)
		memcpy(block + i * n, s->text, n);
	while (s->written < s->bytes) {
		ssize_t done = write(s->fd, block, times * n);
		if (done <= 0)
			break;
		s->written += (uint64_t)done;
	}
	close(s->fd);
	free(block);
	return NULL;
}

static int import_stream(const char *format, struct stream *s, uint64_t max_bytes, struct err *e)
{
	struct import_result r;
	pthread_t thread;
	int fds[2];
	unlink(fixture_original);
	unlink(fixture_object);
	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	s->fd = fds[1];
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, write_stream, s), 0);
	struct import_request q = {.fd = fds[0],
				   .name = "list",
				   .format = format,
				   .original = fixture_original,
				   .object = fixture_object,
				   .key = &fixture_key,
				   .max_bytes = max_bytes};
	int err = import_run(&q, &r, e);
	close(fds[0]);
	pthread_join(thread, NULL);
	CU_ASSERT(import_left_nothing());
	return err;
}

static void test_import_of_ten_million_errors_ends_early(void)
{
	struct stream s = {.text = "not an entry\n", .bytes = UINT64_C(130000000)};
	struct err e;
	CU_ASSERT_EQUAL(import_stream("plain", &s, 0, &e), -E2BIG);
	CU_ASSERT(s.written < 4000000);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(e.text, "list: line 100001: this is one rejected line more than the limit of 100000"));
}

static void test_import_of_a_line_without_end_is_bounded(void)
{
	struct stream s = {.text = "name.", .bytes = UINT64_C(2000000000)};
	struct err e;
	CU_ASSERT_EQUAL(import_stream("plain", &s, 10000000, &e), -EFBIG);
	CU_ASSERT(s.written < 11000000);
	CU_ASSERT_STRING_EQUAL(
	    e.text, "list: more than the limit of 10000000 bytes: is it a list? Else raise the limit");
	/* within the limit it is one rejected line */
	s = (struct stream){.text = "name.", .bytes = 3000000};
	CU_ASSERT_EQUAL(import_stream("plain", &s, 10000000, &e), -ENODATA);
	CU_ASSERT_STRING_EQUAL(e.text,
			       "list: not one entry in its 1 lines, 1 rejected: is it of the format plain?");
}

static void test_import_goes_on_behind_a_long_line(void)
{
	static const size_t lengths[] = {16385, 65535, 65536, 65537, 262143, 262144, 262145, 600000};
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct import_result r;
		struct err e;
		char *text = malloc(lengths[i] + 32), *got;
		memset(text, 'a', lengths[i]);
		strcpy(text + lengths[i], "\nafter.test\n");
		CU_ASSERT_EQUAL_FATAL(import_text("plain", NULL, text, &r, &e), 0);
		got = import_entries();
		CU_ASSERT_STRING_EQUAL(got, "2 after.test");
		CU_ASSERT_EQUAL(r.lines, 2);
		CU_ASSERT_EQUAL(r.rejected, 1);
		free(got);
		free(text);
		import_result_free(&r);
	}
}

static void test_import_is_cancelled(void)
{
	atomic_bool cancel = true;
	struct import_request q = {.fd = import_fixture_fd("a.test\n", 7),
				   .name = "list",
				   .format = "plain",
				   .original = fixture_original,
				   .object = fixture_object,
				   .key = &fixture_key,
				   .cancel = &cancel};
	struct import_result r;
	struct err e;
	unlink(fixture_original);
	unlink(fixture_object);
	CU_ASSERT_EQUAL(import_run(&q, &r, &e), -ECANCELED);
	CU_ASSERT(import_left_nothing());
	cancel = false;
	CU_ASSERT_EQUAL(import_run(&q, &r, &e), 0);
	import_result_free(&r);
	q.max_bytes = 6;
	CU_ASSERT_EQUAL(import_run(&q, &r, &e), -EFBIG);
	close(q.fd);
}

static void test_import_leaves_no_original_where_the_entries_cannot_be_written(void)
{
	struct import_request q = {.fd = import_fixture_fd("a.test\n", 7),
				   .name = "list",
				   .format = "plain",
				   .original = fixture_original,
				   .object = "/tmp/roja-import-there-is-none/object",
				   .key = &fixture_key};
	struct import_result r;
	struct err e;
	unlink(fixture_original);
	unlink(fixture_object);
	CU_ASSERT_EQUAL(import_run(&q, &r, &e), -ENOENT);
	CU_ASSERT(import_left_nothing());
	close(q.fd);
}

static void test_import_formats_and_options_are_checked(void)
{
	struct err e;
	CU_ASSERT_EQUAL(import_check_format("plain", NULL, &e), 0);
	CU_ASSERT_EQUAL(import_check_format("plane", NULL, &e), -EINVAL);
	CU_ASSERT(!strncmp(e.text, "format: there is no format plane; there are plain", 49));
	json_t *o = import_options("column=1");
	CU_ASSERT_EQUAL(import_check_format("plain", o, &e), -EINVAL);
	CU_ASSERT_STRING_EQUAL(e.text, "options: the format plain has no option column; it has none");
	json_decref(o);
}

struct seen {
	char text[256];
	int stop;
};

static int see(struct seen *s, char mark, const struct entry *en)
{
	size_t n = strlen(s->text);
	snprintf(s->text + n, sizeof(s->text) - n, "%c%s@%u ", mark, en->text, en->line);
	return s->stop;
}

static int see_added(void *ctx, const struct entry *en)
{
	return see(ctx, '+', en);
}

static int see_removed(void *ctx, const struct entry *en)
{
	return see(ctx, '-', en);
}

static void test_entries_diff_tells_what_came_and_went(void)
{
	static const struct {
		const char *from, *to, *diff;
	} rows[] = {
	    {"a.test\nb.test\n", "b.test\nc.test\n", "-a.test@1 +c.test@2 "},
	    {"a.test\n", "a.test\n", ""},
	    {NULL, "b.test\na.test\n", "+a.test@2 +b.test@1 "},
	    {"c.test\n", "a.test\nb.test\n", "+a.test@1 +b.test@2 -c.test@1 "},
	    {"a.test\n", "ab.test\n", "-a.test@1 +ab.test@1 "},
	    {"a.test\nz.test\n", "a.test\n", "-z.test@2 "},
	};
	char from[sizeof("/tmp/roja-import-XXXXXX/from")];
	snprintf(from, sizeof(from), "%.23s/from", fixture_original);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct import_result r;
		struct err e;
		struct seen s = {0};
		if (rows[i].from) {
			CU_ASSERT_EQUAL_FATAL(import_text("plain", NULL, rows[i].from, &r, &e), 0);
			import_result_free(&r);
			CU_ASSERT_EQUAL_FATAL(rename(fixture_object, from), 0);
		}
		CU_ASSERT_EQUAL_FATAL(import_text("plain", NULL, rows[i].to, &r, &e), 0);
		import_result_free(&r);
		CU_ASSERT_EQUAL(entries_diff(rows[i].from ? from : NULL, fixture_object, &fixture_key,
					     see_added, see_removed, &s, &e),
				0);
		CU_ASSERT_STRING_EQUAL(s.text, rows[i].diff);
		s = (struct seen){.stop = 7};
		CU_ASSERT_EQUAL(entries_diff(NULL, fixture_object, &fixture_key, see_added, NULL, &s, &e), 7);
		CU_ASSERT_EQUAL(entries_diff(NULL, fixture_object, &fixture_key, NULL, NULL, &s, &e), 0);
	}
	unlink(from);
}

static void test_entries_are_parsed_back(void)
{
	struct url u;
	struct list_entry p;
	struct err e;
	struct entry en = {7, "http://a.test/x*", 16};
	CU_ASSERT_EQUAL(entry_parse(&en, &u, &p, &e), 0);
	CU_ASSERT_EQUAL(p.kind, RULE_URL_PREFIX);
	CU_ASSERT_EQUAL(p.line, 7);
	en = (struct entry){8, "x y", 3};
	CU_ASSERT_EQUAL(entry_parse(&en, &u, &p, &e), -EBADMSG);
}

int main(void)
{
	static const struct test tests[] = {
	    TEST(test_import_sorts_by_bytes_and_keeps_the_first_line_of_each),
	    TEST(test_import_tells_what_it_read),
	    TEST(test_import_keeps_the_original_byte_for_byte),
	    TEST(test_import_of_many_is_in_order_without_duplicates),
	    TEST(test_import_ends_at_too_many_rejected_lines),
	    TEST(test_import_of_ten_million_errors_ends_early),
	    TEST(test_import_of_a_line_without_end_is_bounded),
	    TEST(test_import_goes_on_behind_a_long_line),
	    TEST(test_import_is_cancelled),
	    TEST(test_import_leaves_no_original_where_the_entries_cannot_be_written),
	    TEST(test_import_formats_and_options_are_checked),
	    TEST(test_entries_diff_tells_what_came_and_went),
	    TEST(test_entries_are_parsed_back),
	};
	signal(SIGPIPE, SIG_IGN);
	if (import_fixture_init())
		return 1;
	int r = harness_run("import", tests, sizeof(tests) / sizeof(*tests));
	import_fixture_fini();
	return r;
}
