/* SPDX-License-Identifier: BSD-3-Clause */
/* zone: records of a DNS zone file (RFC 1035, section 5), one after the other.
 *
 * Model:    as much of the syntax as zones of policies have: comments, parentheses, quoted strings, $ORIGIN, $TTL, owners left out
 *           or relative. A record that is none is handed out with `bad`; $INCLUDE and $GENERATE end it, since what they stand for
 *           would be missing.
 * Owner:    the zone is embedded; a record lives until the next one.
 * Limits:   ZONE_RECORD_MAX bytes and ZONE_LINES_MAX lines a record, ZONE_WORDS_MAX words of it are looked at.
 */
#ifndef CONTROL_FEED_ZONE_H
#define CONTROL_FEED_ZONE_H

#include "control/feed/reader.h"

#define ZONE_RECORD_MAX 65536
#define ZONE_LINES_MAX	1000
#define ZONE_WORDS_MAX	32
#define ZONE_NAME_BYTES 256 /* with a last dot and the NUL */

struct zone_record {
	uint32_t line;
	const char *bad;   /* NULL, or why it is none */
	const char *owner; /* absolute, in lower case */
	const char *type;
	unsigned n_data;
	const char *const *data;
};

struct zone {
	struct reading *r;
	char origin[ZONE_NAME_BYTES], owner[ZONE_NAME_BYTES];
	bool has_owner, begins_blank;
	uint32_t line;
	const char *bad;
	unsigned depth, n_words;
	size_t n; /* bytes of text in use */
	const char *words[ZONE_WORDS_MAX + 1];
	char text[ZONE_RECORD_MAX];
};

void zone_init(struct zone *z, struct reading *r, const char *origin);
/* 1: *ret set; 0: the end; -errno. */
int zone_next(struct zone *z, struct zone_record *ret);
/* The name absolute, in lower case, with its last dot; false: too long. */
bool zone_name(const struct zone *z, const char *name, char ret[ZONE_NAME_BYTES]);

#endif
