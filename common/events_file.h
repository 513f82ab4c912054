/* SPDX-License-Identifier: BSD-3-Clause */
/* events_file: the layout of the shared file (docs/events.md). For the files of common/events.
 *
 * A page of header, then a control block a ring, then the records of ring 0, 1, ... Who writes what is said at each field;
 * nobody else does. head and tail count records for ever; a record's place is its count modulo the ring's size. */
#ifndef COMMON_EVENTS_FILE_H
#define COMMON_EVENTS_FILE_H

#include <stddef.h>

#include "common/events.h"

#define EVENTS_MAGIC	    "ROJAEVTS"
#define EVENTS_FORMAT	    1u
#define EVENTS_ENDIAN	    0x01020304u
#define EVENTS_HEADER_BYTES 4096u

/* Written once, when the file is made. */
struct events_header {
	char magic[8];
	uint32_t format, endian, record_bytes, rings, records, reserved;
	uint64_t created_ns; /* CLOCK_REALTIME */
	uint8_t id[16];	     /* random: tells one file from the next at the same path */
};

struct events_ring {
	/* the producer's line */
	_Alignas(64) uint64_t tail; /* records ever put; a release store publishes the record before it */
	uint64_t next_seq;	    /* of the next event */
	uint64_t gap_first;	    /* first lost number of a gap that is not in the ring yet; 0: none */
	uint64_t lost, gaps;
	/* the consumer's line */
	_Alignas(64) uint64_t head; /* records ever acknowledged; a release store gives their places back */
};

struct events_map {
	int fd;
	uint8_t *base;
	size_t bytes;
	unsigned rings, records; /* checked copies: what the file says later does not matter */
};

size_t events_file_bytes(unsigned rings, unsigned records);
/* Maps an open file after checking its header against its size. */
int events_map(const char *path, int fd, bool writable, struct events_map *ret, struct err *e);
void events_unmap(struct events_map *m);

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

#endif
