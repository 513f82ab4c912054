/* SPDX-License-Identifier: BSD-3-Clause */
/* methods: the API's table, in areas; methods_all puts them together. The context is a struct call. */
#ifndef CONTROL_API_METHODS_H
#define CONTROL_API_METHODS_H

#include "common/rpc.h"

struct methods_area {
	const char *title; /* of the page docs/control-api.md */
	const struct rpc_method *rows;
	unsigned n;
};

extern const struct methods_area methods_self;	 /* whoami, status, why, job.show, dataplane.list, reload */
extern const struct methods_area methods_orders; /* order.* */
extern const struct methods_area methods_decide; /* proposal.*, exception.*, override.*, stop.*, version.* */
extern const struct methods_area methods_lists;	 /* list.*, rule.* */
extern const struct methods_area methods_audit;	 /* audit.*, hold.* */
extern const struct methods_area methods_watch;	 /* hits.list, stats, alarm.*, appeal.*, journal.list */
extern const struct methods_area methods_probe;	 /* probe.* */
extern const struct methods_area methods_report; /* report.* */

extern const struct methods_area *const methods_areas[]; /* NULL at the end */

/* All rows, allocated once. */
const struct rpc_method *methods_all(unsigned *ret_n);

#endif
