/* SPDX-License-Identifier: BSD-3-Clause */
/* gen_names: a list of names, and names beside them that it does not hold.
 *
 * Model:    name i is a pure function of i: [label.[label.]]core.test or .example, where the core's first eight
 *           letters are i and hold no x. So no listed name is below another, and a neighbour (x before the name,
 *           another first label, the parent, the other top level, a name that goes on) is never listed.
 */
#ifndef PERF_GEN_NAMES_H
#define PERF_GEN_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define GEN_NAME_MAX  128
#define GEN_NAMES_MAX 50000000u

struct gen_names {
	uint32_t n; /* in the list */
	uint64_t seed;
};

enum gen_look {
	LOOK_LISTED,
	LOOK_BELOW, /* www. before a listed name: listed too */
	LOOK_X,	    /* from here on: not listed */
	LOOK_SIBLING,
	LOOK_PARENT,
	LOOK_OTHER_TOP,
	LOOK_GOES_ON,
	LOOK_UNLISTED,
	LOOK_N
};

/* Name i of the list, or what looks like it, NUL-terminated; returns its length. */
size_t gen_name(const struct gen_names *n, uint32_t i, enum gen_look look, char ret[GEN_NAME_MAX]);

#endif
