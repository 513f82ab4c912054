/* SPDX-License-Identifier: BSD-3-Clause */
/* Both protections, and what is built with them. */
#include <openssl/crypto.h>
#include <stdlib.h>

#include "tests/unit/quic_inputs.h"

/* OpenSSL takes its memory from here, so that a test can tell whether it took any. */
static size_t openssl_allocations;

static void *counted_malloc(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	openssl_allocations++;
	return malloc(n);
}

static void *counted_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	openssl_allocations++;
	return realloc(p, n);
}

static void plain_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

/* Before main, because OpenSSL refuses the hooks after its first allocation. */
__attribute__((constructor)) static void setup(void)
{
	if (!CRYPTO_set_mem_functions(counted_malloc, counted_realloc, plain_free) ||
	    !(qc = quic_crypto_new()))
		abort();
}

__attribute__((destructor)) static void teardown(void)
{
	quic_crypto_free(qc);
}

static const uint8_t cid20[21] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21};

static enum parse parse_guarded(const uint8_t *p, size_t len, struct quic_packet *ret)
{
	uint8_t *g = guarded(p, len);
	enum parse answer = quic_packet_parse(g, len, ret);
	guarded_free(g, len);
	return answer;
}

/* Also when the tag is wrong: what a stranger sends must not allocate either. */
static void test_no_packet_makes_openssl_allocate(void)
{
	uint8_t packet[1500], bad[1500], close_packet[100], out[1500];
	struct quic_keys server = keys(V1, true);
	initial(V1, 0, "\x01", 1, packet);
	memcpy(bad, packet, 1200);
	bad[600] ^= 1;
	size_t before = openssl_allocations;
	CU_ASSERT(before > 0);
	for (uint8_t i = 0; i < 100; i++) {
		struct quic_keys k;
		struct quic_packet pkt;
		struct span plain;
		uint64_t pn;
		quic_keys_derive(qc, V1, cid, sizeof(cid), false, &k);
		quic_packet_parse(packet, 1200, &pkt);
		CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_OK);
		quic_packet_parse(bad, 1200, &pkt);
		CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_BAD);
		quic_keys_derive(qc, V1, &i, 1, false, &k);
		quic_packet_parse(packet, 1200, &pkt);
		CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_BAD);
		CU_ASSERT(quic_close_build(qc, V1, span_of(cid, 8), span_of(cid, 8), &server, close_packet,
					   100) > 0);
	}
	CU_ASSERT_EQUAL(openssl_allocations, before);
}

static void test_every_cut_of_an_initial_is_refused(void)
{
	uint8_t packet[1500];
	struct quic_packet pkt = {0};
	CU_ASSERT_EQUAL_FATAL(initial(V1, 0, "\x01", 1, packet), 1200);
	for (size_t len = 0; len < 1200; len++)
		CU_ASSERT_EQUAL(parse_guarded(packet, len, &pkt), len < 5 ? PARSE_NOT_MINE : PARSE_BAD);
	CU_ASSERT_EQUAL(pkt.whole.len, 0); /* untouched */
}

static void test_coalesced_packets_are_found_one_after_the_other(void)
{
	uint8_t p[1400] = {0};
	struct quic_keys k = keys(V1, false);
	struct span c = span_of(cid, sizeof(cid)), none = span_of(NULL, 0);
	size_t len = 0;
	for (uint64_t pn = 0; pn < 3; pn++)
		len += quic_initial_build(qc, V1, c, none, none, &k, pn, span_of("\x01", 1), 100 + 50 * pn,
					  p + len, sizeof(p) - len);
	CU_ASSERT_EQUAL(len, 450);
	size_t at = 0;
	for (uint64_t want = 0; want < 3; want++) {
		struct quic_packet pkt;
		struct span plain;
		uint8_t out[1400];
		uint64_t pn;
		CU_ASSERT_EQUAL_FATAL(quic_packet_parse(p + at, sizeof(p) - at, &pkt), PARSE_OK);
		CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_OK);
		CU_ASSERT_EQUAL(pn, want);
		at += pkt.whole.len;
	}
	struct quic_packet pkt;
	CU_ASSERT_EQUAL(quic_packet_parse(p + at, sizeof(p) - at, &pkt), PARSE_NOT_MINE);
}

static void test_a_changed_bit_anywhere_is_not_believed(void)
{
	uint8_t packet[1500], out[1500];
	struct quic_keys k = keys(V1, false);
	CU_ASSERT_EQUAL_FATAL(initial(V1, 0, "\x06\x00\x04test", 7, packet), 1200);
	for (size_t bit = 0; bit < 1200 * 8; bit += 3) {
		struct quic_packet pkt;
		struct span plain;
		uint64_t pn;
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (quic_packet_parse(packet, 1200, &pkt) == PARSE_OK)
			CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_BAD);
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void test_keys_of_another_cid_version_or_side_do_not_open(void)
{
	uint8_t packet[1500], out[1500];
	struct quic_packet pkt;
	struct span plain;
	uint64_t pn;
	struct quic_keys k[3] = {keys(V1, true), keys(V2, false)};
	quic_keys_derive(qc, V1, cid20, 8, false, &k[2]);
	CU_ASSERT_EQUAL_FATAL(initial(V1, 0, "\x01", 1, packet), 1200);
	CU_ASSERT_EQUAL_FATAL(quic_packet_parse(packet, 1200, &pkt), PARSE_OK);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k[i], 0, out, &plain, &pn), PARSE_BAD);
}

static void test_packets_too_short_for_the_sample_are_refused(void)
{
	uint8_t p[40] = {0xc0, 0, 0, 0, 1, 0, 0, 0}, out[40];
	struct quic_keys k = keys(V1, false);
	for (uint8_t length = 0; length < 24; length++) {
		struct quic_packet pkt;
		struct span plain;
		uint64_t pn;
		p[8] = length;
		uint8_t *g = guarded(p, 9u + length);
		CU_ASSERT_EQUAL_FATAL(quic_packet_parse(g, 9u + length, &pkt), PARSE_OK);
		CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_BAD);
		guarded_free(g, 9u + length);
	}
}

static void test_a_far_packet_number_does_not_hide_the_next(void)
{
	static const uint64_t far[] = {0, 1, 200, 1000, 0xfffffff0, ((uint64_t)1 << 40) + 7};
	uint8_t packet[1500], out[1500];
	struct quic_keys k = keys(V1, false);
	for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++)
		for (uint64_t want = 0; want < 300; want += 59) {
			struct quic_packet pkt;
			struct span plain;
			uint64_t pn = 0;
			CU_ASSERT_EQUAL_FATAL(initial(V1, want, "\x01", 1, packet), 1200);
			CU_ASSERT_EQUAL_FATAL(quic_packet_parse(packet, 1200, &pkt), PARSE_OK);
			CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k, far[i], out, &plain, &pn), PARSE_OK);
			CU_ASSERT_EQUAL(pn, want);
		}
	/* Numbers beyond four bytes need the largest. */
	struct quic_packet pkt;
	struct span plain;
	uint64_t pn = 0, beyond = ((uint64_t)1 << 40) + 9;
	CU_ASSERT_EQUAL_FATAL(initial(V1, beyond, "\x01", 1, packet), 1200);
	CU_ASSERT_EQUAL_FATAL(quic_packet_parse(packet, 1200, &pkt), PARSE_OK);
	CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k, beyond - 1, out, &plain, &pn), PARSE_OK);
	CU_ASSERT_EQUAL(pn, beyond);
	CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_BAD);
}

static void test_shuffled_one_byte_crypto_frames_give_the_hello_back(void)
{
	uint8_t hello[300], frames[1100], packet[1500], out[1500], got[300] = {0};
	size_t n = 0;
	for (size_t i = 0; i < sizeof(hello); i++)
		hello[i] = (uint8_t)(i * 7 + 1);
	for (size_t i = 0; i < 200; i++) {
		size_t at = i * 77 % 200;
		frames[n++] = 0x06;
		put_be16(frames + n, (uint16_t)(0x4000 | at));
		frames[n + 2] = 1;
		frames[n + 3] = hello[at];
		n += 4;
		if (i % 10 == 0)
			frames[n++] = 0x01;
	}
	struct quic_keys k = keys(V1, false);
	struct quic_packet pkt;
	struct quic_frame f;
	struct span plain;
	uint64_t pn;
	bool closed = false;
	unsigned seen = 0;
	CU_ASSERT_EQUAL_FATAL(initial(V1, 0, frames, n, packet), 1200);
	CU_ASSERT_EQUAL_FATAL(quic_packet_parse(packet, 1200, &pkt), PARSE_OK);
	CU_ASSERT_EQUAL_FATAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_OK);
	struct cursor c = cursor_over(plain.p, plain.len);
	for (; quic_frame_next(&c, &f, &closed) == PARSE_OK; seen++)
		got[f.offset] = f.data.p[0];
	CU_ASSERT_EQUAL(seen, 200);
	CU_ASSERT(!memcmp(got, hello, 200));
}

static void test_close_is_a_servers_initial_that_a_client_opens(void)
{
	static const uint32_t versions[] = {V1, V2, 0xff00001d, 0xfaceb002, 0x54303531, 0x709a50c4};
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		uint8_t packet[100], out[100];
		struct quic_keys k = keys(versions[i], true);
		struct span client = span_of(cid20, 20), server = span_of(cid, sizeof(cid)), plain;
		size_t len = quic_close_build(qc, versions[i], client, server, &k, packet, sizeof(packet));
		struct quic_packet pkt;
		struct quic_frame f;
		uint64_t pn;
		bool closed = false;
		CU_ASSERT_FATAL(len > 0 && len <= 80);
		CU_ASSERT_EQUAL_FATAL(parse_guarded(packet, len, &pkt), PARSE_OK);
		CU_ASSERT_EQUAL_FATAL(quic_packet_parse(packet, len, &pkt), PARSE_OK);
		CU_ASSERT_EQUAL(pkt.type, QUIC_INITIAL);
		CU_ASSERT(same(pkt.dcid, cid20, 20));
		CU_ASSERT(same(pkt.scid, cid, sizeof(cid)));
		CU_ASSERT_EQUAL(pkt.token.len, 0);
		CU_ASSERT_EQUAL(pkt.whole.len, len);
		CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_OK);
		CU_ASSERT(pn > 100);		/* not one the server has used */
		CU_ASSERT_EQUAL(out[0] & 3, 3); /* four bytes, so that any server's numbers up to 2^31 do */
		CU_ASSERT(same(plain, "\x1c\x41\x31\x06\x00", 5));
		struct cursor c = cursor_over(plain.p, plain.len);
		CU_ASSERT_EQUAL(quic_frame_next(&c, &f, &closed), PARSE_MORE);
		CU_ASSERT(closed);
		for (size_t cap = 0; cap < len; cap++)
			CU_ASSERT_EQUAL(quic_close_build(qc, versions[i], client, server, &k, packet, cap),
					0);
	}
}

static void test_build_refuses_what_does_not_fit(void)
{
	uint8_t out[1500];
	struct quic_keys k = keys(V1, false);
	struct span none = span_of(NULL, 0), c = span_of(cid, 8), frames = span_of("\x01", 1);
	CU_ASSERT_EQUAL(quic_initial_build(qc, V1, c, none, none, &k, 0, frames, 1200, out, 1199), 0);
	CU_ASSERT_EQUAL(quic_initial_build(qc, 2, c, none, none, &k, 0, frames, 1200, out, 1500), 0);
	CU_ASSERT_EQUAL(
	    quic_initial_build(qc, V1, span_of(cid20, 21), none, none, &k, 0, frames, 1200, out, 1500), 0);
	CU_ASSERT_EQUAL(quic_close_build(qc, V1, c, span_of(cid20, 21), &k, out, 1500), 0);
	CU_ASSERT_EQUAL(quic_close_build(qc, 0, c, c, &k, out, 1500), 0);
}

static void test_any_size_and_token_survives_the_way_there_and_back(void)
{
	static uint8_t payload[20000], packet[25000], out[25000], token[70];
	struct quic_keys k = keys(V2, false);
	for (size_t len = 0; len < sizeof(payload); len += 1 + len / 3)
		for (size_t t = 0; t <= sizeof(token); t += 35) {
			struct quic_packet pkt;
			struct span plain;
			uint64_t pn = 0;
			memset(payload, 0x01, len);
			size_t n =
			    quic_initial_build(qc, V2, span_of(cid, 8), span_of(cid20, 20), span_of(token, t),
					       &k, 77, span_of(payload, len), 0, packet, sizeof(packet));
			CU_ASSERT_FATAL(n > len);
			CU_ASSERT_EQUAL_FATAL(parse_guarded(packet, n, &pkt), PARSE_OK);
			CU_ASSERT_EQUAL_FATAL(quic_packet_parse(packet, n, &pkt), PARSE_OK);
			CU_ASSERT_EQUAL(pkt.token.len, t);
			CU_ASSERT_EQUAL(pkt.whole.len, n);
			CU_ASSERT_EQUAL_FATAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_OK);
			CU_ASSERT_EQUAL(pn, 77);
			CU_ASSERT(same(plain, payload, len));
		}
}

static const struct test tests[] = {
    TEST(test_no_packet_makes_openssl_allocate),
    TEST(test_every_cut_of_an_initial_is_refused),
    TEST(test_coalesced_packets_are_found_one_after_the_other),
    TEST(test_a_changed_bit_anywhere_is_not_believed),
    TEST(test_keys_of_another_cid_version_or_side_do_not_open),
    TEST(test_packets_too_short_for_the_sample_are_refused),
    TEST(test_a_far_packet_number_does_not_hide_the_next),
    TEST(test_shuffled_one_byte_crypto_frames_give_the_hello_back),
    TEST(test_close_is_a_servers_initial_that_a_client_opens),
    TEST(test_build_refuses_what_does_not_fit),
    TEST(test_any_size_and_token_survives_the_way_there_and_back),
};
HARNESS_MAIN("quic_crypto", tests)
