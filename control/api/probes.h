/* SPDX-License-Identifier: BSD-3-Clause */
/* probes: the handlers of probe.*; the rows are in methods_probe.c. */
#ifndef CONTROL_API_PROBES_H
#define CONTROL_API_PROBES_H

#include "control/api/acts.h"

int probes_run(void *ctx, const json_t *params, json_t **ret, struct err *e);
int probes_list(void *ctx, const json_t *params, json_t **ret, struct err *e);
/* What is said of a result; p: table probes. */
#define PROBES_COLUMNS                                                                                          \
	"p.dataplane, p.at AS \"time:t\", p.version_id AS version, p.workers, p.entries, p.enforced, p.missed," \
	" p.unenforceable, p.neighbours, p.harmed, p.text"

#endif
