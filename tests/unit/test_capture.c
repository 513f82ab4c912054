/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dataplane/replay/capture_in.h"
#include "dataplane/replay/capture_out.h"
#include "tests/unit/harness.h"

static char path[64];

static void write_file(const void *bytes, size_t len)
{
	strcpy(path, "/tmp/roja-capture-XXXXXX");
	int fd = mkstemp(path);
	CU_ASSERT_EQUAL_FATAL(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

struct seen {
	unsigned frames;
	uint32_t len[8];
	uint64_t ns[8];
	uint8_t link[8], first[8];
	bool truncated;
	int err;
	struct err e;
};

static struct seen read_path(const char *from)
{
	struct seen s = {0};
	struct capture_in *c;
	struct packet pkts[3];
	uint64_t times[3];
	unsigned n;
	s.err = capture_in_open(from, &c, &s.e);
	if (s.err)
		return s;
	while ((n = capture_in_burst(c, pkts, times, 3)))
		for (unsigned i = 0; i < n && s.frames < 8; i++, s.frames++) {
			s.len[s.frames] = pkts[i].len;
			s.ns[s.frames] = times[i];
			s.link[s.frames] = pkts[i].link;
			s.first[s.frames] = pkts[i].len ? pkts[i].data[0] : 0;
		}
	struct capture_in_stats st;
	capture_in_stats(c, &st);
	s.truncated = st.truncated;
	capture_in_close(c);
	return s;
}

static struct seen read_bytes(const void *bytes, size_t len)
{
	write_file(bytes, len);
	struct seen s = read_path(path);
	unlink(path);
	return s;
}

/* Two frames, "A" and "BC", at 1.000002 s and 3 s, in each form. */
static const struct {
	const char *what, *hex;
} forms[] = {
    {"us, little", "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000"
		   "01000000 02000000 01000000 01000000 41 03000000 00000000 02000000 02000000 4243"},
    {"us, big", "a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000001"
		"00000001 00000002 00000001 00000001 41 00000003 00000000 00000002 00000002 4243"},
    {"ns, little", "4d3cb2a1 0200 0400 00000000 00000000 ffff0000 01000000"
		   "01000000 d0070000 01000000 01000000 41 03000000 00000000 02000000 02000000 4243"},
    {"pcapng, little", "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
		       "01000000 14000000 0100 0000 00000000 14000000"
		       "06000000 24000000 00000000 00000000 42420f00 01000000 01000000 41000000 24000000"
		       "0b000000 0c000000 0c000000"
		       "06000000 24000000 00000000 00000000 c0c62d00 02000000 02000000 42430000 24000000"},
    {"pcapng, big, ns", "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
			"00000001 00000020 0001 0000 00000000 0009 0001 09000000 0000 0000 00000020"
			"00000006 00000024 00000000 00000000 3b9ad1d0 00000001 00000001 41000000 00000024"
			"00000006 00000024 00000000 00000000 b2d05e00 00000002 00000002 42430000 00000024"},
};

static void test_capture_reads_both_formats_and_byte_orders(void)
{
	for (unsigned i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		uint8_t bytes[512];
		struct seen s = read_bytes(bytes, unhex(forms[i].hex, bytes, sizeof(bytes)));
		CU_ASSERT_EQUAL(s.err, 0);
		CU_ASSERT_EQUAL_FATAL(s.frames, 2);
		CU_ASSERT(s.first[0] == 'A' && s.len[0] == 1 && s.first[1] == 'B' && s.len[1] == 2);
		CU_ASSERT(s.ns[0] == 1000002000 && s.ns[1] == 3000000000);
		CU_ASSERT_FALSE(s.truncated);
	}
}

static void test_capture_reads_a_cut_file_as_far_as_it_goes(void)
{
	for (unsigned i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		uint8_t bytes[512];
		size_t n = unhex(forms[i].hex, bytes, sizeof(bytes));
		for (size_t len = 1; len < n; len++) {
			struct seen s = read_bytes(bytes, len);
			CU_ASSERT(s.err || s.frames < 2);
			CU_ASSERT(!s.err || s.e.text[0]);
		}
		struct seen s = read_bytes(bytes, n - 1);
		CU_ASSERT_EQUAL(s.frames, 1);
		CU_ASSERT_TRUE(s.truncated);
	}
}

static void test_capture_refuses_what_it_cannot_read(void)
{
	uint8_t bytes[64];
	CU_ASSERT(read_bytes("", 0).err);
	CU_ASSERT(read_bytes("this is no capture at all, just text", 36).err);
	CU_ASSERT(read_path("/nonexistent/file").err);
	CU_ASSERT(read_path("/tmp").err);
	size_t n = unhex("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 93000000", bytes, sizeof(bytes));
	struct seen s = read_bytes(bytes, n);
	CU_ASSERT(s.err && strstr(s.e.text, "link type 147"));
	n = unhex(
	    "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000 01000000 02000000 ffffff7f ffffff7f",
	    bytes, sizeof(bytes));
	s = read_bytes(bytes, n);
	CU_ASSERT(!s.err && s.frames == 0 && s.truncated);
}

static void test_capture_written_is_read_back(void)
{
	struct capture_out *o;
	struct err e;
	strcpy(path, "/tmp/roja-capture-XXXXXX");
	close(mkstemp(path));
	CU_ASSERT_EQUAL_FATAL(capture_out_open(path, &o, &e), 0);
	capture_out_frame(o, (const uint8_t *)"abc", 3, LINK_ETHERNET, 1234567890123456789ull, false);
	capture_out_frame(o, (const uint8_t *)"E", 1, LINK_RAW, 5, true);
	capture_out_frame(o, (const uint8_t *)"wxyz", 4, LINK_SLL2, 6, false);
	CU_ASSERT_EQUAL(capture_out_close(o, true, &e), 0);
	struct seen s = read_path(path);
	unlink(path);
	CU_ASSERT_EQUAL_FATAL(s.frames, 3);
	CU_ASSERT(s.len[0] == 3 && s.ns[0] == 1234567890123456789ull && s.link[0] == LINK_ETHERNET);
	CU_ASSERT(s.len[1] == 1 && s.ns[1] == 5 && s.link[1] == LINK_RAW && s.first[1] == 'E');
	CU_ASSERT(s.len[2] == 4 && s.link[2] == LINK_SLL2);
}

static void test_capture_out_leaves_nothing_behind_when_dropped(void)
{
	struct capture_out *o;
	struct err e;
	CU_ASSERT(capture_out_open("/nonexistent/out.pcapng", &o, &e) < 0);
	CU_ASSERT_EQUAL_FATAL(capture_out_open("/tmp/roja-never.pcapng", &o, &e), 0);
	capture_out_close(o, false, &e);
	CU_ASSERT_NOT_EQUAL(access("/tmp/roja-never.pcapng", F_OK), 0);
}

static void test_capture_out_writes_in_place_what_is_no_file(void)
{
	struct capture_out *o;
	struct stat st;
	struct err e;
	strcpy(path, "/tmp/roja-fifo");
	unlink(path);
	CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
	int fd = open(path, O_RDWR); /* so that nobody waits for a reader */
	CU_ASSERT_EQUAL_FATAL(capture_out_open(path, &o, &e), 0);
	capture_out_frame(o, (const uint8_t *)"abc", 3, LINK_ETHERNET, 1, false);
	CU_ASSERT_EQUAL(capture_out_close(o, true, &e), 0);
	CU_ASSERT(!lstat(path, &st) && S_ISFIFO(st.st_mode));
	unlink(path);
	close(fd);
	if (!S_ISFIFO(st.st_mode))
		return; /* /dev/full would be the next to be lost */
	CU_ASSERT_EQUAL_FATAL(capture_out_open("/dev/full", &o, &e), 0);
	capture_out_frame(o, (const uint8_t *)"abc", 3, LINK_ETHERNET, 1, false);
	CU_ASSERT_EQUAL(capture_out_close(o, true, &e), -ENOSPC);
	CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "/dev/full"));
}

static void test_capture_reads_a_pipe(void)
{
	uint8_t bytes[512];
	size_t n = unhex(forms[3].hex, bytes, sizeof(bytes));
	strcpy(path, "/tmp/roja-fifo");
	unlink(path);
	CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
	pid_t child = fork();
	if (!child) {
		FILE *f = fopen(path, "wb");
		for (size_t i = 0; f && i < n; i++) {
			fputc(bytes[i], f);
			fflush(f);
		}
		_exit(0);
	}
	struct seen s = read_path(path);
	unlink(path);
	CU_ASSERT(!s.err && s.frames == 2 && s.first[1] == 'B');
}

/* Frames of every size, so that the buffer's end falls everywhere. */
static void test_capture_reads_far_beyond_its_buffer(void)
{
	struct capture_out *o;
	struct capture_in *c;
	struct err e;
	static uint8_t frame[9000];
	struct packet pkts[32];
	uint64_t times[32];
	unsigned n, seen = 0, wrong = 0;
	strcpy(path, "/tmp/roja-capture-XXXXXX");
	close(mkstemp(path));
	CU_ASSERT_EQUAL_FATAL(capture_out_open(path, &o, &e), 0);
	for (unsigned i = 0; i < 20000; i++) {
		frame[0] = (uint8_t)i;
		capture_out_frame(o, frame, 1 + i * 37 % sizeof(frame), LINK_ETHERNET, i, false);
	}
	CU_ASSERT_EQUAL_FATAL(capture_out_close(o, true, &e), 0);
	CU_ASSERT_EQUAL_FATAL(capture_in_open(path, &c, &e), 0);
	while ((n = capture_in_burst(c, pkts, times, 32)))
		for (unsigned i = 0; i < n; i++, seen++)
			wrong += pkts[i].len != 1 + seen * 37 % sizeof(frame) ||
				 pkts[i].data[0] != (uint8_t)seen || times[i] != seen;
	capture_in_close(c);
	unlink(path);
	CU_ASSERT_EQUAL(seen, 20000);
	CU_ASSERT_EQUAL(wrong, 0);
}

static const struct test tests[] = {
    TEST(test_capture_reads_far_beyond_its_buffer),
    TEST(test_capture_reads_both_formats_and_byte_orders),
    TEST(test_capture_reads_a_cut_file_as_far_as_it_goes),
    TEST(test_capture_refuses_what_it_cannot_read),
    TEST(test_capture_written_is_read_back),
    TEST(test_capture_out_leaves_nothing_behind_when_dropped),
    TEST(test_capture_out_writes_in_place_what_is_no_file),
    TEST(test_capture_reads_a_pipe),
};
HARNESS_MAIN("capture", tests)
