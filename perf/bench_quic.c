/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_quic: cycles (of the time stamp counter) that one 1,200-byte Initial costs, step by step; the best of many
 * rounds, and the median, each over a batch of connections so that no key stays warm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#include "dataplane/core/quic.h"

#define FLOWS	 64
#define ROUNDS	 2000
#define DATAGRAM 1200

struct flow {
	uint8_t cid[8];
	uint8_t datagram[DATAGRAM];
	struct quic_packet pkt;
	struct quic_keys keys;
};

static struct quic_crypto *qc;
static struct flow flows[FLOWS];
static uint8_t out[DATAGRAM];
static volatile uint64_t sink;

/* As Chromium sends them: a hello of 500 bytes in nine CRYPTO frames out of order, PINGs and padding between. */
static size_t shuffled_frames(uint8_t *p)
{
	size_t n = 0;
	for (size_t i = 0; i < 9; i++) {
		size_t piece = i * 4 % 9;
		p[n++] = 0x06;
		put_be16(p + n, (uint16_t)(0x4000 | piece * 56));
		put_be16(p + n + 2, 0x4000 | 56);
		memset(p + n + 4, (int)piece + 1, 56);
		n += 4 + 56;
		p[n++] = 0x01;
		memset(p + n, 0, 8);
		n += 8;
	}
	return n;
}

static void prepare(void)
{
	uint8_t frames[DATAGRAM];
	struct span none = {NULL, 0}, payload = {frames, shuffled_frames(frames)};
	for (int i = 0; i < FLOWS; i++) {
		struct flow *f = &flows[i];
		struct span cid = {f->cid, sizeof(f->cid)};
		for (size_t b = 0; b < sizeof(f->cid); b++)
			f->cid[b] = (uint8_t)(i * 31 + (int)b);
		quic_keys_derive(qc, 1, f->cid, sizeof(f->cid), false, &f->keys);
		if (quic_initial_build(qc, 1, cid, none, none, &f->keys, 1, payload, DATAGRAM, f->datagram,
				       DATAGRAM) != DATAGRAM ||
		    quic_packet_parse(f->datagram, DATAGRAM, &f->pkt) != PARSE_OK)
			abort();
	}
}

static void probe(struct flow *f)
{
	sink += quic_probe(f->datagram, DATAGRAM);
}

static void parse(struct flow *f)
{
	sink += quic_packet_parse(f->datagram, DATAGRAM, &f->pkt);
}

static void derive(struct flow *f)
{
	quic_keys_derive(qc, 1, f->pkt.dcid.p, f->pkt.dcid.len, false, &f->keys);
}

static void open_packet(struct flow *f)
{
	struct span plain;
	uint64_t pn;
	if (quic_initial_open(qc, &f->pkt, &f->keys, 0, out, &plain, &pn) != PARSE_OK)
		abort();
}

/* What the last open_packet left: every flow has the same plaintext. */
static void frames(struct flow *f)
{
	struct cursor c = cursor_over(out + f->pkt.pn_off + 4, DATAGRAM - f->pkt.pn_off - 4 - 16);
	struct quic_frame fr;
	bool closed = false;
	while (quic_frame_next(&c, &fr, &closed) == PARSE_OK)
		sink += fr.offset;
}

static void whole(struct flow *f)
{
	probe(f);
	parse(f);
	derive(f);
	open_packet(f);
	frames(f);
}

static void close_answer(struct flow *f)
{
	struct quic_keys server;
	quic_keys_derive(qc, 1, f->pkt.dcid.p, f->pkt.dcid.len, true, &server);
	sink += quic_close_build(qc, 1, f->pkt.scid, f->pkt.dcid, &server, out, sizeof(out));
}

static const struct {
	const char *name;
	void (*run)(struct flow *f);
} steps[] = {
    {"probe", probe},
    {"parse header", parse},
    {"derive keys", derive},
    {"open 1,200 bytes", open_packet},
    {"frames", frames},
    {"all of it", whole},
    {"close, with its keys", close_answer},
};

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

int main(void)
{
	static uint64_t cycles[ROUNDS];
	qc = quic_crypto_new();
	if (!qc)
		return 1;
	prepare();
	printf("%-22s %8s %8s\n", "cycles a packet", "best", "median");
	for (size_t s = 0; s < sizeof(steps) / sizeof(*steps); s++) {
		for (int r = 0; r < ROUNDS; r++) {
			uint64_t start = __rdtsc();
			for (int i = 0; i < FLOWS; i++)
				steps[s].run(&flows[i]);
			cycles[r] = (__rdtsc() - start) / FLOWS;
		}
		qsort(cycles, ROUNDS, sizeof(*cycles), by_value);
		printf("%-22s %8lu %8lu\n", steps[s].name, (unsigned long)cycles[0],
		       (unsigned long)cycles[ROUNDS / 2]);
	}
	quic_crypto_free(qc);
	return 0;
}
