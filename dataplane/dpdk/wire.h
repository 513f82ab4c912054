/* SPDX-License-Identifier: BSD-3-Clause */
/* wire: the ports of kernel interfaces as the kernel forwards between them, with or without a daemon.
 *
 * Model:    brings each interface up (MTU, promiscuous) and attaches the guard's programs (bpf/guard.h). From then on frames
 *           pass between the sides of a pair - or are dropped, with fail: closed - whoever lives. It is the first thing at a
 *           start, so that whatever fails later fails open.
 * Owner:    wire_open fills the caller's struct; wire_close frees, and leaves everything attached.
 * Threads:  the main thread.
 * Errors:   0 or -errno with a sentence that names the port.
 */
#ifndef DATAPLANE_DPDK_WIRE_H
#define DATAPLANE_DPDK_WIRE_H

#include "bpf/guard.h"
#include "dataplane/dpdk/config.h"

struct wire {
	struct guard *guard; /* NULL where no port is a kernel interface */
	bool guarded[CONFIG_PORTS_MAX];
	unsigned number[CONFIG_PORTS_MAX]; /* of a guarded port in the guard */
};

/* Whether the driver goes through a kernel interface. */
bool wire_is_kernel(const struct config_port *p);
int wire_open(const struct config *cfg, struct wire *ret, struct err *e);
void wire_close(struct wire *w);

#endif
