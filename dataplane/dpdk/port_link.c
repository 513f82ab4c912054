/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_ethdev.h>

#include "dataplane/dpdk/netif.h"
#include "dataplane/dpdk/port.h"

static bool read_link(const struct port *p)
{
	struct rte_eth_link l;
	if (p->kernel)
		return netif_has_carrier(p->cfg->interface);
	return !rte_eth_link_get_nowait(p->rx[0].ethdev, &l) && l.link_status == RTE_ETH_LINK_UP;
}

static void hold(struct port *p, bool down)
{
	bool done = p->kernel ? !netif_set_up(p->cfg->interface, !down, NULL)
		    : down    ? !rte_eth_dev_set_link_down(p->rx[0].ethdev)
			      : !rte_eth_dev_set_link_up(p->rx[0].ethdev);
	if (done)
		p->held_down = down;
}

uint32_t ports_poll_links(struct port *ports, unsigned n)
{
	uint32_t changed = 0;
	for (unsigned i = 0; i < n; i++) {
		struct port *p = &ports[i];
		if (p->held_down) /* its own state says nothing while we hold it */
			continue;
		bool link = read_link(p);
		if (link == p->link)
			continue;
		p->link = link;
		changed |= 1u << i;
		if (p->peer != PORT_NONE && p->cfg->propagate_link)
			hold(&ports[p->peer], !link);
	}
	return changed;
}

void ports_release(struct port *ports, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (ports[i].held_down)
			hold(&ports[i], false);
}
