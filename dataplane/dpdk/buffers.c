/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/buffers.h"

#include <errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#define MBUF_CACHE	  256
#define ETHERNET_OVERHEAD 64 /* bytes around an IP packet of the port's MTU: addresses, tags */

static unsigned room_of(const struct config *cfg)
{
	unsigned room = RTE_MBUF_DEFAULT_BUF_SIZE;
	for (unsigned i = 0; i < cfg->n_ports; i++) {
		unsigned need = cfg->ports[i].mtu + ETHERNET_OVERHEAD + RTE_PKTMBUF_HEADROOM;
		room = need > room ? need : room;
	}
	return room;
}

int buffers_make(struct buffers *b, const struct config *cfg, struct err *e)
{
	unsigned room = room_of(cfg);
	*b = (struct buffers){0};
	for (unsigned i = 0; i < cfg->workers.n_cores; i++) {
		char name[RTE_MEMPOOL_NAMESIZE];
		unsigned node = rte_lcore_to_socket_id(i + 1) % BUFFERS_NODES_MAX;
		if (b->pool[node])
			continue;
		snprintf(name, sizeof(name), "frames%u", node);
		b->pool[node] = rte_pktmbuf_pool_create(name, cfg->limits.mbufs, MBUF_CACHE, 0,
							(uint16_t)room, (int)node);
		if (!b->pool[node])
			return err_set(
			    e, -ENOMEM,
			    "limits.mbufs: no memory for %u buffers of %u bytes: raise eal.memory_mib or lower "
			    "limits.mbufs",
			    cfg->limits.mbufs, room);
		b->first = b->first ? b->first : b->pool[node];
	}
	return 0;
}

struct rte_mempool *buffers_of(const struct buffers *b, int node)
{
	struct rte_mempool *p = node >= 0 && node < BUFFERS_NODES_MAX ? b->pool[node] : NULL;
	return p ? p : b->first;
}

unsigned buffers_total(const struct buffers *b, const struct config *cfg)
{
	unsigned n = 0;
	for (unsigned i = 0; i < BUFFERS_NODES_MAX; i++)
		n += b->pool[i] ? cfg->limits.mbufs : 0;
	return n;
}

unsigned buffers_free(const struct buffers *b)
{
	unsigned n = 0;
	for (unsigned i = 0; i < BUFFERS_NODES_MAX; i++)
		n += b->pool[i] ? rte_mempool_avail_count(b->pool[i]) : 0;
	return n;
}
