/* SPDX-License-Identifier: BSD-3-Clause */
/* witness: a text that a glob or regular expression must match.
 *
 * Model:    a glob's '*' becomes a letter; an expression is read by its common syntax (groups, classes, repetitions,
 *           alternatives, escapes) and written out with the fewest repetitions and the first alternatives. Whoever uses it asks the
 *           pattern whether it does match: what is not understood (look-around, properties, flags) gives no witness, never
 *           a wrong proof.
 * Threads:  any.
 * Limits:   WITNESS_MAX bytes, WITNESS_DEPTH groups inside each other; beyond them none.
 * Cost:     O(text), no heap.
 */
#ifndef CONTROL_SAFETY_WITNESS_H
#define CONTROL_SAFETY_WITNESS_H

#include "rules/list.h"

#define WITNESS_MAX   2048
#define WITNESS_DEPTH 32

struct witness {
	char text[WITNESS_MAX + 1];
	size_t len;
	bool from_start; /* the expression is anchored at the beginning */
};

/* Of a NAME_GLOB: a name; of a URL_GLOB: a URL; of a REGEX: what the expression finds, which may be a piece of a URL. */
bool witness_of(const struct list_entry *e, struct witness *ret);

#endif
