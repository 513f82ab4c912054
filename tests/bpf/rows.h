/* SPDX-License-Identifier: BSD-3-Clause */
/* rows: frames, the state that they meet, and what becomes of them (tests/bpf/test_programs.c). */
#ifndef TESTS_BPF_ROWS_H
#define TESTS_BPF_ROWS_H

#include <stdint.h>

#include "bpf/layout.h"

#define BYPASSED_PORT 5353

/* When the worker beat last. */
enum beat {
	FRESH,
	OLD,
	NEVER,
	AHEAD, /* of our clock */
};

/* Bits of a row's state; 0: fail-open, with a peer that takes XDP, a socket, one polled queue. */
enum {
	CLOSED = 1,
	NO_PEER = 2,
	NO_QUEUE = 4,
	NO_SOCKET = 8,
	NO_XMIT = 16,
	PACKET = 32,
	NO_BYPASS = 64,
	IDLE = 128, /* the flows of flow_rows, for too long */
	UNGUARDED = 256,
	ALSO_COUNTED = 512, /* as prefix_counted */
	XDP_ONLY = 1024,    /* the stack would not accept the frame */
	WATCHED = 2048,	    /* the flows of flow_rows, only so far */
	NO_BLOCKS = 4096,
};

struct row {
	const char *name, *frame; /* hex */
	enum beat beat;
	unsigned state;
	enum guard_count_id xdp, tc;
};

struct prefix_row {
	uint8_t version, bits;
	enum guard_prefix_action action;
	const char *addr; /* hex */
};

struct block_row {
	const char *addr; /* hex, 16 bytes */
	unsigned seconds; /* 0: its time is over */
};

struct flow_row {
	uint8_t version, proto;
	const char *addr[2]; /* hex */
	uint16_t port[2];
};

extern const struct row rows[];
extern const unsigned rows_n;
extern const struct prefix_row prefix_rows[];
extern const unsigned prefix_rows_n;
extern const struct block_row block_rows[];
extern const unsigned block_rows_n;
extern const struct flow_row flow_rows[];
extern const unsigned flow_rows_n;

#endif
