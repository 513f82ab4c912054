/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* decode: the addresses and ports of a frame, through at most two VLAN tags.
 *
 * Whatever cannot be read is left out (version 0: no IP; ports false: no ports) and the frame goes the way of its kind;
 * nothing here drops. Fragments have no ports, the first one neither, so that all pieces of a datagram go one way. */
#ifndef BPF_DECODE_BPF_H
#define BPF_DECODE_BPF_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bpf/layout.h"

#define DECODE_TAGS_MAX	      2
#define DECODE_EXTENSIONS_MAX 6	  /* IPv6 extension headers */
#define DECODE_BYTES	      192 /* tc makes this much of a frame readable at once */

struct seen {
	struct guard_end src, dst;
	__u8 version; /* 0: no IP */
	__u8 proto;
	bool ports; /* TCP or UDP, whole */
	bool opens; /* may begin a new connection: TCP SYN, QUIC long header */
};

struct cursor {
	void *at, *end;
};

struct vlan_tag {
	__be16 tci, type;
};

struct ipv6_extension {
	__u8 next, units;
};

#define IP_FRAGMENT_MASK 0x3fff /* more fragments, or an offset */

/* The header at the cursor, which moves behind it; NULL where the frame ends before. */
#define TAKE(c, type)                                                                       \
	({                                                                                  \
		type *_p = (c)->at;                                                         \
		(void *)(_p + 1) > (c)->end ? (type *)0 : ((c)->at = (void *)(_p + 1), _p); \
	})

static __always_inline __be16 decode_link(struct cursor *c)
{
	struct ethhdr *eth = TAKE(c, struct ethhdr);
	if (!eth)
		return 0;
	__be16 type = eth->h_proto;
#pragma unroll
	for (int i = 0; i < DECODE_TAGS_MAX; i++) {
		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD) &&
		    type != bpf_htons(ETH_P_QINQ1))
			break;
		struct vlan_tag *tag = TAKE(c, struct vlan_tag);
		if (!tag)
			return 0;
		type = tag->type;
	}
	return type;
}

static __always_inline void decode_ports(struct cursor *c, struct seen *s)
{
	if (s->proto == IPPROTO_TCP) {
		struct tcphdr *tcp = TAKE(c, struct tcphdr);
		if (!tcp)
			return;
		s->src.port_be = tcp->source;
		s->dst.port_be = tcp->dest;
		s->opens = tcp->syn;
		s->ports = true;
	} else if (s->proto == IPPROTO_UDP) {
		struct udphdr *udp = TAKE(c, struct udphdr);
		if (!udp)
			return;
		s->src.port_be = udp->source;
		s->dst.port_be = udp->dest;
		__u8 *first = TAKE(c, __u8);
		s->opens = first && (*first & 0xc0) == 0xc0;
		s->ports = true;
	}
}

static __always_inline void decode_ipv4(struct cursor *c, struct seen *s)
{
	void *start = c->at;
	struct iphdr *ip = TAKE(c, struct iphdr);
	if (!ip || ip->version != 4 || ip->ihl < 5)
		return;
	s->version = 4;
	s->proto = ip->protocol;
	__builtin_memcpy(&s->src.addr[0], &ip->saddr, 4);
	__builtin_memcpy(&s->dst.addr[0], &ip->daddr, 4);
	if (ip->frag_off & bpf_htons(IP_FRAGMENT_MASK))
		return;
	c->at = start + ip->ihl * 4;
	decode_ports(c, s);
}

static __always_inline void decode_ipv6(struct cursor *c, struct seen *s)
{
	struct ipv6hdr *ip = TAKE(c, struct ipv6hdr);
	if (!ip || ip->version != 6)
		return;
	s->version = 6;
	s->proto = ip->nexthdr;
	__builtin_memcpy(s->src.addr, &ip->saddr, 16);
	__builtin_memcpy(s->dst.addr, &ip->daddr, 16);
#pragma unroll
	for (int i = 0; i < DECODE_EXTENSIONS_MAX; i++) {
		if (s->proto != IPPROTO_HOPOPTS && s->proto != IPPROTO_ROUTING && s->proto != IPPROTO_DSTOPTS)
			break;
		void *start = c->at;
		struct ipv6_extension *x = TAKE(c, struct ipv6_extension);
		if (!x)
			return;
		s->proto = x->next;
		c->at = start + (x->units + 1) * 8;
	}
	decode_ports(c, s); /* a fragment header is no transport */
}

static __always_inline void decode_network(struct cursor *c, __be16 type, struct seen *s)
{
	if (type == bpf_htons(ETH_P_IP))
		decode_ipv4(c, s);
	else if (type == bpf_htons(ETH_P_IPV6))
		decode_ipv6(c, s);
}

#endif
