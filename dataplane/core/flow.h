/* SPDX-License-Identifier: BSD-3-Clause */
/* flow: a bounded table of the flows under inspection and of those recently decided.
 *
 * Model:    a set-associative cache: eight entries a bucket, found by 16-bit tags that stay in cache, so that
 * a packet of an unknown flow costs one tag line and no entry. Both directions of a flow share one entry. A
 * key can have up to FLOW_EPOCHS entries: connections that claim the same 5-tuple and of which only the
 * server knows which is real. Owner:    flow_table_new/free; entries live in the table and move never.
 * Threads:  one worker per table.
 * Limits:   the capacity given at creation. When a bucket is full its least valuable entry makes room:
 * decided before undecided, then the least recently seen; the caller gets a copy to release what it held.
 * Cost:     one cache line of tags a look-up, one line more for a known flow; no heap.
 */
#ifndef DATAPLANE_CORE_FLOW_H
#define DATAPLANE_CORE_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "dataplane/core/decode.h"

#define FLOW_EPOCHS	   4
#define FLOW_ADDRESS_EPOCH 255 /* of the note that a listed address was reported */

enum flow_state {
	FLOW_FREE,
	FLOW_OTHER, /* no protocol of ours so far, or one that is decided: the next segments are only probed
		     */
	FLOW_PROBE, /* its first bytes are awaited or undecided */
	FLOW_TLS,
	FLOW_HTTP,
	FLOW_CHUNKS, /* in a chunked request body */
	FLOW_HTTP2,
	FLOW_DNS,
	FLOW_QUIC,
	FLOW_QUIC_DONE, /* hello judged and the server has answered */
	FLOW_ADDRESS,	/* a listed address, reported already */
};

enum {
	FLOW_CLIENT_LO = 1,   /* the client is the key's lo end */
	FLOW_BLOCKED = 2,     /* nothing passes; still inspected, so that every hit is reported */
	FLOW_NO_CHECKSUM = 4, /* its first packet's checksum was left to a NIC: captured on the sender */
	FLOW_ACKED = 8,	      /* `acked` is valid: the server's direction has been seen */
	FLOW_SYN = 16,	      /* begun by a SYN, so the start is exact */
	FLOW_HAS_EPOCHS = 32, /* on epoch 0: further entries exist for this key */
	FLOW_TUNNEL = 64,     /* what follows an HTTP CONNECT or Upgrade */
};

struct flow_key {
	uint8_t lo[16], hi[16]; /* IPv4 as ::ffff:a.b.c.d; lo/port before hi/port */
	uint16_t lo_port, hi_port;
	uint8_t proto;
	uint8_t epoch;
	uint8_t zero[2];
};

struct flow {
	struct flow_key key;
	uint32_t stream;    /* handle of its buffer, or 0 */
	uint32_t last_seen; /* flow_clock units */
	uint32_t base;	    /* TCP: sequence number of the first client byte not yet consumed */
	uint32_t acked;	    /* TCP: the server's highest acknowledgment */
	uint32_t body;	    /* OTHER: bytes probed so far */
	uint16_t body_gib;  /* HTTP: GiB of a body still to pass after `base` */
	uint8_t state;	    /* enum flow_state */
	uint8_t flags;
};
_Static_assert(sizeof(struct flow) == 64, "one cache line a flow");

/* Whether nothing is lost when it is forgotten. */
static inline bool flow_is_decided(const struct flow *f)
{
	return f->state == FLOW_OTHER || f->state == FLOW_QUIC_DONE || f->state == FLOW_ADDRESS;
}

struct flow_table;

/* At least `capacity` entries (rounded up to a power of two); NULL where memory is short. */
struct flow_table *flow_table_new(unsigned capacity, const uint64_t secret[2]);
void flow_table_free(struct flow_table *t);

/* About a millisecond a unit; wraps after 52 days, which is fine for comparing ages. */
static inline uint32_t flow_clock(uint64_t now_ns)
{
	return (uint32_t)(now_ns >> 20);
}

/* The key of a decoded TCP or UDP packet, epoch 0. Returns whether the packet's source is the lo end. */
bool flow_key_of(const struct decoded *d, struct flow_key *ret);
uint64_t flow_hash(const struct flow_table *t, const struct flow_key *k);
/* Whether a new entry of this hash would push out one that is undecided. */
bool flow_is_full(const struct flow_table *t, uint64_t hash);
/* Asks for the tags; later, once they are there, for the entry they lead to. */
void flow_prefetch(const struct flow_table *t, uint64_t hash);
void flow_prefetch_entry(const struct flow_table *t, uint64_t hash);

/* The entry of k (with its epoch), or NULL. `hash` is of the key whatever its epoch. */
struct flow *flow_find(struct flow_table *t, const struct flow_key *k, uint64_t hash);
/* A new entry, zeroed but for key and last_seen; k is not in the table. *ret_evicted is what made room for
 * it, state FLOW_FREE where nothing had to. */
struct flow *flow_insert(struct flow_table *t, const struct flow_key *k, uint64_t hash, uint64_t now_ns,
			 struct flow *ret_evicted);
void flow_remove(struct flow_table *t, struct flow *f);

uint32_t flow_index(const struct flow_table *t, const struct flow *f);
struct flow *flow_at(struct flow_table *t, uint32_t index);
size_t flow_count(const struct flow_table *t);

#endif
