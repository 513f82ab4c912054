/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/port_device.h"

#include <errno.h>
#include <stdio.h>

#include "dataplane/dpdk/netif.h"

#define RING_BYTES    (8u << 20) /* of an af_packet ring, at most */
#define RING_FRAMES   2048u	 /* in it, at most */
#define RING_OVERHEAD 96u	 /* of a frame there: the kernel's header, addresses, a second tag */

/* What is longer than its place in the ring would be cut off, and go on so. */
unsigned port_ring_frame(const struct config_port *p)
{
	unsigned frame = 2048, mtu = p->mtu;
	if (p->driver != CONFIG_DRIVER_AF_PACKET)
		return 0;
	mtu = mtu ? mtu : netif_mtu(p->interface);
	while (frame < mtu + RING_OVERHEAD && frame < PORT_RING_FRAME_MAX)
		frame *= 2;
	return frame;
}

/* Prints the arguments without the user's options; returns what snprintf does. */
typedef int write_devargs(const struct config_port *p, unsigned index, unsigned d, char *ret, size_t cap);

static int write_pci(const struct config_port *p, unsigned index, unsigned d, char *ret, size_t cap)
{
	(void)index, (void)d;
	return snprintf(ret, cap, "%s", p->device);
}

static int write_af_xdp(const struct config_port *p, unsigned index, unsigned d, char *ret, size_t cap)
{
	return snprintf(ret, cap, "net_af_xdp%u_%u,iface=%s,start_queue=%u,queue_count=1", index, d,
			p->interface, d);
}

static int write_af_packet(const struct config_port *p, unsigned index, unsigned d, char *ret, size_t cap)
{
	unsigned frame = port_ring_frame(p), count = RING_BYTES / frame;
	return snprintf(ret, cap,
			"net_af_packet%u_%u,iface=%s,qpairs=%u,blocksz=65536,framesz=%u,framecnt=%u", index,
			d, p->interface, p->queues, frame, count < RING_FRAMES ? count : RING_FRAMES);
}

static int write_tap(const struct config_port *p, unsigned index, unsigned d, char *ret, size_t cap)
{
	return snprintf(ret, cap, "net_tap%u_%u,iface=%s", index, d, p->interface);
}

static int write_memif(const struct config_port *p, unsigned index, unsigned d, char *ret, size_t cap)
{
	return snprintf(ret, cap, "net_memif%u_%u,%s", index, d, p->device);
}

static int write_pcap(const struct config_port *p, unsigned index, unsigned d, char *ret, size_t cap)
{
	return snprintf(ret, cap, "net_pcap%u_%u,%s", index, d, p->device);
}

static int write_vhost(const struct config_port *p, unsigned index, unsigned d, char *ret, size_t cap)
{
	return snprintf(ret, cap, "net_vhost%u_%u,iface=%s,queues=%u", index, d, p->device, p->queues);
}

static write_devargs *const writers[] = {
    [CONFIG_DRIVER_PCI] = write_pci,
    [CONFIG_DRIVER_AF_XDP] = write_af_xdp,
    [CONFIG_DRIVER_AF_PACKET] = write_af_packet,
    [CONFIG_DRIVER_TAP] = write_tap,
    [CONFIG_DRIVER_MEMIF] = write_memif,
    [CONFIG_DRIVER_PCAP] = write_pcap,
    [CONFIG_DRIVER_VHOST] = write_vhost,
    [CONFIG_DRIVER_VDEV] = write_pci,
};

unsigned port_devices(const struct config_port *p)
{
	return p->driver == CONFIG_DRIVER_AF_XDP ? p->queues : 1;
}

int port_devargs(const struct config_port *p, unsigned index, unsigned d, char *ret, size_t cap,
		 struct err *e)
{
	int n = writers[p->driver](p, index, d, ret, cap);
	if (n >= 0 && (size_t)n < cap && p->options && p->options[0])
		n += snprintf(ret + n, cap - (size_t)n, ",%s", p->options);
	if (n < 0 || (size_t)n >= cap)
		return err_set(e, -E2BIG, "port %s: its device arguments are longer than %zu bytes", p->name,
			       cap - 1);
	return 0;
}
