/* SPDX-License-Identifier: BSD-3-Clause */
/* port: a named attachment of the configuration as DPDK devices and their queues.
 *
 * Model:    a port is one ethdev with several queues, or, for af_xdp and af_packet on interfaces that show one channel, one
 *           ethdev a queue. Workers see only (ethdev, queue) pairs. A pair of ports passes frames to each other; the loss
 *           of one side's link takes the other side's down, and its return brings it up, as a cable would.
 * Owner:    ports_open fills the caller's array; devices live until the process ends: the af_xdp driver's close would
 *           take the XDP programs off the wire.
 * Threads:  the main thread; the queues are used by the workers that own them.
 * Errors:   0 or -errno with a sentence that names the port.
 */
#ifndef DATAPLANE_DPDK_PORT_H
#define DATAPLANE_DPDK_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "dataplane/dpdk/buffers.h"
#include "dataplane/dpdk/config.h"

#define PORT_NONE 0xffu

struct port_queue {
	uint16_t ethdev, queue;
};

struct port {
	const struct config_port *cfg;
	uint8_t peer;	 /* where its frames leave: a port's number, or PORT_NONE */
	uint8_t answers; /* where answers back to it leave: itself, or the mirror's answering port */
	bool inspect;	 /* in a pair, or a mirror's input: what arrives is judged */
	bool kernel;	 /* a kernel interface, cfg->interface, lies beneath */
	bool one_piece;	 /* its driver sends frames of one buffer only, without looking */
	bool symmetric;	 /* the NIC brings both directions of a flow to one queue */
	unsigned n_rx, n_tx;
	struct port_queue rx[CONFIG_QUEUES_MAX], tx[CONFIG_WORKERS_MAX];
	bool link;	   /* as last seen */
	unsigned patience; /* looks for which a link that is not there yet is no loss */
	bool held_down;	   /* by us, since the other side has no link */
};

struct port_stats {
	uint64_t rx_packets, rx_bytes, rx_missed, rx_errors, tx_packets, tx_bytes, tx_errors;
};

/* Creates the devices of every port of cfg with enough queues for its workers; does not start them. */
int ports_open(const struct config *cfg, struct port *ports, struct err *e);
/* Gives the queues buffers of their devices' nodes and starts receiving. */
int ports_start(struct port *ports, unsigned n, const struct buffers *b, struct err *e);
/* Reads every link; passes changes on to the peer. Returns which changed, a bit a port. A port that came up, with the start or
 * when it is held no more, has PORT_PATIENCE calls' time to find its link. */
#define PORT_PATIENCE 50
uint32_t ports_poll_links(struct port *ports, unsigned n);
/* Takes every interface that is held down up again. */
void ports_release(struct port *ports, unsigned n);
/* Stops the devices that no kernel interface lies beneath: capture files are written to their end, NICs fall silent. */
void ports_stop(const struct port *ports, unsigned n);
void port_stats(const struct port *p, struct port_stats *ret);

#endif
