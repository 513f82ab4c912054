/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/checksum.h"
#include "dataplane/core/decode_walk.h"

#define GTPU_MAX_EXT 16

/* Ends what is carried `len` bytes from off; lengths beyond the carrier's end are left to the headers inside.
 */
static void limit(struct walk *w, uint32_t len)
{
	if (len < walk_left(w)) {
		w->end = w->off + len;
		w->cut = false;
	}
}

/* Whether bytes without a type in front of them look like an Ethernet frame with something of ours in it. */
static bool looks_ethernet(const uint8_t *p, uint32_t len)
{
	return len >= 34 && !(p[6] & 1) && walk_ethertype(be16(p + 12)) != NEXT_NOT_IP;
}

/* A MAC address may begin with 4 or 6, which is why RFC 4928 made the control word. */
static enum next after_labels(const struct walk *w)
{
	const uint8_t *p = w->frame + w->off;
	uint32_t left = walk_left(w);
	unsigned nibble = left ? p[0] >> 4 : 0;
	bool ethernet = looks_ethernet(p, left);

	if (nibble == 4 && left >= 20 && (p[0] & 15) >= 5) {
		uint32_t header = (p[0] & 15u) * 4;
		if (!ethernet || (header <= left && checksum_fold(checksum_add(p, header, 0)) == 0))
			return NEXT_IPV4;
	}
	if (nibble == 6 && left >= 40 && (!ethernet || 40u + be16(p + 4) == left))
		return NEXT_IPV6;
	return ethernet ? NEXT_ETHERNET : NEXT_NOT_IP;
}

enum next walk_mpls(struct walk *w)
{
	if (walk_left(w) < 4)
		return NEXT_BAD;
	if (!(w->frame[w->off + 2] & 1))
		return walk_over(w, LAYER_MPLS, 4, NEXT_MPLS);

	/* a pseudowire's control word (RFC 4385) counts as part of the last label */
	const uint8_t *p = w->frame + w->off + 4;
	uint32_t left = walk_left(w) - 4;
	if (left >= 4 && p[0] >> 4 == 0 && looks_ethernet(p + 4, left - 4))
		return walk_over(w, LAYER_MPLS, 8, NEXT_ETHERNET);
	if (walk_over(w, LAYER_MPLS, 4, NEXT_IP) == NEXT_TOO_DEEP)
		return NEXT_TOO_DEEP;
	return after_labels(w);
}

/* The PPP protocol field at p, and its length: one byte where it is compressed (RFC 1661 6.5). */
static enum next ppp_next(const uint8_t *p, uint32_t left, uint32_t *ret_len)
{
	if (left < 2)
		return NEXT_BAD;
	*ret_len = p[0] & 1 ? 1 : 2;
	switch (p[0] & 1 ? p[0] : be16(p)) {
	case 0x0021:
		return NEXT_IPV4;
	case 0x0057:
		return NEXT_IPV6;
	case 0x0281:
		return NEXT_MPLS;
	default:
		return NEXT_NOT_IP;
	}
}

enum next walk_pppoe(struct walk *w)
{
	const uint8_t *p = w->frame + w->off;
	uint32_t len;

	if (walk_left(w) < 8)
		return NEXT_BAD;
	if (p[0] != 0x11 || p[1] != 0)
		return NEXT_NOT_IP;
	limit(w, 6u + be16(p + 4));
	if (walk_left(w) < 8)
		return NEXT_BAD;
	enum next next = ppp_next(p + 6, walk_left(w) - 6, &len);
	return next >= NEXT_DONE ? next : walk_over(w, LAYER_PPPOE, 6 + len, next);
}

/* PPP in GRE, with or without address and control bytes, at `header` bytes from off. */
static enum next gre_ppp(struct walk *w, uint32_t header)
{
	const uint8_t *p = w->frame + w->off + header;
	uint32_t left = walk_left(w) - header, skip = left >= 2 && p[0] == 0xff && p[1] == 0x03 ? 2 : 0, len;

	enum next next = ppp_next(p + skip, left - skip, &len);
	return next >= NEXT_DONE ? next : walk_over(w, LAYER_GRE, header + skip + len, next);
}

/* Enhanced GRE of PPTP (RFC 2637 4.1). */
static enum next gre_v1(struct walk *w, uint16_t flags, uint16_t type)
{
	if (type != ETHERTYPE_PPP || !(flags & 0x2000) || !(flags & 0x1000))
		return NEXT_NOT_IP;
	uint32_t header = flags & 0x0080 ? 16 : 12;
	if (walk_left(w) < header)
		return NEXT_BAD;
	limit(w, header + be16(w->frame + w->off + 4));
	return gre_ppp(w, header);
}

/* The ERSPAN header's length behind a GRE header: type I has none, and no sequence number either. */
static uint32_t erspan_bytes(const struct walk *w, uint16_t flags, uint16_t type, uint32_t header)
{
	if (type == ETHERTYPE_ERSPAN)
		return flags & 0x1000 ? 8 : 0;
	bool subheader = walk_left(w) >= header + 12 && (w->frame[w->off + header + 11] & 1);
	return subheader ? 20 : 12;
}

/* RFC 2784 and 2890; source routes (RFC 1701) are not in use. */
enum next walk_gre(struct walk *w)
{
	if (walk_left(w) < 4)
		return NEXT_BAD;
	uint16_t flags = be16(w->frame + w->off), type = be16(w->frame + w->off + 2);
	if ((flags & 7) == 1)
		return gre_v1(w, flags, type);
	if ((flags & 7) != 0 || flags & 0x4000)
		return NEXT_NOT_IP;
	uint32_t header = 4 + (flags & 0x8000 ? 4 : 0) + (flags & 0x2000 ? 4 : 0) + (flags & 0x1000 ? 4 : 0);
	enum next next = NEXT_ETHERNET;
	if (type == ETHERTYPE_ERSPAN || type == ETHERTYPE_ERSPAN3)
		header += erspan_bytes(w, flags, type, header);
	else if (type != ETHERTYPE_BRIDGED && type != ETHERTYPE_PPP)
		next = walk_ethertype(type);
	if (walk_left(w) < header)
		return NEXT_BAD;
	if (type == ETHERTYPE_PPP)
		return gre_ppp(w, header);
	return walk_over(w, LAYER_GRE, header, next);
}

/* RFC 7348; reserved bits are ignored, as receivers do. */
static enum next walk_vxlan(struct walk *w)
{
	if (walk_left(w) < 8 || !(w->frame[w->off] & 0x08))
		return NEXT_NOT_IP;
	return walk_over(w, LAYER_VXLAN, 8, NEXT_ETHERNET);
}

/* draft-ietf-nvo3-vxlan-gpe: the P flag says that a next protocol is given. */
static enum next walk_vxlan_gpe(struct walk *w)
{
	static const enum next by_protocol[] = {NEXT_NOT_IP,   NEXT_IPV4,   NEXT_IPV6,
						NEXT_ETHERNET, NEXT_NOT_IP, NEXT_MPLS};

	const uint8_t *p = w->frame + w->off;
	if (walk_left(w) < 8 || (p[0] & 0x3c) != 0x0c || p[3] >= sizeof(by_protocol) / sizeof(*by_protocol))
		return NEXT_NOT_IP;
	return walk_over(w, LAYER_VXLAN, 8, by_protocol[p[3]]);
}

/* RFC 8926 3.4. */
static enum next walk_geneve(struct walk *w)
{
	const uint8_t *p = w->frame + w->off;
	if (walk_left(w) < 8 || p[0] >> 6 != 0)
		return NEXT_NOT_IP;
	uint32_t header = 8 + (p[0] & 0x3fu) * 4;
	uint16_t type = be16(p + 2);
	if (walk_left(w) < header)
		return NEXT_BAD;
	return walk_over(w, LAYER_GENEVE, header,
			 type == ETHERTYPE_BRIDGED ? NEXT_ETHERNET : walk_ethertype(type));
}

/* 3GPP TS 29.281 5.1: T-PDUs, with their optional fields and extension headers. */
static enum next walk_gtpu(struct walk *w)
{
	const uint8_t *p = w->frame + w->off;
	if (walk_left(w) < 8 || (p[0] & 0xf0) != 0x30 || p[1] != 0xff)
		return NEXT_NOT_IP;
	limit(w, 8u + be16(p + 2));
	uint32_t header = p[0] & 7 ? 12 : 8;
	if (walk_left(w) < header)
		return NEXT_BAD;
	uint8_t type = p[0] & 4 ? p[11] : 0;
	for (unsigned n = 0; type; n++) {
		if (n == GTPU_MAX_EXT || walk_left(w) - header < 4)
			return NEXT_BAD;
		uint32_t len = p[header] * 4u;
		if (len == 0 || len > walk_left(w) - header)
			return NEXT_BAD;
		header += len;
		type = p[header - 1];
	}
	return walk_over(w, LAYER_GTPU, header, NEXT_IP);
}

/* RFC 4380 5.1.1: authentication, then origin indication, then IPv6 of which one side is in the Teredo prefix
 * or which is link-local; without that check any datagram of that port could be taken for one. */
static enum next walk_teredo(struct walk *w)
{
	const uint8_t *p = w->frame + w->off;
	uint32_t header = 0, left = walk_left(w);

	if (left >= 4 && be16(p) == 0x0001)
		header = 4u + p[2] + p[3] + 9;
	if (left >= header + 8 && be16(p + header) == 0x0000)
		header += 8;
	if (left < header + 40)
		return NEXT_NOT_IP;
	const uint8_t *ip = p + header;
	bool teredo = be32(ip + 8) == 0x20010000 || be32(ip + 24) == 0x20010000;
	if (ip[0] >> 4 != 6 || !(teredo || (be16(ip + 8) & 0xffc0) == 0xfe80))
		return NEXT_NOT_IP;
	return header ? walk_over(w, LAYER_TEREDO, header, NEXT_IPV6) : NEXT_IPV6;
}

enum next walk_udp_tunnel(struct walk *w)
{
	switch (w->d->dport) {
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX:
		return walk_vxlan(w);
	case PORT_VXLAN_GPE:
		return walk_vxlan_gpe(w);
	case PORT_GENEVE:
		return walk_geneve(w);
	case PORT_GTPU:
		return walk_gtpu(w);
	default:
		return walk_teredo(w);
	}
}
