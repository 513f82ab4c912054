/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/wire.h"

#include <errno.h>

#include "dataplane/dpdk/netif.h"

bool wire_is_kernel(const struct config_port *p)
{
	return p->driver == CONFIG_DRIVER_AF_XDP || p->driver == CONFIG_DRIVER_AF_PACKET;
}

static int bring_up(const struct config_port *p, struct err *e)
{
	unsigned queues = netif_rx_queues(p->interface);
	if (p->driver == CONFIG_DRIVER_AF_XDP && queues > p->queues)
		return err_set(
		    e, -EINVAL,
		    "port %s: %s has %u receive queues, `queues` is %u: frames of the others would pass "
		    "uninspected. Set `queues`, or give it fewer (ethtool -L %s combined %u)",
		    p->name, p->interface, queues, p->queues, p->interface, p->queues);
	int err = netif_set_up(p->interface, true, e);
	if (!err && p->mtu)
		err = netif_set_mtu(p->interface, p->mtu, e);
	if (!err && p->promiscuous)
		err = netif_set_promiscuous(p->interface, true, e);
	return err;
}

/* The interface at the other side of port i's pair; NULL: none that the kernel can send to. */
static const char *peer_of(const struct config *cfg, unsigned i)
{
	for (unsigned k = 0; k < cfg->n_pairs; k++) {
		unsigned left = cfg->pairs[k].left, right = cfg->pairs[k].right;
		if (left != i && right != i)
			continue;
		const struct config_port *peer = &cfg->ports[left == i ? right : left];
		return wire_is_kernel(peer) ? peer->interface : NULL;
	}
	return NULL;
}

int wire_open(const struct config *cfg, struct wire *ret, struct err *e)
{
	struct guard_port ports[CONFIG_PORTS_MAX];
	struct guard_config gc = {
	    .instance = cfg->instance,
	    .fail_closed = cfg->fail == CONFIG_FAIL_CLOSED,
	    .heartbeat_ms = cfg->heartbeat_ms,
	    .ports = ports,
	    .bypass_ports = cfg->bypass.ports,
	    .n_bypass_ports = cfg->bypass.n_ports,
	    .elephants = cfg->bypass.elephants,
	};
	*ret = (struct wire){0};
	for (unsigned i = 0; i < cfg->n_ports; i++) {
		const struct config_port *p = &cfg->ports[i];
		if (!wire_is_kernel(p))
			continue;
		int err = bring_up(p, e);
		if (err)
			return err;
		ret->guarded[i] = true;
		ret->number[i] = gc.n_ports;
		ports[gc.n_ports++] = (struct guard_port){
		    .interface = p->interface,
		    .peer = peer_of(cfg, i),
		    .queues = p->queues,
		    .kind = p->driver == CONFIG_DRIVER_AF_XDP ? GUARD_XDP : GUARD_PACKET,
		};
	}
	return gc.n_ports ? guard_open(&gc, &ret->guard, e) : 0;
}

void wire_close(struct wire *w)
{
	guard_close(w->guard);
	w->guard = NULL;
}
