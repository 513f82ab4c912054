/* SPDX-License-Identifier: BSD-3-Clause */
/* patterns: globs and regular expressions as one Hyperscan database a subject (URL or name).
 *
 * Model:    block mode, DOTALL, SINGLEMATCH, no start of match; ids are indices of the pattern's role. A database is stored
 *           serialised and belongs to the CPU family it was made for.
 * Owner:    as each function says.
 * Threads:  a database is read by many; a scratch belongs to one.
 * Errors:   0 or -errno with a sentence. patterns_compile drops expressions that Hyperscan refuses and tells each.
 * Cost:     a scan of a URL is some hundred nanoseconds with 10,000 patterns.
 */
#ifndef RULES_PATTERNS_H
#define RULES_PATTERNS_H

#include <hs/hs.h>

#include "common/err.h"
#include "common/span.h"

#define PATTERNS_MAX 65536

struct pattern_source {
	char *expression;
	bool dropped; /* out: refused */
};

typedef void pattern_refused_fn(void *ctx, unsigned index, const char *why);

struct patterns_cache;

/* Compiles and serialises; *ret (free with free()) is NULL where nothing is left. Ids are the indices in `src`. cache: NULL, or
 * where to look first (patterns_cache.h). *ret_cached: it was there. */
int patterns_compile(struct pattern_source *src, unsigned n, const struct patterns_cache *cache, char **ret,
		     size_t *ret_bytes, bool *ret_cached, pattern_refused_fn *refused, void *ctx,
		     struct err *e);

/* *ret is NULL for an empty section; free with hs_free_database. */
int patterns_load(const char *bytes, size_t len, hs_database_t **ret, struct err *e);

#endif
