/* SPDX-License-Identifier: BSD-3-Clause */
/* Headers and frames, without keys. */
#include "dataplane/core/quic.h"
#include "tests/unit/harness.h"

#define V1 0x00000001u
#define V2 0x6b3343cfu

static bool same(struct span s, const void *p, size_t len)
{
	return s.len == len && (len == 0 || !memcmp(s.p, p, len));
}

static enum parse parse_guarded(const uint8_t *p, size_t len, struct quic_packet *ret)
{
	uint8_t *g = guarded(p, len);
	enum parse answer = quic_packet_parse(g, len, ret);
	guarded_free(g, len);
	return answer;
}

static void test_probe_takes_known_versions_only(void)
{
	uint8_t p[7] = {0xc3, 0, 0, 0, 1, 8, 0};
	for (size_t len = 0; len <= sizeof(p); len++) {
		uint8_t *g = guarded(p, len);
		CU_ASSERT_EQUAL(quic_probe(g, len), len == sizeof(p));
		guarded_free(g, len);
	}
	p[5] = 21;
	CU_ASSERT(!quic_probe(p, 7));
	p[5] = 20;
	CU_ASSERT(quic_probe(p, 7));
	p[0] = 0x43;
	CU_ASSERT(!quic_probe(p, 7));
	p[0] = 0xc3;
	put_be32(p + 1, 0x1a2a3a4a);
	CU_ASSERT(!quic_probe(p, 7));
	put_be32(p + 1, 0xff00001d);
	CU_ASSERT(quic_probe(p, 7));
}

static void test_headers_out_of_bounds_are_refused(void)
{
	static const struct {
		const char *what, *hex;
		enum parse want;
	} rows[] = {
	    {"empty", "", PARSE_NOT_MINE},
	    {"short header", "40 00000001 00 00 00 00", PARSE_NOT_MINE},
	    {"padding", "00 00 00 00 00 00 00 00 00", PARSE_NOT_MINE},
	    {"unknown version", "c0 00000002 00 00 00 01 00", PARSE_NOT_MINE},
	    {"reserved version", "c0 1a2a3a4a 00 00 00 01 00", PARSE_NOT_MINE},
	    {"smallest", "c0 00000001 00 00 00 01 00", PARSE_OK},
	    {"greased fixed bit", "80 00000001 00 00 00 01 00", PARSE_OK},
	    {"DCID of 20", "c0 00000001 14 0102030405060708090a0b0c0d0e0f1011121314 00 00 01 00", PARSE_OK},
	    {"DCID of 21", "c0 00000001 15 0102030405060708090a0b0c0d0e0f101112131415 00 00 01 00",
	     PARSE_BAD},
	    {"SCID of 21", "c0 00000001 00 15 0102030405060708090a0b0c0d0e0f101112131415 00 01 00",
	     PARSE_BAD},
	    {"DCID beyond the end", "c0 00000001 08 0102", PARSE_BAD},
	    {"token beyond the end", "c0 00000001 00 00 05 01 02", PARSE_BAD},
	    {"token of 2^62 - 1", "c0 00000001 00 00 ffffffffffffffff 01 02", PARSE_BAD},
	    {"token length cut", "c0 00000001 00 00 c0 00 00", PARSE_BAD},
	    {"length beyond the end", "c0 00000001 00 00 00 03 01 02", PARSE_BAD},
	    {"length of 2^62 - 1", "c0 00000001 00 00 00 ffffffffffffffff 01", PARSE_BAD},
	    {"length in eight bytes", "c0 00000001 00 00 00 c000000000000002 01 02", PARSE_OK},
	    {"handshake has no token", "e0 00000001 00 00 02 01 02", PARSE_OK},
	    {"0-RTT has no token", "d0 00000001 00 00 02 01 02", PARSE_OK},
	    {"retry shorter than its tag", "f0 00000001 00 00 01 02 03", PARSE_BAD},
	    {"draft 22 retry", "f0 ff000016 00 01 aa 02 bbcc 01", PARSE_OK},
	    {"draft 22 retry without token", "f0 ff000016 00 01 aa 02 bbcc", PARSE_BAD},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint8_t p[128];
		struct quic_packet pkt;
		size_t len = unhex(rows[i].hex, p, sizeof(p));
		if (parse_guarded(p, len, &pkt) != rows[i].want)
			CU_FAIL(rows[i].what);
	}
}

static void test_types_are_translated_for_version_2(void)
{
	static const uint8_t want[2][4] = {{QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE, QUIC_RETRY},
					   {QUIC_RETRY, QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE}};
	for (unsigned v = 0; v < 2; v++)
		for (unsigned bits = 0; bits < 4; bits++) {
			uint8_t p[40] = {(uint8_t)(0xc0 | bits << 4)};
			struct quic_packet pkt;
			put_be32(p + 1, v ? V2 : V1);
			CU_ASSERT_EQUAL_FATAL(quic_packet_parse(p, sizeof(p), &pkt), PARSE_OK);
			CU_ASSERT_EQUAL(pkt.type, want[v][bits]);
		}
}

/* RFC 9001 A.4 and RFC 9369 A.4. */
static const struct {
	const char *packet;
} retry_vectors[] = {
    {"ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba"},
    {"cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6"},
};

static void test_retry_gives_the_servers_cid_and_token(void)
{
	for (size_t i = 0; i < sizeof(retry_vectors) / sizeof(*retry_vectors); i++) {
		uint8_t packet[100];
		size_t len = unhex(retry_vectors[i].packet, packet, sizeof(packet));
		struct quic_packet pkt;
		CU_ASSERT_EQUAL_FATAL(quic_packet_parse(packet, len, &pkt), PARSE_OK);
		CU_ASSERT_EQUAL(pkt.type, QUIC_RETRY);
		CU_ASSERT_EQUAL(pkt.dcid.len, 0);
		CU_ASSERT(same(pkt.scid, "\xf0\x67\xa5\x50\x2a\x42\x62\xb5", 8));
		CU_ASSERT(same(pkt.token, "token", 5));
		CU_ASSERT_EQUAL(pkt.whole.len, len);
		/* Without a token it must be ignored. */
		CU_ASSERT_EQUAL(parse_guarded(packet, len - 5, &pkt), PARSE_BAD);
	}
}

static void test_version_negotiation_is_typed_and_other_zeros_are_not_mine(void)
{
	uint8_t p[] = {0x80, 0, 0, 0, 0, 1, 0xaa, 2, 0xbb, 0xcc, 0, 0, 0, 1, 0x6b, 0x33, 0x43, 0xcf};
	uint8_t zeros[64] = {0x80};
	struct quic_packet pkt;
	CU_ASSERT_EQUAL_FATAL(quic_packet_parse(p, sizeof(p), &pkt), PARSE_OK);
	CU_ASSERT_EQUAL(pkt.type, QUIC_VERSION_NEGOTIATION);
	CU_ASSERT_EQUAL(pkt.version, 0);
	CU_ASSERT(same(pkt.dcid, "\xaa", 1));
	CU_ASSERT(same(pkt.scid, "\xbb\xcc", 2));
	for (size_t len = 0; len < sizeof(p); len++)
		CU_ASSERT_EQUAL(parse_guarded(p, len, &pkt), len == 14 ? PARSE_OK : PARSE_NOT_MINE);
	CU_ASSERT_EQUAL(parse_guarded(zeros, 64, &pkt), PARSE_NOT_MINE);
	CU_ASSERT(!quic_probe(p, sizeof(p)));
}

static void test_frames_of_an_initial_are_told_apart(void)
{
	static const struct {
		const char *what, *hex;
		unsigned crypto; /* CRYPTO frames before the end */
		enum parse end;
		bool closed;
	} rows[] = {
	    {"nothing", "", 0, PARSE_MORE, false},
	    {"padding and ping", "00 00 01 00 00 00 00 00 00 00 00 00 00 00 01", 0, PARSE_MORE, false},
	    {"empty crypto", "06 00 00", 1, PARSE_MORE, false},
	    {"two shuffled", "06 05 02 aabb 01 00 01 06 00 05 0102030405", 2, PARSE_MORE, false},
	    {"type in two bytes", "40 06 00 01 aa 40 01 40 00", 1, PARSE_MORE, false},
	    {"crypto beyond the end", "06 00 03 aa bb", 0, PARSE_BAD, false},
	    {"crypto without length", "06 00", 0, PARSE_BAD, false},
	    {"crypto length of 2^62 - 1", "06 00 ffffffffffffffff aa", 0, PARSE_BAD, false},
	    {"crypto offset overflow", "06 ffffffffffffffff 01 aa", 0, PARSE_BAD, false},
	    {"crypto at the last offset", "06 fffffffffffffffe 01 aa", 1, PARSE_MORE, false},
	    {"ack", "02 05 00 00 05 06 00 01 aa", 1, PARSE_MORE, false},
	    {"ack of two ranges", "02 05 00 02 00 01 01 01 01 06 00 01 aa", 1, PARSE_MORE, false},
	    {"ack with ECN", "03 05 00 00 05 01 02 03 06 00 01 aa", 1, PARSE_MORE, false},
	    {"ack cut", "02 05 00 00", 0, PARSE_BAD, false},
	    {"ack ECN cut", "03 05 00 00 05 01 02", 0, PARSE_BAD, false},
	    {"ack of 2^62 - 1 ranges", "02 05 00 ffffffffffffffff 00 00 00", 0, PARSE_BAD, false},
	    {"close", "1c 41 31 06 00", 0, PARSE_MORE, true},
	    {"close with reason", "06 00 01 aa 1c 0a 00 03 627965 06 01 01 bb", 2, PARSE_MORE, true},
	    {"close cut", "1c 0a 00 04 627965", 0, PARSE_BAD, false},
	    {"close of an application", "1d 0a 03 627965", 0, PARSE_BAD, false},
	    {"crypto of T051", "08 00 01 aa", 1, PARSE_MORE, false},
	    {"stream", "0a 00 00", 0, PARSE_BAD, false},
	    {"handshake done", "06 00 01 aa 1e", 1, PARSE_BAD, false},
	    {"reset", "04 00 00 00", 0, PARSE_BAD, false},
	    {"type cut", "80", 0, PARSE_BAD, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint8_t p[128];
		size_t len = unhex(rows[i].hex, p, sizeof(p));
		uint8_t *g = guarded(p, len);
		struct cursor c = cursor_over(g, len);
		struct quic_frame f;
		unsigned n = 0;
		bool closed = false;
		enum parse end;
		while ((end = quic_frame_next(&c, &f, &closed)) == PARSE_OK)
			n++;
		if (n != rows[i].crypto || end != rows[i].end || closed != rows[i].closed ||
		    (end == PARSE_MORE && c.p != c.end))
			CU_FAIL(rows[i].what);
		guarded_free(g, len);
	}
}

static const struct test tests[] = {
    TEST(test_probe_takes_known_versions_only),
    TEST(test_headers_out_of_bounds_are_refused),
    TEST(test_types_are_translated_for_version_2),
    TEST(test_retry_gives_the_servers_cid_and_token),
    TEST(test_version_negotiation_is_typed_and_other_zeros_are_not_mine),
    TEST(test_frames_of_an_initial_are_told_apart),
};
HARNESS_MAIN("quic", tests)
