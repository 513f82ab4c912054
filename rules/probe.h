/* SPDX-License-Identifier: BSD-3-Clause */
/* probe: which of these patterns match a text? Asked before there is a ruleset.
 *
 * Model:    a batch of globs and expressions, compiled as the ruleset's would be. Unlike a ruleset, which tells the first rule
 *           that matches, a probe tells every pattern that does.
 * Owner:    probe_new/probe_free; texts are copied.
 * Threads:  one.
 * Limits:   PROBE_BATCH patterns: then probe_reset.
 * Errors:   0 or -errno with a sentence. A pattern that Hyperscan refuses matches nothing.
 * Cost:     compiling: about a millisecond a pattern; a text: some hundred nanoseconds.
 */
#ifndef RULES_PROBE_H
#define RULES_PROBE_H

#include "rules/list.h"

#define PROBE_BATCH 256

struct probe;

int probe_new(struct probe **ret, struct err *e);
void probe_free(struct probe *p);
void probe_reset(struct probe *p);

/* Adds a NAME_GLOB, URL_GLOB or REGEX; patterns are numbered from 0 in the order of adding. -ENOSPC where the batch is full. */
int probe_add(struct probe *p, const struct list_entry *entry, struct err *e);
unsigned probe_count(const struct probe *p);
int probe_compile(struct probe *p, struct err *e);

/* Calls each(ctx, number) for every pattern that matches a canonical name (NAME_GLOB) or canonical URL (the others). */
typedef void probe_fn(void *ctx, unsigned number);
void probe_name(struct probe *p, const char *name, size_t len, probe_fn *each, void *ctx);
void probe_url(struct probe *p, const char *url, size_t len, probe_fn *each, void *ctx);

#endif
