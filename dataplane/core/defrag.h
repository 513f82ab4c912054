/* SPDX-License-Identifier: BSD-3-Clause */
/* defrag: put IP fragments together for inspection, while they are forwarded one by one.
 *
 * Model:    a fragment that completes nothing may be forwarded at once; the one that completes a datagram yields the
 *           whole frame to judge first: the encapsulation of that last fragment, the IP header without its fragment
 *           fields (IPv6: without the fragment header; lengths and IPv4 checksum right), and all data. Overlaps are
 *           refused (RFC 5722; for IPv4 too), so are datagrams over 65,535 bytes; an exact duplicate is no overlap.
 * Owner:    defrag_new/defrag_free; a returned frame lives until the next defrag_put.
 * Threads:  one worker per object; no locks.
 * Limits:   `slots` datagrams at once (65,535 bytes and 64 pieces each), oldest replaced first; DEFRAG_TIMEOUT_NS.
 * Errors:   enum defrag_result.
 * Cost:     O(pieces) a fragment, one copy, no heap after defrag_new.
 */
#ifndef DATAPLANE_CORE_DEFRAG_H
#define DATAPLANE_CORE_DEFRAG_H

#include "dataplane/core/decode.h"

#define DEFRAG_TIMEOUT_NS (30ull * 1000 * 1000 * 1000)
#define DEFRAG_MAX_PIECES 64

enum defrag_result {
	DEFRAG_WAIT,	  /* kept; forward the fragment */
	DEFRAG_COMPLETE,  /* *ret_frame is the whole datagram; judge it, then forward or drop this fragment */
	DEFRAG_DUPLICATE, /* the same bytes again; forward */
	DEFRAG_OVERLAP, /* other bytes for the same place, or a bad length: drop it; the datagram is refused */
	DEFRAG_FULL,	/* a fragment cut by the snap length, or deep in headers: not inspected */
};

struct defrag;

/* NULL where memory is short. Keyed with `secret` so that nobody can aim at one slot. */
struct defrag *defrag_new(unsigned slots, uint64_t secret);
void defrag_free(struct defrag *df);

enum defrag_result defrag_put(struct defrag *df, const uint8_t *frame, uint32_t len, enum link link,
			      const struct decoded *d, uint64_t now_ns, const uint8_t **ret_frame,
			      uint32_t *ret_len);

/* The datagram that was last COMPLETE is blocked: what repeats its pieces is refused as well. */
void defrag_refuse(struct defrag *df);

#endif
