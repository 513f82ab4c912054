/* SPDX-License-Identifier: BSD-3-Clause */
/* privileges: what the process keeps once everything is open.
 *
 * Model:    the worker threads need none: their sockets, maps and memory are open. The main thread keeps CAP_NET_ADMIN (links
 *           up and down), CAP_NET_RAW (the drivers' control sockets) and CAP_BPF (maps), nothing else, and no thread can
 *           have new privileges. Memory is kept out of core dumps: rulesets are secrets.
 * Threads:  capabilities are a thread's own. privileges_limit: the main thread, before there are others, which inherit.
 *           privileges_drop: the main thread, after the workers started; with the user id all other threads lose
 *           theirs. privileges_drop_worker: each worker, once it is set up.
 */
#ifndef DATAPLANE_DPDK_PRIVILEGES_H
#define DATAPLANE_DPDK_PRIVILEGES_H

#include "common/err.h"

/* Becomes `user`; "" only drops capabilities. */
int privileges_drop(const char *user, struct err *e);
/* Gives a file that is still root's group's to the group of `user`, whose members are to reach it. Where the process may not,
 * as in the service's sandbox, the file has the process's own group, which the unit sets. */
void privileges_share(const char *path, const char *user);
/* No core dumps and no new privileges for this process, and the user must be there. */
int privileges_limit(const char *user, struct err *e);
/* The calling worker's capabilities, where no change of user will take them. */
int privileges_drop_worker(const char *user, struct err *e);

#endif
