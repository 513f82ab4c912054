/* SPDX-License-Identifier: BSD-3-Clause */
/* guard: names and networks that may never be blocked as a whole.
 *
 * Model:    entries of the shipped files (share/guard/, format in docs/safety.md) and of the configuration, each of a
 *           group. A name guards itself, "www." in front of it, and so every name above it; a name of the operator's or of an
 *           emergency service guards its subdomains too. What is below a platform (a customer's name) is not guarded.
 * Owner:    guard_load/guard_free; results point into the guard.
 * Threads:  immutable after guard_load: read by many.
 * Limits:   GUARD_MAX_ENTRIES, GUARD_LINE_MAX bytes a line.
 * Errors:   0 or -errno with a sentence that names file and line; -EINVAL for a line that is no entry: a guard with a hole is
 *           no guard.
 * Cost:     one hash look-up a name; a binary search a prefix.
 */
#ifndef CONTROL_SAFETY_GUARD_H
#define CONTROL_SAFETY_GUARD_H

#include "common/err.h"
#include "control/safety/class.h"
#include "rules/list.h"

#define GUARD_MAX_ENTRIES 200000
#define GUARD_LINE_MAX	  1024

/* clang-format off */
/* X(group, word, class of an entry that holds it, what belongs there) */
#define GUARD_GROUPS(X)                                                                                  \
	X(OPERATOR,       "operator",       OPERATOR,         "the operator's own names and networks")   \
	X(EMERGENCY,      "emergency",      EMERGENCY,        "emergency numbers, helplines, authorities") \
	X(RESERVED,       "reserved",       RESERVED_ADDRESS, "private, reserved and multicast networks") \
	X(PLATFORM,       "platform",       PLATFORM,         "sites where many people publish or talk")  \
	X(INFRASTRUCTURE, "infrastructure", INFRASTRUCTURE,   "what other software depends on")           \
	X(NETWORK,        "network",        SHARED_NETWORK,   "content networks and clouds")
/* clang-format on */

enum guard_group {
#define X(group, word, class, help) GUARD_##group,
	GUARD_GROUPS(X)
#undef X
	    GUARD_GROUPS_N
};

struct guard_group_row {
	const char *word;
	enum safety_class class;
	const char *help;
};
extern const struct guard_group_row guard_groups[GUARD_GROUPS_N];

struct guard;

struct guard_sources {
	const char *const *files; /* each in the format of share/guard/ */
	unsigned n_files;
	const char *const *operators; /* names, addresses, prefixes */
	unsigned n_operators;
	const char *const *emergencies;
	unsigned n_emergencies;
};

struct guard_entry {
	const char *text, *reason; /* canonical name, or "addr/len" */
	const char *file;	   /* or "configuration" */
	uint32_t line;		   /* in file, or the place in the configuration's list, from 1 */
	uint8_t group;		   /* enum guard_group */
	bool is_prefix;
	uint8_t addr[16], prefix_len;
};

int guard_load(const struct guard_sources *s, struct guard **ret, struct err *e);
void guard_free(struct guard *g);

/* The gravest guarded entry that list entry `e` would block as a whole, or NULL. Patterns (globs, expressions) are not
 * looked at here: see rules/probe.h. For URLs the host counts, whatever the path. */
const struct guard_entry *guard_find(const struct guard *g, const struct list_entry *e);

/* Names first, in no order; i < guard_names(g) + guard_prefixes(g). */
unsigned guard_names(const struct guard *g);
unsigned guard_prefixes(const struct guard *g);
const struct guard_entry *guard_at(const struct guard *g, unsigned i);

#endif
