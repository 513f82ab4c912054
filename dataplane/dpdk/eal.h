/* SPDX-License-Identifier: BSD-3-Clause */
/* eal: starts DPDK's environment from the configuration. */
#ifndef DATAPLANE_DPDK_EAL_H
#define DATAPLANE_DPDK_EAL_H

#include "common/err.h"
#include "dataplane/dpdk/config.h"

/* Once a process. The calling thread becomes lcore 0, which may run on any core of the process; worker i is lcore i + 1,
 * on its configured core. */
int eal_start(const struct config *cfg, struct err *e);

#endif
