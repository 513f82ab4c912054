/* SPDX-License-Identifier: BSD-3-Clause */
/* events: what the data plane tells the control process, through rings in a shared file.
 *
 * Model:    one file, one ring a thread that puts, fixed records (layout and deaths: docs/events.md). A record is in the
 *           ring from the store that publishes it until the consumer acknowledges it, whoever dies meanwhile. Every event
 *           of a ring takes the next sequence number, from 1, also one that finds the ring full: it is lost and counted,
 *           and once there is room one gap record names the whole run. So (file id, ring, seq) names an event for ever.
 * Owner:    open allocates, close frees; the file stays and belongs to neither side. Records are copied out and in.
 * Threads:  a ring has one producer thread and one consumer thread; any thread may read counts. One producer and one
 *           consumer process a file, held by locks that end with the process; any number of observers.
 * Limits:   EVENTS_RINGS_MAX rings, a power of two of EVENTS_RECORDS_MIN..MAX records each, EVENTS_OLD_MAX files set aside.
 * Errors:   0 or -errno with a sentence that names the file. What a file holds never makes either side read or write
 *           outside it, nor loop. Only who can make it shorter under a mapping ends both by SIGBUS: owner and group (mode 0660).
 * Cost:     events_put: one copy of 128 bytes, two stores, one shared load, some 20 ns, also when the ring is full; no system
 *           call, lock or heap. events_peek and events_ack: some 10 ns a record, no system call. The producer
 *           touches all pages at open. On a file system with a disk the kernel may hold a put while it writes the page
 *           back: keep the file on tmpfs (/run) or hugetlbfs.
 */
#ifndef COMMON_EVENTS_H
#define COMMON_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

#define EVENTS_RINGS_MAX   64
#define EVENTS_RECORDS_MIN 64
#define EVENTS_RECORDS_MAX (1u << 24)
#define EVENTS_OLD_MAX	   9

/* X(NAME, word, help) */
/* clang-format off */
#define EVENT_TYPES(X)                                                                               \
	X(HIT,    "hit",    "a rule matched")                                                        \
	X(GAP,    "gap",    "events were lost because the ring was full")                            \
	X(OUTAGE, "outage", "a port went uninspected for a while")                                   \
	X(SWAP,   "swap",   "a ruleset was loaded, or refused")                                      \
	X(START,  "start",  "the data plane started")                                                \
	X(LINK,   "link",   "a port's link came or went")
#define EVENT_OUTAGE_REASONS(X)                                                                      \
	X(START,  "start",  "from the last sign of life of an earlier process to this one's first")  \
	X(STALL,  "stall",  "a worker was stopped or hung, and went on")                               \
	X(UNWATCHED, "unwatched", "frames came to a queue that no worker polls, though all are alive")
#define EVENT_SWAP_OUTCOMES(X)                                                                       \
	X(DONE,    "done",    "every worker judges by it")                                           \
	X(REFUSED, "refused", "the file was bad; the earlier ruleset stays")
/* clang-format on */

enum event_type {
#define X(id, word, help) EVENT_##id,
	EVENT_TYPES(X)
#undef X
	    EVENT_TYPES_N
};
enum event_outage_reason {
#define X(id, word, help) EVENT_OUTAGE_##id,
	EVENT_OUTAGE_REASONS(X)
#undef X
	    EVENT_OUTAGE_REASONS_N
};
enum event_swap_outcome {
#define X(id, word, help) EVENT_SWAP_##id,
	EVENT_SWAP_OUTCOMES(X)
#undef X
	    EVENT_SWAP_OUTCOMES_N
};

struct event_hit {
	uint64_t version; /* of the ruleset that judged */
	uint64_t rule;	  /* its opaque id (rules/ruleset.h) */
	uint32_t line;	  /* 1-based, of list `list` */
	uint16_t list;
	uint8_t kind, proto, action; /* enum rule_kind, enum hit_proto, enum action */
	uint8_t ip_version;	     /* 4, 6 */
	uint8_t port;		     /* where the client's frame came in */
	uint8_t reserved;
	uint16_t sport, dport;	  /* the client's and the server's; 0 where there is none */
	uint8_t src[16], dst[16]; /* the client's and the server's address; IPv4 in the first 4 bytes */
};

struct event_gap {
	uint64_t first, last; /* sequence numbers that were lost */
	uint64_t nth;	      /* gap record of this ring, from 1 */
};

struct event_outage {
	uint64_t began_ns, ended_ns;	   /* CLOCK_REALTIME */
	uint64_t frames, bytes;		   /* passed or dropped uninspected meanwhile */
	uint8_t port, reason, fail_closed; /* enum event_outage_reason */
};

struct event_swap {
	uint64_t version; /* the one active afterwards */
	uint8_t digest[32];
	uint8_t outcome; /* enum event_swap_outcome */
};

struct event_start {
	uint32_t pid;
};

struct event_link {
	uint8_t port, up;
};

struct event {
	uint64_t seq;	  /* of its ring, from 1; set by events_put */
	uint64_t time_ns; /* CLOCK_REALTIME */
	uint8_t type;	  /* enum event_type */
	uint8_t worker;
	uint8_t reserved[6];
	union {
		struct event_hit hit;
		struct event_gap gap;
		struct event_outage outage;
		struct event_swap swap;
		struct event_start start;
		struct event_link link;
		uint8_t room[104];
	};
};
_Static_assert(sizeof(struct event) == 128, "two cache lines an event");

struct events_producer;
struct events_consumer;

struct events_counts {
	uint64_t put, lost, gaps,
	    acknowledged; /* records put (with the gaps), events lost, gap records, records given back */
};

/* Opens the file for putting; makes it where it is missing. Sequence numbers go on. A file of another geometry is removed
 * if all was acknowledged; else, and if it is damaged, it is set aside. -EBUSY: another process puts events there. */
int events_open_producer(const char *path, unsigned rings, unsigned records, struct events_producer **ret,
			 struct err *e);
void events_close_producer(struct events_producer *p);
/* Where open set an earlier file aside, or NULL. */
const char *events_set_aside(const struct events_producer *p);
/* Puts a copy of *ev in the ring and sets ev->seq. false: the ring was full, the event is lost and counted. */
bool events_put(struct events_producer *p, unsigned ring, struct event *ev);
/* Puts the gap record that is due, if there is room; events_put does so by itself before the next event. For the ring's
 * thread, so that a loss is told without one. true: none is due any more. */
bool events_put_gap(struct events_producer *p, unsigned ring, uint64_t time_ns);
void events_producer_counts(const struct events_producer *p, unsigned ring, struct events_counts *ret);

/* Opens the file for consuming: peeking begins at the oldest record that is not acknowledged. -EBUSY: another process
 * consumes it. -ENOENT: no data plane ran yet. */
int events_open_consumer(const char *path, struct events_consumer **ret, struct err *e);
/* The same without lock and without acknowledging. Records given back while they were copied are left out. */
int events_open_observer(const char *path, struct events_consumer **ret, struct err *e);
void events_close_consumer(struct events_consumer *c);
unsigned events_rings(const struct events_consumer *c);
/* 16 random bytes: tells this file from the next one at the same path, whose numbers begin at 1 again. */
const uint8_t *events_id(const struct events_consumer *c);
/* Whether the path now names another file, or none: take what is left, close, open anew. A system call. */
bool events_replaced(const struct events_consumer *c);
/* Copies up to max records behind those peeked before; consumes nothing. O(max). */
unsigned events_peek(struct events_consumer *c, unsigned ring, struct event *ret, unsigned max);
/* Gives back every peeked record up to the last whose number is at most seq: when they are durable elsewhere. Addresses and
 * ports of hits are wiped in their places, which may stay unwritten for long. O(records peeked). */
void events_ack(struct events_consumer *c, unsigned ring, uint64_t seq);
void events_consumer_counts(const struct events_consumer *c, unsigned ring, struct events_counts *ret);
/* Name number i (0..EVENTS_OLD_MAX-1) under which a file is set aside: the first that is free, else the last is overwritten.
 * -ENAMETOOLONG */
int events_old_name(const char *path, unsigned i, char *ret, unsigned long room);

extern const char *const event_type_names[EVENT_TYPES_N];
extern const char *const event_outage_reason_names[EVENT_OUTAGE_REASONS_N];
extern const char *const event_swap_outcome_names[EVENT_SWAP_OUTCOMES_N];

#endif
