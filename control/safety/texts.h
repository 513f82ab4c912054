/* SPDX-License-Identifier: BSD-3-Clause */
/* texts: a small sorted set of texts.
 *
 * Owner:    borrows the texts. Cost: O(log n) a look-up.
 */
#ifndef CONTROL_SAFETY_TEXTS_H
#define CONTROL_SAFETY_TEXTS_H

#include <stdbool.h>

#include "common/span.h"

struct texts {
	const char **at;
	unsigned n;
};

/* 0 or -ENOMEM. */
int texts_set(struct texts *t, const char *const *from, unsigned n);
void texts_unset(struct texts *t);
/* The place of a text, or -1. */
int texts_find(const struct texts *t, struct span text);

#endif
