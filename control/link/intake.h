/* SPDX-License-Identifier: BSD-3-Clause */
/* intake: takes a data plane's events out of the shared file (docs/events.md), at least once and in order.
 *
 * Model:    a turn hands what waits to the sink in batches of one ring, asks it for a ticket, and gives the records back to their rings
 *           when the sink says that the ticket is durable; until then it takes nothing more. Files that were set aside come first, the oldest name
 *           first; then the file at the path, until the path names another. A batch that the sink did not take is handed to it again, the same
 *           records, before anything else.
 * Owner:    intake_new allocates, intake_free frees (not from within the sink).
 * Threads:  one. No turn blocks on another process.
 * Limits:   INTAKE_BATCH records a batch, INTAKE_BATCHES batches a turn.
 * Errors:   what a person should know is a sentence to on_trouble, once for each file and kind of trouble. Records
 *           that are not sound are left out, counted and given back: another process wrote them, nobody can repair them.
 */
#ifndef CONTROL_LINK_INTAKE_H
#define CONTROL_LINK_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "common/events.h"

#define INTAKE_BATCH   4096
#define INTAKE_BATCHES 16

struct intake;

struct intake_sink {
	void *ctx;
	/* 0: all are taken, and will be durable once a ticket of commit is. Else they come again, after a pause. */
	int (*on_events)(void *ctx, const uint8_t file_id[16], unsigned ring, const struct event *ev,
			 unsigned n);
	uint64_t (*commit)(void *ctx); /* of all that was taken so far */
	bool (*durable)(void *ctx, uint64_t ticket);
	void (*on_trouble)(void *ctx, const char *sentence);
};

struct intake_counts {
	uint64_t taken;	  /* records handed over and acknowledged, or waiting for that */
	uint64_t damaged; /* records left out, and places where a number is missing without a gap record */
	uint64_t lost;	  /* events that gap records name */
	bool open;	  /* a file is ours to take */
};

/* Nothing is opened before the first turn. -ENAMETOOLONG, -ENOMEM */
int intake_new(const char *path, const struct intake_sink *sink, struct intake **ret, struct err *e);
void intake_free(struct intake *t);
/* The sink is not called any more, from the next batch on. */
void intake_stop(struct intake *t);
/* Returns in how many ms the next turn is due: 0 where more waits. */
unsigned intake_turn(struct intake *t);
const struct intake_counts *intake_counts(const struct intake *t);

/* Whether every number in a record that is an index or an enumeration is one: kinds, protocols, actions, versions of IP, the worker. */
bool intake_sound(const struct event *ev);

#endif
