/* SPDX-License-Identifier: BSD-3-Clause */
/* beside: requests beside a glob or an expression, that it must not touch.
 *
 * Model:    from a text that the pattern finds: one byte of it changed, from the front, from the back and in its path; a label or segment more
 *           than it says, in front, behind and where a '*' stands; its parent, its host's name, the front page. Each is made canonical, then
 *           the pattern, compiled by itself, is asked: what it finds is no neighbour. No ruleset is asked.
 * Owner:    beside_new/beside_free, which wipes. Texts live until the next call.
 * Threads:  one.
 * Limits:   BESIDE_MAX requests of a pattern. None where no text is found by it, or where nothing was made that it does not find.
 * Errors:   -ENOMEM with a sentence.
 * Cost:     a compile of the pattern, a millisecond or two.
 */
#ifndef CONTROL_SAFETY_BESIDE_H
#define CONTROL_SAFETY_BESIDE_H

#include "control/safety/ask.h"

#define BESIDE_MAX 9

struct beside;

int beside_new(struct beside **ret, struct err *e);
void beside_free(struct beside *b);
/* Of a NAME_GLOB, URL_GLOB or REGEX. */
int beside_pattern(struct beside *b, const struct list_entry *entry, struct ask ret[BESIDE_MAX],
		   unsigned *ret_n, struct err *e);

#endif
