/* SPDX-License-Identifier: BSD-3-Clause */
/* prober: does every worker of every data plane do what was ordered, and nothing else? Asked with requests that are on no wire.
 *
 * Model:    every entry of every list becomes requests (control/safety/ask.h), in each protocol that shows it: a name in TLS, QUIC, DNS and HTTP, a
 *           URL in HTTP, an address. They go in batches to the method `probe` of each data plane, which answers for every worker. An
 *           entry is enforced where every worker acts on each of its requests as the order says; missed where one does not. Requests
 *           beside it are neighbours: one that a worker would block is harmed unless the entry of the rule that blocks it, read
 *           again from its list, does cover it. The ruleset is not trusted for that.
 * Owner:    the caller's request, which outlives the call; prober_result_free.
 * Threads:  a worker's; the lists' files are only read. `progress` may be read by others meanwhile.
 * Limits:   every entry is asked, no sample. PROBER_SUSPECTS blocked neighbours wait for their entries at a time.
 * Errors:   -ECANCELED: by cancel, or superseded by abort. Other -errno with a sentence: a list cannot be read. A data plane that does not
 *           answer is in the result.
 * Secrets:  entries are in memory of this process, on the data plane's socket, and in its memory; wiped once a batch is answered.
 */
#ifndef CONTROL_PROBE_PROBER_H
#define CONTROL_PROBE_PROBER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "common/try_proto.h"
#include "rules/meta.h"

#define PROBER_SUSPECTS 65536
#define PROBER_TEXT_MAX 600
#define PROBER_VERSION_S \
	5 /* for so long a data plane may judge by another ruleset before that is found wrong */
#define PROBER_ANSWER_MS 5000

struct seal_key;

/* clang-format off */
/* Why entries cannot be enforced as they stand. X(NAME, text behind the number) */
#define PROBER_REASONS(X)                                                                       \
	X(SKIPPED,  "left out when the list was checked")                                       \
	X(HTTPS,    "URLs on HTTPS: the path is encrypted there, and the name is not blocked for it") \
	X(UNPROVEN, "patterns for which no text could be made")                                 \
	X(EXCEPTED, "pass by an exception")                                                     \
	X(MONITOR,  "blocked nowhere: the data plane is in mode monitor")
/* What else is to be known of those that are enforced. */
#define PROBER_NOTES(X)                                                                         \
	X(PLAIN,    "URLs are seen on plain HTTP alone")                                        \
	X(COUNTED,  "are only counted, as the order says")
/* clang-format on */

enum prober_reason {
#define X(id, text) PROBER_##id,
	PROBER_REASONS(X) PROBER_REASONS_N,
	PROBER_NOTES_AT = PROBER_REASONS_N - 1,
	PROBER_NOTES(X)
#undef X
	    PROBER_REMARKS_N
};

struct prober_list {
	int64_t order;
	const char *path; /* of its sealed entries */
	const uint32_t *skipped;
	unsigned n_skipped; /* lines that the compile left out, ascending */
	enum action actions[HIT_PROTOS_N];
};

struct prober_node {
	const char *name, *socket;
};

struct prober_progress {
	atomic_uint_fast64_t entries, requests; /* done, over all data planes */
};

struct prober_request {
	const struct prober_list *lists; /* in the ruleset's order */
	unsigned n_lists;
	const struct prober_node *nodes;
	unsigned n_nodes;
	int64_t order; /* this one alone; 0: all */
	unsigned
	    rests; /* between two batches: so many times as long as one took, for others on the same cores */
	const struct seal_key *key;
	bool has_exceptions; /* besides those of the lists themselves */
	uint8_t digest[32];  /* of the ruleset that must be judged by */
	const atomic_bool *cancel, *abort;
	struct prober_progress *progress; /* or NULL */
};

/* Of one order on one data plane. */
struct prober_tally {
	int64_t order;
	uint64_t entries, enforced, missed, unenforceable, neighbours, harmed;
	uint64_t remarks[PROBER_REMARKS_N];
	int missed_proto;     /* enum try_proto of the first that was missed; -1: none was */
	uint32_t missed_line; /* and its line: no secret */
};

struct prober_told {
	bool answered; /* to the end; else why */
	bool foreign;  /* it judged by another ruleset than it was given */
	bool hangs;    /* a worker did not answer */
	bool monitor;
	unsigned workers;
	uint64_t version;
	char why[ERR_BYTES];
	struct prober_tally *orders; /* n_orders of the result */
};

struct prober_result {
	unsigned n_nodes, n_orders;
	struct prober_told *nodes;
};

int prober_run(const struct prober_request *q, struct prober_result *ret, struct err *e);
void prober_result_free(struct prober_result *r);
/* Why entries cannot be enforced, and how many for each reason; and what else is to be known. */
void prober_text(const struct prober_told *n, const struct prober_tally *t, char ret[PROBER_TEXT_MAX]);

#endif
