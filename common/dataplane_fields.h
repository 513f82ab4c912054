/* SPDX-License-Identifier: BSD-3-Clause */
/* dataplane_fields: the figures of the data plane by worker and by port, as tables that both sides of the control socket
 * share: from them come the structs, the JSON of the methods, rojactl's tables, telemetry and docs/control-socket.md.
 * All are unsigned 64-bit. The pipeline's own counters are another table, dataplane/core/counters.h. */
#ifndef COMMON_DATAPLANE_FIELDS_H
#define COMMON_DATAPLANE_FIELDS_H

#include <stddef.h>
#include <stdint.h>

/* clang-format off */
/* X(name, what it counts): counted by a worker's loop, monotonic */
#define WORKER_COUNTERS(X)                                                                                 \
	X(rx_packets,      "frames received by this worker's queues")                                      \
	X(rx_bytes,        "bytes of them")                                                                \
	X(judged_packets,  "frames judged by this worker")                                                 \
	X(judged_bytes,    "bytes of them")                                                                \
	X(tx_packets,      "frames transmitted, answers included")                                         \
	X(tx_full,         "frames lost because a transmit queue took them not")                           \
	X(too_large,       "frames lost because they came in pieces and do not fit one buffer, as the driver at the peer port needs it") \
	X(handed_out,      "frames handed to the worker that they belong to")                              \
	X(handed_in,       "frames taken from other workers")                                              \
	X(handed_full,     "frames lost because another worker's ring was full")                           \
	X(handed_dead,     "frames passed by or dropped for a worker that does not beat")                  \
	X(verdict_drops,   "frames not forwarded because a rule or the pipeline says so")                  \
	X(stale,           "copies discarded because the kernel had forwarded the frames meanwhile (af_packet)")    \
	X(tags_lost,       "frames lost because the VLAN tag that a driver took off did not go back on")  \
	X(unpaired,        "frames received where no peer port takes them (mirrored traffic, answers' port)") \
	X(answers,         "frames injected")                                                              \
	X(answers_lost,    "frames not injected: no buffer")                                               \
	X(nic_checksums,   "frames whose checksum the NIC had found good: not computed again")                \
	X(nic_hashes,      "frames whose worker was found by the NIC's hash")                              \
	X(in_pieces,       "frames that came in several buffers")                                          \
	X(hits,            "hits put in the event ring")                                                   \
	X(hits_lost,       "hits enforced, but lost to the event ring, which was full")                    \
	X(stalls,          "times this worker did not beat for longer than heartbeat_ms")                  \
	X(passes,          "rounds of the loop")                                                           \
	X(naps,            "rounds that found nothing and slept")                                          \
	X(busy_cycles,     "TSC cycles of rounds that moved frames")                                       \
	X(idle_cycles,     "TSC cycles of rounds that found nothing, naps included")
/* X(name, help): what else is said of a worker, at the moment of asking */
#define WORKER_GAUGES(X)                                                                                    \
	X(worker,          "its number")                                                                    \
	X(core,            "the core that it runs on")                                                      \
	X(flows,           "flows under inspection")                                                        \
	X(beat_age_ns,     "time since its last sign of life")                                              \
	X(longest_pass_ns, "the longest that it worked without a sign of life, since somebody last asked for it") \
	X(ruleset_version, "the ruleset that it judges by; 0: none")                                        \
	X(switched_ns,     "how long after the ruleset was published it took it up")
/* X(name, help): of a port's devices, monotonic */
#define PORT_COUNTERS(X)                                                                                    \
	X(rx_packets,      "frames received")                                                               \
	X(rx_bytes,        "bytes of them")                                                                 \
	X(rx_missed,       "frames lost on receiving: no room or no buffer")                                \
	X(rx_errors,       "frames that arrived damaged")                                                   \
	X(tx_packets,      "frames transmitted")                                                            \
	X(tx_bytes,        "bytes of them")                                                                 \
	X(tx_errors,       "frames that the device did not transmit")
/* X(name, help): what the kernel beneath a port did, XDP and tc together, monotonic over restarts */
#define PORT_GUARD_COUNTERS(X)                                                                              \
	X(to_worker,       "frames given to a living worker")                                               \
	X(dead_bypassed,   "frames sent to the peer uninspected, no worker being alive")                    \
	X(dead_dropped,    "frames dropped, no worker being alive")                                         \
	X(port_bypassed,   "frames of ports that need no inspection, sent to the peer by the kernel")       \
	X(flow_bypassed,   "frames of large decided flows, sent to the peer by the kernel")                 \
	X(prefix_dropped,  "frames of listed addresses dropped by the kernel")                              \
	X(prefix_counted,  "frames of listed addresses counted by the kernel")                              \
	X(block_dropped,   "frames of addresses blocked for a time, dropped by the kernel")                 \
	X(outages,         "times that nobody watched the port")                                            \
	X(unprotected_ns,  "how long, in all")
/* X(name, help): what follows from a worker's counters, or from what they grew by; 0 where nothing was counted */
#define WORKER_RATIOS(X)                                                                                    \
	X(busy_percent,      "the share of cycles in rounds that moved frames, since the start")            \
	X(cycles_per_packet, "TSC cycles of these rounds for each frame judged, since the start")
/* clang-format on */

#define DATAPLANE_FIELD(name, help) uint64_t name;

struct dataplane_worker {
	WORKER_GAUGES(DATAPLANE_FIELD)
	WORKER_COUNTERS(DATAPLANE_FIELD)
};

struct dataplane_port {
	PORT_COUNTERS(DATAPLANE_FIELD)
	PORT_GUARD_COUNTERS(DATAPLANE_FIELD)
};

/* The same as rows: off is the field's place in the struct above. */
struct dataplane_field {
	const char *name, *help;
	size_t off;
};
#define WORKER_GAUGES_N	    (offsetof(struct dataplane_worker, rx_packets) / sizeof(uint64_t))
#define WORKER_FIELDS_N	    (sizeof(struct dataplane_worker) / sizeof(uint64_t))
#define PORT_FIELDS_N	    (offsetof(struct dataplane_port, to_worker) / sizeof(uint64_t))
#define PORT_GUARD_FIELDS_N (sizeof(struct dataplane_port) / sizeof(uint64_t) - PORT_FIELDS_N)
extern const struct dataplane_field worker_fields[WORKER_FIELDS_N]; /* gauges, then counters */
extern const struct dataplane_field port_fields[PORT_FIELDS_N];
extern const struct dataplane_field port_guard_fields[PORT_GUARD_FIELDS_N];

static inline uint64_t *dataplane_place(void *record, const struct dataplane_field *f)
{
	return (uint64_t *)((char *)record + f->off);
}

static inline uint64_t dataplane_value(const void *record, const struct dataplane_field *f)
{
	return *(const uint64_t *)((const char *)record + f->off);
}

double dataplane_busy_percent(const struct dataplane_worker *w);
double dataplane_cycles_per_packet(const struct dataplane_worker *w);

#endif
