/* SPDX-License-Identifier: BSD-3-Clause */
/* probe_job: from the active version's plan to what a probe asks, and from its results to rows, leaves and alarms.
 *
 * Owner:    probe_job_make allocates, probe_job_free frees.
 * Threads:  the loop's; a made job is read by a worker.
 */
#ifndef CONTROL_ENGINE_PROBE_JOB_H
#define CONTROL_ENGINE_PROBE_JOB_H

#include "control/engine/engine.h"
#include "control/probe/prober.h"

/* An approved order that the active version does not enforce, and why. */
struct probe_absent {
	int64_t order;
	const char *why;
};

struct probe_job {
	struct prober_request request;
	struct prober_list *lists;
	struct prober_node *nodes; /* names and sockets: the configuration's */
	struct probe_absent *absent;
	unsigned n_absent;
	uint64_t entries; /* of all lists */
};

/* order 0: all that the active version enforces. */
int probe_job_make(struct engine *g, int64_t order, struct probe_job *ret, struct err *e);
void probe_job_free(struct probe_job *j);
int probe_job_keep(struct engine *g, const struct probe_job *j, const struct prober_result *r,
		   int64_t version, struct err *e);

#endif
