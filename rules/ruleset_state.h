/* SPDX-License-Identifier: BSD-3-Clause */
/* ruleset_state: a ruleset as its own files see it. Not for others. */
#ifndef RULES_RULESET_STATE_H
#define RULES_RULESET_STATE_H

#include "rules/image.h"
#include "rules/patterns.h"

struct ruleset_table {
	const struct image_bucket *keys;
	const uint64_t *values;
	uint64_t buckets;
};

struct ruleset {
	const struct image_head *head;
	const struct image_role *roles;
	struct ruleset_table names, urls, hosts;
	hs_database_t *url_patterns, *name_patterns;
	void *map;
	size_t map_bytes;
	uint64_t version;
};

struct ruleset_scratch {
	hs_scratch_t *hs;
};

#endif
