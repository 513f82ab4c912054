/* SPDX-License-Identifier: BSD-3-Clause */
/* prefixes: the ruleset's addresses, given to the kernel so that they hold while no worker is alive.
 *
 * Model:    while workers beat, they judge, report and answer addresses like everything else; the kernel drops them only when
 *           it forwards by itself. Addresses that are only counted are not given to it, nor anything in mode monitor.
 * Threads:  the main thread.
 * Limits:   GUARD_PREFIXES_MAX a family; with more the kernel keeps what it had, and the caller gets the error.
 */
#ifndef DATAPLANE_DPDK_PREFIXES_H
#define DATAPLANE_DPDK_PREFIXES_H

#include "bpf/guard.h"
#include "rules/ruleset.h"

/* rs NULL: none, which takes back what an earlier run gave. */
int prefixes_give(struct guard *g, const struct ruleset *rs, struct err *e);

#endif
