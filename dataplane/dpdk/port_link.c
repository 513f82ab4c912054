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
	if (!done)
		return; /* tried again with the next look */
	p->held_down = down;
	p->patience = PORT_PATIENCE;
}

/* Whether p just came up by our doing: its other end may need seconds to agree on a link, and is no loss of one meanwhile. Else
 * two ports of a pair would take each other down for ever. */
static bool is_coming_up(struct port *p, bool link)
{
	if (link)
		p->patience = 0;
	else if (p->patience)
		p->patience--;
	return p->patience > 0;
}

static bool must_be_down(const struct port *ports, const struct port *p)
{
	const struct port *peer = p->peer == PORT_NONE ? NULL : &ports[p->peer];
	return peer && peer->cfg->propagate_link && !peer->held_down && !peer->link;
}

uint32_t ports_poll_links(struct port *ports, unsigned n)
{
	uint32_t changed = 0;
	for (unsigned i = 0; i < n; i++) {
		struct port *p = &ports[i];
		if (p->held_down) /* its own state says nothing while we hold it */
			continue;
		bool link = read_link(p);
		if (is_coming_up(p, link) || link == p->link)
			continue;
		p->link = link;
		changed |= 1u << i;
	}
	for (unsigned i = 0; i < n; i++) {
		bool down = must_be_down(ports, &ports[i]);
		if (down != ports[i].held_down)
			hold(&ports[i], down);
	}
	return changed;
}

void ports_release(struct port *ports, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (ports[i].held_down)
			hold(&ports[i], false);
}
