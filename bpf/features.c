/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/libbpf.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf/guard_state.h"
#include "bpf/netlink.h"

/* The family "netdev" is younger (Linux 6.3) than the headers of Debian 12. */
#define NETDEV_FAMILY	     "netdev"
#define NETDEV_GET	     1
#define NETDEV_ATTR_IFINDEX  1
#define NETDEV_ATTR_FEATURES 3
#define NETDEV_XDP_NDO_XMIT  4

static const struct nlattr *genl_attr(const struct nlmsghdr *h, uint16_t type)
{
	if (h->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return NULL;
	return netlink_attr((const char *)NLMSG_DATA(h) + GENL_HDRLEN,
			    h->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN), type);
}

static void take_family(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *a = genl_attr(h, CTRL_ATTR_FAMILY_ID);
	if (a && a->nla_len == NLA_HDRLEN + sizeof(uint16_t))
		memcpy(arg, (const char *)a + NLA_HDRLEN, sizeof(uint16_t));
}

static void take_features(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *a = genl_attr(h, NETDEV_ATTR_FEATURES);
	if (a && a->nla_len == NLA_HDRLEN + sizeof(uint64_t))
		memcpy(arg, (const char *)a + NLA_HDRLEN, sizeof(uint64_t));
}

static uint16_t netdev_family(void)
{
	struct netlink_request r;
	struct genlmsghdr head = {.cmd = CTRL_CMD_GETFAMILY, .version = 1};
	uint16_t ret = 0;
	netlink_start(&r, GENL_ID_CTRL, 0);
	netlink_put(&r, &head, sizeof(head));
	netlink_put_attr(&r, CTRL_ATTR_FAMILY_NAME, NETDEV_FAMILY, sizeof(NETDEV_FAMILY));
	return netlink_ask(NETLINK_GENERIC, &r, take_family, &ret) ? 0 : ret;
}

static bool is_veth(uint32_t ifindex)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq ifr = {.ifr_data = (void *)&info};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return true;
	bool veth = !if_indextoname(ifindex, ifr.ifr_name) || ioctl(fd, SIOCETHTOOL, &ifr) ||
		    !strcmp(info.driver, "veth");
	close(fd);
	return veth;
}

/* Older kernels do not say. A NIC's driver sends once a program of its own is attached; a veth's far end is out of sight,
 * so it gets its frames from tc. */
static bool guess(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);
	return !is_veth(ifindex) && !bpf_xdp_query((int)ifindex, 0, &opts) && opts.drv_prog_id;
}

bool features_takes_xdp(uint32_t ifindex)
{
	struct netlink_request r;
	struct genlmsghdr head = {.cmd = NETDEV_GET, .version = 1};
	uint64_t features = 0;
	uint16_t family = netdev_family();
	if (!family)
		return guess(ifindex);
	netlink_start(&r, family, 0);
	netlink_put(&r, &head, sizeof(head));
	netlink_put_attr(&r, NETDEV_ATTR_IFINDEX, &ifindex, sizeof(ifindex));
	return !netlink_ask(NETLINK_GENERIC, &r, take_features, &features) &&
	       (features & NETDEV_XDP_NDO_XMIT);
}
