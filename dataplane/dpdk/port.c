/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/port.h"

#include <errno.h>
#include <rte_bus_vdev.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/dpdk/port_device.h"
#include "dataplane/dpdk/wire.h"

/* As many as af_xdp has buffers waiting to be filled: its ring of received frames then never is what is full. The driver counts
 * what is lost for want of buffers (rx_missed), but not what that ring does not take. */
#define RX_DESCRIPTORS 2048
#define TX_DESCRIPTORS 1024
#define BUSY_TRIES     40
#define BUSY_WAIT_US   25000

/* A key of repeated 6d5a makes Toeplitz symmetric: the two directions of a pair of addresses get one hash. */
#define RSS_KEY_BYTES 52
static const uint8_t symmetric_key[RSS_KEY_BYTES] = {
    0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d,
    0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a,
    0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d,
    0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a, 0x6d, 0x5a,
};

/* Adds one device with nrx and ntx queues to the port. */
static int add_device(struct port *p, const char *devargs, unsigned nrx, unsigned ntx, struct err *e)
{
	uint16_t id;
	int err = rte_dev_probe(devargs);
	if (err && err != -EEXIST)
		return err_set(e, err, "port %s: no device from \"%s\": %s", p->cfg->name, devargs,
			       strerror(-err));
	struct rte_dev_iterator it;
	RTE_ETH_FOREACH_MATCHING_DEV(id, devargs, &it)
	{
		rte_eth_iterator_cleanup(&it);
		for (unsigned q = 0; q < nrx; q++)
			p->rx[p->n_rx++] = (struct port_queue){id, (uint16_t)q};
		for (unsigned q = 0; q < ntx; q++)
			p->tx[p->n_tx++] = (struct port_queue){id, (uint16_t)q};
		return 0;
	}
	return err_set(e, -ENODEV, "port %s: \"%s\" gave no Ethernet device; see the lines of DPDK above",
		       p->cfg->name, devargs);
}

static int open_port(const struct config *cfg, unsigned i, struct port *p, struct err *e)
{
	char devargs[PORT_DEVARGS_BYTES];
	const struct config_port *c = &cfg->ports[i];
	*p = (struct port){
	    .cfg = c, .peer = PORT_NONE, .answers = (uint8_t)i, .link = true, .patience = PORT_PATIENCE};
	p->kernel = wire_is_kernel(c);
	p->one_piece = c->driver == CONFIG_DRIVER_AF_XDP;
	unsigned devices = port_devices(c), nrx = c->queues / devices;
	unsigned ntx = c->driver == CONFIG_DRIVER_PCI ? cfg->workers.n_cores : nrx;
	for (unsigned d = 0; d < devices; d++) {
		int err = port_devargs(c, i, d, devargs, sizeof(devargs), e);
		err = err ? err : add_device(p, devargs, nrx, ntx, e);
		if (err)
			return err;
	}
	return 0;
}

int ports_open(const struct config *cfg, struct port *ports, struct err *e)
{
	for (unsigned i = 0; i < cfg->n_ports; i++) {
		int err = open_port(cfg, i, &ports[i], e);
		if (err)
			return err;
	}
	for (unsigned i = 0; i < cfg->n_pairs; i++) {
		ports[cfg->pairs[i].left].peer = (uint8_t)cfg->pairs[i].right;
		ports[cfg->pairs[i].right].peer = (uint8_t)cfg->pairs[i].left;
		ports[cfg->pairs[i].left].inspect = ports[cfg->pairs[i].right].inspect = true;
	}
	for (unsigned i = 0; i < cfg->n_mirrors; i++) {
		struct port *p = &ports[cfg->mirrors[i].input];
		p->answers = (uint8_t)cfg->mirrors[i].answers;
		p->inspect = true;
	}
	return 0;
}

/* A NIC that hashes only some kinds of packets by the pair of addresses would part a flow's fragments from the rest. */
static const uint64_t whole_packets = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6;

/* What is asked of the NIC, as far as it has it: hashes by the pair of addresses, so that fragments stay with their
 * flow, and the state of checksums. */
static void offer(const struct rte_eth_dev_info *info, unsigned nrx, struct rte_eth_conf *ret)
{
	uint64_t by_address = whole_packets | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_FRAG_IPV6;
	*ret = (struct rte_eth_conf){.rxmode = {.mq_mode = RTE_ETH_MQ_RX_NONE}};
	ret->rxmode.offloads =
	    info->rx_offload_capa & (RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_RSS_HASH);
	if (nrx > 1 && (info->flow_type_rss_offloads & by_address) && info->hash_key_size &&
	    info->hash_key_size <= RSS_KEY_BYTES) {
		ret->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		ret->rx_adv_conf.rss_conf = (struct rte_eth_rss_conf){
		    .rss_key = (uint8_t *)(uintptr_t)symmetric_key,
		    .rss_key_len = info->hash_key_size,
		    .rss_hf = info->flow_type_rss_offloads & by_address,
		};
	}
}

/* The kernel gives a queue free only some milliseconds after the death of the process that had its AF_XDP socket. */
static int set_up_rx(const struct port *p, uint16_t id, uint16_t q, uint16_t nrxd, int socket,
		     struct rte_mempool *pool)
{
	int err = -EBUSY;
	for (unsigned tries = 0; err && tries < (p->kernel ? BUSY_TRIES : 1); tries++) {
		if (tries)
			usleep(BUSY_WAIT_US);
		err = rte_eth_rx_queue_setup(id, q, nrxd, (unsigned)socket, NULL, pool);
	}
	return err;
}

/* Starts one device with its nrx and ntx queues. */
static int start_device(struct port *p, uint16_t id, unsigned nrx, unsigned ntx, const struct buffers *b,
			struct err *e)
{
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	uint16_t nrxd = RX_DESCRIPTORS, ntxd = TX_DESCRIPTORS;
	const char *name = p->cfg->name;
	int err = rte_eth_dev_info_get(id, &info);
	if (err)
		return err_set(e, err, "port %s: no word from its device: %s", name, strerror(-err));
	if (nrx > info.max_rx_queues || ntx > info.max_tx_queues)
		return err_set(
		    e, -EINVAL,
		    "port %s: its device has %u receive and %u transmit queues, %u and %u are needed: "
		    "configure fewer queues or workers",
		    name, info.max_rx_queues, info.max_tx_queues, nrx, ntx);
	offer(&info, nrx, &conf);
	p->symmetric = (conf.rx_adv_conf.rss_conf.rss_hf & whole_packets) == whole_packets;
	if (p->cfg->mtu && !p->kernel)
		conf.rxmode.mtu = p->cfg->mtu;
	int socket = rte_eth_dev_socket_id(id);
	if ((err = rte_eth_dev_configure(id, (uint16_t)nrx, (uint16_t)ntx, &conf)) ||
	    (err = rte_eth_dev_adjust_nb_rx_tx_desc(id, &nrxd, &ntxd)))
		return err_set(e, err, "port %s: its device refuses the configuration: %s", name,
			       strerror(-err));
	for (unsigned q = 0; !err && q < nrx; q++)
		err = set_up_rx(p, id, (uint16_t)q, nrxd, socket, buffers_of(b, socket));
	for (unsigned q = 0; !err && q < ntx; q++)
		err = rte_eth_tx_queue_setup(id, (uint16_t)q, ntxd, (unsigned)socket, NULL);
	if (!err)
		err = rte_eth_dev_start(id);
	if (err)
		return err_set(e, err, "port %s: its queues do not start: %s", name, strerror(-err));
	if (p->cfg->promiscuous && !p->kernel && (err = rte_eth_promiscuous_enable(id)) && err != -ENOTSUP)
		return err_set(e, err, "port %s: cannot be promiscuous: %s", name, strerror(-err));
	return 0;
}

static unsigned queues_of(const struct port_queue *v, unsigned n, uint16_t ethdev)
{
	unsigned count = 0;
	for (unsigned i = 0; i < n; i++)
		count += v[i].ethdev == ethdev;
	return count;
}

int ports_start(struct port *ports, unsigned n, const struct buffers *b, struct err *e)
{
	for (unsigned i = 0; i < n; i++) {
		struct port *p = &ports[i];
		for (unsigned q = 0; q < p->n_rx; q++) {
			uint16_t id = p->rx[q].ethdev;
			if (p->rx[q].queue)
				continue;
			int err = start_device(p, id, queues_of(p->rx, p->n_rx, id),
					       queues_of(p->tx, p->n_tx, id), b, e);
			if (err)
				return err;
		}
	}
	return 0;
}

void ports_stop(const struct port *ports, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		for (unsigned q = 0; !ports[i].kernel && q < ports[i].n_rx; q++)
			if (!ports[i].rx[q].queue)
				rte_eth_dev_stop(ports[i].rx[q].ethdev);
}

void port_stats(const struct port *p, struct port_stats *ret)
{
	*ret = (struct port_stats){0};
	for (unsigned q = 0; q < p->n_rx; q++) {
		struct rte_eth_stats s;
		if (p->rx[q].queue || rte_eth_stats_get(p->rx[q].ethdev, &s))
			continue;
		ret->rx_packets += s.ipackets;
		ret->rx_bytes += s.ibytes;
		ret->rx_missed += s.imissed + s.rx_nombuf;
		ret->rx_errors += s.ierrors;
		ret->tx_packets += s.opackets;
		ret->tx_bytes += s.obytes;
		ret->tx_errors += s.oerrors;
	}
}
