/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline_state: what the pipeline's own files share. Not for others.
 *
 * A packet's way: pipeline.c decodes the burst and asks pipeline_tcp.c or pipeline_udp.c for a verdict; these
 * keep the flow and its stream, and let protocol steps (pipeline_http.c, pipeline_steps.c) read what has
 * arrived; names go to judge.c, and what a rule blocks is answered by respond.c. */
#ifndef DATAPLANE_CORE_PIPELINE_STATE_H
#define DATAPLANE_CORE_PIPELINE_STATE_H

#include "dataplane/core/answer.h"
#include "dataplane/core/answer_page.h"
#include "dataplane/core/blocks.h"
#include "dataplane/core/checksum.h"
#include "dataplane/core/defrag.h"
#include "dataplane/core/dns.h"
#include "dataplane/core/flow.h"
#include "dataplane/core/http2.h"
#include "dataplane/core/pipeline.h"
#include "dataplane/core/stream.h"
#include "dataplane/core/tls.h"

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32 };

#define OTHER_MAX_BYTES 16384 /* client bytes that a flow of no known protocol is followed for */
#define QUIC_MAX_OPENED 64    /* Initials opened a connection without the server answering */
#define ANSWER_ROOM	((size_t)PIPELINE_ANSWERS * 1536)

/* One frame on its way through a burst. */
struct work {
	struct decoded d;
	struct flow_key key;
	uint64_t hash;
	struct blocks_ends ends; /* while any address is blocked */
	const uint8_t *frame;
	uint32_t len;
	uint16_t packet; /* index in the burst */
	uint8_t link;
	bool checksum_good; /* the NIC says so */
	bool src_lo;	    /* the packet's source is the key's lo end */
	bool has_key;
	bool answered; /* an answer to this frame is already there */
};

/* A decoder and the flow that has it. */
struct http2_use {
	struct http2 *decoder;
	uint32_t flow;
};

struct pipeline {
	struct pipeline_config cfg;
	const struct ruleset *rs;
	struct ruleset_scratch *rs_scratch;
	bool addr4, addr6; /* the ruleset has prefixes */
	struct flow_table *flows;
	struct stream_pool *streams;
	struct defrag *defrag;
	struct http2_pool *http2;
	struct http2_use *http2_uses; /* cfg.http2 of them, the first n_http2 in use */
	unsigned n_http2;
	struct quic_crypto *quic;
	uint64_t now_ns;
	bool blocking; /* some address is blocked, in this burst */
	struct counters count;
	struct pipeline_out out;
	size_t answer_used;
	struct work work[PIPELINE_BURST];
	struct answer_cause cause;
	struct tls_hello hello;
	struct http_request http;
	struct dns_query dns;
	struct name name;
	struct url url;
	uint8_t alternate[STREAM_MAX_BYTES];
	uint8_t plain[QUIC_MAX_PAYLOAD];
	uint8_t page[PAGE_MAX_BYTES];
	uint8_t answer_room[ANSWER_ROOM];
};

/* What was seen, for the answer. */
struct sighting {
	enum hit_proto proto;
	struct match match;
	struct span accept_language;	/* HTTP */
	bool head_request;		/* HTTP: HEAD */
	bool http2;			/* no page can be given */
	const struct dns_query *dns;	/* DNS */
	const struct quic_packet *quic; /* QUIC: the client's Initial */
	const struct stream_quic *conn; /* QUIC: its connection */
};

/* pipeline_tcp.c, pipeline_udp.c */
enum verdict pipeline_tcp(struct pipeline *p, struct work *w);
enum verdict pipeline_udp(struct pipeline *p, struct work *w);
/* Whether there is no room for a new flow, and that limit fails closed: then its frame is to be dropped. */
bool pipeline_refuses(struct pipeline *p, const struct work *w);
/* A new flow entry with its bookkeeping; evicted ones are released. */
struct flow *pipeline_flow_new(struct pipeline *p, const struct work *w, const struct flow_key *k);
void pipeline_flow_remove(struct pipeline *p, struct flow *f);
struct stream *pipeline_stream_new(struct pipeline *p, struct flow *f);
void pipeline_stream_close(struct pipeline *p, struct flow *f);
/* A decoder for the flow's stream; where none is free, that of the flow longest silent. NULL where there are none. */
struct http2 *pipeline_http2_open(struct pipeline *p, struct flow *f, struct stream *s);
void pipeline_http2_close(struct pipeline *p, uint32_t flow);
/* Tells the flow that its buffer was taken. */
void pipeline_stream_evicted(struct pipeline *p, uint32_t owner);

/* pipeline_segment.c: */
/* Whether every receiver drops this segment. Settled by the flow's first packet under CHECKSUM_POLICY_AUTO. */
bool pipeline_bad_checksum(struct pipeline *p, struct flow *f, const struct work *w, bool first);
/* A client's bytes at sequence number seq. */
enum verdict pipeline_client_data(struct pipeline *p, struct flow *f, struct work *w, uint32_t seq);
void pipeline_server_ack(struct pipeline *p, struct flow *f, uint32_t ack);

/* pipeline_steps.c, pipeline_http.c: read what has arrived in order. Returns VERDICT_DROP if the packet must
 * not leave. */
enum verdict pipeline_advance(struct pipeline *p, struct flow *f, struct stream *s, struct work *w);
/* Whether these n > 0 bytes in the middle of a flow can begin a message of ours: a few compares. */
bool pipeline_can_begin(const uint8_t *b, uint32_t n);
enum step { STEP_AGAIN, STEP_WAIT };
enum step pipeline_step_http(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
			     enum verdict *v);
enum step pipeline_step_chunks(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
			       enum verdict *v);
enum step pipeline_step_http2(struct pipeline *p, struct flow *f, struct stream *s, struct work *w,
			      enum verdict *v);
/* Judges a whole request head found anywhere. */
enum verdict pipeline_judge_http(struct pipeline *p, struct flow *f, struct work *w,
				 const struct http_request *r);
/* Judges what a client's bytes would mean if they stood at the start of a message: for the other reading of a
 * conflict. */
enum verdict pipeline_judge_reading(struct pipeline *p, struct flow *f, struct work *w, const uint8_t *b,
				    uint32_t n);
/* n parsed bytes are done with. */
void pipeline_consume(struct flow *f, struct stream *s, uint32_t n);
/* `bytes` behind the parsed ones belong to a body. */
void pipeline_pass_body(struct flow *f, struct stream *s, uint64_t bytes);

/* judge.c: a match is reported and answered; VERDICT_DROP where it blocks. f may be NULL (no flow). */
enum verdict judge_name(struct pipeline *p, struct flow *f, struct work *w, struct sighting *seen,
			struct span name);
enum verdict judge_request(struct pipeline *p, struct flow *f, struct work *w, struct sighting *seen,
			   struct span authority, struct span target);
enum verdict judge_hello(struct pipeline *p, struct flow *f, struct work *w, struct sighting *seen,
			 unsigned from);
enum verdict judge_address(struct pipeline *p, struct work *w);

/* respond.c: reports the hit and builds the answers. */
enum verdict respond(struct pipeline *p, struct flow *f, struct work *w, const struct sighting *seen);
/* A RST for a packet of a blocked flow. */
void respond_reset(struct pipeline *p, struct work *w);

/* Which of two sequence numbers comes later, and by how much. */
static inline int32_t seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

/* Whether this limit fails closed. Never in monitor mode, which drops nothing. */
static inline bool pipeline_closed(const struct pipeline *p, enum pipeline_limit l)
{
	return p->cfg.closed >> l & 1 && !p->cfg.monitor;
}

/* A frame that meets a limit. */
static inline enum verdict pipeline_at_limit(struct pipeline *p, enum pipeline_limit l)
{
	if (!pipeline_closed(p, l))
		return VERDICT_PASS;
	p->count.limit_drops++;
	return VERDICT_DROP;
}

/* A flow that meets a limit: where that fails closed nothing of it passes any more. */
static inline void pipeline_flow_at_limit(struct pipeline *p, struct flow *f, enum pipeline_limit l,
					  enum verdict *v)
{
	if (pipeline_at_limit(p, l) == VERDICT_PASS)
		return;
	f->flags |= FLOW_BLOCKED;
	*v = VERDICT_DROP;
}

/* What struct packet calls a flow; never 0. */
static inline uint32_t pipeline_flow_number(const struct work *w)
{
	return (uint32_t)w->hash | 1u;
}

/* Another connection or a readable message begins: what was decided of the flow (struct decided_flow) no longer holds. */
void pipeline_unsure(struct pipeline *p, const struct work *w);

/* No protocol of ours from here on, as far as can be seen. */
static inline void pipeline_follow_other(struct flow *f)
{
	f->state = FLOW_OTHER;
	f->body = 0;
	f->body_gib = 0;
}

/* Whether the packet comes from the flow's client. */
static inline bool work_from_client(const struct work *w, const struct flow *f)
{
	return w->src_lo == !!(f->flags & FLOW_CLIENT_LO);
}

#endif
