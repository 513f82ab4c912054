/* SPDX-License-Identifier: BSD-3-Clause */
/* safety: may this list replace the one before it?
 *
 * Model:    reads the new entries and the previous ones side by side (both sorted), compares each new entry with the guard,
 *           and the whole with the authority's thresholds. A report whose `refused` is set keeps the last good list. With
 *           policy.skip_guarded, guarded entries are left out of the compile instead (`skipped`).
 * Owner:    the report owns its texts: safety_report_free.
 * Threads:  a worker's; reads request and guard only.
 * Limits:   SAFETY_MAX_FINDINGS of each severity are kept, the rest counted; SAFETY_MAX_SKIPPED skipped lines, beyond them the
 *           list is refused. Memory does not grow with the lists.
 * Errors:   0 or -errno with a sentence; what is wrong with the list is in the report, not an error.
 * Cost:     about 1 us an entry; patterns are compiled PROBE_BATCH at a time (rules/probe.h), about a millisecond each.
 */
#ifndef CONTROL_SAFETY_SAFETY_H
#define CONTROL_SAFETY_SAFETY_H

#include <stdatomic.h>

#include "control/safety/guard.h"

#define SAFETY_MAX_FINDINGS 1000
#define SAFETY_MAX_SKIPPED  65536
#define SAFETY_NO_LIMIT	    UINT32_MAX

struct seal_key;

/* A percentage is of the previous list (rejected: of the file's lines). Small lists need room that percentages do not
 * give: a change of up to `slack` entries is allowed too, as long as it is not more than half of them (rounded up). So of
 * ten entries five may go, of a list of one its only one may be replaced; what is left must still be min_entries. */
struct safety_policy {
	uint32_t min_entries, max_entries;
	uint32_t max_removed_percent, max_added_percent, max_rejected_percent; /* or SAFETY_NO_LIMIT */
	uint32_t slack;							       /* entries */
	uint32_t added_slack; /* entries that may always be added, half or not */
	bool skip_guarded;    /* leave guarded entries out, instead of refusing the import */
	bool
	    addresses_assessed; /* the order itself is for addresses: they need no override each (wide and shared ones do) */
};
extern const struct safety_policy
    safety_policy_default; /* 1, 10,000,000; 20 %, 100 %, 5 %; 10, 100; false, false */

/* What a feed says of itself; 0: it does not. */
struct safety_stamp {
	uint64_t serial;
	int64_t time; /* UTC seconds */
};

struct safety_request {
	const char *entries;  /* path of the sealed entries file */
	const char *previous; /* of the list in force, or NULL: the first one */
	const struct seal_key *key;
	const struct guard *guard;    /* or NULL */
	const char *const *overrides; /* canonical entries that two people allowed */
	unsigned n_overrides;
	const char *const *tests; /* canonical entries that the authority puts into each list */
	unsigned n_tests;
	struct safety_policy policy;
	uint64_t lines, rejected;	     /* of the import */
	struct safety_stamp stamp, accepted; /* of this import, of the last accepted one */
	const uint8_t (
	    *earlier)[32]; /* digests of the entries of earlier versions but the last: safety_report.digest */
	unsigned n_earlier;
	uint64_t accept;	   /* bits of classes of scope list that are accepted this once */
	const atomic_bool *cancel; /* or NULL */
};

struct safety_finding {
	enum safety_class class;
	bool accepted; /* a note; or allowed by an override or `accept`, or skipped: it does not refuse */
	bool skipped;  /* its entry is left out (policy.skip_guarded) */
	uint32_t line; /* 0: the list as a whole */
	char *entry;   /* canonical, or NULL. Of a confidential list: show it to nobody */
	const struct guard_entry *guard; /* what it would block, or NULL; lives as long as the guard */
	char *detail;			 /* numbers, or NULL; never holds an entry */
};

struct safety_report {
	bool refused;
	uint64_t total[SAFETY_CLASSES_N]; /* findings, kept or not, accepted or not */
	uint64_t refusing;		  /* those that refuse */
	uint64_t entries, previous, added, removed, kept;
	uint8_t digest[32]; /* SHA-256 of the canonical entries in order, whatever lines they stood on */
	uint64_t by_kind[RULE_KINDS_N];
	struct safety_finding *findings; /* gravest first, then by line */
	unsigned n_findings;
	uint32_t *skipped; /* ascending lines to be left out of the compile */
	unsigned n_skipped;
};

int safety_check(const struct safety_request *q, struct safety_report *ret, struct err *e);
void safety_report_free(struct safety_report *r);

/* Whether the compile must leave the entry of this line out. O(log n_skipped). */
bool safety_is_skipped(const uint32_t *skipped, unsigned n, uint32_t line);

/* The finding as a sentence that says what to do, with the exact command. reveal false leaves out the entry and what it
 * would block, for reports of confidential lists. Returns the length that was needed, as snprintf. */
size_t safety_finding_text(const struct safety_finding *f, bool reveal, char *to, size_t room);

/* How precisely a rule of this kind can be enforced, by protocol. */
enum precision { PRECISION_NONE, PRECISION_ADDRESS, PRECISION_HOST, PRECISION_NAME, PRECISION_URL };
struct safety_precision {
	enum precision http, tls, quic, dns, ip;
	const char *help; /* one sentence */
};
extern const struct safety_precision safety_precisions[RULE_KINDS_N];

#endif
