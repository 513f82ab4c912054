/* SPDX-License-Identifier: BSD-3-Clause */
/* hits: which line of which list was asked for, when. No address, name or URL is kept.
 *
 * Model:    a batch of events is one transaction with the place in the ring up to which it reached, so that each event is kept once, whoever
 *           dies when. Old rows go; the hourly counts stay.
 */
#ifndef CONTROL_STORE_HITS_H
#define CONTROL_STORE_HITS_H

#include "common/events.h"
#include "control/store/store.h"

struct hits;

int hits_new(struct store *s, struct hits **ret, struct err *e);
void hits_free(struct hits *h);
/* Keeps a batch of one ring, its own transaction. On failure nothing of it is kept. */
int hits_keep(struct hits *h, struct err *e, const char *dataplane, const uint8_t file[16], unsigned ring,
	      const struct event *ev, unsigned n);
/* The order, list and line of the last hit of a rule by its opaque id (16 hexadecimal digits), from the log's index, which
 * must be attached (control/audit/index.h); -ENOENT: none that is kept. */
int hits_rule(struct store *s, struct err *e, const char *rule, int64_t *ret_order, int64_t *ret_list,
	      int64_t *ret_line);
/* Removes hits older than `before` (seconds), counts older than `counts_before`. */
int hits_prune(struct store *s, struct err *e, int64_t before, int64_t counts_before);

#endif
