/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bpf/rows.h"

#include <netinet/in.h>

/* clang-format off */
#define MACS	 "020000000002 020000000001 "
#define C_TAG	 "8100 0007 "
#define S_TAG	 "88a8 0008 "
#define OLD_TAG	 "9100 0009 "
#define ETH4	 MACS "0800 "
#define ETH6	 MACS "86dd "
/* protocol, fragment field, source, destination */
#define IP4(proto, fragment, src, dst) "4500 0030 0001 " fragment " 40" proto " 0000 " src dst
#define IP4_OPTIONS(proto, src, dst) "4600 0034 0001 0000 40" proto " 0000 " src dst "94040000 "
#define IP6(next, src, dst) "60000000 0018 " next " 40 " src dst
#define UDP	 "11"
#define TCP	 "06"
#define WHOLE	 "0000"
#define A	 "c0000201 " /* 192.0.2.1 */
#define B	 "c6336401 " /* 198.51.100.1 */
#define DEAD_ONLY "c00002c8 " /* 192.0.2.200 */
#define COUNTED	 "c63364c1 " /* 198.51.100.193 */
#define LISTED	 "cb007101 " /* 203.0.113.1 */
#define EXCEPTED "cb0071f0 " /* 203.0.113.240 */
#define EXCEPTED_TOO "cb0071f1 " /* 203.0.113.241 */
#define BLOCKED	 "c000024d " /* 192.0.2.77 */
#define OVER	 "c000024e " /* 192.0.2.78 */
#define A6	 "20010db8000000000000000000000001 "
#define B6	 "20010db8000000000000000000000002 "
#define LISTED6	 "20010db80bad00000000000000000001 "
#define EXCEPTED6 "20010db80bad00010000000000000001 "
#define BLOCKED6 "20010db8000000000000000000000077 "
#define LIKE_BLOCKED "0000000000000000000000000000c000024d " /* ::192.0.2.77 */
#define P1000	 "03e8"
#define P40000	 "9c40"
#define P32767	 "7fff"
#define P32768	 "8000"
#define P443	 "01bb"
#define P5353	 "14e9"
#define P80	 "0050"
#define UDP_REST "0018 0000 "
#define SHORT_HEADER "41 00112233445566778899aabbccddee "
#define LONG_HEADER "c3 00112233445566778899aabbccddee "
#define TCP_REST(flags) "00000001 00000001 50" flags " 0400 0000 0000 "
#define ACK	 "10"
#define SYN	 "02"
#define PAYLOAD	 "00112233 "

#define UDP_AB	 ETH4 IP4(UDP, WHOLE, A, B) P1000 P80 UDP_REST SHORT_HEADER
#define TCP_AB	 ETH4 IP4(TCP, WHOLE, A, B) P1000 P80 TCP_REST(ACK) PAYLOAD
#define UDP_AB6	 ETH6 IP6(UDP, A6, B6) P1000 P80 UDP_REST SHORT_HEADER
#define DNS_AB	 IP4(UDP, WHOLE, A, B) P40000 P5353 UDP_REST SHORT_HEADER
#define DNS_BA	 IP4(UDP, WHOLE, B, A) P5353 P40000 UDP_REST SHORT_HEADER
#define FLOW_AB	 IP4(TCP, WHOLE, A, B) P1000 P443 TCP_REST(ACK) PAYLOAD
#define FLOW_BA	 IP4(TCP, WHOLE, B, A) P443 P1000 TCP_REST(ACK) PAYLOAD
#define LISTED_IP IP4(UDP, WHOLE, A, LISTED) P1000 P80 UDP_REST SHORT_HEADER
#define ARP	 MACS "0806 0001 0800 0604 0001 020000000001 c0000201 000000000000 c0000202 "

#define BOTH(id) GUARD_##id, GUARD_##id
#define ALIVE	 GUARD_TO_WORKER, GUARD_DEAD_BYPASSED /* what comes to tc beside a living worker was not inspected */

const struct prefix_row prefix_rows[] = {
	{4, 24, GUARD_DROP, "cb007100"},		/* 203.0.113.0/24 */
	{4, 25, GUARD_EXCEPT, "cb007180"},		/* 203.0.113.128/25 */
	{4, 26, GUARD_COUNT, "c63364c0"},		/* 198.51.100.192/26 */
	{4, 25, GUARD_DROP_DEAD, "c0000280"},		/* 192.0.2.128/25 */
	{6, 48, GUARD_DROP, "20010db80bad"},		/* 2001:db8:bad::/48 */
	{6, 64, GUARD_EXCEPT, "20010db80bad0001"},	/* 2001:db8:bad:1::/64 */
};
const unsigned prefix_rows_n = sizeof(prefix_rows) / sizeof(*prefix_rows);

const struct block_row block_rows[] = {
	{"00000000000000000000ffff" BLOCKED, 3600},
	{"00000000000000000000ffff" OVER, 0},
	{"00000000000000000000ffff" EXCEPTED_TOO, 3600},
	{BLOCKED6, 3600},
};
const unsigned block_rows_n = sizeof(block_rows) / sizeof(*block_rows);

const struct flow_row flow_rows[] = {
	{4, IPPROTO_TCP, {A, B}, {1000, 443}},
	{4, IPPROTO_UDP, {B, A}, {443, 1000}},
	{6, IPPROTO_TCP, {A6, B6}, {1000, 443}},
};
const unsigned flow_rows_n = sizeof(flow_rows) / sizeof(*flow_rows);

const struct row rows[] = {
	/* beats */
	{"fresh beat", UDP_AB, FRESH, 0, ALIVE},
	{"beat ahead of the clock", UDP_AB, AHEAD, 0, ALIVE},
	{"old beat, fail-open", UDP_AB, OLD, 0, BOTH(DEAD_BYPASSED)},
	{"old beat, fail-closed", UDP_AB, OLD, CLOSED, BOTH(DEAD_DROPPED)},
	{"never beat, fail-open", UDP_AB, NEVER, 0, BOTH(DEAD_BYPASSED)},
	{"never beat, fail-closed", UDP_AB, NEVER, CLOSED, BOTH(DEAD_DROPPED)},
	{"a mirror's input without a worker", UDP_AB, OLD, NO_PEER, BOTH(DEAD_DROPPED)},
	{"a mirror's input with a worker", UDP_AB, FRESH, NO_PEER, GUARD_TO_WORKER, GUARD_DEAD_DROPPED},
	{"queue that nobody polls", UDP_AB, FRESH, NO_QUEUE, BOTH(DEAD_BYPASSED)},
	{"beats without a socket, fail-open", UDP_AB, FRESH, NO_SOCKET, BOTH(DEAD_BYPASSED)},
	{"beats without a socket, fail-closed", UDP_AB, FRESH, NO_SOCKET | CLOSED, BOTH(DEAD_DROPPED)},
	{"peer that takes nothing from XDP", UDP_AB, OLD, NO_XMIT, GUARD_TO_TC, GUARD_DEAD_BYPASSED},
	{"peer that takes nothing from XDP, alive", UDP_AB, FRESH, NO_XMIT, ALIVE},
	{"peer that takes nothing from XDP, fail-closed", UDP_AB, OLD, NO_XMIT | CLOSED, BOTH(DEAD_DROPPED)},
	{"port that is not guarded", UDP_AB, FRESH, UNGUARDED, ALIVE},
	/* packet sockets: tc alone, and nothing twice */
	{"packet socket, fresh beat", UDP_AB, FRESH, PACKET, BOTH(TO_WORKER)},
	{"packet socket, old beat", UDP_AB, OLD, PACKET, BOTH(DEAD_BYPASSED)},
	{"packet socket, old beat, fail-closed", UDP_AB, OLD, PACKET | CLOSED, BOTH(DEAD_DROPPED)},
	{"packet socket, no queue", UDP_AB, FRESH, PACKET | NO_QUEUE, BOTH(DEAD_BYPASSED)},
	{"packet socket, bypassed port, fresh beat", ETH4 DNS_AB, FRESH, PACKET, GUARD_PORT_BYPASSED, GUARD_TO_WORKER},
	{"packet socket, bypassed port, old beat", ETH4 DNS_AB, OLD, PACKET | CLOSED, BOTH(PORT_BYPASSED)},
	{"packet socket, listed address, fresh beat", ETH4 LISTED_IP, FRESH, PACKET, GUARD_PREFIX_DROPPED, GUARD_TO_WORKER},
	/* other frames go their worker's way */
	{"ARP, alive", ARP, FRESH, 0, ALIVE},
	{"ARP, dead", ARP, OLD, 0, BOTH(DEAD_BYPASSED)},
	{"TCP, alive", TCP_AB, FRESH, 0, ALIVE},
	{"IPv6, alive", UDP_AB6, FRESH, 0, ALIVE},
	{"IPv6, dead", UDP_AB6, OLD, 0, BOTH(DEAD_BYPASSED)},
	/* ports */
	{"bypassed port as destination", ETH4 DNS_AB, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"bypassed port as source", ETH4 DNS_BA, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"bypassed port, dead", ETH4 DNS_AB, OLD, 0, BOTH(PORT_BYPASSED)},
	{"bypassed port, dead, fail-closed", ETH4 DNS_AB, OLD, CLOSED, BOTH(PORT_BYPASSED)},
	{"bypassed port without a peer", ETH4 DNS_AB, FRESH, NO_PEER, GUARD_TO_WORKER, GUARD_DEAD_DROPPED},
	{"bypassed port, TCP", ETH4 IP4(TCP, WHOLE, A, B) P40000 P5353 TCP_REST(SYN), FRESH, 0, BOTH(PORT_BYPASSED)},
	{"bypassed port, IPv6", ETH6 IP6(UDP, A6, B6) P5353 P40000 UDP_REST SHORT_HEADER, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"bypassed port, other protocol", ETH4 IP4("84", WHOLE, A, B) P40000 P5353 UDP_REST, FRESH, 0, ALIVE},
	{"bypassed port of a client, to a service", ETH4 IP4(TCP, WHOLE, A, B) P5353 P443 TCP_REST(SYN), FRESH, 0, ALIVE},
	{"bypassed port of a client, from a service", ETH4 IP4(TCP, WHOLE, B, A) P443 P5353 TCP_REST(ACK) PAYLOAD, FRESH, 0, ALIVE},
	{"bypassed port of a client, the last port of a service", ETH4 IP4(UDP, WHOLE, A, B) P5353 P32767 UDP_REST SHORT_HEADER, FRESH, 0, ALIVE},
	{"bypassed port, the first port of clients", ETH4 IP4(UDP, WHOLE, A, B) P32768 P5353 UDP_REST SHORT_HEADER, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"bypassed port at both ends", ETH4 IP4(UDP, WHOLE, A, B) P5353 P5353 UDP_REST SHORT_HEADER, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"the table of ports is not looked at", ETH4 DNS_AB, FRESH, NO_BYPASS, ALIVE},
	{"the next port", ETH4 IP4(UDP, WHOLE, A, B) P40000 "14ea" UDP_REST SHORT_HEADER, FRESH, 0, ALIVE},
	{"the swapped bytes of the port", ETH4 IP4(UDP, WHOLE, A, B) P40000 "e914" UDP_REST SHORT_HEADER, FRESH, 0, ALIVE},
	{"bypassed port, VLAN", MACS C_TAG "0800 " DNS_AB, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"bypassed port, QinQ", MACS S_TAG C_TAG "0800 " DNS_AB, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"bypassed port, old QinQ", MACS OLD_TAG C_TAG "0800 " DNS_AB, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"bypassed port, three tags", MACS S_TAG C_TAG C_TAG "0800 " DNS_AB, FRESH, 0, ALIVE},
	{"bypassed port, IPv4 options", ETH4 IP4_OPTIONS(UDP, A, B) P40000 P5353 UDP_REST SHORT_HEADER, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"bypassed port, IPv6 options", ETH6 IP6("00", A6, B6) "3c00 010400000000 " "1101 0104000000000000 000000000000 " P40000 P5353 UDP_REST SHORT_HEADER, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"bypassed port, seven IPv6 headers", ETH6 IP6("3c", A6, B6) "3c00010400000000" "3c00010400000000" "3c00010400000000" "3c00010400000000" "3c00010400000000" "3c00010400000000" "1100010400000000" P40000 P5353 UDP_REST, FRESH, 0, ALIVE},
	{"ports in the first fragment", ETH4 IP4(UDP, "2000", A, B) P40000 P5353 UDP_REST SHORT_HEADER, FRESH, 0, ALIVE},
	{"ports in a later fragment", ETH4 IP4(UDP, "0010", A, B) P40000 P5353 UDP_REST SHORT_HEADER, FRESH, 0, ALIVE},
	{"not to be fragmented", ETH4 IP4(UDP, "4000", A, B) P40000 P5353 UDP_REST SHORT_HEADER, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"IPv6 fragment", ETH6 IP6("2c", A6, B6) "1100 0001 00000001 " P40000 P5353 UDP_REST SHORT_HEADER, FRESH, 0, ALIVE},
	/* large flows */
	{"decided flow", ETH4 FLOW_AB, FRESH, 0, BOTH(FLOW_BYPASSED)},
	{"decided flow, other direction", ETH4 FLOW_BA, FRESH, 0, BOTH(FLOW_BYPASSED)},
	{"decided flow, dead, fail-closed", ETH4 FLOW_BA, OLD, CLOSED, BOTH(FLOW_BYPASSED)},
	{"decided flow, QinQ", MACS S_TAG C_TAG "0800 " FLOW_AB, FRESH, 0, BOTH(FLOW_BYPASSED)},
	{"decided flow, IPv6", ETH6 IP6(TCP, B6, A6) P443 P1000 TCP_REST(ACK), FRESH, 0, BOTH(FLOW_BYPASSED)},
	{"decided flow, QUIC", ETH4 IP4(UDP, WHOLE, A, B) P1000 P443 UDP_REST SHORT_HEADER, FRESH, 0, BOTH(FLOW_BYPASSED)},
	{"decided flow, a new QUIC connection", ETH4 IP4(UDP, WHOLE, A, B) P1000 P443 UDP_REST LONG_HEADER, FRESH, 0, ALIVE},
	{"decided flow, a new TCP connection", ETH4 IP4(TCP, WHOLE, A, B) P1000 P443 TCP_REST(SYN), FRESH, 0, ALIVE},
	{"decided flow, idle for too long", ETH4 FLOW_AB, FRESH, IDLE, ALIVE},
	{"decided flow, not yet bypassed", ETH4 FLOW_AB, FRESH, WATCHED, ALIVE},
	{"decided flow, other port", ETH4 IP4(TCP, WHOLE, A, B) "03e9" P443 TCP_REST(ACK), FRESH, 0, ALIVE},
	{"decided flow, ports of the other ends", ETH4 IP4(TCP, WHOLE, A, B) P443 P1000 TCP_REST(ACK), FRESH, 0, ALIVE},
	{"decided flow, fragment", ETH4 IP4(TCP, "2000", A, B) P1000 P443 TCP_REST(ACK), FRESH, 0, ALIVE},
	{"flows are not looked at", ETH4 FLOW_AB, FRESH, NO_BYPASS, ALIVE},
	/* listed addresses */
	{"listed destination", ETH4 LISTED_IP, FRESH, 0, BOTH(PREFIX_DROPPED)},
	{"listed source", ETH4 IP4(TCP, WHOLE, LISTED, A) P80 P1000 TCP_REST(ACK), FRESH, 0, BOTH(PREFIX_DROPPED)},
	{"listed destination, dead", ETH4 LISTED_IP, OLD, 0, BOTH(PREFIX_DROPPED)},
	{"listed before a bypassed port", ETH4 IP4(UDP, WHOLE, A, LISTED) P40000 P5353 UDP_REST, FRESH, 0, BOTH(PREFIX_DROPPED)},
	{"listed, a fragment", ETH4 IP4(UDP, "0010", A, LISTED) PAYLOAD, FRESH, 0, BOTH(PREFIX_DROPPED)},
	{"listed, no ports", ETH4 IP4("01", WHOLE, A, LISTED) "0800 0000 00010001 ", FRESH, 0, BOTH(PREFIX_DROPPED)},
	{"listed, VLAN", MACS C_TAG "0800 " LISTED_IP, FRESH, 0, BOTH(PREFIX_DROPPED)},
	{"listed, QinQ", MACS S_TAG C_TAG "0800 " LISTED_IP, FRESH, 0, BOTH(PREFIX_DROPPED)},
	{"listed, IPv6", ETH6 IP6(UDP, A6, LISTED6) P1000 P80 UDP_REST, FRESH, 0, BOTH(PREFIX_DROPPED)},
	{"listed, IPv6 source, dead", ETH6 IP6(UDP, LISTED6, A6) P1000 P80 UDP_REST, OLD, 0, BOTH(PREFIX_DROPPED)},
	{"excepted of a listed prefix", ETH4 IP4(UDP, WHOLE, A, EXCEPTED) P1000 P80 UDP_REST, FRESH, 0, ALIVE},
	{"excepted of a listed prefix, IPv6", ETH6 IP6(UDP, A6, EXCEPTED6) P1000 P80 UDP_REST, FRESH, 0, ALIVE},
	{"an excepted source saves no listed destination", ETH4 IP4(UDP, WHOLE, EXCEPTED, LISTED) P1000 P80 UDP_REST, FRESH, 0, BOTH(PREFIX_DROPPED)},
	{"counted", ETH4 IP4(UDP, WHOLE, A, COUNTED) P1000 P80 UDP_REST, FRESH, ALSO_COUNTED, ALIVE},
	{"counted, dead", ETH4 IP4(UDP, WHOLE, COUNTED, A) P1000 P80 UDP_REST, OLD, ALSO_COUNTED, BOTH(DEAD_BYPASSED)},
	{"counted, bypassed port", ETH4 IP4(UDP, WHOLE, A, COUNTED) P40000 P5353 UDP_REST, FRESH, ALSO_COUNTED, BOTH(PORT_BYPASSED)},
	{"left to a living worker", ETH4 IP4(UDP, WHOLE, A, DEAD_ONLY) P1000 P80 UDP_REST, FRESH, 0, GUARD_TO_WORKER, GUARD_PREFIX_DROPPED},
	{"dropped without a worker", ETH4 IP4(UDP, WHOLE, A, DEAD_ONLY) P1000 P80 UDP_REST, OLD, 0, BOTH(PREFIX_DROPPED)},
	{"the neighbour of a listed prefix", ETH4 IP4(UDP, WHOLE, A, "cb007201") P1000 P80 UDP_REST, FRESH, 0, ALIVE},
	/* addresses blocked for a time */
	{"blocked destination", ETH4 IP4(UDP, WHOLE, A, BLOCKED) P1000 P80 UDP_REST, FRESH, 0, BOTH(BLOCK_DROPPED)},
	{"blocked source", ETH4 IP4(TCP, WHOLE, BLOCKED, A) P80 P1000 TCP_REST(ACK), FRESH, 0, BOTH(BLOCK_DROPPED)},
	{"blocked, dead", ETH4 IP4(UDP, WHOLE, A, BLOCKED) P1000 P80 UDP_REST, OLD, 0, BOTH(BLOCK_DROPPED)},
	{"blocked, VLAN", MACS C_TAG "0800 " IP4(UDP, WHOLE, A, BLOCKED) P1000 P80 UDP_REST, FRESH, 0, BOTH(BLOCK_DROPPED)},
	{"blocked, a fragment", ETH4 IP4(UDP, "0010", A, BLOCKED) PAYLOAD, FRESH, 0, BOTH(BLOCK_DROPPED)},
	{"blocked, no ports", ETH4 IP4("01", WHOLE, A, BLOCKED) "0800 0000 00010001 ", FRESH, 0, BOTH(BLOCK_DROPPED)},
	{"blocked, IPv6", ETH6 IP6(UDP, A6, BLOCKED6) P1000 P80 UDP_REST, FRESH, 0, BOTH(BLOCK_DROPPED)},
	{"blocked, IPv6 source, dead", ETH6 IP6(UDP, BLOCKED6, A6) P1000 P80 UDP_REST, OLD, CLOSED, BOTH(BLOCK_DROPPED)},
	{"blocked before a bypassed port", ETH4 IP4(UDP, WHOLE, A, BLOCKED) P40000 P5353 UDP_REST, FRESH, 0, BOTH(BLOCK_DROPPED)},
	{"blocked before an excepted prefix", ETH4 IP4(UDP, WHOLE, A, EXCEPTED_TOO) P1000 P80 UDP_REST, FRESH, 0, BOTH(BLOCK_DROPPED)},
	{"blocked, packet socket, fresh beat", ETH4 IP4(UDP, WHOLE, A, BLOCKED) P1000 P80 UDP_REST, FRESH, PACKET, GUARD_BLOCK_DROPPED, GUARD_TO_WORKER},
	{"blocked, packet socket, old beat", ETH4 IP4(UDP, WHOLE, A, BLOCKED) P1000 P80 UDP_REST, OLD, PACKET, BOTH(BLOCK_DROPPED)},
	{"blocked until now", ETH4 IP4(UDP, WHOLE, A, OVER) P1000 P80 UDP_REST, FRESH, 0, ALIVE},
	{"blocked until now, source, dead", ETH4 IP4(UDP, WHOLE, OVER, A) P1000 P80 UDP_REST, OLD, 0, BOTH(DEAD_BYPASSED)},
	{"the neighbour of a blocked address", ETH4 IP4(UDP, WHOLE, A, "c000024c ") P1000 P80 UDP_REST, FRESH, 0, ALIVE},
	{"IPv6 that holds a blocked IPv4 address", ETH6 IP6(UDP, A6, LIKE_BLOCKED) P1000 P80 UDP_REST, FRESH, 0, ALIVE},
	{"the table of blocked addresses is not looked at", ETH4 IP4(UDP, WHOLE, A, BLOCKED) P1000 P80 UDP_REST, FRESH, NO_BLOCKS, ALIVE},
	{"ARP beside blocked addresses", ARP, FRESH, 0, ALIVE},
	/* what cannot be read is forwarded as its worker's state says */
	{"Ethernet header alone", ETH4, FRESH, XDP_ONLY, ALIVE},
	{"cut in a tag", MACS "8100 00", FRESH, 0, ALIVE},
	{"cut in the second tag", MACS S_TAG "8100 00", FRESH, 0, ALIVE},
	{"cut in the IPv4 header", ETH4 "4500 0030 0001 0000 4011 0000 c0000201 cb0071", FRESH, XDP_ONLY, ALIVE},
	{"cut in the IPv6 header", ETH6 "60000000 0018 1140 20010db8", FRESH, XDP_ONLY, ALIVE},
	{"cut in the options", ETH4 "4f00 0030 0001 0000 4011 0000 " A B P40000 P5353, FRESH, 0, ALIVE},
	{"cut in the UDP header", ETH4 IP4(UDP, WHOLE, A, B) P40000 P5353, FRESH, 0, ALIVE},
	{"cut in the TCP header", ETH4 IP4(TCP, WHOLE, A, B) P40000 P5353 "00000001", FRESH, 0, ALIVE},
	{"cut in an IPv6 option", ETH6 IP6("00", A6, B6) "11ff", FRESH, 0, ALIVE},
	{"UDP without data", ETH4 IP4(UDP, WHOLE, A, B) P40000 P5353 UDP_REST, FRESH, 0, BOTH(PORT_BYPASSED)},
	{"IPv4 header of four words", ETH4 "4400 0030 0001 0000 4011 0000 " A LISTED P40000 P5353, FRESH, 0, ALIVE},
	{"version 6 in an IPv4 frame", ETH4 "6500 0030 0001 0000 4011 0000 " A LISTED P40000 P5353, FRESH, 0, ALIVE},
	{"truncated, dead, fail-closed", MACS "8100 00", OLD, CLOSED, BOTH(DEAD_DROPPED)},
};
const unsigned rows_n = sizeof(rows) / sizeof(*rows);
/* clang-format on */
