/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bpf/netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_BYTES 32768

void netlink_start(struct netlink_request *r, uint16_t type, uint16_t flags)
{
	memset(r, 0, sizeof(*r));
	r->head.nlmsg_len = NLMSG_HDRLEN;
	r->head.nlmsg_type = type;
	r->head.nlmsg_flags = NLM_F_REQUEST | flags;
	r->head.nlmsg_seq = 1;
}

bool netlink_put(struct netlink_request *r, const void *p, size_t len)
{
	size_t at = r->head.nlmsg_len, room = NLMSG_ALIGN(len);
	if (at + room > sizeof(*r))
		return false;
	memcpy((char *)r + at, p, len);
	r->head.nlmsg_len = (uint32_t)(at + room);
	return true;
}

bool netlink_put_attr(struct netlink_request *r, uint16_t type, const void *p, size_t len)
{
	struct nlattr a = {.nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type};
	return netlink_put(r, &a, sizeof(a)) && netlink_put(r, p, len);
}

/* 1: there is more to come; 0: the end; or -errno. */
static int take(const char *buf, size_t n, bool dump, void (*each)(const struct nlmsghdr *, void *),
		void *arg)
{
	while (n >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)buf;
		size_t step = NLMSG_ALIGN((size_t)h->nlmsg_len);
		if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > n)
			return -EBADMSG;
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR)
			return ((const struct nlmsgerr *)NLMSG_DATA(h))->error;
		each(h, arg);
		if (!dump)
			return 0;
		buf += step;
		n -= step < n ? step : n;
	}
	return 1;
}

int netlink_ask(int protocol, struct netlink_request *r, void (*each)(const struct nlmsghdr *, void *),
		void *arg)
{
	char buf[ANSWER_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool dump = (r->head.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	int ret = 1, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -errno;
	if (send(fd, r, r->head.nlmsg_len, 0) < 0)
		ret = -errno;
	while (ret > 0) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0 && errno == EINTR)
			continue;
		ret = n < 0 ? -errno : take(buf, (size_t)n, dump, each, arg);
	}
	close(fd);
	return ret;
}

const struct nlattr *netlink_attr(const void *p, size_t len, uint16_t type)
{
	const char *at = p;
	while (len >= NLA_HDRLEN) {
		const struct nlattr *a = (const struct nlattr *)(const void *)at;
		size_t step = NLA_ALIGN((size_t)a->nla_len);
		if (a->nla_len < NLA_HDRLEN || a->nla_len > len)
			return NULL;
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		if (step > len)
			return NULL;
		at += step;
		len -= step;
	}
	return NULL;
}
