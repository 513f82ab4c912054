/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/tls.h"

#include <stdlib.h>

#include "tests/unit/harness.h"

#define NAME "www.blocked.test"

/* As `openssl s_client -servername www.blocked.test` (3.0) sent it. */
static const char openssl_hello[] =
    "160301013d010001390303c83206253f62bd16572d89ae6e3a78869aeace576a03a59408fa07161b285d9e20d0ffb63c"
    "a42d1f7d3b5c40dfd59689b912ec5e6f7736569a4addaaafcc9c6b02003e130213031301c02cc030009fcca9cca8ccaa"
    "c02bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d009c003d003c0035002f00ff010000b2"
    "0000001500130000107777772e626c6f636b65642e74657374000b000403000102000a00160014001d0017001e001900"
    "1801000101010201030104002300000016000000170000000d002a0028040305030603080708080809080a080b080408"
    "050806040105010601030303010302040205020602002b0009080304030303020301002d00020101003300260024001d"
    "0020cb5582a6c62c33d16d29eaecc594bd02662a51244ebf4575dff83f7f5349143a";

struct bytes {
	size_t len;
	uint8_t b[512 * 1024];
};

/* Big; one of each is enough. */
static struct bytes message, stream;
static struct tls_hello h;

static void put(struct bytes *b, const void *p, size_t n)
{
	memcpy(b->b + b->len, p, n);
	b->len += n;
}

static void put16(struct bytes *b, size_t v)
{
	uint8_t x[2] = {(uint8_t)(v >> 8), (uint8_t)v};
	put(b, x, 2);
}

static void put_zeros(struct bytes *b, size_t n)
{
	memset(b->b + b->len, 0, n);
	b->len += n;
}

static void hello_begin(void)
{
	static const uint8_t head[] = {1, 0, 0, 0, 3, 3};
	message.len = 0;
	put(&message, head, sizeof(head));
	put_zeros(&message, 32);
	put(&message, "\x00\x00\x02\x13\x01\x01\x00", 7);
	put16(&message, 0);
}

static void put_extension(unsigned type, size_t zeros)
{
	put16(&message, type);
	put16(&message, zeros);
	put_zeros(&message, zeros);
}

static void put_sni(const char *name, size_t n)
{
	put16(&message, 0);
	put16(&message, n + 5);
	put16(&message, n + 3);
	put(&message, "", 1);
	put16(&message, n);
	put(&message, name, n);
}

static void hello_end(void)
{
	size_t n = message.len - 4;
	message.b[1] = (uint8_t)(n >> 16);
	put_be16(message.b + 2, (uint16_t)n);
	put_be16(message.b + 45, (uint16_t)(message.len - 47));
}

/* `pq` is the size of a key share before the name: 1216 for X25519MLKEM768. */
static void build_hello(size_t pq)
{
	hello_begin();
	put_extension(0x2b, 3);
	put_extension(0x33, pq);
	put_sni(NAME, strlen(NAME));
	put_extension(0xfe0d, 200);
	put_extension(0x15, 20);
	hello_end();
}

static void put_record(unsigned type, unsigned minor, const void *p, size_t n)
{
	uint8_t head[5] = {(uint8_t)type, 3, (uint8_t)minor, (uint8_t)(n >> 8), (uint8_t)n};
	put(&stream, head, 5);
	put(&stream, p, n);
}

/* The message in records of at most `chunk` bytes. */
static void build_records(size_t chunk, unsigned minor)
{
	for (size_t at = 0; at < message.len; at += chunk)
		put_record(22, minor, message.b + at, message.len - at < chunk ? message.len - at : chunk);
}

static enum parse parse_n(const uint8_t *p, size_t len)
{
	uint8_t *g = guarded(p, len);
	enum parse r = tls_hello_parse(g, len, &h);
	guarded_free(g, len);
	return r;
}

static bool has_name(unsigned i, const char *name)
{
	return i < h.n_names && h.names[i].len == strlen(name) && !memcmp(h.names[i].p, name, strlen(name));
}

static void test_tls_reads_the_hello_of_openssl(void)
{
	uint8_t b[512];
	size_t n = unhex(openssl_hello, b, sizeof(b));
	CU_ASSERT(parse_n(b, n) == PARSE_OK);
	CU_ASSERT(h.n_names == 1 && has_name(0, NAME) && !h.ech);
	CU_ASSERT(h.consumed == n);
	for (size_t i = 0; i < n; i++) {
		CU_ASSERT(parse_n(b, i) == PARSE_MORE);
		CU_ASSERT(h.need > i && h.need <= n);
	}
}

static void test_tls_reads_any_split_into_records(void)
{
	static const size_t chunks[] = {1, 2, 3, 4, 5, 7, 63, 64, 100, 255, 1000, 1460, 16384};
	for (unsigned i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
		build_hello(1216);
		stream.len = 0;
		build_records(chunks[i], i % 7);
		CU_ASSERT(parse_n(stream.b, stream.len) == PARSE_OK);
		CU_ASSERT(h.n_names == 1 && has_name(0, NAME) && h.ech);
		CU_ASSERT(h.consumed == stream.len);
	}
}

/* A caller that looks again only at `need` bytes meets the very byte that completes the name. */
static void check_need(void)
{
	size_t complete = 0;
	for (size_t n = 0; n <= stream.len && !complete; n++) {
		tls_hello_parse(stream.b, n, &h);
		complete = h.n_names ? n : 0;
	}
	CU_ASSERT_FATAL(complete != 0);
	size_t at = 0;
	unsigned calls = 0;
	enum parse r;
	while ((r = parse_n(stream.b, at)) == PARSE_MORE) {
		CU_ASSERT_FATAL(h.need > at && h.need <= stream.len);
		CU_ASSERT((h.n_names == 1) == (at >= complete));
		CU_ASSERT(at >= complete || h.need <= complete);
		at = h.need;
		calls++;
	}
	CU_ASSERT(r == PARSE_OK && at == stream.len);
	CU_ASSERT(calls < 40 || calls <= stream.len / 6 + 40);
}

static void test_tls_need_never_passes_the_end_of_a_name(void)
{
	static const size_t chunks[] = {1, 2, 3, 5, 8, 50, 300, 16384};
	for (unsigned i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
		build_hello(i % 2 ? 40 : 300);
		stream.len = 0;
		if (i % 3 == 0)
			put_record(20, 1, "\x01", 1);
		build_records(chunks[i], 1);
		check_need();
	}
}

static void test_tls_passes_other_records(void)
{
	build_hello(32);
	stream.len = 0;
	put_record(20, 3, "\x01", 1);
	put_record(22, 0, "", 0);
	put_record(21, 1, "\x01\x00", 2);
	put_record(22, 1, message.b, 60);
	put_record(20, 3, "\x01", 1);
	put_record(22, 4, "", 0);
	put_record(22, 9, message.b + 60, message.len - 60);
	CU_ASSERT(parse_n(stream.b, stream.len) == PARSE_OK);
	CU_ASSERT(has_name(0, NAME));
	for (size_t n = 0; n < stream.len; n++) {
		CU_ASSERT(parse_n(stream.b, n) == PARSE_MORE && h.need > n && h.need <= stream.len);
		CU_ASSERT(tls_probe(stream.b, n) == (n < 24 ? PARSE_MORE : PARSE_OK));
	}
}

static void test_tls_waits_for_the_end_of_the_last_record(void)
{
	build_hello(32);
	stream.len = 0;
	put(&message, "\x0b\x00", 2);
	put_record(22, 1, message.b, message.len);
	CU_ASSERT(parse_n(stream.b, stream.len - 2) == PARSE_MORE && h.n_names == 1 && h.need == stream.len);
	CU_ASSERT(parse_n(stream.b, stream.len) == PARSE_OK && h.consumed == stream.len);
}

static void test_tls_gives_every_name(void)
{
	static const uint8_t two[] = {0, 0, 0, 14, 0, 12, 0, 0, 3, 'a', '.', 'b', 0, 0, 3, 'c', '.', 'D'};
	static const uint8_t other[] = {0, 0, 0, 12, 0, 10, 7, 0, 2, 'x', 'y', 0, 0, 2, 'e', '.'};
	hello_begin();
	put(&message, two, sizeof(two));
	put_sni("", 0);
	put(&message, other, sizeof(other));
	put_sni("n\0m", 3);
	hello_end();
	stream.len = 0;
	build_records(9, 1);
	CU_ASSERT(parse_n(stream.b, stream.len) == PARSE_OK);
	CU_ASSERT(h.n_names == 4 && has_name(0, "a.b") && has_name(1, "c.D") && has_name(2, "e."));
	CU_ASSERT(h.names[3].len == 3 && !memcmp(h.names[3].p, "n\0m", 3));
}

static void test_tls_bounds_the_names(void)
{
	char name[300];
	memset(name, 'a', sizeof(name));
	hello_begin();
	put_sni(name, 256); /* passed over */
	for (unsigned i = 0; i < TLS_MAX_NAMES; i++)
		put_sni(name, 255);
	hello_end();
	CU_ASSERT(tls_hello_parse_bare(message.b, message.len, &h) == PARSE_OK);
	CU_ASSERT(h.n_names == TLS_MAX_NAMES && h.names[TLS_MAX_NAMES - 1].len == 255);
	put_sni(name, 255);
	hello_end();
	CU_ASSERT(tls_hello_parse_bare(message.b, message.len, &h) == PARSE_BAD &&
		  h.n_names == TLS_MAX_NAMES);
}

static void test_tls_keeps_names_before_a_malformed_part(void)
{
	hello_begin();
	put_sni(NAME, strlen(NAME));
	hello_end();
	put16(&message, 0x33); /* longer than the block */
	put16(&message, 500);
	put_zeros(&message, 3);
	message.b[3] = (uint8_t)(message.len - 4);
	stream.len = 0;
	build_records(16384, 1);
	CU_ASSERT(parse_n(stream.b, stream.len) == PARSE_BAD && has_name(0, NAME));

	build_hello(32); /* the block's own length is wrong */
	message.b[46]++;
	stream.len = 0;
	build_records(100, 1);
	CU_ASSERT(parse_n(stream.b, stream.len) == PARSE_BAD && has_name(0, NAME));
}

static void test_tls_bounds_the_hello(void)
{
	hello_begin();
	put_sni(NAME, strlen(NAME));
	put_extension(0x15, 65000);
	put_extension(0x15, 65000);
	put_extension(0x15, 65000);
	hello_end();
	stream.len = 0;
	build_records(16000, 1);
	CU_ASSERT(parse_n(stream.b, 500) == PARSE_MORE && has_name(0, NAME));
	CU_ASSERT(parse_n(stream.b, 80000) == PARSE_BAD && has_name(0, NAME));
	CU_ASSERT(parse_n(stream.b, stream.len) == PARSE_BAD && has_name(0, NAME));

	stream.len = 0;
	for (unsigned i = 0; i <= TLS_MAX_RECORDS; i++)
		put_record(22, 1, "", 0);
	CU_ASSERT(parse_n(stream.b, stream.len - 5) == PARSE_MORE);
	CU_ASSERT(parse_n(stream.b, stream.len) == PARSE_BAD);
}

static void test_tls_reads_a_hello_without_extensions(void)
{
	hello_begin();
	message.len -= 2;
	message.b[3] = (uint8_t)(message.len - 4);
	stream.len = 0;
	build_records(16384, 0);
	CU_ASSERT(parse_n(stream.b, stream.len) == PARSE_OK && h.n_names == 0);
}

static void test_tls_bare_reads_the_message_of_quic(void)
{
	build_hello(1216);
	for (size_t n = 0; n < message.len; n++) {
		uint8_t *g = guarded(message.b, n);
		CU_ASSERT(tls_hello_parse_bare(g, n, &h) == PARSE_MORE && h.need > n &&
			  h.need <= message.len);
		guarded_free(g, n);
	}
	CU_ASSERT(tls_hello_parse_bare(message.b, message.len, &h) == PARSE_OK);
	CU_ASSERT(has_name(0, NAME) && h.consumed == message.len);
}

static const struct {
	const char *what, *hex;
	enum parse probe, parse;
} firsts[] = {
    {"nothing", "", PARSE_MORE, PARSE_MORE},
    {"record type", "16", PARSE_MORE, PARSE_MORE},
    {"record header", "16 03 01 02 00", PARSE_MORE, PARSE_MORE},
    {"client hello", "16 03 01 02 00 01", PARSE_OK, PARSE_MORE},
    {"strange minor version", "16 03 7f 02 00 01", PARSE_OK, PARSE_MORE},
    {"one byte a record", "16 03 01 00 01 01 16 03 01 00 01 00", PARSE_OK, PARSE_MORE},
    {"ccs, then hello", "14 03 03 00 01 01 16 03 03 02 00 01", PARSE_OK, PARSE_MORE},
    {"ccs, then data", "14 03 03 00 01 01 17 03 03 02 00 01", PARSE_NOT_MINE, PARSE_BAD},
    {"ccs, then finished", "14 03 03 00 01 01 16 03 03 00 28 9a", PARSE_NOT_MINE, PARSE_NOT_MINE},
    {"ccs that is none", "14 03 03 00 01 02", PARSE_NOT_MINE, PARSE_NOT_MINE},
    {"warning, then hello", "15 03 01 00 02 01 70 16 03 01 02 00 01", PARSE_OK, PARSE_MORE},
    {"fatal alert", "15 03 01 00 02 02", PARSE_NOT_MINE, PARSE_NOT_MINE},
    {"server hello", "16 03 03 00 7a 02", PARSE_NOT_MINE, PARSE_NOT_MINE},
    {"application data", "17 03 03", PARSE_NOT_MINE, PARSE_NOT_MINE},
    {"record too long", "16 03 01 50 00", PARSE_NOT_MINE, PARSE_NOT_MINE},
    {"sslv2 hello", "80 2e 01 03 01", PARSE_NOT_MINE, PARSE_NOT_MINE},
    {"major version 2", "16 02", PARSE_NOT_MINE, PARSE_NOT_MINE},
    {"http", "47 45 54 20 2f", PARSE_NOT_MINE, PARSE_NOT_MINE},
};

static void test_tls_tells_what_is_not_a_hello(void)
{
	for (unsigned i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
		uint8_t b[64];
		size_t n = unhex(firsts[i].hex, b, sizeof(b));
		uint8_t *g = guarded(b, n);
		enum parse probe = tls_probe(g, n), parse = tls_hello_parse(g, n, &h);
		if (probe != firsts[i].probe || parse != firsts[i].parse)
			printf("%s: probe %d, parse %d\n", firsts[i].what, probe, parse);
		CU_ASSERT(probe == firsts[i].probe && parse == firsts[i].parse);
		guarded_free(g, n);
	}
}

static void test_tls_alert_is_fatal_access_denied(void)
{
	uint8_t b[7];
	CU_ASSERT(tls_alert_build(b) == 7 && !memcmp(b, "\x15\x03\x03\x00\x02\x02\x31", 7));
}

static const struct test tests[] = {
    TEST(test_tls_reads_the_hello_of_openssl),
    TEST(test_tls_reads_any_split_into_records),
    TEST(test_tls_need_never_passes_the_end_of_a_name),
    TEST(test_tls_passes_other_records),
    TEST(test_tls_waits_for_the_end_of_the_last_record),
    TEST(test_tls_gives_every_name),
    TEST(test_tls_bounds_the_names),
    TEST(test_tls_keeps_names_before_a_malformed_part),
    TEST(test_tls_bounds_the_hello),
    TEST(test_tls_reads_a_hello_without_extensions),
    TEST(test_tls_bare_reads_the_message_of_quic),
    TEST(test_tls_tells_what_is_not_a_hello),
    TEST(test_tls_alert_is_fatal_access_denied),
};

HARNESS_MAIN("tls", tests)
