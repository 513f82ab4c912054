/* SPDX-License-Identifier: BSD-3-Clause */
/* guard_state: a guard as its own files see it. Not for others. */
#ifndef CONTROL_SAFETY_GUARD_STATE_H
#define CONTROL_SAFETY_GUARD_STATE_H

#include "control/safety/guard.h"

/* A name that is guarded, or lies above one. */
struct guard_node {
	const char *name; /* NULL: free; points into a guarded entry's text */
	uint64_t hash;
	uint32_t below; /* the gravest entry of this name and those below it */
	uint32_t self;	/* the entry of this very name, or GUARD_NONE */
};

#define GUARD_NONE UINT32_MAX

struct guard {
	struct guard_entry *names, *prefixes; /* prefixes by address, wider first */
	uint32_t n_names, n_prefixes, cap_names, cap_prefixes;
	struct guard_node *nodes; /* open addressing */
	uint32_t n_nodes;	  /* a power of two */
	uint32_t *reach;	  /* of prefixes[0..i]: which reaches furthest */
	char **files;
	unsigned n_files;
};

/* Of a text's bytes from its end, so that the suffixes of a name are one pass. */
#define GUARD_HASH_START 14695981039346656037ull
static inline uint64_t guard_hash_step(uint64_t h, uint8_t byte)
{
	return (h ^ byte) * 1099511628211ull;
}

const struct guard_node *guard_node_find(const struct guard *g, uint64_t hash, const char *name, size_t len);
/* Builds nodes and reach from names and prefixes. 0 or -ENOMEM. */
int guard_index(struct guard *g);

#endif
