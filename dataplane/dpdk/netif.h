/* SPDX-License-Identifier: BSD-3-Clause */
/* netif: what the kernel knows of a network interface: its carrier, whether it is up, its MTU and promiscuity.
 *
 * Model:    one ioctl a call on a socket of its own; nothing is remembered. For ports whose driver goes through the kernel.
 * Threads:  any; not in the packet path.
 * Errors:   0 or -errno with a sentence that names the interface. Changes need CAP_NET_ADMIN.
 */
#ifndef DATAPLANE_DPDK_NETIF_H
#define DATAPLANE_DPDK_NETIF_H

#include <stdbool.h>

#include "common/err.h"

int netif_set_up(const char *name, bool up, struct err *e);
int netif_set_promiscuous(const char *name, bool on, struct err *e);
int netif_set_mtu(const char *name, unsigned mtu, struct err *e);
unsigned netif_mtu(const char *name); /* 0: it does not say */
/* How many receive queues it spreads frames over; 1 where its driver does not say. */
unsigned netif_rx_queues(const char *name);
/* Whether the other end of the cable is there: up and running. */
bool netif_has_carrier(const char *name);

#endif
