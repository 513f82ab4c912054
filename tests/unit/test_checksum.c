/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/checksum.h"
#include "tests/unit/frames.h"
#include "tests/unit/harness.h"

static uint16_t naive(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void test_checksum_is_the_plain_sum(void)
{
	uint8_t bytes[2100];
	srand(3);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)rand();
	for (unsigned round = 0; round < 4000; round++) {
		size_t from = (size_t)rand() % 64, len = (size_t)rand() % 2000;
		uint8_t *g = guarded(bytes + from, len);
		CU_ASSERT_EQUAL_FATAL(checksum_fold(checksum_add(g, len, 0)), naive(bytes + from, len));
		size_t half = len / 2 & ~(size_t)1;
		uint64_t sum = checksum_add(g + half, len - half, checksum_add(g, half, 0));
		CU_ASSERT_EQUAL_FATAL(checksum_fold(sum), naive(bytes + from, len));
		guarded_free(g, len);
	}
}

static enum checksum of(const struct frame *f)
{
	struct decoded d;
	decode(f->bytes, f->len, LINK_ETHERNET, &d);
	return checksum_l4(f->bytes, &d);
}

static void test_checksum_tells_right_wrong_and_left_to_the_nic(void)
{
	struct frame f = frame_tcp(5, false, ACK, 1, 2, "odd", 3);
	CU_ASSERT_EQUAL(of(&f), CHECKSUM_OK);
	f.bytes[f.len - 1] ^= 1;
	CU_ASSERT_EQUAL(of(&f), CHECKSUM_BAD);
	struct decoded d;
	decode(f.bytes, f.len, LINK_ETHERNET, &d);
	uint16_t partial = (uint16_t)~checksum_fold(checksum_pseudo(&d, 6, 23));
	put_be16(f.bytes + 50, partial);
	CU_ASSERT_EQUAL(of(&f), CHECKSUM_PARTIAL);
	f.len--;
	CU_ASSERT_EQUAL(of(&f), CHECKSUM_UNKNOWN);
	f = frame_udp(5, 6, false, "x", 1);
	CU_ASSERT_EQUAL(of(&f), CHECKSUM_OK);
	put_be16(f.bytes + 40, 0);
	CU_ASSERT_EQUAL(of(&f), CHECKSUM_OK);
}

static void test_checksum_of_the_ip_header(void)
{
	struct frame f = frame_tcp(5, false, ACK, 1, 2, "odd", 3);
	struct decoded d;
	decode(f.bytes, f.len, LINK_ETHERNET, &d);
	CU_ASSERT_EQUAL(checksum_ip(f.bytes, &d), CHECKSUM_OK);
	f.bytes[22]--;
	CU_ASSERT_EQUAL(checksum_ip(f.bytes, &d), CHECKSUM_BAD);
}

static const struct test tests[] = {
    TEST(test_checksum_is_the_plain_sum),
    TEST(test_checksum_tells_right_wrong_and_left_to_the_nic),
    TEST(test_checksum_of_the_ip_header),
};
HARNESS_MAIN("checksum", tests)
