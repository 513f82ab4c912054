/* SPDX-License-Identifier: BSD-3-Clause */
/* entries: what an import read, as a sealed file: "LINE\tENTRY\n" in the order of the entries' bytes.
 *
 * Model:    canonical entries (rules/list_write.h), each once, sorted by memcmp of the entry, so that two imports are compared side by
 *           side in constant memory (control/safety/source.h reads the same). LINE is where the original has it first.
 * Owner:    entries_open allocates, entries_close frees. The text lives until the next entry.
 * Errors:   0 or -errno with a sentence; -EBADMSG: changed on disk.
 * Cost:     a pass; SEAL_CHUNK bytes of memory.
 */
#ifndef CONTROL_FEED_ENTRIES_H
#define CONTROL_FEED_ENTRIES_H

#include <stdint.h>

#include "common/err.h"
#include "rules/list.h"
#include "rules/seal.h"

struct entries;

struct entry {
	uint32_t line;
	const char *text; /* canonical, NUL behind it */
	size_t len;
};

int entries_open(const char *path, const struct seal_key *key, struct entries **ret, struct err *e);
/* 1: *ret set; 0: the end; -errno. */
int entries_next(struct entries *r, struct entry *ret, struct err *e);
void entries_close(struct entries *r);
/* The entry parsed; u is scratch that ret->text may point into. -EBADMSG: it is none, which entries_open's file never holds. */
int entry_parse(const struct entry *in, struct url *u, struct list_entry *ret, struct err *e);

/* What is in one and not in the other, in the order of the entries. Each of `added`, `removed` may be NULL; non-zero ends it and is
 * returned. from NULL: an empty list. */
typedef int entries_diff_fn(void *ctx, const struct entry *en);
int entries_diff(const char *from, const char *to, const struct seal_key *key, entries_diff_fn *added,
		 entries_diff_fn *removed, void *ctx, struct err *e);

#endif
