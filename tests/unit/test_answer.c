/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/answer.h"
#include "dataplane/core/checksum.h"
#include "tests/unit/encapsulations.h"
#include "tests/unit/harness.h"

static const uint8_t client[4] = {192, 0, 2, 1}, server[4] = {198, 51, 100, 1};
static uint8_t out[ANSWER_MAX_BYTES];

/* Every length and checksum of the answer, and its outermost addresses; the innermost packet in *ret. */
static bool sound(const struct encapsulation *e, size_t n, struct decoded *ret)
{
	struct layers l;
	uint8_t *g = guarded(out, n);
	decode_layers(g, (uint32_t)n, e->link, ret, &l);
	bool ok = !ret->snapped && ret->tunneled == e->tunneled && checksum_ip(g, ret) == CHECKSUM_OK;
	if (ret->kind == DECODE_TCP || ret->kind == DECODE_UDP)
		ok &= checksum_l4(g, ret) == CHECKSUM_OK;
	uint32_t end = ret->kind == DECODE_OTHER ? (uint32_t)n : ret->payload + ret->payload_len;
	for (unsigned i = 0; i < l.n; i++) {
		const uint8_t *h = g + l.at[i].off;
		uint32_t rest = end - l.at[i].off;
		if (l.at[i].kind == LAYER_IPV4)
			ok &= be16(h + 2) == rest && !checksum_fold(checksum_add(h, 20, 0));
		else if (l.at[i].kind == LAYER_IPV6)
			ok &= be16(h + 4) == rest - 40;
		else if (l.at[i].kind == LAYER_UDP_TUNNEL)
			ok &= be16(h + 4) == rest;
		else if (l.at[i].kind == LAYER_PPPOE)
			ok &= be16(h + 4) == rest - 6;
		else if (l.at[i].kind == LAYER_GTPU)
			ok &= be16(h + 2) == rest - 8;
		else if (l.at[i].kind == LAYER_GRE && h[0] & 0x80)
			ok &= !checksum_fold(checksum_add(h, rest, 0));
	}
	ret->src = out + (ret->src - g);
	ret->dst = out + (ret->dst - g);
	guarded_free(g, n);
	return ok && (e->link != LINK_ETHERNET || n >= 60);
}

static void tell(bool ok, const struct encapsulation *e)
{
	if (!ok)
		printf("# %s\n", e->name);
	CU_ASSERT_TRUE(ok);
}

static void test_answer_tcp_goes_back_in_any_encapsulation(void)
{
	struct frame plain = frame_tcp(4000, false, ACK, 7, 9, "hello", 5);
	struct span text = {(const uint8_t *)"451", 3};
	for (unsigned i = 0; i < encapsulations_n; i++) {
		const struct encapsulation *e = &encapsulations[i];
		struct frame f = encapsulate(e, &plain);
		struct answer_cause c;
		struct decoded d;
		CU_ASSERT_TRUE_FATAL(answer_cause(f.bytes, f.len, e->link, &c));
		size_t n = answer_tcp(&c, ANSWER_BACK, ACK | FIN, 9, 12, text, out, sizeof(out));
		if (!e->answered) {
			tell(n == 0, e);
			continue;
		}
		tell(n && sound(e, n, &d) && d.kind == DECODE_TCP && d.sport == 443 && d.dport == 4000 &&
			 d.seq == 9 && d.ack == 12 && d.tcp_flags == (ACK | FIN) && d.payload_len == 3 &&
			 !memcmp(d.src, server, 4) && !memcmp(d.dst, client, 4),
		     e);
	}
}

static void test_answer_tcp_goes_forward_in_any_encapsulation(void)
{
	struct frame plain = frame_tcp(4000, false, ACK, 7, 9, "hello", 5);
	for (unsigned i = 0; i < encapsulations_n; i++) {
		const struct encapsulation *e = &encapsulations[i];
		struct frame f = encapsulate(e, &plain);
		struct answer_cause c;
		struct decoded d;
		CU_ASSERT_TRUE_FATAL(answer_cause(f.bytes, f.len, e->link, &c));
		size_t n =
		    answer_tcp(&c, ANSWER_FORWARD, RST | ACK, 7, 9, (struct span){NULL, 0}, out, sizeof(out));
		tell(n && sound(e, n, &d) && d.kind == DECODE_TCP && d.dport == 443 && d.seq == 7 &&
			 d.payload_len == 0 && !memcmp(d.src, client, 4) && !memcmp(d.dst, server, 4) &&
			 !memcmp(out, f.bytes, 12 * (e->link == 0)),
		     e);
	}
}

static void test_answer_udp_and_icmp_go_back(void)
{
	struct frame plain = frame_udp(4000, 99, false, "query", 5);
	struct span text = {(const uint8_t *)"answer", 6};
	for (unsigned i = 0; i < encapsulations_n; i++) {
		const struct encapsulation *e = &encapsulations[i];
		struct frame f = encapsulate(e, &plain);
		struct answer_cause c;
		struct decoded d;
		if (!e->answered)
			continue;
		CU_ASSERT_TRUE_FATAL(answer_cause(f.bytes, f.len, e->link, &c));
		size_t n = answer_udp(&c, ANSWER_BACK, text, out, sizeof(out));
		tell(n && sound(e, n, &d) && d.kind == DECODE_UDP && d.sport == 99 && d.dport == 4000 &&
			 d.payload_len == 6,
		     e);
		n = answer_icmp(&c, out, sizeof(out));
		tell(n && sound(e, n, &d) && d.kind == DECODE_OTHER && d.proto == 1 &&
			 !memcmp(d.dst, client, 4),
		     e);
		const uint8_t *icmp = out + d.l3 + 20;
		tell(icmp[0] == 3 && icmp[1] == 13 && !memcmp(icmp + 8, plain.bytes + 14, 20 + 8 + 5) &&
			 !checksum_fold(checksum_add(icmp, 8 + 33, 0)),
		     e);
	}
}

static void test_answer_swaps_ethernet_addresses(void)
{
	struct frame f = frame_tcp(1, false, ACK, 7, 9, "x", 1);
	struct answer_cause c;
	memcpy(f.bytes, "AAAAAABBBBBB", 12);
	answer_cause(f.bytes, f.len, LINK_ETHERNET, &c);
	answer_tcp(&c, ANSWER_BACK, RST, 1, 1, (struct span){NULL, 0}, out, sizeof(out));
	CU_ASSERT_EQUAL(memcmp(out, "BBBBBBAAAAAA", 12), 0);
}

static void test_answer_keeps_the_ports_of_tunnels(void)
{
	struct frame plain = frame_tcp(1, false, ACK, 7, 9, "x", 1);
	unsigned tried = 0;
	for (unsigned i = 0; i < encapsulations_n; i++) {
		const struct encapsulation *e = &encapsulations[i];
		struct frame f = encapsulate(e, &plain);
		struct answer_cause c;
		answer_cause(f.bytes, f.len, e->link, &c);
		size_t n = answer_tcp(&c, ANSWER_BACK, RST, 1, 1, (struct span){NULL, 0}, out, sizeof(out));
		for (unsigned k = 0; n && k < c.layers.n; k++) {
			if (c.layers.at[k].kind != LAYER_UDP_TUNNEL)
				continue;
			tell(!memcmp(out + c.layers.at[k].off, f.bytes + c.layers.at[k].off, 4), e);
			tried++;
		}
	}
	CU_ASSERT(tried >= 4);
}

static void test_answer_refuses_what_does_not_fit(void)
{
	struct frame f = frame_tcp(1, false, ACK, 7, 9, "x", 1);
	struct answer_cause c;
	static const uint8_t big[ANSWER_MAX_BYTES];
	answer_cause(f.bytes, f.len, LINK_ETHERNET, &c);
	CU_ASSERT_EQUAL(
	    answer_tcp(&c, ANSWER_BACK, ACK, 1, 1, (struct span){big, sizeof(big)}, out, sizeof(out)), 0);
	for (size_t cap = 0; cap < 60; cap++)
		CU_ASSERT_EQUAL(answer_tcp(&c, ANSWER_BACK, ACK, 1, 1, (struct span){big, 4}, out, cap), 0);
	CU_ASSERT_EQUAL(answer_udp(&c, ANSWER_BACK, (struct span){big, 4}, out, sizeof(out)), 0);
}

static void test_answer_gives_no_error_for_errors_and_later_fragments(void)
{
	struct answer_cause c;
	uint8_t bytes[128];
	size_t n =
	    unhex("020000000001020000000002 0800 4500001c0000000040010000 c0000201 c6336401 0300000000000000",
		  bytes, sizeof(bytes));
	CU_ASSERT_TRUE(answer_cause(bytes, (uint32_t)n, LINK_ETHERNET, &c));
	CU_ASSERT_EQUAL(answer_icmp(&c, out, sizeof(out)), 0);
	n = unhex("020000000001020000000002 0800 4500001c0000000240110000 c0000201 c6336401 0300000000000000",
		  bytes, sizeof(bytes));
	CU_ASSERT_TRUE(answer_cause(bytes, (uint32_t)n, LINK_ETHERNET, &c));
	CU_ASSERT_EQUAL(answer_icmp(&c, out, sizeof(out)), 0);
}

static const struct test tests[] = {
    TEST(test_answer_tcp_goes_back_in_any_encapsulation),
    TEST(test_answer_tcp_goes_forward_in_any_encapsulation),
    TEST(test_answer_udp_and_icmp_go_back),
    TEST(test_answer_swaps_ethernet_addresses),
    TEST(test_answer_keeps_the_ports_of_tunnels),
    TEST(test_answer_refuses_what_does_not_fit),
    TEST(test_answer_gives_no_error_for_errors_and_later_fragments),
};
HARNESS_MAIN("answer", tests)
