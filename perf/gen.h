/* SPDX-License-Identifier: BSD-3-Clause */
/* gen: mixed web traffic with known names, flow by flow.
 *
 * Model:    a flow's bytes are a pure function of its seed and place, so that thousands of flows interleave with a
 *           hundred bytes of state each and any segment can be written when its turn comes. TCP kinds speak in turns,
 *           which gen_tcp cuts into segments with handshake, acknowledgements and end; UDP kinds write datagrams.
 * Owner:    struct gen holds what flows share; payloads go straight into the output's buffer.
 * Threads:  one generator.
 * Limits:   GEN_PAYLOAD_MAX bytes a frame's payload, GEN_NAME_MAX a name.
 */
#ifndef PERF_GEN_H
#define PERF_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "perf/gen_frame.h"
#include "perf/gen_names.h"

#define GEN_POOL	(1u << 18)
#define GEN_PAYLOAD_MAX 2048
#define GEN_REQUESTS	6 /* at most, of one HTTP connection */
#define GEN_KINDS	6
#define GEN_CLIENTS	254u
#define GEN_PORTS	55000u
#define GEN_FLOWS_MAX	(GEN_CLIENTS * GEN_PORTS)

enum gen_dir { TO_SERVER, TO_CLIENT };

struct quic_crypto;
struct gen_flow;

struct gen {
	struct gen_names names;
	struct gen_out out;
	struct quic_crypto *qc;
	bool small; /* the mean frame is above its aim: the next frames are small */
	uint8_t random[GEN_POOL + GEN_PAYLOAD_MAX];
	char text[GEN_POOL + GEN_PAYLOAD_MAX];
};

struct gen_kind {
	const char *label;
	const char *proto; /* of its hits; NULL where it sends no names */
	unsigned per_mille;
	uint8_t ip_proto; /* 6 or 17 */
	uint16_t port, other_port;
	unsigned servers; /* how many server addresses it talks to */
	uint32_t least;	  /* about the bytes of a flow without content */
	bool bulk;	  /* carries the content that fills the capture */
	/* How many names it sends; NULL: one, where there is a proto. */
	unsigned (*names)(const struct gen_flow *f);
	/* TCP: who speaks in turn t, and how many bytes. false after the last turn. */
	bool (*turn)(struct gen *g, const struct gen_flow *f, unsigned t, enum gen_dir *ret_dir,
		     uint32_t *ret_len);
	void (*bytes)(struct gen *g, const struct gen_flow *f, unsigned t, uint32_t off, uint32_t len,
		      uint8_t *out);
	/* UDP: the next datagram; 0 after the last. */
	size_t (*datagram)(struct gen *g, struct gen_flow *f, enum gen_dir *ret_dir, uint8_t *out);
};

struct gen_flow {
	const struct gen_kind *kind;
	uint64_t seed;
	struct gen_ends ends;
	uint32_t budget; /* content bytes */
	uint32_t sent;	 /* of them */
	bool listed, post_quantum, swapped;
	uint8_t phase; /* TCP: enum tcp_phase */
	uint8_t unacked;
	uint16_t turn;
	uint8_t turn_dir;
	uint32_t turn_len, off;
	uint32_t seq[2];
};

extern const struct gen_kind gen_tls, gen_quic, gen_http, gen_dns, gen_ssh, gen_datagrams;
extern const struct gen_kind *const gen_kinds[GEN_KINDS];

/* Flow number i < GEN_FLOWS_MAX: everything but its budget. Returns its kind's place in gen_kinds. */
unsigned gen_flow_begin(const struct gen *g, struct gen_flow *f, uint64_t seed, uint64_t i,
			double listed_share);

/* Writes the flow's next frame; false when it is over. */
bool gen_tcp_next(struct gen *g, struct gen_flow *f);
bool gen_udp_next(struct gen *g, struct gen_flow *f);

/* What the flow's k-th name is, and whether the list holds it. */
unsigned gen_flow_names(const struct gen_flow *f);
size_t gen_flow_name(const struct gen *g, const struct gen_flow *f, unsigned k, char *ret, bool *ret_listed);

/* A ClientHello message without records; over QUIC where `quic`. Returns its length, at most GEN_PAYLOAD_MAX. */
size_t gen_hello(struct gen *g, const struct gen_flow *f, bool quic, uint8_t *out);
/* The ServerHello to it. */
size_t gen_server_hello(struct gen *g, const struct gen_flow *f, bool quic, uint8_t *out);

static inline uint64_t gen_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* The same number whenever a flow asks with the same tag. */
static inline uint32_t gen_rnd(const struct gen_flow *f, uint32_t tag, uint32_t below)
{
	return (uint32_t)(((gen_mix(f->seed ^ (uint64_t)tag << 32) >> 32) * below) >> 32);
}

/* Random bytes, the same for the same tag. */
static inline void gen_fill(const struct gen *g, const struct gen_flow *f, uint32_t tag, uint8_t *out,
			    size_t len)
{
	memcpy(out, g->random + gen_rnd(f, tag, GEN_POOL), len);
}

#endif
