/* SPDX-License-Identifier: BSD-3-Clause */
/* stream: a copy of the bytes of one flow direction that are under inspection, in order.
 *
 * Model:    a window of bytes with the ranges that have arrived. The first content of a byte is the one that
 * counts: a second one that differs is a conflict and is never stored. Bytes already parsed stay until
 * released, so that conflicts with them are found. Offsets are relative to the window's first byte. Owner: a
 * pool of blocks in three sizes, allocated once; handles are never 0. A block that grows moves: look it up
 *           again through its handle.
 * Threads:  one worker per pool.
 * Limits:   STREAM_MAX_BYTES a window, STREAM_MAX_RANGES holes, the pool's blocks. With no block free, the
 * least recently used stream is taken from its flow, which is told through the returned owner. Errors:   enum
 * stream_put; nothing is changed unless STREAM_STORED. Cost:     O(ranges) a segment and one copy; no heap.
 */
#ifndef DATAPLANE_CORE_STREAM_H
#define DATAPLANE_CORE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "dataplane/core/http.h"
#include "dataplane/core/quic.h"

#define STREAM_MAX_BYTES  (72 * 1024)
#define STREAM_MAX_RANGES 32
#define STREAM_MAX_URGENT 4
#define STREAM_NO_OWNER	  UINT32_MAX

struct http2;

struct stream_quic {
	struct quic_keys client;
	uint64_t largest_pn;
	uint32_t version;
	uint8_t cid_len; /* of the connection's first DCID */
	uint8_t cid[QUIC_MAX_CID];
	uint8_t server_cid_len; /* of the server's own id; `answered`: it has said one */
	uint8_t server_cid[QUIC_MAX_CID];
	bool answered;
	uint8_t opened; /* Initials opened so far */
	bool judged;	/* the hello is complete */
};

struct stream {
	uint32_t handle, owner; /* owner: index of its flow */
	uint32_t prev, next;	/* in order of use */
	uint32_t cap;		/* bytes of data[] */
	uint32_t seq0;		/* TCP: sequence number of data[0] */
	uint32_t parsed;	/* bytes that the parser has done with */
	uint32_t need;		/* parse again when so many contiguous bytes are there */
	uint32_t scanned;	/* HTTP: where to look on for the end of the head, from `parsed` */
	uint8_t names_judged;	/* TLS, QUIC: of the hello being read */
	uint8_t n_ranges, n_urgent;
	uint32_t urgent[STREAM_MAX_URGENT]; /* offsets that urgent pointers name */
	uint32_t urgent_from;		    /* the first byte that may be read in two ways */
	struct {
		uint32_t from, to;
	} range[STREAM_MAX_RANGES];	 /* sorted, disjoint, not adjacent */
	uint32_t opaque_from, opaque_to; /* body bytes that were never stored: not compared */
	uint32_t lost_from,
	    lost_to; /* TCP sequence numbers: judged bytes released before they were acknowledged */
	struct http_chunks chunks;
	struct http2 *http2;
	struct stream_quic quic;
	uint8_t data[] __attribute__((aligned(8)));
};

enum stream_put {
	STREAM_STORED,	  /* something new is there */
	STREAM_DUPLICATE, /* all of it was there, the same */
	STREAM_CONFLICT,  /* other bytes than before for some of it */
	STREAM_BEYOND,	  /* past the window's largest size */
	STREAM_HOLES,	  /* too many ranges */
	STREAM_NO_BLOCK,  /* the pool has no blocks of the size needed */
};

struct stream_pool;

struct stream_pool_size {
	unsigned small, medium, large; /* blocks of 2 KiB, 16 KiB and STREAM_MAX_BYTES */
	bool populate;		       /* all memory now */
};

struct stream_pool *stream_pool_new(const struct stream_pool_size *size);
void stream_pool_free(struct stream_pool *p);

/* A new empty stream. Where no block is free the least recently used stream is given up; *ret_owner is then
 * the flow that lost it, else STREAM_NO_OWNER. Never NULL: a pool has at least one small block. */
struct stream *stream_open(struct stream_pool *p, uint32_t owner, uint32_t *ret_owner);
void stream_close(struct stream_pool *p, uint32_t handle);
struct stream *stream_at(struct stream_pool *p, uint32_t handle);

/* Stores len bytes at offset `at`, growing as needed: *s may move, and its handle change. *ret_owner as
 * above. */
enum stream_put stream_put(struct stream_pool *p, struct stream **s, uint32_t at, const uint8_t *bytes,
			   uint32_t len, uint32_t *ret_owner);

/* Bytes in order from the window's first. */
static inline uint32_t stream_contiguous(const struct stream *s)
{
	return s->n_ranges && s->range[0].from == 0 ? s->range[0].to : 0;
}

/* Whether the stream is empty but for what is parsed. */
static inline bool stream_idle(const struct stream *s)
{
	return s->n_ranges <= 1 && stream_contiguous(s) == s->parsed;
}

/* Drops the first n bytes of the window (n <= parsed). */
void stream_release(struct stream *s, uint32_t n);

/* Takes [contiguous end, to) as arrived though its bytes are unknown (a body that is not inspected); `to`
 * lies below the end of the last range. */
void stream_pass_over(struct stream *s, uint32_t to);

/* Drops everything up to the first byte behind the first hole. False where nothing lies behind it. */
bool stream_skip_hole(struct stream *s);

/* Empties the window. */
void stream_reset(struct stream *s);

/* The contiguous bytes as they would be with `bytes` at `at` instead of what is there, in out
 * (STREAM_MAX_BYTES). Returns how many. For inspecting the other content of a conflict. */
uint32_t stream_alternate(const struct stream *s, uint32_t at, const uint8_t *bytes, uint32_t len,
			  uint8_t *out);

/* The contiguous bytes from urgent_from on without the urgent ones, in out. Systems take the urgent byte to be the one before
 * the place that the pointer names (`before` 1), or the one at it (0). Returns how many. */
uint32_t stream_without_urgent(const struct stream *s, uint32_t before, uint8_t *out);

void stream_touch(struct stream_pool *p, struct stream *s);

#endif
