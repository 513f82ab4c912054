/* SPDX-License-Identifier: BSD-3-Clause */
/* decode_link: the headers below IP on the capture's own link. */
#include "dataplane/core/decode_walk.h"

enum next walk_ethertype(uint16_t type)
{
	switch (type) {
	case ETHERTYPE_IPV4:
		return NEXT_IPV4;
	case ETHERTYPE_IPV6:
		return NEXT_IPV6;
	case ETHERTYPE_VLAN:
	case ETHERTYPE_QINQ:
	case ETHERTYPE_QINQ_OLD:
		return NEXT_VLAN;
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_MULTICAST:
		return NEXT_MPLS;
	case ETHERTYPE_PPPOE:
		return NEXT_PPPOE;
	default:
		return NEXT_NOT_IP;
	}
}

enum next walk_link(struct walk *w, enum layer_kind kind, uint32_t len, uint16_t type)
{
	static const uint8_t snap[6] = {0xaa, 0xaa, 0x03};

	if (type >= 0x0600)
		return walk_over(w, kind, len, walk_ethertype(type));
	if (walk_left(w) < len + 8 || memcmp(w->frame + w->off + len, snap, sizeof(snap)))
		return NEXT_NOT_IP;
	uint32_t body = w->off + len;
	if (type < 8)
		return NEXT_BAD;
	if (body + type < w->end) { /* what follows is padding */
		w->end = body + type;
		w->cut = false;
	}
	type = be16(w->frame + body + 6);
	return walk_over(w, kind, len + 8, type < 0x0600 ? NEXT_NOT_IP : walk_ethertype(type));
}

enum next walk_ethernet(struct walk *w)
{
	if (walk_left(w) < 14)
		return NEXT_BAD;
	return walk_link(w, LAYER_ETHERNET, 14, be16(w->frame + w->off + 12));
}

enum next walk_vlan(struct walk *w)
{
	if (walk_left(w) < 4)
		return NEXT_BAD;
	return walk_link(w, LAYER_VLAN, 4, be16(w->frame + w->off + 2));
}

static enum next walk_sll(struct walk *w)
{
	if (walk_left(w) < 16)
		return NEXT_BAD;
	return walk_over(w, LAYER_SLL, 16, walk_ethertype(be16(w->frame + 14)));
}

static enum next walk_sll2(struct walk *w)
{
	if (walk_left(w) < 20)
		return NEXT_BAD;
	return walk_over(w, LAYER_SLL2, 20, walk_ethertype(be16(w->frame)));
}

/* The families that stand for IPv6 differ from system to system; the version is the packet's to say. */
static enum next walk_null(struct walk *w)
{
	if (walk_left(w) < 4)
		return NEXT_BAD;
	uint32_t family = be32(w->frame);
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	bool known = family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
	return known ? walk_over(w, LAYER_NULL, 4, NEXT_IP) : NEXT_NOT_IP;
}

enum next walk_first(struct walk *w, enum link link)
{
	switch (link) {
	case LINK_ETHERNET:
		return NEXT_ETHERNET;
	case LINK_RAW:
		return NEXT_IP;
	case LINK_NULL:
		return walk_null(w);
	case LINK_SLL:
		return walk_sll(w);
	case LINK_SLL2:
		return walk_sll2(w);
	default:
		return NEXT_NOT_IP;
	}
}
