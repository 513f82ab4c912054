/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline: judge bursts of frames against a ruleset.
 *
 * Model:    (frames, time, state) -> a verdict a frame, hits, and frames to inject. Segments are forwarded as
 * they come; only the one that completes a name or a request is judged before it leaves, and dropped where a
 * rule says so: a blocked request never reaches its server whole. What the pipeline does not understand is
 * forwarded and counted. Nothing is kept about what did not match. Owner:    pipeline_new/free; frames are
 * borrowed during the call; hits and answers belong to the pipeline until its next burst. Threads:  one
 * pipeline a worker, shared-nothing; the ruleset is shared and read-only. Limits:   PIPELINE_BURST frames,
 * PIPELINE_HITS hits and PIPELINE_ANSWERS answers a burst; flows and buffers as configured. What happens at
 * each limit is a policy with a counter (docs/architecture.md). Cost:     no heap, lock, clock or log; aims:
 * <= 100 cycles for a packet of a flow that needs nothing, <= 2,000 a ClientHello,
 *           <= 10,000 a QUIC Initial.
 */
#ifndef DATAPLANE_CORE_PIPELINE_H
#define DATAPLANE_CORE_PIPELINE_H

#include <stdbool.h>

#include "common/err.h"
#include "common/hit_proto.h"
#include "dataplane/core/counters.h"
#include "dataplane/core/packet.h"
#include "rules/ruleset.h"

#define PIPELINE_BURST	 64
#define PIPELINE_HITS	 256
#define PIPELINE_ANSWERS 512

struct hit {
	uint8_t proto;	       /* enum hit_proto */
	uint8_t action;	       /* enum action: what was done */
	uint8_t version;       /* 4 or 6 */
	uint16_t packet;       /* index in the burst */
	uint16_t sport, dport; /* the client's and the server's; 0 where there is none */
	uint8_t src[16],
	    dst[16]; /* the client's and the server's innermost address; IPv4 in the first 4 bytes */
	struct rule_ref rule;
};

struct answer {
	const uint8_t *data;
	uint32_t len;
	uint16_t packet; /* index in the burst of the frame that caused it */
	bool forward;	 /* leaves where that frame would have left; else goes back where it came from */
};

/* A TCP connection whose ClientHello was judged and may pass: what follows is encrypted. Or, not sure: another connection or
 * a readable message began on these addresses and ports, so whatever was said of them before no longer holds. */
struct decided_flow {
	uint32_t flow;	 /* as in struct packet */
	uint16_t packet; /* index in the burst of the client's frame that says so */
	bool sure;	 /* false: the fields below are not set */
	uint8_t version; /* 4 or 6 */
	uint8_t lo[16], hi[16];
	uint16_t lo_port, hi_port;
};

struct pipeline_out {
	struct hit hits[PIPELINE_HITS];
	struct answer answers[PIPELINE_ANSWERS];
	struct decided_flow
	    decided[PIPELINE_BURST]; /* at most one a frame, its last; sure ones only outside tunnels */
	unsigned n_hits, n_answers, n_decided;
};

enum checksum_policy {
	CHECKSUM_POLICY_VERIFY, /* a segment with a bad checksum is not inspected: its receiver drops it */
	CHECKSUM_POLICY_AUTO,	/* the same, but not for flows whose first packet has a bad one: those were
				   captured on   their sender, before its NIC filled it in. For captures only */
	CHECKSUM_POLICY_IGNORE,
};

/* Where inspection meets a limit. The frame is forwarded (fail-open), or dropped where its bit is set in
 * pipeline_config.closed. X(LIMIT, word, when) */
/* clang-format off */
#define PIPELINE_LIMITS(X)                                                                                \
	X(NO_RULESET, no_ruleset, "no ruleset is loaded")                                                 \
	X(BAD_FRAME,  bad_frame,  "a frame's headers are malformed or too deep")                          \
	X(FRAGMENT,   fragment,   "a fragment cannot be put together with others")                        \
	X(FLOWS,      flows,      "a new flow would push out one that is still under inspection")         \
	X(STREAMS,    streams,    "there is no buffer for a client's bytes, or another flow took it")     \
	X(MESSAGE,    message,    "a hello or request is malformed or beyond a limit")
/* clang-format on */

enum pipeline_limit {
#define X(limit, word, when) PIPELINE_LIMIT_##limit,
	PIPELINE_LIMITS(X)
#undef X
	    PIPELINE_LIMITS_N
};

struct blocks;
struct page_set;

struct pipeline_config {
	unsigned flows;		       /* capacity of the flow table */
	unsigned small, medium, large; /* stream blocks (stream.h) */
	unsigned fragments;	       /* datagrams put together at once */
	unsigned http2;		       /* cleartext HTTP/2 connections decoded at once */
	enum checksum_policy checksums;
	bool monitor; /* report hits; drop and answer nothing */
	bool
	    populate; /* buffers take their memory now, not when a frame first needs it: milliseconds a huge page */
	unsigned closed;	      /* bits of enum pipeline_limit */
	const struct page_set *pages; /* borrowed */
	const struct blocks *blocks;  /* addresses of which nothing passes, borrowed; NULL: none */
	uint64_t secret[2];	      /* random, so that nobody can aim at one bucket */
	void (*between)(void *ctx);   /* called every few frames of a burst; NULL: not */
	void *between_ctx;
};

/* Fits a flow-hungry link on one worker in about 150 MB; unused buffers take no memory
 * but where `populate` says so. */
extern const struct pipeline_config pipeline_config_default;

struct pipeline;

int pipeline_new(const struct pipeline_config *cfg, struct pipeline **ret, struct err *e);
void pipeline_free(struct pipeline *p);

/* The ruleset for the bursts that follow, with the worker's own scratch; NULL: everything is forwarded. Both
 * are borrowed until the next call. */
void pipeline_set_ruleset(struct pipeline *p, const struct ruleset *rs, struct ruleset_scratch *s);

/* Judges n <= PIPELINE_BURST frames at once; sets each verdict. The result is valid until the next call. */
const struct pipeline_out *pipeline_burst(struct pipeline *p, struct packet *pkts, unsigned n,
					  uint64_t now_ns);

const struct counters *pipeline_counters(const struct pipeline *p);

/* Flows under inspection now. */
size_t pipeline_flows(const struct pipeline *p);

#endif
