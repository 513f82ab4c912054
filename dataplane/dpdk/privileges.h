/* SPDX-License-Identifier: BSD-3-Clause */
/* privileges: what the process keeps once everything is open.
 *
 * Model:    the worker threads need none: their sockets, maps and memory are open. The main thread keeps CAP_NET_ADMIN (links
 *           up and down), CAP_NET_RAW (the drivers' control sockets) and CAP_BPF (maps), nothing else, and no new
 *           privileges can be had. Memory is kept out of core dumps: rulesets are secrets.
 * Threads:  the main thread, after the workers started (they lose all capabilities with the user id).
 */
#ifndef DATAPLANE_DPDK_PRIVILEGES_H
#define DATAPLANE_DPDK_PRIVILEGES_H

#include "common/err.h"

/* Becomes `user`; "" only drops capabilities. */
int privileges_drop(const char *user, struct err *e);
/* At the beginning: no core dumps of this process. */
void privileges_no_dumps(void);

#endif
