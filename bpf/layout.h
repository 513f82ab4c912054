/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* layout: keys and values of the maps that the kernel's programs and the loader share.
 *
 * Everything here is pinned and outlives both sides. A map whose key, value or size differs from what is pinned is made
 * anew at the next guard_open, so a field may be added freely. Integers are in host order, addresses and what is named
 * _be in network order. */
#ifndef BPF_LAYOUT_H
#define BPF_LAYOUT_H

#include <linux/types.h>

#define GUARD_PORTS_MAX	   32
#define GUARD_QUEUES_MAX   16
#define GUARD_PREFIXES_MAX 1048576 /* a family */
#define GUARD_BLOCKS_MAX   65536
#define GUARD_FLOWS_MAX	   65536 /* elephants; the least recently used gives way */
#define GUARD_NAME_BYTES   16	 /* IFNAMSIZ */
#define GUARD_FLOW_IDLE_NS 10000000000ULL
#define GUARD_CLIENT_PORT \
	32768 /* a bypassed port counts where the other end's is at least this, or bypassed as well */

/* What was done to a frame. X(id, name, help) */
#define GUARD_COUNTS(X)                                                                                    \
	X(TO_WORKER, to_worker, "given to the worker, which beats")                                        \
	X(DEAD_BYPASSED, dead_bypassed, "sent to the peer uninspected: the worker does not beat")          \
	X(DEAD_DROPPED, dead_dropped, "dropped: the worker does not beat and the wire fails closed")       \
	X(PORT_BYPASSED, port_bypassed, "sent to the peer by the kernel: a port that needs no inspection") \
	X(FLOW_BYPASSED, flow_bypassed, "sent to the peer by the kernel: a large flow already decided")    \
	X(PREFIX_DROPPED, prefix_dropped, "dropped by the kernel: a listed address")                       \
	X(PREFIX_COUNTED, prefix_counted, "of a listed address that is only counted; also counted above")  \
	X(BLOCK_DROPPED, block_dropped, "dropped by the kernel: an address blocked for a time")            \
	X(TO_TC, to_tc, "left to the tc program: the peer takes no frames from XDP; counted again there")

enum guard_count_id {
#define X(id, name, help) GUARD_##id,
	GUARD_COUNTS(X)
#undef X
	    GUARD_N_COUNTS
};

struct guard_count {
	__u64 frames;
	__u64 bytes;
};

/* A port's counters: what XDP did, what tc did. An interface's slot is the same as long as it is guarded, whatever its place
 * in the configuration. */
struct guard_stats {
	struct guard_count xdp[GUARD_N_COUNTS];
	struct guard_count tc[GUARD_N_COUNTS];
};

/* One worker's sign of life for one (port, queue): CLOCK_MONOTONIC, 0 = never. A cache line each. */
struct guard_beat {
	__u64 ns;
	__u64 reserved[7];
};

enum guard_kind {
	GUARD_XDP,    /* an AF_XDP socket a queue: XDP and, beneath it, tc */
	GUARD_PACKET, /* the worker has a copy of every frame (af_packet): tc alone */
};

/* What a port's programs read for each frame; written by guard_open. */
struct guard_port_value {
	__u64 heartbeat_ns;
	__u64 build; /* of the programs attached: another one replaces them */
	__u64 netns; /* inode of the network namespace that ifindex belongs to */
	__u32 ifindex;
	__u32 peer_ifindex; /* 0: none, as on a mirror's input */
	__u32 queues;
	__u8 kind;
	__u8 fail_closed;
	__u8 peer_takes_xdp;
	__u8 made_clsact;
	__u8 any_ports;	 /* the table of bypassed ports is not empty */
	__u8 any_flows;	 /* elephants are bypassed */
	__u8 any_blocks; /* the table of blocked addresses is not empty */
	__u8 reserved[5];
	char interface[GUARD_NAME_BYTES];
};

/* A port's outages, written by the daemon (guard_account_outage). */
struct guard_totals {
	__u64 outages;
	__u64 unprotected_ns;
	struct guard_count passed; /* uninspected, accounted to those outages */
	struct guard_count dropped;
};

enum guard_prefix_action {
	GUARD_EXCEPT,	 /* not listed, though a shorter prefix is */
	GUARD_COUNT,	 /* passes on, and is counted */
	GUARD_DROP_DEAD, /* dropped while no worker is there to judge it, report it and answer */
	GUARD_DROP,	 /* always dropped, unreported */
};

struct guard_prefix4_key {
	__u32 bits;
	__u8 addr[4];
};

struct guard_prefix6_key {
	__u32 bits;
	__u8 addr[16];
};

/* An end of a flow; IPv4 in the first four bytes, the rest 0. */
struct guard_end {
	__u64 addr[2];
	__u16 port_be;
	__u8 reserved[6];
};

/* Both directions make one key: the smaller end first (guard_flow_order). */
struct guard_flow_key {
	struct guard_end lo, hi;
	__u8 version; /* 4, 6 */
	__u8 proto;   /* IPPROTO_TCP, IPPROTO_UDP */
	__u8 reserved[6];
};

struct guard_flow_value {
	__u64 seen_ns;	/* idle for GUARD_FLOW_IDLE_NS: forgotten, since the ports may have a new owner */
	__u64 bypassed; /* 0: only watched for a new connection, which ends it */
};

/* An address blocked for a time; IPv4 as ::ffff:a.b.c.d. */
struct guard_block_key {
	__u8 addr[16];
};

struct guard_block_value {
	__u64 until_ns; /* CLOCK_MONOTONIC; from then on it is as if it were not there */
	__u32 list;	/* the daemon's */
	__u32 reserved;
};

/* One bit a port number. */
struct guard_ports_value {
	__u64 bits[65536 / 64];
};

static inline int guard_end_less(const struct guard_end *a, const struct guard_end *b)
{
	if (a->addr[0] != b->addr[0])
		return a->addr[0] < b->addr[0];
	if (a->addr[1] != b->addr[1])
		return a->addr[1] < b->addr[1];
	return a->port_be < b->port_be;
}

#endif
