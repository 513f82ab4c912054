/* SPDX-License-Identifier: BSD-3-Clause */
/* list_write: an entry as a line of a plain list.
 *
 * Model:    the canonical text, with '!', '=', "*.", slashes or scheme as its kind has them; list_parse_line reads the same entry from it.
 * Limits:   LIST_ENTRY_MAX bytes.
 * Cost:     one copy.
 */
#ifndef RULES_LIST_WRITE_H
#define RULES_LIST_WRITE_H

#include "rules/list.h"

#define LIST_ENTRY_MAX (URL_MAX_BYTES + 32)

/* Writes the text and a NUL where it fits; returns its length, as snprintf does. */
size_t list_entry_write(const struct list_entry *e, char *ret, size_t room);

#endif
