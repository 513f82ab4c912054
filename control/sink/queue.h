/* SPDX-License-Identifier: BSD-3-Clause */
/* queue: leaves on their way from the loop, which reads the log, to a sink's own thread, which may be as slow as it likes.
 *
 * Model:    the loop puts portions in, in the log's order, while there is room; the thread takes them out. `settled` is the place up to which the other side
 *           has everything. After a failure the thread rewinds: what is in the queue goes, and the loop reads on from `settled`.
 * Owner:    a portion is the queue's while in it, then the taker's: portion_free.
 * Threads:  put, and what says so: the loop; take and rewind: the sink's. A lock is held for a few instructions only.
 * Limits:   QUEUE_BYTES; a portion PORTION_BYTES and PORTION_LEAVES.
 */
#ifndef CONTROL_SINK_QUEUE_H
#define CONTROL_SINK_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/span.h"

#define QUEUE_BYTES    (1u << 20)
#define PORTION_BYTES  (64u << 10)
#define PORTION_LEAVES 1024
#define PORTION_GONE   UINT32_MAX /* as a length: bodies were removed */

/* Leaves that a sink wants, of [first, place): others are left out. */
struct portion {
	struct portion *next;
	uint64_t place;
	unsigned n;
	size_t bytes;
	struct portion_leaf {
		uint64_t index, last; /* last: of a run of removed ones */
		uint32_t at, len;     /* in p; PORTION_GONE */
	} leaves[PORTION_LEAVES];
	uint8_t p[PORTION_BYTES];
};

struct portion *portion_new(uint64_t first);
void portion_free(struct portion *p);
/* False: it is full. A body that was removed: {NULL, 0}. */
bool portion_add(struct portion *p, uint64_t index, struct span entry);
/* This leaf is not wanted. */
void portion_skip(struct portion *p, uint64_t index);
bool portion_has_room(const struct portion *p, size_t bytes);

struct queue {
	pthread_mutex_t lock;
	struct portion *first, **last;
	size_t bytes;		 /* memory of the portions */
	uint64_t settled;	 /* the place */
	uint64_t written;	 /* that behind what was written; at least `settled` */
	uint64_t sent, failures; /* records; times that it could not go on */
	bool rewind;		 /* the loop must read on from `settled` */
	bool is_up;
	int wake; /* eventfd: something was put in */
	char trouble[512];
	char stale[512]; /* what it goes on with for want of a newer one */
};

int queue_init(struct queue *q, uint64_t place);
void queue_fini(struct queue *q);
/* By the loop. */
bool queue_has_room(struct queue *q);
/* Owns p from here on; false: rewound meanwhile, and p is freed. */
bool queue_put(struct queue *q, struct portion *p);
/* Whether it was rewound, once; then *ret is where to read on. */
bool queue_rewound(struct queue *q, uint64_t *ret);
struct queue_figures {
	uint64_t settled, written, sent, failures;
	bool is_up;
	char trouble[512], stale[512];
};
void queue_look(struct queue *q, struct queue_figures *ret);
/* By the thread: NULL where there is none. */
struct portion *queue_take(struct queue *q);
void queue_settle(struct queue *q, uint64_t place, uint64_t sent);
void queue_wrote(struct queue *q, uint64_t place);
void queue_up(struct queue *q);
void queue_stale(struct queue *q, const char *stale);
void queue_rewind(struct queue *q, const char *trouble);

#endif
