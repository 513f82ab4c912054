/* SPDX-License-Identifier: BSD-3-Clause */
/* subject: what a person asks about, and how the wire would show it.
 *
 * Model:    what has a scheme or a path is a URL, everything else a name or an address. Of a URL with https:// the wire shows the
 *           name alone, so that only this is judged.
 * Owner:    the caller's struct; large.
 */
#ifndef RULES_SUBJECT_H
#define RULES_SUBJECT_H

#include "rules/ruleset.h"

/* clang-format off */
#define SUBJECTS(X)                                                                  \
	X(NAME,    "name",    "a name, as TLS, QUIC, DNS and HTTP show it")          \
	X(ADDRESS, "address", "an address")                                          \
	X(URL,     "url",     "a URL on plain HTTP")                                 \
	X(HTTPS,   "https",   "a URL on HTTPS, of which the wire shows the name alone")
/* clang-format on */

enum subject_kind {
#define X(id, word, help) SUBJECT_##id,
	SUBJECTS(X)
#undef X
	    SUBJECTS_N
};
extern const char *const subject_words[SUBJECTS_N], *const subject_help[SUBJECTS_N];

struct subject {
	enum subject_kind kind;
	struct name name; /* itself, or the URL's host */
	struct url url;	  /* of URL and HTTPS */
};

enum name_error subject_read(const char *text, struct subject *ret);
const char *subject_canonical(const struct subject *s);
/* Judges it. *ret_http: what the URL of SUBJECT_HTTPS would meet on plain HTTP; else the same as *ret. */
void subject_match(const struct subject *s, const struct ruleset *rs, struct ruleset_scratch *scratch,
		   struct match *ret, struct match *ret_http);

#endif
