/* SPDX-License-Identifier: BSD-3-Clause */
/* hits: print what a pipeline reports: one JSON line a hit and a summary, or tables for people.
 *
 * Threads:  one writer.
 */
#ifndef DATAPLANE_REPLAY_HITS_H
#define DATAPLANE_REPLAY_HITS_H

#include <stdio.h>

#include "dataplane/core/pipeline.h"

struct hits;

/* `json` prints lines as hits come; else they are gathered by rule, at most HITS_ROWS rows, for hits_table. */
#define HITS_ROWS 100000
struct hits *hits_new(FILE *out, const struct ruleset *rs, bool json);
void hits_free(struct hits *h);

void hits_add(struct hits *h, const struct hit *hit, uint64_t time_ns);
void hits_summary(struct hits *h, const struct counters *c, uint64_t frames, uint64_t bytes);
/* What was blocked, by which rule of which list, and what was sent instead. */
void hits_table(struct hits *h, const struct counters *c);
/* Every counter with its meaning. */
void hits_stats(FILE *out, const struct counters *c);

#endif
