/* SPDX-License-Identifier: BSD-3-Clause */
/* selfcheck: does the compiled ruleset block what was ordered, and nothing that is guarded?
 *
 * Model:    every entry becomes a synthetic request (a name, a URL, an address; for a pattern a text that it must match) and
 *           is put to the ruleset, which must answer with that entry's own rule; or with another, which then covers or excepts
 *           it. Every guarded name must pass, as a bare host and as http://name/, unless overridden. Of a sample of entries the
 *           neighbours (sibling, parent, subdomain, longer path, next address) must not match that same rule.
 * Owner:    selfcheck_result_free.
 * Threads:  a worker's; the ruleset is only read.
 * Limits:   SELFCHECK_MAX_NOTES notes, the rest counted. Memory does not grow with the lists.
 * Errors:   0: it may be published. -EBADMSG: it may not, and the sentence says why (so does the result, which is set as
 *           well). Other -errno: could not be checked; no result.
 * Cost:     below 1 us an entry; perf/README.md.
 */
#ifndef CONTROL_SAFETY_SELFCHECK_H
#define CONTROL_SAFETY_SELFCHECK_H

#include <stdatomic.h>

#include "control/safety/guard.h"
#include "rules/ruleset.h"

#define SELFCHECK_MAX_NOTES 200

struct seal_key;

/* clang-format off */
/* X(kind, word, whether it forbids publishing, what it is) */
#define SELFCHECK_KINDS(X)                                                                         \
	X(MISSED,    "missed",    true,  "its own request matches nothing")                      \
	X(GUARDED,   "guarded",   true,  "a guarded name or address would be blocked")           \
	X(NEIGHBOUR, "neighbour", true,  "the rule also blocks a neighbour")                     \
	X(EXCEPTED,  "excepted",  false, "an exception lets it pass")                            \
	X(COVERED,   "covered",   false, "another rule blocks it as well, and gets the hits")    \
	X(UNPROVEN,  "unproven",  false, "no text could be made that the pattern must match")
/* clang-format on */

enum selfcheck_kind {
#define X(kind, word, fails, help) SELFCHECK_##kind,
	SELFCHECK_KINDS(X)
#undef X
	    SELFCHECK_KINDS_N
};

struct selfcheck_kind_row {
	const char *word;
	bool fails;
	const char *help;
};
extern const struct selfcheck_kind_row selfcheck_kinds[SELFCHECK_KINDS_N];

struct selfcheck_request {
	const struct ruleset *ruleset;
	const struct seal_key *key;
	const char *const *entries; /* path of the sealed entries of list 0, 1 ... of the ruleset */
	unsigned n_lists;
	const uint32_t *const *skipped; /* per list: lines that the compile left out, ascending; or NULL */
	const unsigned *n_skipped;
	const struct guard *guard; /* or NULL */
	const char *const *overrides;
	unsigned n_overrides;
	/* NULL: they count in every list. Otherwise the order of each override, 0: any; and of each list */
	const int64_t *override_orders, *list_orders;
	const atomic_bool *cancel; /* or NULL */
};

struct selfcheck_note {
	enum selfcheck_kind kind;
	uint32_t list, line;		 /* GUARDED: of the rule that blocks it */
	uint32_t other_list, other_line; /* COVERED, EXCEPTED: by which rule */
	const struct guard_entry *guard; /* GUARDED, else NULL */
};

struct selfcheck_result {
	uint64_t entries, own; /* put to the ruleset; answered by their own rule */
	uint64_t total[SELFCHECK_KINDS_N];
	uint64_t unproven;				  /* total[SELFCHECK_UNPROVEN] */
	uint64_t guarded_names, neighbours;		  /* asked */
	struct selfcheck_note notes[SELFCHECK_MAX_NOTES]; /* what forbids publishing first */
	unsigned n_notes;
};

int safety_selfcheck(const struct selfcheck_request *q, struct selfcheck_result *ret, struct err *e);
void selfcheck_result_free(struct selfcheck_result *r);

#endif
