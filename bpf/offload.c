/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* offload: a guarded port sees frames as they are on the wire. A tag that the NIC takes off would be lost where XDP sends the frame
 * on, and frames that GRO or LRO joined would reach a packet socket as one larger than the MTU. */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf/guard_state.h"

#define FLAGS_OFF (ETH_FLAG_RXVLAN | ETH_FLAG_LRO)

static bool ask(int fd, const char *interface, uint32_t command, uint32_t *value)
{
	struct ethtool_value v = {.cmd = command, .data = *value};
	struct ifreq ifr = {.ifr_data = (void *)&v};
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", interface);
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		return false;
	*value = v.data;
	return true;
}

/* Set only where it is on: some drivers restart their queues for it. */
void offload_off(const char *interface)
{
	uint32_t value = 0;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (ask(fd, interface, ETHTOOL_GGRO, &value) && value) {
		value = 0;
		ask(fd, interface, ETHTOOL_SGRO, &value);
	}
	value = 0;
	if (ask(fd, interface, ETHTOOL_GFLAGS, &value) && value & FLAGS_OFF) {
		value &= ~(uint32_t)FLAGS_OFF;
		ask(fd, interface, ETHTOOL_SFLAGS, &value);
	}
	close(fd);
}
