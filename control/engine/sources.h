/* SPDX-License-Identifier: BSD-3-Clause */
/* sources: what engine_sources.c and engine_spool.c share. */
#ifndef CONTROL_ENGINE_SOURCES_H
#define CONTROL_ENGINE_SOURCES_H

#include "control/engine/engine_state.h"
#include "control/feed/spool.h"

#define SOURCES_BUSY_MAX 64 /* asked, or imported from, at a time */
#define SPOOLS_MAX	 64

struct spool_of {
	int64_t list;
	struct spool *spool; /* NULL: free */
};

struct sources {
	int64_t busy[SOURCES_BUSY_MAX]; /* lists; 0: free */
	struct spool_of spools[SPOOLS_MAX];
};

/* false: it is busy already, or too many are. */
bool source_begin(struct engine *g, int64_t list);
void source_end(struct engine *g, int64_t list);

int spool_look(struct engine *g, int64_t list, struct err *e);
void spools_free(struct sources *s);

#endif
