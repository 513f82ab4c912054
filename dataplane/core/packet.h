/* SPDX-License-Identifier: BSD-3-Clause */
/* packet: one frame as the pipeline sees it. */
#ifndef DATAPLANE_CORE_PACKET_H
#define DATAPLANE_CORE_PACKET_H

#include <stdint.h>

/* Where the first byte of a frame is. */
enum link {
	LINK_ETHERNET,
	LINK_RAW,  /* IPv4 or IPv6, by its first nibble */
	LINK_NULL, /* BSD loopback: 4 bytes of address family in either byte order, then IP */
	LINK_SLL,  /* Linux cooked v1, 16 bytes */
	LINK_SLL2, /* Linux cooked v2, 20 bytes */
	LINK_N
};

struct packet {
	const uint8_t *data; /* borrowed until pipeline_burst returns */
	uint32_t len;	     /* bytes present; a snapped capture may hold less than the IP header says */
	uint8_t link;	     /* enum link */
	uint8_t checksum;    /* enum packet_checksum: what the NIC says */
	uint8_t verdict;     /* out: enum verdict */
	uint32_t
	    flow; /* out: the same for both directions of a TCP connection; 0: no TCP segment with data */
};

/* A NIC's word on the outermost transport checksum. */
enum packet_checksum {
	PACKET_CHECKSUM_UNKNOWN, /* the pipeline computes it where it matters */
	PACKET_CHECKSUM_GOOD,
};

enum verdict {
	VERDICT_PASS, /* forward it, byte for byte */
	VERDICT_DROP,
};

#endif
