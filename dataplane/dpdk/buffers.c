/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/buffers.h"

#include <errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <unistd.h>

#include "dataplane/dpdk/port_device.h"

#define MBUF_CACHE	  256
#define POOL_FLAGS	  RTE_MEMPOOL_F_NO_SPREAD /* objects of the size that was asked for */
#define ETHERNET_OVERHEAD 64 /* bytes around an IP packet of the port's MTU: addresses, tags */

static unsigned room_of(const struct config *cfg)
{
	unsigned room = RTE_MBUF_DEFAULT_BUF_SIZE;
	for (unsigned i = 0; i < cfg->n_ports; i++) {
		unsigned frame = cfg->ports[i].mtu + ETHERNET_OVERHEAD,
			 ring = port_ring_frame(&cfg->ports[i]);
		unsigned need = (frame > ring ? frame : ring) + RTE_PKTMBUF_HEADROOM;
		room = need > room ? need : room;
	}
	return room;
}

static bool has_af_xdp(const struct config *cfg)
{
	for (unsigned i = 0; i < cfg->n_ports; i++)
		if (cfg->ports[i].driver == CONFIG_DRIVER_AF_XDP)
			return true;
	return false;
}

/* The af_xdp driver takes the pool's objects to lie one behind the other, and tells the kernel so. An object may not cross a page,
 * though, so that where its size is no part of a page there are gaps, and the last objects lie beyond what the kernel was told of:
 * it drops them without a word when they are to be filled, until a queue has none left and receives nothing more.
 * An object as large as a page, which is also the most that the kernel takes, leaves no gap. */
static int fill_page(const struct config *cfg, unsigned *room, struct err *e)
{
	struct rte_mempool_objsz size;
	unsigned page = (unsigned)getpagesize();
	unsigned all =
	    rte_mempool_calc_obj_size((uint32_t)sizeof(struct rte_mbuf) + *room, POOL_FLAGS, &size);
	if (!has_af_xdp(cfg))
		return 0;
	if (all > page)
		return err_set(
		    e, -EINVAL,
		    "ports: a port's mtu is too large beside af_xdp, whose frames fit one page: at "
		    "most %zu bytes",
		    page - size.header_size - sizeof(struct rte_mbuf) - RTE_PKTMBUF_HEADROOM -
			ETHERNET_OVERHEAD);
	*room = page - size.header_size - (unsigned)sizeof(struct rte_mbuf);
	return 0;
}

/* As rte_pktmbuf_pool_create does, which takes no flags. */
static struct rte_mempool *make_pool(const char *name, unsigned n, unsigned room, int node)
{
	struct rte_pktmbuf_pool_private private = {.mbuf_data_room_size = (uint16_t)room};
	struct rte_mempool *mp = rte_mempool_create_empty(name, n, (unsigned)sizeof(struct rte_mbuf) + room,
							  MBUF_CACHE, sizeof(private), node, POOL_FLAGS);
	if (!mp)
		return NULL;
	rte_mempool_set_ops_byname(mp, rte_mbuf_best_mempool_ops(), NULL);
	rte_pktmbuf_pool_init(mp, &private);
	if (rte_mempool_populate_default(mp) < 0) {
		rte_mempool_free(mp);
		return NULL;
	}
	rte_mempool_obj_iter(mp, rte_pktmbuf_init, NULL);
	return mp;
}

int buffers_make(struct buffers *b, const struct config *cfg, struct err *e)
{
	unsigned room = room_of(cfg);
	int err = fill_page(cfg, &room, e);
	if (err)
		return err;
	*b = (struct buffers){0};
	for (unsigned i = 0; i < cfg->workers.n_cores; i++) {
		char name[RTE_MEMPOOL_NAMESIZE];
		unsigned node = rte_lcore_to_socket_id(i + 1) % BUFFERS_NODES_MAX;
		if (b->pool[node])
			continue;
		snprintf(name, sizeof(name), "frames%u", node);
		b->pool[node] = make_pool(name, cfg->limits.mbufs, room, (int)node);
		if (!b->pool[node])
			return err_set(
			    e, -ENOMEM,
			    "limits.mbufs: no memory for %u buffers of %u bytes: raise eal.memory_mib or lower "
			    "limits.mbufs",
			    cfg->limits.mbufs, room);
		if (has_af_xdp(cfg) && b->pool[node]->nb_mem_chunks != 1)
			return err_set(
			    e, -ENOMEM,
			    "limits.mbufs: the memory of %u buffers lies in pieces, and af_xdp needs it in one: "
			    "free more hugepages or lower limits.mbufs",
			    cfg->limits.mbufs);
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
