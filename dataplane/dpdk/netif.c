/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/netif.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int request(const char *name, unsigned long what, struct ifreq *r)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	memcpy(r->ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	int err = ioctl(fd, what, r) ? -errno : 0;
	close(fd);
	return err;
}

static int set_flag(const char *name, unsigned flag, bool on, const char *word, struct err *e)
{
	struct ifreq r = {0};
	int err = request(name, SIOCGIFFLAGS, &r);
	if (err)
		return err_set(e, err, "interface %s: cannot read its flags: %s", name, strerror(-err));
	unsigned flags = (unsigned short)r.ifr_flags, wanted = on ? flags | flag : flags & ~flag;
	if (wanted == flags)
		return 0;
	r.ifr_flags = (short)wanted;
	err = request(name, SIOCSIFFLAGS, &r);
	return err ? err_set(e, err, "interface %s: cannot set it %s: %s", name, word, strerror(-err)) : 0;
}

int netif_set_up(const char *name, bool up, struct err *e)
{
	return set_flag(name, IFF_UP, up, up ? "up" : "down", e);
}

int netif_set_promiscuous(const char *name, bool on, struct err *e)
{
	return set_flag(name, IFF_PROMISC, on, on ? "promiscuous" : "not promiscuous", e);
}

int netif_set_mtu(const char *name, unsigned mtu, struct err *e)
{
	struct ifreq r = {0};
	int err = request(name, SIOCGIFMTU, &r);
	if (!err && (unsigned)r.ifr_mtu == mtu)
		return 0;
	r.ifr_mtu = (int)mtu;
	err = err ? err : request(name, SIOCSIFMTU, &r);
	return err ? err_set(e, err, "interface %s: cannot set its MTU to %u: %s", name, mtu, strerror(-err))
		   : 0;
}

unsigned netif_mtu(const char *name)
{
	struct ifreq r = {0};
	return request(name, SIOCGIFMTU, &r) ? 0 : (unsigned)r.ifr_mtu;
}

unsigned netif_rx_queues(const char *name)
{
	struct ethtool_channels c = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq r = {.ifr_data = (char *)&c};
	if (request(name, SIOCETHTOOL, &r))
		return 1;
	unsigned n = c.combined_count + c.rx_count;
	return n ? n : 1;
}

bool netif_has_carrier(const char *name)
{
	struct ifreq r = {0};
	return !request(name, SIOCGIFFLAGS, &r) && (r.ifr_flags & IFF_UP) && (r.ifr_flags & IFF_RUNNING);
}
