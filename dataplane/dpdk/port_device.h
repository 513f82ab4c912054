/* SPDX-License-Identifier: BSD-3-Clause */
/* port_device: the DPDK device arguments of a configured port.
 *
 * Model:    a row a driver says how its arguments are written. af_xdp and af_packet get one device a queue: their drivers
 *           take a veth or an interface that reports no channels for one with a single queue.
 * Threads:  pure, but for an interface's MTU.
 */
#ifndef DATAPLANE_DPDK_PORT_DEVICE_H
#define DATAPLANE_DPDK_PORT_DEVICE_H

#include "dataplane/dpdk/config.h"

#define PORT_DEVARGS_BYTES 512

/* Bytes of a frame's place in an af_packet port's ring, by the port's MTU or its interface's; 0 for other drivers. Its
 * buffers must hold as much. */
#define PORT_RING_FRAME_MAX 16384
unsigned port_ring_frame(const struct config_port *p);
/* How many devices the port is made of. */
unsigned port_devices(const struct config_port *p);
/* The arguments of device d of port number `index`. */
int port_devargs(const struct config_port *p, unsigned index, unsigned d, char *ret, size_t cap,
		 struct err *e);

#endif
