/* SPDX-License-Identifier: BSD-3-Clause */
/* entry_words: the words that a field of type WORD stands for, with their numbers in the log. For ever: add behind, never change.
 *
 * Rows:     ENTRY_WORDS: T(table, LIST). A list: W(NAME, number, word); numbers rise by one from 0.
 *           Where another module has the same words (rules/list.h, common/hit_proto.h, rules/meta.h, common/events.h) its numbers are these: the suite
 *           "entry" says when a word was added there and not here.
 */
#ifndef AUDIT_ENTRY_WORDS_H
#define AUDIT_ENTRY_WORDS_H

/* clang-format off */
#define ENTRY_RULE_KINDS(W)                       \
	W(ENTRY_RULE_DOMAIN,      0, "domain")     \
	W(ENTRY_RULE_HOST,        1, "host")       \
	W(ENTRY_RULE_SUBDOMAINS,  2, "subdomains") \
	W(ENTRY_RULE_URL,         3, "url")        \
	W(ENTRY_RULE_URL_PREFIX,  4, "url-prefix") \
	W(ENTRY_RULE_URL_GLOB,    5, "url-glob")   \
	W(ENTRY_RULE_NAME_GLOB,   6, "name-glob")  \
	W(ENTRY_RULE_REGEX,       7, "regex")      \
	W(ENTRY_RULE_PREFIX,      8, "prefix")
#define ENTRY_PROTOCOLS(W)                        \
	W(ENTRY_PROTOCOL_TLS,     0, "tls")        \
	W(ENTRY_PROTOCOL_QUIC,    1, "quic")       \
	W(ENTRY_PROTOCOL_HTTP,    2, "http")       \
	W(ENTRY_PROTOCOL_DNS,     3, "dns")        \
	W(ENTRY_PROTOCOL_IP,      4, "ip")
#define ENTRY_ACTIONS(W)                          \
	W(ENTRY_ACTION_COUNT,     0, "count")      \
	W(ENTRY_ACTION_DROP,      1, "drop")       \
	W(ENTRY_ACTION_RESET,     2, "reset")      \
	W(ENTRY_ACTION_PAGE,      3, "page")       \
	W(ENTRY_ACTION_REDIRECT,  4, "redirect")   \
	W(ENTRY_ACTION_ALERT,     5, "alert")      \
	W(ENTRY_ACTION_CLOSE,     6, "close")      \
	W(ENTRY_ACTION_NXDOMAIN,  7, "nxdomain")   \
	W(ENTRY_ACTION_ADDRESS,   8, "address")    \
	W(ENTRY_ACTION_ICMP,      9, "icmp")
#define ENTRY_OUTCOMES(W)                         \
	W(ENTRY_OUTCOME_DONE,     0, "done")       \
	W(ENTRY_OUTCOME_REFUSED,  1, "refused")    \
	W(ENTRY_OUTCOME_FAILED,   2, "failed")
#define ENTRY_OUTAGE_REASONS(W)                   \
	W(ENTRY_OUTAGE_START,     0, "start")      \
	W(ENTRY_OUTAGE_STALL,     1, "stall")      \
	W(ENTRY_OUTAGE_UNWATCHED, 2, "unwatched")
#define ENTRY_SWAP_OUTCOMES(W)                    \
	W(ENTRY_SWAP_DONE,        0, "done")       \
	W(ENTRY_SWAP_REFUSED,     1, "refused")
#define ENTRY_ALARM_STATES(W)                     \
	W(ENTRY_ALARM_RAISED,     0, "raised")     \
	W(ENTRY_ALARM_SEEN,       1, "seen")       \
	W(ENTRY_ALARM_OVER,       2, "over")

#define ENTRY_WORDS(T)                                  \
	T(entry_rule_kinds,     ENTRY_RULE_KINDS)       \
	T(entry_protocols,      ENTRY_PROTOCOLS)        \
	T(entry_actions,        ENTRY_ACTIONS)          \
	T(entry_outcomes,       ENTRY_OUTCOMES)         \
	T(entry_outage_reasons, ENTRY_OUTAGE_REASONS)   \
	T(entry_swap_outcomes,  ENTRY_SWAP_OUTCOMES)    \
	T(entry_alarm_states,   ENTRY_ALARM_STATES)
/* clang-format on */

#define W(NAME, number, word) NAME = number,
#define T(table, LIST)	      enum table { LIST(W) table##_n };
ENTRY_WORDS(T)
#undef T
#undef W
#define T(table, LIST) extern const char *const table[table##_n];
ENTRY_WORDS(T)
#undef T

#endif
