/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/decode.h"

#include "dataplane/core/decode_walk.h"

#define IPV6_MAX_EXT 16

static enum next walk_ip(const struct walk *w)
{
	if (walk_left(w) < 1)
		return NEXT_BAD;
	unsigned version = w->frame[w->off] >> 4;
	return version == 4 ? NEXT_IPV4 : version == 6 ? NEXT_IPV6 : NEXT_NOT_IP;
}

/* Ends the packet at `total` bytes from off, or where the capture was cut. False where its carrier is
 * complete and shorter than the packet: nobody would accept that. */
static bool end_packet(struct walk *w, uint32_t total)
{
	w->d->snapped = total > walk_left(w);
	if (w->d->snapped)
		return w->cut;
	w->end = w->off + total;
	w->cut = false;
	return true;
}

static void begin_ip(struct walk *w, uint8_t version, uint8_t ttl, uint32_t addresses, uint32_t address_len)
{
	struct decoded *d = w->d;
	d->kind = DECODE_OTHER;
	d->version = version;
	d->ttl = ttl;
	d->tunneled = w->seen_ip;
	d->frag_more = false;
	d->tcp_flags = 0;
	d->sport = d->dport = 0;
	d->l3 = w->off;
	d->src = w->frame + w->off + addresses;
	d->dst = d->src + address_len;
	w->seen_ip = true;
}

static enum next fragment(struct walk *w, uint16_t off, bool more, uint32_t id)
{
	struct decoded *d = w->d;
	d->kind = DECODE_FRAGMENT;
	d->frag_off = off;
	d->frag_more = more;
	d->frag_id = id;
	d->l4 = d->payload = w->off;
	d->payload_len = walk_left(w);
	return NEXT_DONE;
}

static enum next walk_ipv4(struct walk *w)
{
	const uint8_t *ip = w->frame + w->off;
	if (walk_left(w) < 20 || ip[0] >> 4 != 4)
		return NEXT_BAD;
	uint32_t header = (ip[0] & 15u) * 4, total = be16(ip + 2);
	if (total == 0) /* left to the NIC by segmentation offload */
		total = walk_left(w);
	if (header < 20 || header > walk_left(w) || total < header)
		return NEXT_BAD;
	begin_ip(w, 4, ip[8], 12, 4);
	if (!end_packet(w, total))
		return NEXT_BAD;
	w->d->proto = ip[9];
	uint16_t frag = be16(ip + 6);
	if (walk_over(w, LAYER_IPV4, header, NEXT_TRANSPORT) != NEXT_TRANSPORT)
		return NEXT_TOO_DEEP;
	if (frag & 0x3fff)
		return fragment(w, (uint16_t)((frag & 0x1fff) << 3), frag & 0x2000, be16(ip + 4));
	return NEXT_TRANSPORT;
}

static bool is_extension(uint8_t proto)
{
	return ipv6_extension_bytes(proto, (const uint8_t[2]){0, 0}) != 0;
}

/* A header of the packet is not all there: cut by the snap length, or malformed. */
static enum next short_header(struct walk *w)
{
	if (!w->d->snapped)
		return NEXT_BAD;
	w->d->kind = DECODE_OTHER;
	w->d->l4 = w->d->payload = w->off;
	w->d->payload_len = walk_left(w);
	return NEXT_DONE;
}

static enum next walk_extensions(struct walk *w)
{
	struct decoded *d = w->d;
	for (unsigned n = 0; is_extension(d->proto); n++) {
		if (n == IPV6_MAX_EXT)
			return NEXT_TOO_DEEP;
		const uint8_t *p = w->frame + w->off;
		uint32_t len = walk_left(w) < 8 ? 8 : ipv6_extension_bytes(d->proto, p);
		if (walk_left(w) < len)
			return short_header(w);
		bool is_fragment = d->proto == IP_PROTO_FRAGMENT;
		d->proto = p[0];
		if (walk_over(w, LAYER_IPV6_EXT, len, NEXT_TRANSPORT) != NEXT_TRANSPORT)
			return NEXT_TOO_DEEP;
		uint16_t frag = be16(p + 2);
		if (is_fragment && (frag & 0xfff9)) /* one that is whole (RFC 6946) is passed */
			return fragment(w, frag & 0xfff8, frag & 1, be32(p + 4));
	}
	return NEXT_TRANSPORT;
}

static enum next walk_ipv6(struct walk *w)
{
	const uint8_t *ip = w->frame + w->off;
	if (walk_left(w) < 40 || ip[0] >> 4 != 6)
		return NEXT_BAD;
	uint32_t total = 40u + be16(ip + 4);
	if (total == 40 && ip[6] == IP_PROTO_HOP_BY_HOP) /* jumbogram (RFC 2675) */
		return NEXT_BAD;
	if (total == 40) /* as for IPv4 */
		total = walk_left(w);
	begin_ip(w, 6, ip[7], 8, 16);
	if (!end_packet(w, total))
		return NEXT_BAD;
	w->d->proto = ip[6];
	if (walk_over(w, LAYER_IPV6, 40, NEXT_TRANSPORT) != NEXT_TRANSPORT)
		return NEXT_TOO_DEEP;
	return walk_extensions(w);
}

/* The TCP header at l4 of a packet that ends at `end`; false where it is malformed or cut. */
static inline __attribute__((always_inline)) bool read_tcp(const uint8_t *frame, uint32_t l4, uint32_t end,
							   struct decoded *d)
{
	if (end - l4 < 20)
		return false;
	const uint8_t *p = frame + l4;
	uint32_t header = (p[12] >> 4) * 4u;
	if (header < 20 || header > end - l4)
		return false;
	d->kind = DECODE_TCP;
	d->tcp_flags = p[13];
	d->sport = be16(p);
	d->dport = be16(p + 2);
	d->l4 = l4;
	d->payload = l4 + header;
	d->payload_len = end - l4 - header;
	d->seq = be32(p + 4);
	d->ack = be32(p + 8);
	d->urgent = be16(p + 18);
	return true;
}

/* The same for UDP. What the UDP length leaves over is nobody's; 0 is left to the NIC by segmentation
 * offload. */
static inline __attribute__((always_inline)) bool read_udp(const uint8_t *frame, uint32_t l4, uint32_t end,
							   bool snapped, struct decoded *d)
{
	if (end - l4 < 8)
		return false;
	const uint8_t *p = frame + l4;
	uint32_t left = end - l4, udp_len = be16(p + 4);
	if (udp_len == 0 || (udp_len > left && snapped))
		udp_len = left;
	if (udp_len < 8 || udp_len > left)
		return false;
	d->kind = DECODE_UDP;
	d->tcp_flags = 0;
	d->sport = be16(p);
	d->dport = be16(p + 2);
	d->l4 = l4;
	d->payload = l4 + 8;
	d->payload_len = udp_len - 8;
	return true;
}

static enum next walk_tcp(struct walk *w)
{
	if (!read_tcp(w->frame, w->off, w->end, w->d))
		return short_header(w);
	return walk_over(w, LAYER_TCP, w->d->payload - w->off, NEXT_DONE);
}

static enum next walk_udp(struct walk *w)
{
	struct decoded *d = w->d;
	if (!read_udp(w->frame, w->off, w->end, d->snapped, d))
		return short_header(w);
	bool tunnel = is_tunnel_port(d->sport, d->dport);
	if (walk_over(w, LAYER_UDP, 8, NEXT_DONE) != NEXT_DONE)
		return NEXT_TOO_DEEP;
	if (!tunnel)
		return NEXT_DONE;
	if (w->off + d->payload_len < w->end) {
		w->end = w->off + d->payload_len;
		w->cut = false;
	}
	return NEXT_UDP_TUNNEL;
}

static enum next walk_transport(struct walk *w)
{
	struct decoded *d = w->d;
	if (d->proto == IP_PROTO_TCP)
		return walk_tcp(w);
	if (d->proto == IP_PROTO_UDP)
		return walk_udp(w);
	d->l4 = d->payload = w->off;
	d->payload_len = walk_left(w);
	switch (d->proto) {
	case IP_PROTO_IPV4:
		walk_carry(w);
		return NEXT_IPV4;
	case IP_PROTO_IPV6:
		walk_carry(w);
		return NEXT_IPV6;
	case IP_PROTO_GRE:
		walk_carry(w);
		return NEXT_GRE;
	case IP_PROTO_MPLS:
		walk_carry(w);
		return NEXT_MPLS;
	default:
		return NEXT_DONE;
	}
}

static enum next udp_tunnel(struct walk *w)
{
	walk_carry(w);
	if (w->layers)
		w->layers->at[w->depth - 1].kind = LAYER_UDP_TUNNEL;
	return walk_udp_tunnel(w);
}

/* What a walk that ended in `next` found. */
static void conclude(struct walk *w, enum next next)
{
	if (next != NEXT_DONE && next != NEXT_TOO_DEEP && w->has_carrier) {
		*w->d = w->carrier;
		w->depth = w->carrier_depth;
		if (w->layers && w->depth && w->layers->at[w->depth - 1].kind == LAYER_UDP_TUNNEL)
			w->layers->at[w->depth - 1].kind = LAYER_UDP;
		next = NEXT_DONE;
	}
	if (next != NEXT_DONE) {
		w->d->kind = next == NEXT_NOT_IP ? DECODE_NOT_IP : DECODE_BAD;
		w->depth = 0;
	}
	if (w->layers)
		w->layers->n = w->depth;
}

static enum next step(struct walk *w, enum next next)
{
	switch (next) {
	case NEXT_ETHERNET:
		return walk_ethernet(w);
	case NEXT_VLAN:
		return walk_vlan(w);
	case NEXT_MPLS:
		return walk_mpls(w);
	case NEXT_PPPOE:
		return walk_pppoe(w);
	case NEXT_IP:
		return walk_ip(w);
	case NEXT_IPV4:
		return walk_ipv4(w);
	case NEXT_IPV6:
		return walk_ipv6(w);
	case NEXT_TRANSPORT:
		return walk_transport(w);
	case NEXT_GRE:
		return walk_gre(w);
	case NEXT_UDP_TUNNEL:
		return udp_tunnel(w);
	default:
		return next;
	}
}

void decode_layers(const uint8_t *frame, uint32_t len, enum link link, struct decoded *ret,
		   struct layers *ret_layers)
{
	struct walk w = {.frame = frame, .end = len, .cut = true, .d = ret, .layers = ret_layers};
	enum next next = walk_first(&w, link);
	while (next < NEXT_DONE)
		next = step(&w, next);
	conclude(&w, next);
}

/* The common case of walk_ipv4 and what follows it: no options, no fragment, all there, no tunnel. */
static inline __attribute__((always_inline)) bool fast_ipv4(const uint8_t *frame, uint32_t l3, uint32_t len,
							    struct decoded *d)
{
	const uint8_t *ip = frame + l3;
	if (len - l3 < 40 || ip[0] != 0x45 || be16(ip + 6) & 0x3fff)
		return false;
	uint32_t total = be16(ip + 2), end = l3 + total;
	if (total < 20 || total > len - l3)
		return false;
	d->version = 4;
	d->proto = ip[9];
	d->ttl = ip[8];
	d->tunneled = d->snapped = d->frag_more = false;
	d->l3 = l3;
	d->src = ip + 12;
	d->dst = ip + 16;
	if (__builtin_expect(ip[9] == IP_PROTO_TCP, 1))
		return read_tcp(frame, l3 + 20, end, d);
	return ip[9] == IP_PROTO_UDP && read_udp(frame, l3 + 20, end, false, d) &&
	       !is_tunnel_port(d->sport, d->dport);
}

/* The same for IPv6: no extension headers. */
static inline __attribute__((always_inline)) bool fast_ipv6(const uint8_t *frame, uint32_t l3, uint32_t len,
							    struct decoded *d)
{
	const uint8_t *ip = frame + l3;
	if (len - l3 < 48 || ip[0] >> 4 != 6)
		return false;
	uint32_t body = be16(ip + 4), end = l3 + 40 + body;
	if (body == 0 || body > len - l3 - 40)
		return false;
	d->version = 6;
	d->proto = ip[6];
	d->ttl = ip[7];
	d->tunneled = d->snapped = d->frag_more = false;
	d->l3 = l3;
	d->src = ip + 8;
	d->dst = ip + 24;
	if (__builtin_expect(ip[6] == IP_PROTO_TCP, 1))
		return read_tcp(frame, l3 + 40, end, d);
	return ip[6] == IP_PROTO_UDP && read_udp(frame, l3 + 40, end, false, d) &&
	       !is_tunnel_port(d->sport, d->dport);
}

void decode(const uint8_t *frame, uint32_t len, enum link link, struct decoded *ret)
{
	if (__builtin_expect(link == LINK_ETHERNET && len >= 34, 1)) {
		uint32_t l3 = 14;
		uint16_t type = be16(frame + 12);
		if (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ) {
			type = be16(frame + 16);
			l3 = 18;
		}
		if (type == ETHERTYPE_IPV4 ? fast_ipv4(frame, l3, len, ret)
					   : type == ETHERTYPE_IPV6 && fast_ipv6(frame, l3, len, ret))
			return;
	}
	decode_layers(frame, len, link, ret, NULL);
}
