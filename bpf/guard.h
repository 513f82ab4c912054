/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* guard: programs in the kernel that keep the wire forwarding whatever happens to the process.
 *
 * Model:    each port has an XDP program (kind GUARD_XDP) and beneath it a tc ingress program (both kinds). While the worker
 *           of a frame's queue beats, the frame is the worker's; a beat older than heartbeat_ms counts as dead (killed,
 *           stopped, hung), and then the kernel itself sends the frame to the peer (fail-open) or drops it (fail-closed).
 *           Bypassed ports, elephant flows and listed prefixes are decided before, whoever lives. VLAN tags (two at most)
 *           are looked through; fragments have no ports and are never bypassed by port or flow.
 *           With GUARD_PACKET the worker reads a copy, so tc drops the original while every queue of the port beats; bypasses
 *           and prefixes then are the worker's own business, and the kernel's only when it is dead.
 *           GRO, LRO and VLAN offload of a guarded port's receive side are turned off and stay so (a tag that the NIC took off
 *           would be lost), where its driver allows.
 *           Never guard a port on which the host itself wants to receive: nothing of it reaches the stack any more.
 * Lifetime: programs, maps and counters outlive guard_close and the process; the next guard_open of the same instance finds
 *           them, replaces programs only where their code differs, and without a moment in which there is none.
 *           They end with guard_detach or the interface. Pins are in /sys/fs/bpf/INSTANCE/, so the process must
 *           live in the host's mount namespace: `nsenter --net=...`, not `ip netns exec`.
 * Order:    guard_open, then start the ports (their AF_XDP sockets enter the program's map by libxdp, which takes our program
 *           for its own), then beat. A dead process's AF_XDP sockets hold their queues for some milliseconds more: opening
 *           new ones may fail with EBUSY until then; try again. DPDK's driver takes any XDP program off when an af_xdp device
 *           is closed: tc then does all the work until the next guard_open, so rather exit than close.
 * Owner:    guard_open allocates, guard_close frees. guard_beats points into memory that is mapped until guard_close.
 * Threads:  one thread, but for guard_beats' memory (one writer a slot) and guard_bypass_flow (any thread, own struct err).
 * Rights:   guard_open and guard_detach need CAP_SYS_ADMIN (mounting, programs by id) and CAP_NET_ADMIN; later calls CAP_BPF.
 * Limits:   GUARD_* in bpf/layout.h. One process an instance; guard_open waits up to 3 s for a dying one.
 * Errors:   0 or -errno and a sentence; what libbpf says goes into the sentence, never to stderr.
 *           A failed guard_open leaves what was attached before in place.
 * Cost:     guard_open some 60 ms a port the first time, 5 ms where the programs are there. guard_read a system call. guard_bypass_flow a system call, about 1 us.
 */
#ifndef BPF_GUARD_H
#define BPF_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/layout.h"
#include "common/err.h"

struct guard;

struct guard_port {
	const char *interface;
	const char *
	    peer; /* interface of the other side; NULL: none (a mirror's input), what is not inspected is dropped */
	unsigned queues; /* queues 0.. that workers poll; frames of others count as dead */
	enum guard_kind kind;
};

struct guard_config {
	const char *instance;
	bool fail_closed;
	unsigned heartbeat_ms;
	const struct guard_port *ports; /* port i of the guard is ports[i] */
	unsigned n_ports;
	const uint16_t *bypass_ports; /* TCP and UDP, of servers: see GUARD_CLIENT_PORT */
	unsigned n_bypass_ports;
	bool elephants;
};

struct guard_prefix {
	uint8_t version;  /* 4, 6 */
	uint8_t addr[16]; /* IPv4 in the first four bytes */
	uint8_t bits;	  /* length of the prefix; what follows is ignored */
	enum guard_prefix_action action;
};

/* A flow, in either direction. Ports in host order. */
struct guard_flow {
	uint8_t version; /* 4, 6 */
	uint8_t proto;	 /* IPPROTO_TCP, IPPROTO_UDP */
	uint8_t src[16], dst[16];
	uint16_t sport, dport;
};

struct guard_outage {
	uint64_t ns;
	struct guard_count passed;  /* to the peer, uninspected */
	struct guard_count dropped; /* fail-closed, or no peer */
};

/* Loads or finds the programs and maps of cfg->instance and attaches them to every port. Ports that an earlier start guarded
 * and this one does not are let go. Counters, beats and totals follow the interface by its name. Nothing beats yet: the wire fails open (or closed) until the workers do. */
int guard_open(const struct guard_config *cfg, struct guard **ret, struct err *e);

/* Frees; what is attached stays. NULL is fine. */
void guard_close(struct guard *g);

/* Removes programs, filters (and the clsact qdiscs made for them) and pins of the instance, and nobody else's. 0 also where
 * there are none. -EBUSY while a process has the instance open, -EXDEV in another network
 * namespace than that of the ports. */
int guard_detach(const char *instance, struct err *e);

/* The slot of (port, queue). The worker that polls it stores guard_now() in ->ns (guard_beat), more often than every
 * heartbeat_ms; one store to a line of its own. */
struct guard_beat *guard_beats(struct guard *g, unsigned port, unsigned queue);

static inline void guard_beat(struct guard_beat *slot, uint64_t monotonic_ns)
{
	__atomic_store_n(&slot->ns, monotonic_ns, __ATOMIC_RELAXED);
}

/* The clock of beats: CLOCK_MONOTONIC in nanoseconds. */
uint64_t guard_now(void);

/* What was found by guard_open, before this process beat. 0: nobody ever beat. */
uint64_t guard_last_beat(const struct guard *g, unsigned port, unsigned queue);
void guard_last_stats(const struct guard *g, unsigned port, struct guard_stats *ret);

/* Counters of now, since the port was first guarded. */
int guard_read(struct guard *g, unsigned port, struct guard_stats *ret);

/* Adds an outage of `ns` on a port to the totals that survive restarts; *ret says which frames passed or were dropped
 * uninspected since the outage accounted before. Call it after the first beats of a start, or when a worker revives. */
int guard_account_outage(struct guard *g, unsigned port, uint64_t ns, struct guard_outage *ret,
			 struct err *e);
int guard_totals(struct guard *g, unsigned port, struct guard_totals *ret);

/* Replaces all listed prefixes. Each family's change is atomic; on failure the old ones stay (IPv4's may be new already). Survives
 * restarts. Of duplicates the last wins. */
int guard_prefixes(struct guard *g, const struct guard_prefix *v, unsigned n, struct err *e);

struct guard_block {
	uint8_t addr[16];  /* IPv4 as ::ffff:a.b.c.d */
	uint64_t until_ns; /* guard_now() */
	uint32_t list;
};

/* Whatever comes from or goes to this address is dropped until then, whoever lives and whatever is bypassed; with GUARD_PACKET
 * only while the worker is dead. One that is there is replaced. It survives restarts. -E2BIG: there are GUARD_BLOCKS_MAX. */
int guard_block(struct guard *g, const struct guard_block *one, struct err *e);
/* 0 also where there is none. */
int guard_unblock(struct guard *g, const uint8_t addr[16], struct err *e);
/* Those that are there, also where their time is over; each must not change them. */
int guard_blocks_each(struct guard *g, void (*each)(void *ctx, const struct guard_block *one), void *ctx,
		      struct err *e);

/* Two steps, so that no connection slips in between the decision and the bypass: first a flow is watched, in both directions,
 * until it is idle for 10 s, a TCP SYN or a QUIC long header shows a new connection, or GUARD_FLOWS_MAX newer ones
 * replace it. A bypassed one stays bypassed. -EOPNOTSUPP where cfg->elephants is false. */
int guard_watch_flow(struct guard *g, const struct guard_flow *f, struct err *e);
/* Then, once all that came before is judged, it is bypassed until the same. -ENOENT where it is no longer watched. */
int guard_bypass_flow(struct guard *g, const struct guard_flow *f, struct err *e);
/* Forgets all flows, as a new ruleset demands; guard_open does so as well. */
int guard_forget_flows(struct guard *g, struct err *e);
/* Forgets those that are idle, so that no addresses stay longer than needed. Cost: some milliseconds if the map is full. */
int guard_forget_idle(struct guard *g, struct err *e);

/* Asks anew which peers take frames from XDP (it changes with a veth's far end); call it about once a second; while nobody does, a far end that stops
 * taking them loses what XDP sends. */
int guard_refresh(struct guard *g, struct err *e);

/* Whether port's programs run in the driver (true) or on generic XDP; false as well for GUARD_PACKET. */
bool guard_is_native(const struct guard *g, unsigned port);

/* "to_worker", "given to the worker, ..." */
const char *guard_count_name(enum guard_count_id id);
const char *guard_count_help(enum guard_count_id id);

#endif
