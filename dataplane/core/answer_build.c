/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/core/answer_build.h"

#include <string.h>

#include "common/bytes.h"
#include "dataplane/core/checksum.h"

#define IPV4_BYTES	   20
#define IPV6_BYTES	   40
#define ETHERNET_MIN_BYTES 60
#define TTL		   64
#define PROTO_UDP	   17

uint8_t *answer_room(struct answer_frame *f, size_t n)
{
	if (n > f->cap - f->len)
		return NULL;
	uint8_t *at = f->out + f->len;
	memset(at, 0, n);
	f->len += n;
	return at;
}

static void swap(uint8_t *a, uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t t = a[i];
		a[i] = b[i];
		b[i] = t;
	}
}

/* The IP protocol number of what follows layer i, extension headers left out; `last` where it is the answer itself. */
static uint8_t proto_after(const struct layers *l, unsigned i, unsigned innermost, uint8_t last)
{
	if (i == innermost)
		return last;
	while (++i < l->n && l->at[i].kind == LAYER_IPV6_EXT)
		;
	switch (i < l->n ? l->at[i].kind : LAYER_UDP) {
	case LAYER_IPV4:
		return 4;
	case LAYER_IPV6:
		return 41;
	case LAYER_GRE:
		return 47;
	case LAYER_MPLS:
		return 137;
	default:
		return PROTO_UDP;
	}
}

static bool put_ipv4(struct answer_frame *f, const uint8_t *from, uint8_t proto)
{
	uint8_t *ip = answer_room(f, IPV4_BYTES);
	if (!ip)
		return false;
	ip[0] = 0x45;
	ip[1] = from[1];
	put_be16(ip + 6, 0x4000); /* DF, id 0 (RFC 6864) */
	ip[8] = TTL;
	ip[9] = proto;
	memcpy(ip + 12, from + 12, 8);
	if (f->way == ANSWER_BACK)
		swap(ip + 12, ip + 16, 4);
	return true;
}

static bool put_ipv6(struct answer_frame *f, const uint8_t *from, uint8_t proto)
{
	uint8_t *ip = answer_room(f, IPV6_BYTES);
	if (!ip)
		return false;
	memcpy(ip, from, 4);
	ip[6] = proto;
	ip[7] = TTL;
	memcpy(ip + 8, from + 8, 32);
	if (f->way == ANSWER_BACK)
		swap(ip + 8, ip + 24, 16);
	return true;
}

static bool put_copy(struct answer_frame *f, const uint8_t *from, size_t len, unsigned i)
{
	const struct layers *l = &f->cause->layers;
	uint8_t *to = answer_room(f, len);
	if (!to)
		return false;
	memcpy(to, from, len);
	if (f->way != ANSWER_BACK)
		return true;
	if (l->at[i].kind == LAYER_ETHERNET)
		swap(to, to + 6, 6);
	/* Only Teredo's ports name the ends; those of the others are the tunnel's number and entropy. */
	uint8_t inside = i + 1 < l->n ? l->at[i + 1].kind : LAYER_UDP;
	if (l->at[i].kind == LAYER_UDP_TUNNEL && inside != LAYER_VXLAN && inside != LAYER_GENEVE &&
	    inside != LAYER_GTPU)
		swap(to, to + 2, 2);
	return true;
}

static int innermost_ip(const struct layers *l)
{
	int found = -1;
	for (unsigned i = 0; i < l->n; i++)
		if (l->at[i].kind == LAYER_IPV4 || l->at[i].kind == LAYER_IPV6)
			found = (int)i;
	return found;
}

bool answer_headers(struct answer_frame *f, uint8_t proto)
{
	const struct layers *l = &f->cause->layers;
	int last = innermost_ip(l);
	for (int i = 0; i <= last; i++) {
		const uint8_t *from = f->cause->frame + l->at[i].off;
		uint8_t kind = l->at[i].kind, next = proto_after(l, (unsigned)i, (unsigned)last, proto);
		bool ok;
		if (kind == LAYER_IPV6_EXT)
			continue;
		if (kind == LAYER_GTPU && f->way == ANSWER_BACK)
			return false; /* the tunnel id of the other direction is not known */
		f->at[f->n].kind = kind;
		f->at[f->n++].off = f->len;
		if (kind == LAYER_IPV4)
			ok = put_ipv4(f, from, next);
		else if (kind == LAYER_IPV6)
			ok = put_ipv6(f, from, next);
		else
			ok = put_copy(f, from, l->at[i].len, (unsigned)i);
		if (!ok)
			return false;
	}
	return last >= 0;
}

/* The checksum of what the IP header at `ip` carries, from its header of protocol `proto` at `l4` on. */
static uint16_t carried_checksum(const struct answer_frame *f, size_t ip, bool v6, size_t l4, uint8_t proto)
{
	const uint8_t *h = f->out + ip;
	struct decoded d = {.version = v6 ? 6 : 4, .src = h + (v6 ? 8 : 12), .dst = h + (v6 ? 24 : 16)};
	uint64_t sum = proto == 1 ? 0 : checksum_pseudo(&d, proto, (uint32_t)(f->len - l4));
	return checksum_fold(checksum_add(f->out + l4, f->len - l4, sum));
}

static void finish_udp_tunnel(const struct answer_frame *f, unsigned i)
{
	uint8_t *udp = f->out + f->at[i].off;
	put_be16(udp + 4, (uint16_t)(f->len - f->at[i].off));
	put_be16(udp + 6, 0);
	if (f->at[i - 1].kind != LAYER_IPV6)
		return; /* over IPv4 none is needed (RFC 768) */
	uint16_t sum = carried_checksum(f, f->at[i - 1].off, true, f->at[i].off, PROTO_UDP);
	put_be16(udp + 6, sum ? sum : 0xffff);
}

static void finish_layer(const struct answer_frame *f, unsigned i)
{
	uint8_t *h = f->out + f->at[i].off;
	size_t len = f->len - f->at[i].off;
	switch (f->at[i].kind) {
	case LAYER_ETHERNET:
		if (be16(h + 12) < 1536) /* an 802.3 length */
			put_be16(h + 12, (uint16_t)(len - 14));
		break;
	case LAYER_PPPOE:
		put_be16(h + 4, (uint16_t)(len - 6));
		break;
	case LAYER_IPV4:
		put_be16(h + 2, (uint16_t)len);
		put_be16(h + 10, checksum_fold(checksum_add(h, IPV4_BYTES, 0)));
		break;
	case LAYER_IPV6:
		put_be16(h + 4, (uint16_t)(len - IPV6_BYTES));
		break;
	case LAYER_GRE:
		if (h[0] & 0x80) {
			put_be16(h + 4, 0);
			put_be16(h + 4, checksum_fold(checksum_add(h, len, 0)));
		}
		break;
	case LAYER_UDP_TUNNEL:
		finish_udp_tunnel(f, i);
		break;
	case LAYER_GTPU:
		put_be16(h + 2, (uint16_t)(len - 8));
		break;
	default:
		break;
	}
}

size_t answer_finish(struct answer_frame *f, uint8_t *checksum)
{
	unsigned ip = f->n - 1;
	bool v6 = f->at[ip].kind == LAYER_IPV6;
	size_t l4 = f->at[ip].off + (v6 ? IPV6_BYTES : IPV4_BYTES);
	uint8_t proto = f->out[f->at[ip].off + (v6 ? 6 : 9)];
	uint16_t sum = carried_checksum(f, f->at[ip].off, v6, l4, proto);
	put_be16(checksum, sum || proto != PROTO_UDP ? sum : 0xffff);
	for (unsigned i = f->n; i-- > 0;)
		finish_layer(f, i);
	if (f->at[0].kind == LAYER_ETHERNET && f->len < ETHERNET_MIN_BYTES &&
	    !answer_room(f, ETHERNET_MIN_BYTES - f->len))
		return 0;
	return f->len;
}
