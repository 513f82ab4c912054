/* SPDX-License-Identifier: BSD-3-Clause */
/* settle: up to which place of the log the other side of a connection surely has what it was sent.
 *
 * Model:    syslog acknowledges nothing. Two ways to know: (1) by proof: what was written before a request that the other program itself answered
 *           (TLS 1.3's KeyUpdate) was read by that program; once it ever answered, nothing else counts. (2) by time: what its kernel acknowledged and after which
 *           the connection lived for SETTLE_MS. A connection's end forgets what is not settled: it is sent again.
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
	uint64_t asked, proven;	      /* when proof was asked for; that was read */
	bool asking;
	bool proves; /* the other program has ever answered: kept over connections */
};

/* A new connection. */
void settle_begin(struct settle *s);
/* A write's place, and bytes of the connection so far. */
void settle_wrote(struct settle *s, uint64_t place, uint64_t bytes);
bool settle_room(const struct settle *s);
/* acked: bytes that the other kernel has. */
void settle_acked(struct settle *s, uint64_t acked, uint64_t now_ms);
/* A request went out behind the last write; its answer came. */
void settle_asked(struct settle *s);
void settle_answered(struct settle *s);
/* The place; 0: nothing. */
uint64_t settle_place(struct settle *s, uint64_t now_ms);

#endif
