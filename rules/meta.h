/* SPDX-License-Identifier: BSD-3-Clause */
/* meta: what is known of a list as a whole: who ordered it, on which basis, and how to answer a hit.
 *
 * Model:    rows of one table. In a plain list they are lines "#! key: value" before the first entry; in a
 *           ruleset they are strings of one section. The block page and the events take them from here.
 * Limits:   META_MAX_BYTES a value.
 */
#ifndef RULES_META_H
#define RULES_META_H

#include <stdint.h>

#define META_MAX_BYTES 400

/* clang-format off */
/*      field        default     what it is (from it: docs, the check of unknown keys, the block page) */
#define META_FIELDS(X)                                                                                       \
	X(name,         "",         "name of the list in hits and reports; default: the file's name without .txt") \
	X(authority,    "",         "who ordered the block")                                                 \
	X(legal_basis,  "",         "law and article")                                                       \
	X(reference,    "",         "protocol number of the order")                                          \
	X(category,     "",         "csam, gambling, court, cyber, media, other")                            \
	X(appeal,       "",         "where an over-block can be appealed: URL (a rule's id is added behind a = at its end) or e-mail address") \
	X(helpline,     "",         "where to get help, shown on the block page")                            \
	X(language,     "sq",       "language of the page where the client names none: sq, en, sr, mk")      \
	X(action_http,  "page",     "page, redirect, reset, drop, count")                                    \
	X(action_tls,   "alert",    "alert, reset, drop, count")                                             \
	X(action_quic,  "close",    "close, drop, count")                                                    \
	X(action_dns,   "nxdomain", "nxdomain, address, drop, count")                                        \
	X(action_ip,    "icmp",     "icmp, drop, count")                                                     \
	X(redirect,     "",         "URL for action_http redirect; a rule's id is added behind a = at its end") \
	X(dns_a,        "",         "IPv4 address for action_dns address")                                   \
	X(dns_aaaa,     "",         "IPv6 address for action_dns address")
/* clang-format on */

enum meta_field {
#define X(field, def, help) META_##field,
	META_FIELDS(X)
#undef X
	    META_COUNT
};

enum action {
	ACTION_COUNT, /* report the hit, touch nothing */
	ACTION_DROP,
	ACTION_RESET,	 /* RST to both ends */
	ACTION_PAGE,	 /* HTTP 451 */
	ACTION_REDIRECT, /* HTTP 302 */
	ACTION_ALERT,	 /* TLS fatal alert, then RST to both ends */
	ACTION_CLOSE,	 /* QUIC CONNECTION_CLOSE */
	ACTION_NXDOMAIN,
	ACTION_ADDRESS,
	ACTION_ICMP, /* administratively prohibited */
	ACTION_N
};

struct meta_row {
	const char *key, *def, *help;
};
extern const struct meta_row meta_rows[META_COUNT];
extern const char *const action_names[ACTION_N];

/* The action named by `text` if field `f` (one of META_action_*) allows it, else -1. */
int meta_action(enum meta_field f, const char *text);

/* 0 if `value` is valid for field f, else a sentence why not in *ret_why (static). */
int meta_check(enum meta_field f, const char *value, const char **ret_why);

/* The row of a key ("legal_basis" or "legal-basis"), or -1. */
int meta_find(const char *key, unsigned len);

#endif
