/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/encapsulations.h"

#include <string.h>

#include "common/bytes.h"
#include "tests/unit/harness.h"

#define MACS	"020000000001 020000000002 "
#define OUTER4	"4500 0000 0000 4000 40 "
#define OUTER4A " 0000 cb007101 cb007102 "
#define OUTER6	"60000000 0000 "
#define OUTER6A " 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "

const struct encapsulation encapsulations[] = {
    {"plain", LINK_ETHERNET, false, true, MACS "0800", {{0}}},
    {"vlan", LINK_ETHERNET, false, true, MACS "8100 0064 0800", {{0}}},
    {"qinq", LINK_ETHERNET, false, true, MACS "88a8 0064 8100 0065 0800", {{0}}},
    {"old qinq", LINK_ETHERNET, false, true, MACS "9100 0064 8100 0065 0800", {{0}}},
    {"mpls", LINK_ETHERNET, false, true, MACS "8847 00010040 00020140", {{0}}},
    {"pppoe", LINK_ETHERNET, false, true, MACS "8864 11 00 0001 0000 0021", {{18, 20}}},
    {"raw", LINK_RAW, false, true, "", {{0}}},
    {"null", LINK_NULL, false, true, "02000000", {{0}}},
    {"sll", LINK_SLL, false, true, "0000 0001 0006 020000000001 0000 0800", {{0}}},
    {"sll2", LINK_SLL2, false, true, "0800 0000 00000001 0001 00 06 020000000001 0000", {{0}}},
    {"ip in ip", LINK_ETHERNET, true, true, MACS "0800" OUTER4 "04" OUTER4A, {{16, 14}}},
    {"ip in ipv6", LINK_ETHERNET, true, true, MACS "86dd" OUTER6 "04" OUTER6A, {{18, 54}}},
    {"gre", LINK_ETHERNET, true, true, MACS "0800" OUTER4 "2f" OUTER4A "0000 0800", {{16, 14}}},
    {"gre with key",
     LINK_ETHERNET,
     true,
     true,
     MACS "0800" OUTER4 "2f" OUTER4A "2000 0800 0000002a",
     {{16, 14}}},
    {"gre with checksum",
     LINK_ETHERNET,
     true,
     true,
     MACS "0800" OUTER4 "2f" OUTER4A "8000 0800 0000 0000",
     {{16, 14}}},
    {"vxlan",
     LINK_ETHERNET,
     true,
     true,
     MACS "0800" OUTER4 "11" OUTER4A "c000 12b5 0000 0000 08000000 00002a00 " MACS "0800",
     {{16, 14}, {38, 34}}},
    {"vxlan over ipv6",
     LINK_ETHERNET,
     true,
     true,
     MACS "86dd" OUTER6 "11" OUTER6A "c000 12b5 0000 0000 08000000 00002a00 " MACS "0800",
     {{18, 54}, {58, 54}}},
    {"geneve",
     LINK_ETHERNET,
     true,
     true,
     MACS "0800" OUTER4 "11" OUTER4A "c000 17c1 0000 0000 0000 6558 00002a00 " MACS "0800",
     {{16, 14}, {38, 34}}},
    {"vxlan from teredo's port",
     LINK_ETHERNET,
     true,
     true,
     MACS "0800" OUTER4 "11" OUTER4A "0dd8 12b5 0000 0000 08000000 00002a00 " MACS "0800",
     {{16, 14}, {38, 34}}},
    {"gtp-u",
     LINK_ETHERNET,
     true,
     false,
     MACS "0800" OUTER4 "11" OUTER4A "0868 0868 0000 0000 30ff 0000 0000002a",
     {{16, 14}, {38, 34}, {44, 50}}},
};
const unsigned encapsulations_n = sizeof(encapsulations) / sizeof(*encapsulations);

struct frame encapsulate(const struct encapsulation *e, const struct frame *plain)
{
	struct frame f = {.len = 0};
	f.len = (uint32_t)unhex(e->headers, f.bytes, sizeof(f.bytes));
	memcpy(f.bytes + f.len, plain->bytes + 14, plain->len - 14);
	f.len += plain->len - 14;
	for (unsigned i = 0; i < 4 && e->lengths[i].at; i++)
		put_be16(f.bytes + e->lengths[i].at, (uint16_t)(f.len - e->lengths[i].from));
	return f;
}
