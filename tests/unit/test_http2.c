/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/http2.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>

#include "dataplane/core/http2_arena.h"
#include "tests/unit/harness.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum { DATA = 0, HEADERS = 1, PRIORITY = 2, SETTINGS = 4, PUSH = 5, PING = 6, CONTINUATION = 9 };
enum { END_STREAM = 1, END_HEADERS = 4, PADDED = 8, PRIO = 32 };

static struct {
	size_t len;
	uint8_t b[256 * 1024];
} s;

static nghttp2_hd_deflater *deflater;

/* What the callback was told, a line a request: method|authority|path|host|language|stream. */
static char told[64 * 1024];

static void tell(void *ctx, const struct http2_request *r)
{
	size_t at = strlen(told);
	(void)ctx;
	snprintf(told + at, sizeof(told) - at, "%.*s|%.*s|%.*s|%.*s|%.*s|%u\n", (int)r->method.len,
		 r->method.p, (int)r->authority.len, r->authority.p, (int)r->path.len, r->path.p,
		 (int)r->host.len, r->host.p, (int)r->accept_language.len, r->accept_language.p,
		 r->stream_id);
}

static void put(const void *p, size_t n)
{
	memcpy(s.b + s.len, p, n);
	s.len += n;
}

static void frame(unsigned type, unsigned flags, uint32_t stream, const void *p, size_t n)
{
	uint8_t head[9] = {(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, (uint8_t)type, (uint8_t)flags};
	put_be32(head + 5, stream);
	put(head, sizeof(head));
	put(p, n);
}

static void begin(void)
{
	if (deflater)
		nghttp2_hd_deflate_del(deflater);
	CU_ASSERT_FATAL(nghttp2_hd_deflate_new(&deflater, 64 * 1024) == 0);
	nghttp2_hd_deflate_change_table_size(deflater, 4096);
	s.len = 0;
	put(PREFACE, 24);
	frame(SETTINGS, 0, 0, "\0\3\0\0\0\x64", 6);
}

/* "name value" lines -> a header block. Returns its length. */
static size_t block(const char *text, uint8_t *out, size_t cap)
{
	static char copy[64 * 1024];
	nghttp2_nv nv[64];
	size_t n = 0;
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *save, *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, ' ');
		*value++ = 0;
		nv[n++] = (nghttp2_nv){(uint8_t *)line, (uint8_t *)value, strlen(line), strlen(value), 0};
	}
	ssize_t len = nghttp2_hd_deflate_hd(deflater, out, cap, nv, n);
	CU_ASSERT_FATAL(len >= 0);
	return (size_t)len;
}

#define REQUEST ":method GET\n:scheme http\n:authority h.test\n:path /a?b\n"

/* Feeds everything in pieces of `step` bytes. */
static enum parse feed(size_t step)
{
	struct http2_pool *pool = http2_pool_new(1);
	CU_ASSERT_FATAL(pool != NULL);
	struct http2 *h = http2_open(pool);
	CU_ASSERT_FATAL(h != NULL);
	enum parse answer = PARSE_MORE;
	told[0] = 0;
	for (size_t at = 0; at < s.len && answer == PARSE_MORE; at += step) {
		size_t n = s.len - at < step ? s.len - at : step;
		uint8_t *g = guarded(s.b + at, n);
		answer = http2_feed(h, g, n, tell, NULL);
		guarded_free(g, n);
	}
	if (answer != PARSE_MORE)
		CU_ASSERT(http2_feed(h, s.b, 1, tell, NULL) == PARSE_BAD);
	http2_close(pool, h);
	http2_pool_free(pool);
	return answer;
}

static void check_told(enum parse answer, const char *want)
{
	static const size_t steps[] = {sizeof(s.b), 1, 2, 3, 7, 10, 64};
	for (unsigned i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		enum parse got = feed(steps[i]);
		if (got != answer || strcmp(told, want))
			printf("# step %zu: %d %s", steps[i], got, told);
		CU_ASSERT(got == answer && !strcmp(told, want));
	}
}

/* As curl 7.88 sent it with --http2-prior-knowledge. */
static const char curl[] =
    "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a000012040000000000000300000064000402000000000200"
    "00000000000408000000000001ff000100002f010500000001820489606c5634cffe76803f864191f1e3c2f1d072752c"
    "8ba4a84dc65c132cff7a8825b650c3abbcf2e153032a2f2a";

static void test_http2_reads_the_request_of_curl(void)
{
	s.len = unhex(curl, s.b, sizeof(s.b));
	check_told(PARSE_MORE, "GET|www.blocked.test:36233|/a/path?q=1|||1\n");
}

static void test_http2_reads_requests_that_share_a_table(void)
{
	uint8_t b[512];
	begin();
	size_t n = block(REQUEST "accept-language sq\nx-secret value\n", b, sizeof(b));
	frame(HEADERS, END_HEADERS | END_STREAM, 1, b, n);
	frame(PING, 0, 0, "12345678", 8);
	n = block(":method POST\n:scheme http\n:authority h.test\n:path /a?b\nhost i.test\n", b, sizeof(b));
	frame(HEADERS, END_HEADERS, 3, b, n);
	frame(DATA, 0, 3, b, 400);
	n = block("x-trailer 1\nhost k.test\n", b, sizeof(b));
	frame(HEADERS, END_HEADERS | END_STREAM, 3, b, n);
	n = block(":method GET\n:path /c\nhost j.test\nhost k.test\n", b, sizeof(b));
	frame(HEADERS, END_HEADERS | END_STREAM, 5, b, n);
	check_told(PARSE_MORE,
		   "GET|h.test|/a?b||sq|1\nPOST|h.test|/a?b|i.test||3\nGET|j.test|/c|k.test||5\n");
}

static void test_http2_reads_padding_priority_and_continuations(void)
{
	uint8_t b[512], f[600];
	begin();
	size_t n = block(REQUEST, b, sizeof(b));
	memset(f, 0, sizeof(f));
	f[0] = 200;
	memcpy(f + 6, b, 3);
	frame(HEADERS, PADDED | PRIO, 1, f, 6 + 3 + 200);
	frame(CONTINUATION, PADDED | PRIO, 1, "", 0); /* flags that mean nothing here */
	for (size_t i = 3; i < n - 1; i++)
		frame(CONTINUATION, 0, 1, b + i, 1);
	frame(CONTINUATION, END_HEADERS, 1, b + n - 1, 1);
	n = block(REQUEST, b, sizeof(b));
	f[0] = 0;
	memcpy(f + 1, b, n);
	frame(HEADERS, END_HEADERS | PADDED, 3, f, n + 1);
	frame(HEADERS, END_HEADERS | PRIO, 5, (memcpy(f + 5, b, n), f), n + 5);
	frame(0xaa, 0xff, 9, f, 300); /* unknown frames are passed over */
	check_told(PARSE_MORE, "GET|h.test|/a?b|||1\nGET|h.test|/a?b|||3\nGET|h.test|/a?b|||5\n");
}

/* The byte that ends a block is the one that tells. */
static void test_http2_tells_with_the_last_byte_of_the_block(void)
{
	uint8_t b[512];
	begin();
	size_t n = block(REQUEST, b, sizeof(b));
	frame(HEADERS, 0, 1, b, n);
	frame(CONTINUATION, END_HEADERS, 1, "", 0);
	CU_ASSERT(feed(sizeof(s.b)) == PARSE_MORE && told[0]);
	s.len--;
	CU_ASSERT(feed(sizeof(s.b)) == PARSE_MORE && !told[0]);
}

/* clang-format off */
static const struct {
	const char *what;
	unsigned type, flags, stream;
	const char *payload;
	size_t n;
	bool open; /* after HEADERS without END_HEADERS */
} broken[] = {
	{"another frame in a block", PING, 0, 0, "12345678", 8, true},
	{"HEADERS in a block", HEADERS, END_HEADERS, 3, "\x82", 1, true},
	{"CONTINUATION of another stream", CONTINUATION, END_HEADERS, 3, "", 0, true},
	{"CONTINUATION without HEADERS", CONTINUATION, END_HEADERS, 1, "", 0, false},
	{"HEADERS on stream 0", HEADERS, END_HEADERS, 0, "\x82", 1, false},
	{"HEADERS on an even stream", HEADERS, END_HEADERS, 2, "\x82", 1, false},
	{"padding longer than the frame", HEADERS, END_HEADERS | PADDED, 3, "\x02\x82", 2, false},
	{"no room for the pad length", HEADERS, END_HEADERS | PADDED, 3, "", 0, false},
	{"no room for the priority", HEADERS, END_HEADERS | PRIO, 3, "\0\0\0\0", 4, false},
	{"padding into the priority", HEADERS, END_HEADERS | PRIO | PADDED, 3, "\x01\0\0\0\0\0", 6, false},
	{"push from a client", PUSH, END_HEADERS, 3, "\0\0\0\2\x82", 5, false},
	{"index beyond the table", HEADERS, END_HEADERS, 3, "\xfe", 1, false},
	{"table above every limit", HEADERS, END_HEADERS, 3, "\x3f\xff\xff\xff\x07", 5, false},
};
/* clang-format on */

static void test_http2_gives_up_on_broken_frames(void)
{
	for (unsigned i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		begin();
		if (broken[i].open)
			frame(HEADERS, 0, 1, "\x88", 1);
		frame(broken[i].type, broken[i].flags, broken[i].stream, broken[i].payload, broken[i].n);
		enum parse whole = feed(sizeof(s.b)), bytes = feed(1);
		if (whole != PARSE_BAD || bytes != PARSE_BAD)
			printf("# %s: %d %d\n", broken[i].what, whole, bytes);
		CU_ASSERT(whole == PARSE_BAD && bytes == PARSE_BAD && !told[0]);
	}
}

static void test_http2_tells_what_a_broken_block_held(void)
{
	uint8_t b[512];
	begin();
	size_t n = block(REQUEST, b, sizeof(b));
	b[n++] = 0xff; /* an index without an end */
	frame(HEADERS, END_HEADERS, 1, b, n);
	check_told(PARSE_BAD, "GET|h.test|/a?b|||1\n");
}

static void test_http2_is_told_by_the_preface(void)
{
	begin();
	s.b[20] ^= 1;
	CU_ASSERT(feed(sizeof(s.b)) == PARSE_NOT_MINE && feed(1) == PARSE_NOT_MINE);
}

static void test_http2_bounds_a_header_block(void)
{
	begin();
	frame(HEADERS, 0, 1, "\x82", 1);
	for (unsigned i = 0; i < HTTP2_BLOCK_MAX / 9; i++)
		frame(CONTINUATION, 0, 1, "", 0);
	CU_ASSERT(feed(sizeof(s.b)) == PARSE_BAD);
	CU_ASSERT(!strcmp(told, "") || told[0] == 'G');
}

/* A table as large as servers allow, filled with the smallest entries there are: bounded, and never a fault.
 */
static void test_http2_survives_a_full_table(void)
{
	begin();
	frame(HEADERS, END_HEADERS, 1, "\x3f\xe1\xff\x03", 4); /* 65536 */
	for (unsigned i = 0; i < 60; i++) {
		uint8_t b[200 * 5];
		for (unsigned k = 0; k < 200; k++)
			memcpy(b + 5 * k, "\x40\x01x\x01y", 5);
		frame(HEADERS, END_HEADERS, 3 + 2 * i, b, sizeof(b));
	}
	enum parse got = feed(sizeof(s.b));
	CU_ASSERT(got == PARSE_MORE || got == PARSE_BAD);
	CU_ASSERT(feed(11) == got);
}

static void test_http2_reads_long_fields(void)
{
	static char text[20000], want[20000];
	static uint8_t b[64 * 1024];
	begin();
	int n = snprintf(text, sizeof(text), REQUEST "cookie ");
	memset(text + n, 'Z', 9000);
	strcpy(text + n + 9000, "\nhost i.test\n");
	for (unsigned i = 0; i < 5; i++) {
		size_t len = block(text, b, sizeof(b));
		frame(HEADERS, END_HEADERS, 1 + 2 * i, b, len);
		snprintf(want + strlen(want), sizeof(want) - strlen(want), "GET|h.test|/a?b|i.test||%u\n",
			 1 + 2 * i);
	}
	check_told(PARSE_MORE, want);
}

static void test_http2_pool_is_bounded(void)
{
	struct http2_pool *pool = http2_pool_new(2);
	CU_ASSERT_FATAL(pool != NULL);
	struct http2 *a = http2_open(pool), *b = http2_open(pool);
	CU_ASSERT(a && b && a != b && http2_open(pool) == NULL);
	http2_close(pool, a);
	CU_ASSERT(http2_open(pool) == a && http2_open(pool) == NULL);
	http2_pool_free(pool);
	http2_pool_free(NULL);
}

/* Random allocations keep their bytes, never overlap, and leave one free block behind. */
static void test_http2_arena_merges_what_is_freed(void)
{
	static struct http2_arena a;
	struct {
		uint8_t *p, fill;
		size_t n;
	} live[64] = {{0}};
	unsigned seed = 1, failed = 0;
	http2_arena_init(&a);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned k = (seed = seed * 1103515245 + 12345) >> 16 & 63;
		for (size_t j = 0; j < live[k].n; j++)
			failed += live[k].p[j] != live[k].fill;
		http2_arena_free(&a, live[k].p);
		live[k].n = (seed = seed * 1103515245 + 12345) >> 16 & (i % 7 ? 255 : 16383);
		live[k].fill = (uint8_t)i;
		live[k].p = http2_arena_alloc(&a, live[k].n);
		if (!live[k].p)
			live[k].n = 0;
		CU_ASSERT_FATAL((uintptr_t)live[k].p % 16 == 0);
		memset(live[k].p ? live[k].p : a.bytes, live[k].fill, live[k].n);
	}
	CU_ASSERT(failed == 0);
	for (unsigned k = 0; k < 64; k++)
		http2_arena_free(&a, live[k].p);
	CU_ASSERT(http2_arena_alloc(&a, HTTP2_ARENA_BYTES - 16) != NULL);
	CU_ASSERT(http2_arena_alloc(&a, 1) == NULL);
	http2_arena_init(&a);
	CU_ASSERT(http2_arena_alloc(&a, HTTP2_ARENA_BYTES) == NULL &&
		  http2_arena_alloc(&a, SIZE_MAX) == NULL);
}

static const struct test tests[] = {
    TEST(test_http2_reads_the_request_of_curl),
    TEST(test_http2_reads_requests_that_share_a_table),
    TEST(test_http2_reads_padding_priority_and_continuations),
    TEST(test_http2_tells_with_the_last_byte_of_the_block),
    TEST(test_http2_gives_up_on_broken_frames),
    TEST(test_http2_tells_what_a_broken_block_held),
    TEST(test_http2_is_told_by_the_preface),
    TEST(test_http2_bounds_a_header_block),
    TEST(test_http2_survives_a_full_table),
    TEST(test_http2_reads_long_fields),
    TEST(test_http2_pool_is_bounded),
    TEST(test_http2_arena_merges_what_is_freed),
};

int main(void)
{
	int failed = harness_run("http2", tests, sizeof(tests) / sizeof(*tests));
	nghttp2_hd_deflate_del(deflater);
	return failed;
}
