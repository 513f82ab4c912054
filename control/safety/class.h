/* SPDX-License-Identifier: BSD-3-Clause */
/* class: what a check of a list can find, as one table.
 *
 * Model:    a row says how grave a finding is. refuse: the import is refused, nobody can override it. override: refused
 *           until two people recorded an override with a written assessment (entries), or until the import is made again
 *           accepting it (lists). note: said, nothing more. docs/safety.md explains them to a compliance officer.
 */
#ifndef CONTROL_SAFETY_CLASS_H
#define CONTROL_SAFETY_CLASS_H

enum safety_severity { SAFETY_NOTE, SAFETY_OVERRIDE, SAFETY_REFUSE, SAFETY_SEVERITIES_N };
enum safety_scope { SAFETY_ENTRY, SAFETY_LIST };

/* clang-format off */
/* X(class, word, severity, scope, what it is, what to do) */
#define SAFETY_CLASSES(X)                                                                                              \
	X(TOP_LEVEL,       "top-level",       REFUSE,   ENTRY, "a top-level domain or an unqualified name",                   \
	  "ask the authority for the names below it that are meant")                                                    \
	X(PUBLIC_SUFFIX,   "public-suffix",   REFUSE,   ENTRY, "a suffix under which anybody registers names",                \
	  "ask the authority for the names below it that are meant")                                                    \
	X(SPECIAL_NAME,    "special-name",    REFUSE,   ENTRY, "a name reserved for networks themselves (RFC 6761)",          \
	  "remove it: nobody's content can be there")                                                                   \
	X(OPERATOR,        "operator",        REFUSE,   ENTRY, "a name or address of the operator itself",                    \
	  "ask the authority what is meant; nothing overrides this")                                                     \
	X(EMERGENCY,       "emergency",       REFUSE,   ENTRY, "a name or address that help depends on",                      \
	  "ask the authority what is meant; nothing overrides this")                                                     \
	X(RESERVED_ADDRESS,"reserved-address",REFUSE,   ENTRY, "private, reserved or multicast addresses",                    \
	  "ask the authority for the public addresses that are meant")                                                   \
	X(WIDE_PATTERN,    "wide-pattern",    REFUSE,   ENTRY, "a pattern that matches names that have nothing to do with each other", \
	  "write the names in full, or anchor the pattern with the host in front")                                        \
	X(EXCEPTION,       "exception",       REFUSE,   ENTRY, "an exception inside a list",                                   \
	  "exceptions are made by two people: rojactl exception add")                                                     \
	X(HOSTING_SUFFIX,  "hosting-suffix",  OVERRIDE, ENTRY, "a suffix under which a service gives names to its customers",  \
	  "block the customer's name below it")                                                                          \
	X(PLATFORM,        "platform",        OVERRIDE, ENTRY, "a platform that many share, as a whole",                       \
	  "block the page or the customer's name")                                                                       \
	X(INFRASTRUCTURE,  "infrastructure",  OVERRIDE, ENTRY, "a service that other software depends on, as a whole",         \
	  "ask the authority what is meant")                                                                             \
	X(PLATFORM_PAGE,   "platform-page",   OVERRIDE, ENTRY, "the front page of a platform that many share",                 \
	  "block the page that is meant")                                                                                \
	X(PLATFORM_PREFIX, "platform-prefix", OVERRIDE, ENTRY, "so short a beginning of a platform's URLs that it holds many people's pages", \
	  "write more of the URL")                                                                                       \
	X(PLATFORM_PATTERN,"platform-pattern",OVERRIDE, ENTRY, "a pattern that matches a platform that many share, or its front page", \
	  "write the names in full")                                                                                     \
	X(ANY_HOST,        "any-host",        OVERRIDE, ENTRY, "a pattern that matches on every host",                         \
	  "put the host in front: /^host\\.example\\/path/")                                                              \
	X(ADDRESS,         "address",         OVERRIDE, ENTRY, "an address: everything that is hosted there is blocked with it", \
	  "find out what else is hosted there, or block the name")                                                       \
	X(WIDE_PREFIX,     "wide-prefix",     OVERRIDE, ENTRY, "more addresses than one network (wider than /24 or /48)",      \
	  "write the addresses that are meant")                                                                          \
	X(SHARED_NETWORK,  "shared-network",  OVERRIDE, ENTRY, "addresses of a content network or cloud, which many sites share", \
	  "block the name")                                                                                              \
	X(HTTPS_URL,       "https-url",       NOTE,     ENTRY, "a URL, which can be enforced on plain HTTP alone",             \
	  "nothing, or ask for the name if the whole site is meant")                                                     \
	X(DEEP_NAME,       "deep-name",       NOTE,     ENTRY, "a name of more than ten labels, perhaps two that ran together", \
	  "look at the original")                                                                                        \
	X(REPLAYED,        "replayed",        REFUSE,   LIST,  "older than what was accepted last",                            \
	  "get the present list; to go back on purpose: rojactl list rollback")                                            \
	X(TOO_MANY_SKIPPED,"too-many-skipped",REFUSE,   LIST,  "more guarded entries than can be left out one by one",         \
	  "this is not the list that was meant: ask the authority")                                                       \
	X(TOO_LARGE,       "too-large",       REFUSE,   LIST,  "more entries than this authority may have",                    \
	  "check the original; then raise max_entries in the configuration")                                             \
	X(TOO_FEW,         "too-few",         OVERRIDE, LIST,  "fewer entries than this authority's lists have",               \
	  "check that the file is whole")                                                                                \
	X(REMOVED,         "removed",         OVERRIDE, LIST,  "too much of the list would be gone",                           \
	  "check that the file is whole")                                                                                \
	X(ADDED,           "added",           OVERRIDE, LIST,  "too much would be added at once",                              \
	  "check that this is the right list")                                                                           \
	X(REJECTED,        "rejected",        OVERRIDE, LIST,  "too many lines are no entries",                                \
	  "check the format; ask the authority about the lines")                                                         \
	X(EARLIER,         "earlier",         OVERRIDE, LIST,  "the same entries as an earlier version, not the last one",      \
	  "check that this is not an old file sent again")                                                               \
	X(TEST_MISSING,    "test-missing",    OVERRIDE, LIST,  "a test entry that the authority puts into the list is not there", \
	  "check that the file is whole")                                                                                \
	X(UNCHANGED,       "unchanged",       NOTE,     LIST,  "the same entries as now",                                       \
	  "nothing")
/* clang-format on */

enum safety_class {
#define X(class, word, severity, scope, help, advice) SAFETY_##class,
	SAFETY_CLASSES(X)
#undef X
	    SAFETY_CLASSES_N
};

struct safety_class_row {
	const char *word;
	enum safety_severity severity;
	enum safety_scope scope;
	const char *help, *advice;
};
extern const struct safety_class_row safety_classes[SAFETY_CLASSES_N];
extern const char *const safety_severity_names[SAFETY_SEVERITIES_N]; /* "note", "override", "refuse" */

/* The class of a word, or -1. */
int safety_class_find(const char *word);

#endif
