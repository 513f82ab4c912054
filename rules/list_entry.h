/* SPDX-License-Identifier: BSD-3-Clause */
/* list_entry: the kinds of entry, one parser each; list_parse_line puts them together.
 *
 * Model:    each takes the entry without '!', comment and surrounding white space, and the properties of its
 *           bytes; fills kind, text and what else the kind has. An entry that can be read in two ways is a
 *           question to whoever wrote it: refused, with both ways to write it.
 * Errors:   NULL, or a static sentence: what is wrong and what to write instead.
 */
#ifndef RULES_LIST_ENTRY_H
#define RULES_LIST_ENTRY_H

#include "rules/list.h"

/* What bytes an entry holds, one bit a class. */
enum {
	HAS_SLASH = 0x01, /* '/' or '\' */
	HAS_STAR = 0x02,
	HAS_COLON = 0x04,
	HAS_QUERY = 0x08, /* '?' or '#' */
	HAS_BLANK = 0x10,
	HAS_CONTROL = 0x20,
	HAS_HIGH = 0x40,
	HAS_ODD = 0x80, /* ASCII that no listed name holds */
};
unsigned list_byte_props(const uint8_t *p, size_t len);

const char *list_parse_name(struct span s, unsigned has, struct url *u, struct list_entry *e);
const char *list_parse_regex(struct span s, unsigned has, struct url *u, struct list_entry *e);
const char *list_parse_url(struct span s, unsigned has, struct url *u, struct list_entry *e);
/* "addr" or "addr/len". */
const char *list_parse_prefix(struct span s, unsigned has, struct url *u, struct list_entry *e);

/* Whether "addr/len" or something meant so. */
bool list_is_prefix(struct span s);
/* Whether the text has no byte but those of listed names, and '*'. */
bool list_is_plain(const char *text, size_t len);
size_t list_count_stars(const uint8_t *p, size_t len);

/* name_strerror with advice for a list. */
const char *list_name_error(enum name_error err);

#endif
