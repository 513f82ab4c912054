/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* netlink: one request, and each message of its answer, as far as the loader needs what libbpf 1.1 does not do. */
#ifndef BPF_NETLINK_H
#define BPF_NETLINK_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

#define NETLINK_REQUEST_BYTES 256

struct netlink_request {
	struct nlmsghdr head;
	char body[NETLINK_REQUEST_BYTES];
};

/* A request without body. */
void netlink_start(struct netlink_request *r, uint16_t type, uint16_t flags);
/* Appends bytes, padded; false where there is no room. */
_Bool netlink_put(struct netlink_request *r, const void *p, size_t len);
_Bool netlink_put_attr(struct netlink_request *r, uint16_t type, const void *p, size_t len);

/* Calls `each` for each message of the answer's type other than errors and ends. 0 or -errno, the kernel's as well. */
int netlink_ask(int protocol, struct netlink_request *r, void (*each)(const struct nlmsghdr *, void *),
		void *arg);

/* The attribute `type` among those in [p, p + len); NULL: not there. */
const struct nlattr *netlink_attr(const void *p, size_t len, uint16_t type);

#endif
