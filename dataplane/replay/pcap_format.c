/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/replay/pcap_format.h"

/* The first row of a link is what is written for it. */
static const struct {
	uint16_t linktype;
	uint8_t link;
} rows[] = {
    {1, LINK_ETHERNET}, {101, LINK_RAW}, {12, LINK_RAW},   {14, LINK_RAW},  {228, LINK_RAW},
    {229, LINK_RAW},	{0, LINK_NULL},	 {108, LINK_NULL}, {113, LINK_SLL}, {276, LINK_SLL2},
};

int pcap_link(uint32_t linktype)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].linktype == linktype)
			return rows[i].link;
	return -1;
}

uint16_t pcap_linktype(enum link link)
{
	unsigned i = 0;
	while (rows[i].link != link)
		i++;
	return rows[i].linktype;
}
