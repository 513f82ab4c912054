/* SPDX-License-Identifier: BSD-3-Clause */
/* patterns_cache: compiled patterns, kept in a folder as sealed files.
 *
 * Model:    a file's name is a digest of all that a database depends on, and of the key, so that it tells nothing of the
 *           expressions. What is no good (another key, changed, cut, of another Hyperscan) counts as not there.
 * Owner:    folder and key belong to whoever made it.
 * Threads:  any number of processes: files are replaced whole.
 * Limits:   PATTERNS_CACHE_FILES; beyond them the longest unused go.
 * Errors:   none: a cache that fails costs time alone.
 */
#ifndef RULES_PATTERNS_CACHE_H
#define RULES_PATTERNS_CACHE_H

#include <hs/hs.h>

#include "rules/seal.h"

#define PATTERNS_CACHE_FILES 16
#define PATTERNS_CACHE_NAME  32

struct patterns_cache {
	char *folder; /* NULL: none */
	const struct seal_key *key;
};

void patterns_cache_name(const struct patterns_cache *c, const char *const *expressions, const unsigned *ids,
			 unsigned n, unsigned flags, const hs_platform_info_t *target,
			 uint8_t ret[PATTERNS_CACHE_NAME]);
/* Whether there is one; *ret: free with free(). */
bool patterns_cache_get(const struct patterns_cache *c, const uint8_t name[PATTERNS_CACHE_NAME], char **ret,
			size_t *ret_bytes);
void patterns_cache_put(const struct patterns_cache *c, const uint8_t name[PATTERNS_CACHE_NAME],
			const char *database, size_t bytes);

#endif
