/* SPDX-License-Identifier: BSD-3-Clause */
/* settle: up to which place of the log the other side of a connection surely has what it was sent.
 *
 * Model:    syslog acknowledges nothing. Two ways to know: (1) by proof: the connection was ended in good order, and the other side read to its end: then it has
 *           read everything; were something unread, its kernel would reset the connection. Where proofs are made, nothing else counts. (2) by time: what
 *           its kernel acknowledged, and after which the connection lived for SETTLE_MS. A connection's end forgets what is not settled: it is sent again.
 * Threads:  one.
 * Limits:   SETTLE_MARKS writes in flight: then settle_room says no.
 */
#ifndef CONTROL_SINK_SETTLE_H
#define CONTROL_SINK_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#define SETTLE_MS    5000
#define SETTLE_SLOT  250 /* ms */
#define SETTLE_SLOTS (SETTLE_MS / SETTLE_SLOT + 2)
#define SETTLE_MARKS 256

struct settle {
	struct {
		uint64_t place, bytes; /* bytes: of the connection, behind it */
	} marks[SETTLE_MARKS];
	struct {
		uint64_t place, at_ms;
	} slots[SETTLE_SLOTS];
	unsigned first, n;	      /* marks */
	unsigned slot_first, slot_n;  /* slots */
	uint64_t place, acked, lived; /* behind the last write; that the other kernel has; and long enough */
	uint64_t proven;	      /* kept over connections */
	bool proves;		      /* proofs are made */
};

/* A new connection. */
void settle_begin(struct settle *s);
/* A write's place, and bytes of the connection so far. */
void settle_wrote(struct settle *s, uint64_t place, uint64_t bytes);
bool settle_room(const struct settle *s);
/* acked: bytes that the other kernel has. */
void settle_acked(struct settle *s, uint64_t acked, uint64_t now_ms);
/* The other side has read everything. */
void settle_proven(struct settle *s);
/* The place; 0: nothing. */
uint64_t settle_place(struct settle *s, uint64_t now_ms);

#endif
