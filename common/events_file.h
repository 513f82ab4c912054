/* SPDX-License-Identifier: BSD-3-Clause */
/* events_file: the layout of the shared file (docs/events.md), and opening it. For the files of common/events.
 *
 * A page of header, then a control block a ring, then the records of ring 0, 1, ... Who writes what is said at each field;
 * nobody else does. head and tail count records for ever; a record's place is its count modulo the ring's size.
 *
 * The protocol is ck_ring's for one producer and one consumer: only the producer moves tail, after the record is written
 * (fence, store); only the consumer moves head, after it has read (fence, store); tail - head is at most the size, so no
 * place between the two is ever written. It is done here over ck_pr, and not by ck_ring_t, for four reasons: peeking without
 * consuming; counts of 64 bits, from which losses can be told after a death; all places used; and size and mask not taken
 * from the file, where the other side could change them. */
#ifndef COMMON_EVENTS_FILE_H
#define COMMON_EVENTS_FILE_H

#include <stddef.h>

#include "common/events.h"

#define EVENTS_MAGIC	    "ROJAEVTS"
#define EVENTS_FORMAT	    1u
#define EVENTS_ENDIAN	    0x01020304u
#define EVENTS_HEADER_BYTES 4096u
#define EVENTS_MODE	    0660 /* the group consumes */
#define EVENTS_PATH_BYTES   4096u
#define EVENTS_TRIES_MAX    100u /* while others rename files under the same name */

/* Written once, when the file is made. */
struct events_header {
	char magic[8];
	uint32_t format, endian, record_bytes, rings, records, reserved;
	uint64_t created_ns; /* CLOCK_REALTIME */
	uint8_t id[16];	     /* random: tells one file from the next at the same path */
};
_Static_assert(sizeof(struct events_header) == 56, "as docs/events.md says");

struct events_ring {
	/* the producer's line */
	_Alignas(64) uint64_t tail; /* records ever put; this store publishes the record before it */
	uint64_t next_seq; /* of the next event; more than the last record's + 1 while a gap is to be told */
	uint64_t lost, gaps; /* for who counts; after a death they follow from the rest */
	/* the consumer's line */
	_Alignas(64) uint64_t head; /* records ever acknowledged; this store gives their places back */
	uint64_t
	    wiping; /* acknowledged, and being wiped before head follows; 0 where an earlier build consumed */
};
_Static_assert(sizeof(struct events_ring) == 128, "a line a writer");

struct events_map {
	int fd; /* holds the lock */
	uint8_t *base;
	size_t bytes;
	unsigned rings, records; /* checked copies: what the file says later does not matter */
};

/* The byte of the file that each holds a lock on (open file description locks: they end with the process). */
enum events_lock { EVENTS_LOCK_PRODUCER, EVENTS_LOCK_CONSUMER, EVENTS_LOCK_NONE };

size_t events_file_bytes(unsigned rings, unsigned records);
/* Opens path, takes the lock, and makes sure that path still names what was locked. */
int events_open_locked(const char *path, enum events_lock lock, int flags, int *ret_fd, struct err *e);
/* Maps an open file after checking its header against its size; the map then owns fd. */
int events_map(const char *path, int fd, enum events_lock lock, struct events_map *ret, struct err *e);
void events_unmap(struct events_map *m);
bool events_same_file(const char *path, int fd);
/* The producer's way: maps the file that is there, or makes one. set_aside: where an earlier one went, or "". */
int events_map_or_make(const char *path, unsigned rings, unsigned records, struct events_map *ret,
		       char set_aside[EVENTS_PATH_BYTES], struct err *e);
/* Whether what every ring holds can be: at most its size waits, numbers rise. */
bool events_sound(const struct events_map *m);

static inline struct events_ring *events_ring(const struct events_map *m, unsigned ring)
{
	return (struct events_ring *)(void *)(m->base + EVENTS_HEADER_BYTES) + ring;
}

static inline struct event *events_record(const struct events_map *m, unsigned ring, uint64_t count)
{
	size_t before = EVENTS_HEADER_BYTES + m->rings * sizeof(struct events_ring);
	size_t at = (size_t)ring * m->records + (count & (m->records - 1));
	return (struct event *)(void *)(m->base + before) + at;
}

/* The number of the last record before count; 0: there was none. */
static inline uint64_t events_last_seq(const struct events_map *m, unsigned ring, uint64_t count)
{
	return count ? events_record(m, ring, count - 1)->seq : 0;
}

#endif
