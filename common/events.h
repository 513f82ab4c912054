/* SPDX-License-Identifier: BSD-3-Clause */
/* events: what the data plane tells the control process, through rings in a shared file.
 *
 * Model:    one file, one ring a thread that puts, fixed records. A record is in the ring from the moment it was wholly written
 *           until the consumer acknowledges it, whoever dies meanwhile: the file is mapped by both sides and belongs
 *           to neither. Every event of a ring has the next sequence number, from 1, also one that found the ring full:
 *           it is lost and counted, and as soon as there is room a gap record says which numbers are missing.
 * Owner:    open allocates, close frees; the file stays.
 * Threads:  a ring has one producer thread and one consumer thread. One producer and one consumer process a file (flock);
 *           any number of observers.
 * Limits:   EVENTS_RINGS_MAX rings, a power of two of EVENTS_RECORDS_MIN..MAX records each.
 * Errors:   0 or -errno with a sentence that names the file. A file that is damaged or of another geometry is set aside as
 *           PATH.old by the producer and refused by the consumer. Nothing that the file holds makes either side read
 *           or write outside it.
 * Cost:     events_put: one copy of 128 bytes, two stores; no system call, lock or heap.
 */
#ifndef COMMON_EVENTS_H
#define COMMON_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

#define EVENTS_RINGS_MAX   64
#define EVENTS_RECORDS_MIN 64
#define EVENTS_RECORDS_MAX (1u << 24)

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
	uint64_t put, lost, gaps, acknowledged; /* events, events lost, gap records, events given back */
};

/* Opens the file for putting, makes it where it is missing; sequence numbers go on. */
int events_open_producer(const char *path, unsigned rings, unsigned records, struct events_producer **ret,
			 struct err *e);
void events_close_producer(struct events_producer *p);
/* Puts a copy of ev in the ring; sets ev->seq. false: the ring was full, the event is lost and counted. */
bool events_put(struct events_producer *p, unsigned ring, struct event *ev);
void events_producer_counts(const struct events_producer *p, unsigned ring, struct events_counts *ret);

/* Opens the file for consuming: peeking begins at the oldest record that is not acknowledged. */
int events_open_consumer(const char *path, struct events_consumer **ret, struct err *e);
/* The same without a lock and without the right to acknowledge. Records may be overtaken while they are copied; such are
 * left out. */
int events_open_observer(const char *path, struct events_consumer **ret, struct err *e);
void events_close_consumer(struct events_consumer *c);
unsigned events_rings(const struct events_consumer *c);
/* Copies up to max records behind those peeked before; does not consume. */
unsigned events_peek(struct events_consumer *c, unsigned ring, struct event *ret, unsigned max);
/* Gives back every peeked record up to sequence number seq. Call it when they are durable elsewhere. */
void events_ack(struct events_consumer *c, unsigned ring, uint64_t seq);
void events_consumer_counts(const struct events_consumer *c, unsigned ring, struct events_counts *ret);

extern const char *const event_type_names[EVENT_TYPES_N];
extern const char *const event_outage_reason_names[EVENT_OUTAGE_REASONS_N];
extern const char *const event_swap_outcome_names[EVENT_SWAP_OUTCOMES_N];

#endif
