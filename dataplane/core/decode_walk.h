/* SPDX-License-Identifier: BSD-3-Clause */
/* decode_walk: what the decode files share, and defrag, which takes headers out again.
 *
 * Model:    a walk stands at `off`, the first byte of a header whose protocol is known; each step reads that
 * header, records it and says what comes next. Where a carrier's inside fails, the walk falls back to the
 * innermost carrier: one saved state is enough, since a carrier that holds has made all those around it hold.
 * Limits:   every step records at least one layer, so that DECODE_MAX_LAYERS bounds the walk.
 */
#ifndef DATAPLANE_CORE_DECODE_WALK_H
#define DATAPLANE_CORE_DECODE_WALK_H

#include "common/bytes.h"
#include "dataplane/core/decode.h"

/* What stands at walk.off, or how the walk ended. */
enum next {
	NEXT_ETHERNET,
	NEXT_VLAN,
	NEXT_MPLS,
	NEXT_PPPOE,
	NEXT_IP, /* version by its first nibble */
	NEXT_IPV4,
	NEXT_IPV6,
	NEXT_TRANSPORT, /* walk.d->proto says which */
	NEXT_GRE,
	NEXT_UDP_TUNNEL,
	NEXT_DONE,
	NEXT_NOT_IP,
	NEXT_BAD,
	NEXT_TOO_DEEP,
};

enum ethertype {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_QINQ_OLD = 0x9100,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_MULTICAST = 0x8848,
	ETHERTYPE_PPPOE = 0x8864,
	ETHERTYPE_BRIDGED = 0x6558,
	ETHERTYPE_PPP = 0x880b,
	ETHERTYPE_ERSPAN = 0x88be,
	ETHERTYPE_ERSPAN3 = 0x22eb,
};

enum ip_proto {
	IP_PROTO_HOP_BY_HOP = 0,
	IP_PROTO_IPV4 = 4,
	IP_PROTO_TCP = 6,
	IP_PROTO_UDP = 17,
	IP_PROTO_IPV6 = 41,
	IP_PROTO_ROUTING = 43,
	IP_PROTO_FRAGMENT = 44,
	IP_PROTO_GRE = 47,
	IP_PROTO_AH = 51,
	IP_PROTO_DESTINATION = 60,
	IP_PROTO_MOBILITY = 135,
	IP_PROTO_MPLS = 137,
	IP_PROTO_HIP = 139,
	IP_PROTO_SHIM6 = 140,
};

enum tunnel_port {
	PORT_GTPU = 2152,
	PORT_TEREDO = 3544,
	PORT_VXLAN = 4789,
	PORT_VXLAN_GPE = 4790,
	PORT_GENEVE = 6081,
	PORT_VXLAN_LINUX = 8472,
};

/* Length of the IPv6 extension header of type `proto` at p, 0 where it is none. */
static inline uint32_t ipv6_extension_bytes(uint8_t proto, const uint8_t *p)
{
	switch (proto) {
	case IP_PROTO_HOP_BY_HOP:
	case IP_PROTO_ROUTING:
	case IP_PROTO_DESTINATION:
	case IP_PROTO_MOBILITY:
	case IP_PROTO_HIP:
	case IP_PROTO_SHIM6:
		return (p[1] + 1u) * 8;
	case IP_PROTO_AH:
		return (p[1] + 2u) * 4;
	case IP_PROTO_FRAGMENT:
		return 8;
	default:
		return 0;
	}
}

struct walk {
	const uint8_t *frame;
	uint32_t off;
	uint32_t end; /* of what the headers so far enclose, at most the frame's */
	bool cut; /* `end` is where the capture ends, so that a longer packet may have been snapped there */
	bool seen_ip;
	unsigned depth; /* headers passed, counted with and without `layers` */
	struct decoded *d;
	struct layers *layers; /* NULL where nobody asks */
	bool has_carrier;
	unsigned carrier_depth;
	struct decoded carrier; /* the answer if what the innermost carrier holds is no IP */
};

static inline uint32_t walk_left(const struct walk *w)
{
	return w->end - w->off;
}

/* Records the header of `len` bytes at off and steps over it; the caller has checked that they are there. */
static inline enum next walk_over(struct walk *w, enum layer_kind kind, uint32_t len, enum next next)
{
	if (w->depth == DECODE_MAX_LAYERS)
		return NEXT_TOO_DEEP;
	if (w->layers) {
		w->layers->at[w->depth].kind = (uint8_t)kind;
		w->layers->at[w->depth].off = w->off;
		w->layers->at[w->depth].len = len;
	}
	w->depth++;
	w->off += len;
	return next;
}

/* What follows is carried by the packet in *w->d, which stands as it is where the inside is no IP. */
static inline void walk_carry(struct walk *w)
{
	w->has_carrier = true;
	w->carrier = *w->d;
	w->carrier_depth = w->depth;
}

/* What a frame or tunnel of this type holds. */
enum next walk_ethertype(uint16_t type);
/* Ethernet, a VLAN tag or a cooked header of `len` bytes with this type or 802.3 length; LLC/SNAP is part of it. */
enum next walk_link(struct walk *w, enum layer_kind kind, uint32_t len, uint16_t type);

/* What a frame of this link begins with. */
enum next walk_first(struct walk *w, enum link link);
enum next walk_ethernet(struct walk *w);
enum next walk_vlan(struct walk *w);
enum next walk_mpls(struct walk *w);
enum next walk_pppoe(struct walk *w);
enum next walk_gre(struct walk *w);
/* The header between UDP and the tunneled packet, by port. */
enum next walk_udp_tunnel(struct walk *w);

/* Whether a UDP datagram may be a tunnel's. */
static inline bool is_tunnel_port(uint16_t sport, uint16_t dport)
{
	return dport == PORT_GTPU || dport == PORT_VXLAN || dport == PORT_VXLAN_GPE || dport == PORT_GENEVE ||
	       dport == PORT_VXLAN_LINUX || dport == PORT_TEREDO || sport == PORT_TEREDO;
}

#endif
