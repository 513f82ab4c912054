/* SPDX-License-Identifier: BSD-3-Clause */
/* order_fields: what an order says, as rows: from them come the checks, the API's parameters, rojactl's options and docs.
 *
 * Model:    an order is a JSON object of these fields, kept as it was approved. order_check fills defaults, canonicalises
 *           times, and refuses what is missing or wrong by the field's name.
 */
#ifndef CONTROL_STORE_ORDER_FIELDS_H
#define CONTROL_STORE_ORDER_FIELDS_H

#include <jansson.h>
#include <stdbool.h>

#include "common/err.h"

enum order_type { ORDER_TEXT, ORDER_TIME, ORDER_WORD, ORDER_FLAG, ORDER_SECONDS, ORDER_META };

/* clang-format off */
/* X(key, type, required, default, words, help). default NULL: none; ORDER_META: as rules/meta.h says. */
#define ORDER_FIELDS(X)                                                                                                   \
	X(authority,     TEXT,    true,  NULL,       NULL, "who ordered the block")                                        \
	X(reference,     TEXT,    true,  NULL,       NULL, "protocol number of the order")                                 \
	X(legal_basis,   TEXT,    true,  NULL,       NULL, "law and article")                                              \
	X(category,      WORD,    true,  NULL,       "csam gambling court cyber media other", "what it is about")          \
	X(received,      TIME,    true,  NULL,       NULL, "when it was received")                                         \
	X(starts,        TIME,    false, NULL,       NULL, "when it begins; received by default")                          \
	X(expires,       TIME,    true,  NULL,       NULL, "when it ends by itself")                                       \
	X(deadline,      TIME,    false, NULL,       NULL, "by when it must be enforced on every data plane")              \
	X(precision,     WORD,    true,  NULL,       "domain host url ip", "what the authority asks to have blocked at most") \
	X(confidential,  FLAG,    false, NULL,       NULL, "its entries are shown to nobody; true by default for csam")    \
	X(records,       WORD,    false, NULL,       "counts events pseudonyms", "what hits leave in the log: counts by the minute (default where confidential), events (default elsewhere), or events with a pseudonym of the client") \
	X(records_basis, TEXT,    false, NULL,       NULL, "law and article that ask for it; pseudonyms need it, and events of a confidential order") \
	X(title,         TEXT,    false, NULL,       NULL, "a name for people")                                            \
	X(contact,       TEXT,    false, NULL,       NULL, "whom to write to at the authority")                            \
	X(language,      META,    false, NULL,       NULL, "language of the block page where the client names none")       \
	X(appeal,        META,    false, NULL,       NULL, "where an over-block can be appealed: URL or e-mail address")   \
	X(helpline,      META,    false, NULL,       NULL, "where to get help, shown on the block page")                   \
	X(action_http,   META,    false, NULL,       NULL, "page, redirect, reset, drop, count")                           \
	X(action_tls,    META,    false, NULL,       NULL, "alert, reset, drop, count")                                    \
	X(action_quic,   META,    false, NULL,       NULL, "close, drop, count")                                           \
	X(action_dns,    META,    false, NULL,       NULL, "nxdomain, address, drop, count")                               \
	X(action_ip,     META,    false, NULL,       NULL, "icmp, drop, count")                                            \
	X(redirect,      META,    false, NULL,       NULL, "URL for action_http redirect")                                 \
	X(dns_a,         META,    false, NULL,       NULL, "IPv4 address for action_dns address")                          \
	X(dns_aaaa,      META,    false, NULL,       NULL, "IPv6 address for action_dns address")                          \
	X(mode,          WORD,    false, "enforce",  "enforce shadow", "shadow: hits are counted, nothing is blocked")     \
	X(schedule,      TEXT,    false, NULL,       NULL, "when it acts, UTC: \"Mon-Fri 08:00-20:00, Sat 00:00-24:00\"; always by default") \
	X(block_server_s, SECONDS, false, NULL,      NULL, "seconds for which a hit blocks the server's address, 0 to 86400") \
	X(assessment,    TEXT,    false, NULL,       NULL, "why blocking a server's address hurts nobody else; block_server_s needs it")
/* clang-format on */

struct order_field {
	const char *key;
	enum order_type type;
	bool required;
	const char *def, *words, *help;
};
extern const struct order_field order_fields[];
extern const unsigned order_fields_n;

#define ORDER_TEXT_MAX 400 /* bytes of a text: META_MAX_BYTES */

/* Fills and checks `fields` in place. -EINVAL with a sentence that begins with the field's name. now: of the check. */
int order_check(json_t *fields, int64_t now, struct err *e);
/* The time of a field that order_check has passed; -1: it is not there. */
int64_t order_time(const json_t *fields, const char *key);

/* Whether a schedule holds `at`; NULL or "": always. */
bool schedule_holds(const char *schedule, int64_t at);
/* When that changes next after `at`, at most a week later; 0: never. */
int64_t schedule_changes(const char *schedule, int64_t at);
/* NULL, or what is wrong. */
const char *schedule_check(const char *schedule);

#endif
