/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/http.h"

#include <stdio.h>

#include "tests/unit/harness.h"

static struct http_request r;

static bool is(struct span s, const char *text)
{
	return text ? s.len == strlen(text) && !memcmp(s.p, text, s.len) : s.len == 0;
}

/* clang-format off */
static const struct {
	const char *what, *in;
	enum parse answer;
	const char *target, *host[3];
	bool absolute;
} heads[] = {
	{"plain", "GET /a?b HTTP/1.1\r\nHost: h.test\r\n\r\n", PARSE_OK, "/a?b", {"h.test"}, false},
	{"line feeds only", "GET / HTTP/1.1\nHost: h.test\n\n", PARSE_OK, "/", {"h.test"}, false},
	{"mixed line ends", "GET / HTTP/1.1\r\nHost: h.test\n\r\n", PARSE_OK, "/", {"h.test"}, false},
	{"empty lines first", "\r\n\n \r\nGET / HTTP/1.1\r\nHost: h.test\r\n\r\n", PARSE_OK, "/", {"h.test"}, false},
	{"unknown method", "BREW /pot HTTP/1.1\r\nHost: h.test\r\n\r\n", PARSE_OK, "/pot", {"h.test"}, false},
	{"odd method", "g!t /pot HTTP/1.1\r\nHost: h.test\r\n\r\n", PARSE_OK, "/pot", {"h.test"}, false},
	{"many blanks", "GET \t /a \t HTTP/1.1  \r\nHost: h.test\r\n\r\n", PARSE_OK, "/a", {"h.test"}, false},
	{"blank in target", "GET /a b\tc HTTP/1.1\r\nHost: h.test\r\n\r\n", PARSE_OK, "/a b\tc", {"h.test"}, false},
	{"something after the version", "GET /a HTTP/1.1 x\r\nHost: h.test\r\n\r\n", PARSE_OK, "/a", {"h.test"}, false},
	{"small version", "GET /a http/1.1\r\nHost: h.test\r\n\r\n", PARSE_OK, "/a", {"h.test"}, false},
	{"strange version", "GET /a XTTP/1.1\r\nHost: h.test\r\n\r\n", PARSE_OK, "/a", {"h.test"}, false},
	{"three words of another protocol", "RCPT TO: name\r\n", PARSE_NOT_MINE, NULL, {NULL}, false},
	{"0.9, then blanks", "GET /a \t\r\n\r\n", PARSE_OK, "/a", {NULL}, false},
	{"0.9", "GET /a\r\nHost: h.test\r\n\r\n", PARSE_OK, "/a", {NULL}, false},
	{"0.9, LF, absolute", "GET http://h.test/a\n", PARSE_OK, "http://h.test/a", {NULL}, true},
	{"0.9 that is another protocol", "USER name\r\n", PARSE_NOT_MINE, NULL, {NULL}, false},
	{"1.0 without fields", "GET / HTTP/1.0\r\n\r\n", PARSE_OK, "/", {NULL}, false},
	{"absolute", "GET HTTP://a.test/x HTTP/1.1\r\nHost: h.test\r\n\r\n", PARSE_OK, "HTTP://a.test/x", {"h.test"}, true},
	{"double slash is no scheme", "GET //a.test/x HTTP/1.1\r\n\r\n", PARSE_OK, "//a.test/x", {NULL}, false},
	{"connect", "CONNECT a.test:443 HTTP/1.1\r\nHost: h.test\r\n\r\n", PARSE_OK, "a.test:443", {"h.test"}, true},
	{"asterisk", "OPTIONS * HTTP/1.1\r\nHost: h.test\r\n\r\n", PARSE_OK, "*", {"h.test"}, false},
	{"http/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", PARSE_OK, "*", {NULL}, false},
	{"field name in any case", "GET / HTTP/1.1\r\nhOsT:h.test\r\n\r\n", PARSE_OK, "/", {"h.test"}, false},
	{"blank before the colon", "GET / HTTP/1.1\r\nHost \t: h.test\r\n\r\n", PARSE_OK, "/", {"h.test"}, false},
	{"blanks around the value", "GET / HTTP/1.1\r\nHost: \t h.test \t\r\n\r\n", PARSE_OK, "/", {"h.test"}, false},
	{"host on the next line", "GET / HTTP/1.1\r\nHost:\r\n h.test\r\n\r\n", PARSE_OK, "/", {"h.test"}, false},
	{"host with a fold", "GET / HTTP/1.1\r\nHost: h.te\r\n\tst\r\nA: b\r\n\r\n", PARSE_OK, "/", {"h.te", "h.te\r\n\tst"}, false},
	{"host in a fold", "GET / HTTP/1.1\r\n Host: h.test\r\n\r\n", PARSE_OK, "/", {"h.test"}, false},
	{"host in another's fold", "GET / HTTP/1.1\r\nHost: a.test\r\nX: y\r\n host: b.test\r\n\r\n", PARSE_OK, "/", {"a.test", "b.test"}, false},
	{"two hosts", "GET / HTTP/1.1\r\nHost: a.test\r\nX: y\r\nHost: b.test\r\n\r\n", PARSE_OK, "/", {"a.test", "b.test"}, false},
	{"the same host twice", "GET / HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n\r\n", PARSE_OK, "/", {"a.test"}, false},
	{"host after a bare CR", "GET / HTTP/1.1\r\nX: y\rHost: h.test\r\n\r\n", PARSE_OK, "/", {"h.test"}, false},
	{"host before a bare CR", "GET / HTTP/1.1\r\nHost: h.test\rX: y\r\n\r\n", PARSE_OK, "/", {"h.test", "h.test\rX: y"}, false},
	{"host after the version and a bare CR", "GET /a HTTP/1.1\rHost: h.test\r\n\r\n", PARSE_OK, "/a", {"h.test"}, false},
	{"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", PARSE_OK, "/", {NULL}, false},
	{"names that only look alike", "GET / HTTP/1.1\r\nHostile: a.test\r\nX-Host: b.test\r\nHost-: c.test\r\nHo: d\r\n\r\n", PARSE_OK, "/", {NULL}, false},
	{"host after the head", "GET / HTTP/1.1\r\n\r\nHost: h.test\r\n\r\n", PARSE_OK, "/", {NULL}, false},
	{"line without a colon", "GET / HTTP/1.1\r\nHost\r\nHost: h.test\r\n\r\n", PARSE_OK, "/", {"h.test"}, false},
	{"no end", "GET / HTTP/1.1\r\nHost: h.test\r\n", PARSE_MORE, "/", {"h.test"}, false},
	{"method", "GET", PARSE_MORE, NULL, {NULL}, false},
	{"no target", "GET \r\n", PARSE_NOT_MINE, NULL, {NULL}, false},
	{"tls", "\x16\x03\x01", PARSE_NOT_MINE, NULL, {NULL}, false},
	{"ssh", "SSH-2.0-x\r\n", PARSE_NOT_MINE, NULL, {NULL}, false},
};
/* clang-format on */

static void test_http_reads_what_servers_read(void)
{
	for (unsigned i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		size_t from, len = strlen(heads[i].in);
		uint8_t *g = guarded(heads[i].in, len);
		bool right = http_request_parse(g, len, 0, &r, &from) == heads[i].answer;
		right &= heads[i].answer == PARSE_NOT_MINE || is(r.target, heads[i].target);
		right &= heads[i].answer == PARSE_NOT_MINE || r.absolute == heads[i].absolute;
		unsigned n = 0;
		for (; n < 3 && heads[i].host[n]; n++)
			right &= n < r.n_hosts && is(r.hosts[n], heads[i].host[n]);
		right &= r.n_hosts == n;
		if (!right)
			printf("# %s\n", heads[i].what);
		CU_ASSERT(right);
		guarded_free(g, len);
	}
}

/* Byte by byte with `from`, the answer comes with the last byte of the head and is that of one call. */
static void test_http_finds_the_end_in_any_pieces(void)
{
	for (unsigned i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		const uint8_t *in = (const uint8_t *)heads[i].in;
		struct http_request whole;
		size_t from, len = strlen(heads[i].in);
		if (http_request_parse(in, len, 0, &whole, &from) != PARSE_OK)
			continue;
		from = 0;
		for (size_t n = 0; n <= whole.head_bytes; n++) {
			uint8_t *g = guarded(in, n);
			enum parse got = http_request_parse(g, n, from, &r, &from);
			CU_ASSERT(got == (n == whole.head_bytes ? PARSE_OK : PARSE_MORE));
			CU_ASSERT(from <= n);
			guarded_free(g, n);
		}
		CU_ASSERT(r.head_bytes == whole.head_bytes && r.n_hosts == whole.n_hosts);
		CU_ASSERT(r.target.len == whole.target.len);
	}
}

/* clang-format off */
static const struct {
	const char *head;
	uint8_t body;
	uint64_t bytes;
	bool ambiguous;
} bodies[] = {
	{"GET / HTTP/1.1\r\n", HTTP_BODY_NONE, 0, false},
	{"POST / HTTP/1.1\r\n", HTTP_BODY_NONE, 0, false},
	{"POST / HTTP/1.1\r\nContent-Length: 42\r\n", HTTP_BODY_LENGTH, 42, false},
	{"GET / HTTP/1.0\r\ncontent-length:7\r\n", HTTP_BODY_LENGTH, 7, false},
	{"GET / HTTP/1.1\r\nContent-Length: 0\r\n", HTTP_BODY_NONE, 0, false},
	{"GET / HTTP/1.1\r\nContent-Length: 5, 5\r\n", HTTP_BODY_LENGTH, 5, false},
	{"GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n", HTTP_BODY_LENGTH, 5, false},
	{"GET / HTTP/1.1\r\nContent-Length: 5, 6\r\n", HTTP_BODY_LENGTH, 5, true},
	{"GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n", HTTP_BODY_LENGTH, 5, true},
	{"GET / HTTP/1.1\r\nContent-Length: +5\r\n", HTTP_BODY_NONE, 0, true},
	{"GET / HTTP/1.1\r\nContent-Length:\r\n", HTTP_BODY_NONE, 0, true},
	{"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n", HTTP_BODY_NONE, 0, true},
	{"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", HTTP_BODY_CHUNKED, 0, false},
	{"GET / HTTP/1.1\r\ntransfer-encoding : gzip, Chunked\r\n", HTTP_BODY_CHUNKED, 0, false},
	{"GET / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n", HTTP_BODY_CHUNKED, 0, false},
	{"GET / HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n", HTTP_BODY_CHUNKED, 0, true},
	{"GET / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n", HTTP_BODY_NONE, 0, true},
	{"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n", HTTP_BODY_CHUNKED, 0, true},
	{"GET / HTTP/1.1\r\nX: y\rContent-Length: 3\r\n", HTTP_BODY_NONE, 0, true},
	{"CONNECT a.test:1 HTTP/1.1\r\nContent-Length: 3\r\n", HTTP_BODY_TUNNEL, 0, false},
	{"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n", HTTP_BODY_TUNNEL, 0, false},
	{"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: keep-alive\r\n", HTTP_BODY_NONE, 0, false},
	{"POST / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 9\r\n", HTTP_BODY_LENGTH, 9, false},
	{"GET / HTTP/1.1\r\nUpgrade-Insecure-Requests: 1\r\nConnection: upgrade\r\n", HTTP_BODY_NONE, 0, false},
};
/* clang-format on */

static void test_http_frames_the_body(void)
{
	for (unsigned i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		char in[256];
		size_t from, len = (size_t)snprintf(in, sizeof(in), "%s\r\n", bodies[i].head);
		CU_ASSERT(http_request_parse((uint8_t *)in, len, 0, &r, &from) == PARSE_OK);
		bool right = r.body == bodies[i].body && r.body_bytes == bodies[i].bytes &&
			     r.ambiguous == bodies[i].ambiguous && r.head_bytes == len;
		if (!right)
			printf("# %s: %u %zu %d\n", bodies[i].head, r.body, (size_t)r.body_bytes,
			       r.ambiguous);
		CU_ASSERT(right);
	}
}

static void test_http_gives_method_and_language(void)
{
	static const char in[] = "PUT / HTTP/1.1\r\nAccept: x\r\nAccept-Language: sq, en;q=0.5\r\n\r\n";
	size_t from;
	CU_ASSERT(http_request_parse((const uint8_t *)in, strlen(in), 0, &r, &from) == PARSE_OK);
	CU_ASSERT(is(r.method, "PUT") && is(r.accept_language, "sq, en;q=0.5") && r.n_hosts == 0);
}

static void test_http_keeps_the_first_hosts_and_the_last(void)
{
	static const char in[] =
	    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nHost: c\r\nHost: d\r\nHost: e\r\nHost: f\r\n\r\n";
	size_t from;
	CU_ASSERT(http_request_parse((const uint8_t *)in, strlen(in), 0, &r, &from) == PARSE_BAD);
	CU_ASSERT(r.n_hosts == HTTP_MAX_HOSTS && is(r.hosts[0], "a") && is(r.hosts[2], "c") &&
		  is(r.hosts[3], "f"));
}

static void test_http_cuts_a_host_at_nul(void)
{
	static const char in[] = "GET / HTTP/1.1\r\nHost: h.test\0x\r\n\r\n";
	size_t from;
	CU_ASSERT(http_request_parse((const uint8_t *)in, sizeof(in) - 1, 0, &r, &from) == PARSE_OK);
	CU_ASSERT(r.n_hosts == 2 && is(r.hosts[0], "h.test") && r.hosts[1].len == 8);
}

static void test_http_bounds_the_head(void)
{
	static uint8_t in[HTTP_HEAD_MAX + 100];
	size_t from, head = (size_t)sprintf((char *)in, "GET / HTTP/1.1\r\nHost: h.test\r\nX: ");
	memset(in + head, 'x', sizeof(in) - head);
	CU_ASSERT(http_request_parse(in, HTTP_HEAD_MAX - 1, 0, &r, &from) == PARSE_MORE);
	CU_ASSERT(from == HTTP_HEAD_MAX - 1);
	CU_ASSERT(http_request_parse(in, sizeof(in), from, &r, &from) == PARSE_BAD);
	CU_ASSERT(r.n_hosts == 1 && is(r.hosts[0], "h.test") && is(r.target, "/"));
	memset(in + 4, 'x', sizeof(in) - 4);
	CU_ASSERT(http_request_parse(in, sizeof(in), 0, &r, &from) == PARSE_BAD);
	memset(in, ' ', sizeof(in));
	CU_ASSERT(http_request_parse(in, 1000, 0, &r, &from) == PARSE_MORE && from == 0);
	CU_ASSERT(http_request_parse(in, sizeof(in), 0, &r, &from) == PARSE_NOT_MINE);
}

/* clang-format off */
static const struct {
	const char *in;
	enum parse strict, loose;
} probes[] = {
	{"", PARSE_MORE, PARSE_MORE},
	{"G", PARSE_MORE, PARSE_MORE},
	{"GET", PARSE_MORE, PARSE_MORE},
	{"GET ", PARSE_MORE, PARSE_MORE},
	{"GET /", PARSE_OK, PARSE_OK},
	{"\r\nGET /", PARSE_OK, PARSE_OK},
	{"\r\n", PARSE_MORE, PARSE_MORE},
	{" GET /", PARSE_NOT_MINE, PARSE_OK},
	{"GET\r\n", PARSE_NOT_MINE, PARSE_NOT_MINE},
	{"GETS /", PARSE_NOT_MINE, PARSE_OK},
	{"get /", PARSE_NOT_MINE, PARSE_OK},
	{"GXT", PARSE_NOT_MINE, PARSE_MORE},
	{"VERSION-CONTROL http", PARSE_OK, PARSE_OK},
	{"PRI * HTTP/2.0\r\n", PARSE_OK, PARSE_OK},
	{"CONNECT a.test:443", PARSE_OK, PARSE_OK},
	{"HTTP/1.1 200 OK\r\n", PARSE_NOT_MINE, PARSE_NOT_MINE},
	{"SSH-2.0-x", PARSE_NOT_MINE, PARSE_MORE},
	{"\x17\x03\x03\x01", PARSE_NOT_MINE, PARSE_NOT_MINE},
	{"A\x01", PARSE_NOT_MINE, PARSE_NOT_MINE},
	{"\x80", PARSE_NOT_MINE, PARSE_NOT_MINE},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", PARSE_NOT_MINE, PARSE_MORE},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", PARSE_NOT_MINE, PARSE_NOT_MINE},
};
/* clang-format on */

static void test_http_probe_rejects_early(void)
{
	for (unsigned i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
		size_t len = strlen(probes[i].in);
		uint8_t *g = guarded(probes[i].in, len);
		enum parse strict = http_probe(g, len, true), loose = http_probe(g, len, false);
		if (strict != probes[i].strict || loose != probes[i].loose)
			printf("# \"%s\": %d %d\n", probes[i].in, strict, loose);
		CU_ASSERT(strict == probes[i].strict && loose == probes[i].loose);
		guarded_free(g, len);
	}
}

/* clang-format off */
static const struct {
	const char *in;
	enum parse answer;
	size_t used; /* with PARSE_OK */
} chunks[] = {
	{"5\r\nhello\r\n0\r\n\r\nGET", PARSE_OK, 15},
	{"5\nhello\n0\n\nGET", PARSE_OK, 11},
	{"0\r\n\r\n", PARSE_OK, 5},
	{"a;x=\"y\" \r\n0123456789\r\n00\r\nTrailer: x\r\n\r\n", PARSE_OK, 40},
	{"A \r\n0123456789\r\n0;q\r\n\r\n", PARSE_OK, 23},
	{"0000000000000000000001\r\nx\r\n0\r\n\r\n", PARSE_OK, 32},
	{"ffffffffffffffff\r\nx", PARSE_MORE, 0},
	{"10000000000000000\r\n", PARSE_BAD, 0},
	{"5\r\nhelloX", PARSE_BAD, 0},
	{"5\r\nhello\rX", PARSE_BAD, 0},
	{"\r\n", PARSE_BAD, 0},
	{"g\r\n", PARSE_BAD, 0},
	{"0x5\r\n", PARSE_BAD, 0},
	{"-5\r\n", PARSE_BAD, 0},
	{"0\r\nX: y\r\n", PARSE_MORE, 0},
	{"", PARSE_MORE, 0},
};
/* clang-format on */

static void test_http_chunks_end_where_the_body_ends(void)
{
	for (unsigned i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
		const uint8_t *in = (const uint8_t *)chunks[i].in;
		size_t len = strlen(chunks[i].in), used, total = 0;
		struct http_chunks c = {0};
		enum parse whole = http_chunks_feed(&c, in, len, &used), got = PARSE_MORE;
		if (whole != chunks[i].answer || (whole == PARSE_OK && used != chunks[i].used))
			printf("# %s: %d %zu\n", chunks[i].in, whole, used);
		CU_ASSERT(whole == chunks[i].answer);
		CU_ASSERT(whole != PARSE_OK || used == chunks[i].used);
		CU_ASSERT(whole != PARSE_MORE || used == len);
		c = (struct http_chunks){0};
		for (size_t n = 0; n < len && got == PARSE_MORE; n++) {
			got = http_chunks_feed(&c, in + n, 1, &used);
			total += used;
		}
		CU_ASSERT(got == whole && (whole != PARSE_OK || total == chunks[i].used));
	}
}

static void test_http_chunks_bound_lines(void)
{
	static uint8_t in[128 * 1024];
	struct http_chunks c = {0};
	size_t used;
	memset(in, '0', sizeof(in));
	CU_ASSERT(http_chunks_feed(&c, in, sizeof(in), &used) == PARSE_BAD && used < 5000);
	c = (struct http_chunks){0};
	memcpy(in, "0\r\n", 3);
	memset(in + 3, 'a', sizeof(in) - 3);
	CU_ASSERT(http_chunks_feed(&c, in, sizeof(in), &used) == PARSE_BAD && used < 66000);
}

static const struct test tests[] = {
    TEST(test_http_reads_what_servers_read),
    TEST(test_http_finds_the_end_in_any_pieces),
    TEST(test_http_frames_the_body),
    TEST(test_http_gives_method_and_language),
    TEST(test_http_keeps_the_first_hosts_and_the_last),
    TEST(test_http_cuts_a_host_at_nul),
    TEST(test_http_bounds_the_head),
    TEST(test_http_probe_rejects_early),
    TEST(test_http_chunks_end_where_the_body_ends),
    TEST(test_http_chunks_bound_lines),
};

HARNESS_MAIN("http", tests)
