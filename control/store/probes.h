/* SPDX-License-Identifier: BSD-3-Clause */
/* probes: the last result of the compliance self-test, by order and data plane. All results are leaves of the log. */
#ifndef CONTROL_STORE_PROBES_H
#define CONTROL_STORE_PROBES_H

#include "control/store/store.h"

struct probe_row {
	int64_t order, at, version;
	const char *dataplane;
	uint64_t workers, entries, enforced, missed, unenforceable, neighbours, harmed;
	const char *text;
};

/* Replaces what is known of this order on this data plane, and counts it where anything was tried. Within the caller's transaction. */
int probes_keep(struct store *s, struct err *e, const struct probe_row *p);
/* When anything was probed last; 0: never. */
int probes_last(struct store *s, struct err *e, int64_t *ret);

#endif
