/* SPDX-License-Identifier: BSD-3-Clause */
/* The first byte is the link, the rest a frame. What is found lies inside it, with and without layers. */
#include <stdlib.h>
#include <string.h>

#include "dataplane/core/answer.h"
#include "dataplane/core/checksum.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void require(int ok)
{
	if (!ok)
		abort();
}

static void check_answers(const uint8_t *p, uint32_t n, enum link link)
{
	static struct answer_cause c;
	uint8_t out[ANSWER_MAX_BYTES];
	struct span text = {(const uint8_t *)"text", 4};
	if (!answer_cause(p, n, link, &c))
		return;
	for (int way = 0; way < 2; way++) {
		struct decoded d;
		size_t t = answer_tcp(&c, (enum answer_way)way, 16, 1, 2, text, out, sizeof(out));
		require(t <= sizeof(out));
		if (t) {
			decode(out, (uint32_t)t, link, &d);
			require(d.kind != DECODE_TCP || checksum_l4(out, &d) == CHECKSUM_OK);
		}
		require(answer_udp(&c, (enum answer_way)way, text, out, sizeof(out)) <= sizeof(out));
	}
	require(answer_icmp(&c, out, sizeof(out)) <= sizeof(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct decoded d, e;
	struct layers l;
	if (!len || len > 70000)
		return 0;
	enum link link = (enum link)(*p % LINK_N);
	uint32_t n = (uint32_t)len - 1, at = 0;
	p++;
	decode(p, n, link, &d);
	decode_layers(p, n, link, &e, &l);
	require(d.kind == e.kind);
	if (d.kind > DECODE_FRAGMENT)
		return 0;
	require(d.l3 == e.l3 && d.src == e.src && d.dst == e.dst && d.tunneled == e.tunneled);
	require(d.l3 < n && d.src > p && d.src < p + n && d.dst < p + n);
	if (d.kind == DECODE_TCP || d.kind == DECODE_UDP) {
		require(d.payload == e.payload && d.payload_len == e.payload_len && d.sport == e.sport &&
			d.dport == e.dport);
		require(d.l4 < d.payload && d.payload + d.payload_len <= n);
		checksum_l4(p, &d);
		for (unsigned i = 0; i < l.n; at += l.at[i++].len)
			require(l.at[i].off == at);
		require(at == d.payload);
	}
	checksum_ip(p, &d);
	check_answers(p, n, link);
	return 0;
}
