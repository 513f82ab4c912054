/* SPDX-License-Identifier: BSD-3-Clause */
/* decode: find the innermost IP packet and its transport header in a frame.
 *
 * Model:    walks Ethernet, any stack of VLAN/QinQ (0x8100, 0x88a8, 0x9100), MPLS, PPPoE, IPv4 with options, IPv6 with
 *           extension headers, IP-in-IP/6in4, GRE (incl. transparent Ethernet bridging, keys, ERSPAN I/II), VXLAN,
 *           GENEVE, GTP-U and Teredo. What cannot be parsed is DECODE_NOT_IP or DECODE_BAD, and is forwarded. A UDP
 *           datagram on a tunnel port whose inside does not parse is an ordinary UDP datagram.
 * Owner:    the result holds offsets into the frame and pointers to addresses in it.
 * Threads:  pure.
 * Limits:   DECODE_MAX_LAYERS headers, 16 IPv6 extension headers a packet; beyond them DECODE_BAD.
 * Cost:     about 40 cycles for Ethernet/IPv4/TCP; touches headers only, no checksums.
 */
#ifndef DATAPLANE_CORE_DECODE_H
#define DATAPLANE_CORE_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/core/packet.h"

#define DECODE_MAX_LAYERS 24

enum decode_kind {
	DECODE_TCP,
	DECODE_UDP,
	DECODE_OTHER,	 /* IP, another transport (or one cut by the snap length): only addresses are valid */
	DECODE_FRAGMENT, /* IP fragment: addresses and frag_* are valid; payload is the fragment's data */
	DECODE_NOT_IP,	 /* ARP, unknown ethertype, MPLS pseudowire control ...: nothing else is valid */
	DECODE_BAD,	 /* malformed or too deep: nothing else is valid */
};

struct decoded {
	uint8_t kind;	 /* enum decode_kind */
	uint8_t version; /* 4 or 6, of the innermost IP header */
	uint8_t proto;	 /* IP protocol of the transport header */
	uint8_t ttl;
	bool tunneled; /* the innermost IP header is not the outermost */
	bool snapped;  /* the frame holds less than its innermost IP header says */
	bool frag_more;
	uint8_t tcp_flags; /* TCP: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32 */
	uint16_t sport, dport;
	uint32_t l3;	      /* offset of the innermost IP header */
	uint32_t l4;	      /* offset of its transport header (FRAGMENT: of its data) */
	uint32_t payload;     /* offset of the transport payload */
	uint32_t payload_len; /* bytes present, without link-layer padding */
	uint32_t seq, ack;    /* TCP */
	uint16_t urgent;      /* TCP: urgent pointer, valid with URG */
	uint16_t frag_off;    /* FRAGMENT: bytes */
	uint32_t frag_id;
	const uint8_t *src, *dst; /* 4 or 16 bytes */
};

enum layer_kind {
	LAYER_ETHERNET,
	LAYER_SLL,
	LAYER_SLL2,
	LAYER_NULL,
	LAYER_VLAN,
	LAYER_MPLS,
	LAYER_PPPOE,
	LAYER_IPV4,
	LAYER_IPV6,
	LAYER_IPV6_EXT,
	LAYER_GRE,
	LAYER_UDP_TUNNEL, /* the UDP header below VXLAN, GENEVE, GTP-U, Teredo */
	LAYER_VXLAN,
	LAYER_GENEVE,
	LAYER_GTPU,
	LAYER_TEREDO, /* its optional authentication and origin headers */
	LAYER_TCP,
	LAYER_UDP,
};

/* The headers of one frame, outermost first, up to and including the transport header. */
struct layers {
	unsigned n;
	struct {
		uint8_t kind; /* enum layer_kind */
		uint32_t off, len;
	} at[DECODE_MAX_LAYERS];
};

void decode(const uint8_t *frame, uint32_t len, enum link link, struct decoded *ret);

/* The same, and every header passed: for building an answer in the same encapsulation. */
void decode_layers(const uint8_t *frame, uint32_t len, enum link link, struct decoded *ret,
		   struct layers *ret_layers);

#endif
