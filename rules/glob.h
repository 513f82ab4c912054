/* SPDX-License-Identifier: BSD-3-Clause */
/* glob: the regular expression that a glob entry stands for.
 *
 * Model:    anchored at both ends; over the canonical name for NAME_GLOB, over the canonical URL
 *           (host[:port]/path?query) for URL_GLOB. docs/lists.md says what each '*' stands for; its table is
 *           the test. Only syntax that Hyperscan, PCRE and POSIX extended expressions read alike.
 * Threads:  any.
 * Cost:     O(entry), no heap.
 */
#ifndef RULES_GLOB_H
#define RULES_GLOB_H

#include "rules/list.h"

/* Enough for the expression of `len` bytes of glob, and a NUL. */
#define GLOB_EXPRESSION_MAX(len) (8 * (len) + 32)

/* Writes the expression of e->text and a NUL; returns its length, 0 where cap is too small. */
size_t glob_expression(const struct list_entry *e, char *ret, size_t cap);

#endif
