/* SPDX-License-Identifier: BSD-3-Clause */
/* source: entries in ascending order of their canonical text, wherever they come from. */
#ifndef CONTROL_SAFETY_SOURCE_H
#define CONTROL_SAFETY_SOURCE_H

#include "common/err.h"
#include "rules/list.h"

struct safety_row {
	struct span text;	 /* canonical, as a list has it */
	struct list_entry entry; /* its line is the list's */
};

struct safety_source {
	void *ctx;
	/* 1: *ret is set and lives until the next call; 0: the end; -errno. */
	int (*next)(void *ctx, struct safety_row *ret, struct err *e);
	void (*close)(void *ctx); /* or NULL */
};

struct seal_key;

/* Over a sealed entries file. */
int safety_source_open(const char *path, const struct seal_key *key, struct safety_source *ret,
		       struct err *e);

static inline void safety_source_close(struct safety_source *s)
{
	if (s->close)
		s->close(s->ctx);
	s->close = NULL;
}

#endif
