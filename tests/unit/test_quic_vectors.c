/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys and packets as the standards print them. */
#include <stdlib.h>

#include "tests/unit/quic_inputs.h"
#include "tests/unit/quic_vectors.h"

__attribute__((constructor)) static void setup(void)
{
	if (!(qc = quic_crypto_new()))
		abort();
}

__attribute__((destructor)) static void teardown(void)
{
	quic_crypto_free(qc);
}

static void test_keys_are_those_of_the_standards(void)
{
	for (size_t i = 0; i < sizeof(key_vectors) / sizeof(*key_vectors); i++) {
		uint8_t want[44];
		CU_ASSERT_EQUAL_FATAL(unhex(key_vectors[i].hex, want, sizeof(want)), sizeof(want));
		struct quic_keys k = keys(key_vectors[i].version, key_vectors[i].server);
		CU_ASSERT(!memcmp(k.key, want, 16));
		CU_ASSERT(!memcmp(k.iv, want + 16, 12));
		CU_ASSERT(!memcmp(k.hp, want + 28, 16));
	}
}

static void test_every_version_row_has_its_own_keys_and_reserved_ones_none(void)
{
	static const struct {
		uint32_t version, same_as;
	} rows[] = {
	    {0xff000022, V1},	      {0xff000021, V1},		{0xff000020, 0xff00001d},
	    {0xff00001c, 0xff000017}, {0xfaceb001, 0xff000016}, {0xfaceb002, 0xff000017},
	    {0xfaceb00e, 0xff000017}, {0xabcd0000, 0xff00001d},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct quic_keys a = keys(rows[i].version, false), b = keys(rows[i].same_as, false);
		CU_ASSERT(!memcmp(&a, &b, sizeof(a)));
	}
	static const uint32_t own[] = {V1,	   V2,	       0x709a50c4, 0xff000016,
				       0xff000017, 0xff00001d, 0x54303530, 0x54303531};
	for (size_t i = 0; i < 8; i++)
		for (size_t j = 0; j < i; j++) {
			struct quic_keys a = keys(own[i], false), b = keys(own[j], false);
			CU_ASSERT(memcmp(&a, &b, sizeof(a)));
		}
	static const uint32_t none[] = {0,	    2,		0x1a2a3a4a, 0x0a0a0a0a, 0xff000015,
					0xff000023, 0xff000000, 0x51303436, 0xfaceb000, 0xfaceb100};
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		struct quic_keys a = keys(none[i], false), zero = {{0}, {0}, {0}};
		CU_ASSERT(!memcmp(&a, &zero, sizeof(a)));
	}
}

static void test_client_initials_of_the_standards_are_built_and_opened(void)
{
	for (size_t i = 0; i < sizeof(client_vectors) / sizeof(*client_vectors); i++) {
		uint8_t frames[300], packet[1500], head[64], tag[16], out[1500];
		size_t len = unhex(client_vectors[i].frames, frames, sizeof(frames));
		size_t head_len = unhex(client_vectors[i].head, head, sizeof(head));
		uint32_t version = be32(head + 1);
		unhex(client_vectors[i].tag, tag, sizeof(tag));
		CU_ASSERT_EQUAL_FATAL(initial(version, 2, frames, len, packet), 1200);
		/* The tag covers all that is between. */
		CU_ASSERT(!memcmp(packet, head, head_len));
		CU_ASSERT(!memcmp(packet + 1184, tag, 16));

		struct quic_keys k = keys(version, false);
		struct quic_packet pkt;
		struct span plain;
		uint64_t pn = 0;
		CU_ASSERT_EQUAL_FATAL(quic_packet_parse(packet, 1200, &pkt), PARSE_OK);
		CU_ASSERT_EQUAL(pkt.type, QUIC_INITIAL);
		CU_ASSERT_EQUAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_OK);
		CU_ASSERT_EQUAL(pn, 2);
		CU_ASSERT_EQUAL(plain.len, 1162);
		CU_ASSERT(!memcmp(plain.p, frames, len));
	}
}

static void test_server_initials_of_the_standards_are_opened(void)
{
	for (size_t i = 0; i < sizeof(server_vectors) / sizeof(*server_vectors); i++) {
		uint8_t packet[200], want[200], out[200];
		size_t len = unhex(server_vectors[i].packet, packet, sizeof(packet));
		size_t want_len = unhex(server_plaintext, want, sizeof(want));
		struct quic_keys k = keys(be32(packet + 1), true);
		struct quic_packet pkt;
		struct quic_frame f;
		struct span plain;
		uint64_t pn = 0;
		bool closed = false;
		CU_ASSERT_EQUAL_FATAL(quic_packet_parse(packet, len, &pkt), PARSE_OK);
		CU_ASSERT_EQUAL(pkt.type, QUIC_INITIAL);
		CU_ASSERT_EQUAL_FATAL(quic_initial_open(qc, &pkt, &k, 0, out, &plain, &pn), PARSE_OK);
		CU_ASSERT_EQUAL(pn, 1);
		CU_ASSERT(same(plain, want, want_len));
		struct cursor c = cursor_over(plain.p, plain.len); /* ACK, CRYPTO */
		CU_ASSERT_EQUAL(quic_frame_next(&c, &f, &closed), PARSE_OK);
		CU_ASSERT_EQUAL(f.data.len, 90);
		CU_ASSERT_EQUAL(quic_frame_next(&c, &f, &closed), PARSE_MORE);
		CU_ASSERT(!closed);
	}
}

static const struct test tests[] = {
    TEST(test_keys_are_those_of_the_standards),
    TEST(test_every_version_row_has_its_own_keys_and_reserved_ones_none),
    TEST(test_client_initials_of_the_standards_are_built_and_opened),
    TEST(test_server_initials_of_the_standards_are_opened),
};
HARNESS_MAIN("quic_vectors", tests)
