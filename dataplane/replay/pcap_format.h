/* SPDX-License-Identifier: BSD-3-Clause */
/* pcap_format: numbers of the pcap and pcapng file formats (draft-ietf-opsawg-pcap, -pcapng). */
#ifndef DATAPLANE_REPLAY_PCAP_FORMAT_H
#define DATAPLANE_REPLAY_PCAP_FORMAT_H

#include <stdint.h>

#include "dataplane/core/packet.h"

#define PCAP_MAGIC_US	    0xa1b2c3d4u
#define PCAP_MAGIC_NS	    0xa1b23c4du
#define PCAP_MAGIC_MODIFIED 0xa1b2cd34u /* Kuznetsov's, 24-byte record headers */
#define PCAP_HEAD_BYTES	    24
#define PCAP_RECORD_BYTES   16

#define PCAPNG_SHB	    0x0a0d0d0au
#define PCAPNG_IDB	    1u
#define PCAPNG_PB	    2u
#define PCAPNG_SPB	    3u
#define PCAPNG_EPB	    6u
#define PCAPNG_BYTE_ORDER   0x1a2b3c4du
#define PCAPNG_OPT_END	    0
#define PCAPNG_OPT_COMMENT  1
#define PCAPNG_OPT_TSRESOL  9
#define PCAPNG_OPT_TSOFFSET 14

/* The link of a LINKTYPE_ number, or -1. */
int pcap_link(uint32_t linktype);
/* The LINKTYPE_ number of a link. */
uint16_t pcap_linktype(enum link link);

#endif
