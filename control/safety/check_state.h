/* SPDX-License-Identifier: BSD-3-Clause */
/* check_state: a check of a list on its way, as its own files see it. Not for others. */
#ifndef CONTROL_SAFETY_CHECK_STATE_H
#define CONTROL_SAFETY_CHECK_STATE_H

#include "control/safety/safety.h"
#include "control/safety/source.h"
#include "control/safety/texts.h"
#include "control/safety/witness.h"
#include "rules/probe.h"

/* A pattern that waits for its batch. */
struct check_pattern {
	char *text; /* canonical */
	uint32_t line;
	enum rule_kind kind;
	bool has_witness, any_host;
	struct witness witness;
	const struct guard_entry *guard; /* the gravest that it matches */
	unsigned words;			 /* of the unrelated ones, how many it matches */
	const char *word;		 /* the last of these */
};

struct check {
	const struct safety_request *q;
	struct safety_report *ret;
	struct texts overrides, tests;
	bool *test_seen;
	unsigned kept[SAFETY_SEVERITIES_N];
	unsigned cap_findings, cap_skipped;
	bool too_many_skipped, has_previous;
	struct probe *probe;		/* NULL until the first pattern */
	struct check_pattern *patterns; /* PROBE_BATCH */
	struct err *e;
};

/* The check over sources instead of files; safety_check opens and closes them. `previous` may be NULL. */
int check_run(const struct safety_request *q, struct safety_source *entries, struct safety_source *previous,
	      struct safety_report *ret, struct err *e);

/* check_report.c: 0 or -ENOMEM. `text` NULL: of the list as a whole. detail may be NULL. */
int check_find(struct check *c, enum safety_class class, uint32_t line, struct span text,
	       const struct guard_entry *guard, const char *detail);
int check_finish_report(struct check *c);

/* check_entry.c */
int check_entry(struct check *c, const struct safety_row *row);
/* check_patterns.c: patterns wait for a batch; check_patterns judges those that wait. */
int check_pattern(struct check *c, const struct safety_row *row);
int check_patterns(struct check *c);
/* check_list.c: the list as a whole, when all entries have been seen. */
int check_list(struct check *c);

#endif
