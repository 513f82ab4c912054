/* SPDX-License-Identifier: BSD-3-Clause */
/* compile_job: a plan into a sealed ruleset file that was checked against what it was made of. The part of a compile that runs in a worker.
 *
 * Model:    reads the entries of each list, compiles, asks the ruleset every entry and every guarded name (control/safety/selfcheck.h), and
 *           only then writes the file. The same plan gives the same image, whenever.
 * Owner:    the caller's request, which outlives the work; the result is plain but for its report.
 * Threads:  a worker's; reads plan, guard and key only.
 * Errors:   0 or -errno with a sentence; then there is no file. -ECANCELED.
 * Cost:     about 2 us and 150 bytes an entry.
 */
#ifndef CONTROL_ENGINE_COMPILE_JOB_H
#define CONTROL_ENGINE_COMPILE_JOB_H

#include "control/engine/plan.h"
#include "control/safety/selfcheck.h"

/* Lines of a list's import that are left out (control/safety/safety.h). */
struct compile_skipped {
	uint32_t *lines;
	unsigned n;
};

struct compile_request {
	const struct plan *plan;
	const struct compile_skipped *skipped; /* by list of the plan */
	const struct guard *guard;
	const struct seal_key *key;
	const char *objects, *cache; /* folders */
	const char *file;	     /* to write; NULL: only check */
	uint64_t number;
};

struct compile_result {
	char digest[DIGEST_TEXT];
	int64_t bytes, rules;
	char *report; /* JSON: what the compile and the self-check found; free() */
};

int compile_run(const struct compile_request *q, const atomic_bool *cancel, struct compile_result *ret,
		struct err *e);

#endif
