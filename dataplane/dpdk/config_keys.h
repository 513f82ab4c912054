/* SPDX-License-Identifier: BSD-3-Clause */
/* config_keys: every key of the configuration, as tables; one a mapping.
 *
 * Model:    from a row come the member of the struct (config.h), libcyaml's schema and the checks with their sentences
 *           (config_rows.c), --check's output, docs/configuration.md and the man page (config_pages.c). To add a key, add
 *           a row.
 */
#ifndef DATAPLANE_DPDK_CONFIG_KEYS_H
#define DATAPLANE_DPDK_CONFIG_KEYS_H

#define CONFIG_PORTS_MAX       32
#define CONFIG_QUEUES_MAX      16
#define CONFIG_WORKERS_MAX     32
#define CONFIG_EAL_OPTIONS_MAX 32
#define CONFIG_BYPASS_MAX      64
#define CONFIG_INTERFACE_MAX   15 /* bytes, the kernel's limit */

/* Enumerations. X(NAME, word, help) */
/* clang-format off */
#define CONFIG_MODES(X)                                                                                     \
	X(INLINE,   "inline",   "frames of one side of a pair leave at the other; rules are enforced")      \
	X(MONITOR,  "monitor",  "the same, but hits are only reported: nothing is blocked or answered")     \
	X(MIRROR,   "mirror",   "frames come as copies (SPAN, TAP); only answers leave, through a named port")
#define CONFIG_FAILS(X)                                                                                     \
	X(OPEN,     "open",     "frames pass uninspected while no worker is alive")                         \
	X(CLOSED,   "closed",   "frames are dropped while no worker is alive")
#define CONFIG_DRIVERS(X)                                                                                   \
	X(PCI,       "pci",       "a NIC by PCI address (mlx5, ice, i40e ...) in `device`")                 \
	X(AF_XDP,    "af_xdp",    "a kernel `interface` through AF_XDP sockets, guarded by XDP and tc")     \
	X(AF_PACKET, "af_packet", "a kernel `interface` through packet sockets, guarded by tc")             \
	X(TAP,       "tap",       "a new tap `interface`")                                                  \
	X(MEMIF,     "memif",     "a memif; its arguments in `device`")                                     \
	X(PCAP,      "pcap",      "capture files; rx_pcap=...,tx_pcap=... in `device`")                     \
	X(VHOST,     "vhost",     "a vhost-user socket; its path in `device`")                              \
	X(VDEV,      "vdev",      "any DPDK device; all its arguments in `device`")
#define CONFIG_IDLES(X)                                                                                     \
	X(POLL,     "poll",     "never sleeps: for isolated cores")                                         \
	X(SLEEP,    "sleep",    "naps for idle_us when nothing arrived: for shared cores")
#define CONFIG_DISTRIBUTIONS(X)                                                                             \
	X(AUTO,     "auto",     "by software unless every NIC brings both directions of a flow to one queue") \
	X(SOFTWARE, "software", "each frame goes to the worker of its innermost pair of addresses")          \
	X(NIC,      "nic",      "a frame stays with the worker of its queue")

#define CONFIG_LIMIT_ACTS(X)                                                                                \
	X(OPEN,     "open",     "the frame is forwarded uninspected")                                       \
	X(CLOSED,   "closed",   "the frame is dropped, and what follows in its flow")

/* What a string must be. X(FORM, least and most bytes, prefix, what may stand in it, what it is) */
#define CONFIG_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
#define CONFIG_FORMS(X)                                                                                     \
	X(TEXT,      0, 1023, "",  NULL,               "a line of at most 1023 bytes")                                            \
	X(NAME,      1, 32,   "",  CONFIG_LETTERS,     "1 to 32 letters, digits, - or _")                   \
	X(USER,      0, 32,   "",  CONFIG_LETTERS ".", "the name of a user, or \"\"")                       \
	X(PATH,      0, 1023, "/", NULL,               "an absolute path, or \"\"")                         \
	X(FILE,      1, 1023, "/", NULL,               "an absolute path")                                  \
	X(SOCKET,    1, 107,  "/", NULL,               "an absolute path of at most 107 bytes")             \
	X(INTERFACE, 0, CONFIG_INTERFACE_MAX, "", CONFIG_LETTERS ".", "an interface: at most 15 letters, digits, -, _ or .")

/* Keys, as common/config/define.h says. */
#define CONFIG_TOP_KEYS(X)                                                                                  \
	X(STR,  instance, NAME, "roja", "Names the kernel's pins (/sys/fs/bpf/INSTANCE), DPDK's run files and, by default, the paths below.") \
	X(WORD, mode, MODE, INLINE, "What the ports are.")                                                 \
	X(WORD, fail, FAIL, OPEN, "What the wire does while a worker is dead.")                            \
	X(NUM,  heartbeat_ms, 5, 2, 1000, "ms", "A worker that has not beaten for so long counts as dead.") \
	X(MAP,  eal, eal, "DPDK's environment.")                                                            \
	X(MAPS, ports, port, CONFIG_PORTS_MAX, "The ports, at least one, numbered from 0 in this order.")                 \
	X(MAPS, pairs, pair, CONFIG_PORTS_MAX / 2, "Modes inline and monitor: frames of one side leave at the other.") \
	X(MAPS, mirrors, mirror, CONFIG_PORTS_MAX, "Mode mirror: where copies come in, and where answers to them leave.") \
	X(MAP,  workers, workers, "Who inspects.")                                                          \
	X(MAP,  limits, limits, "Bounds of memory; what happens at them is in docs/architecture.md.")       \
	X(MAP,  at_limit, at_limit, "What happens where inspection meets a limit while a worker is alive.") \
	X(STR,  ruleset, PATH, "", "The compiled ruleset to load at start; \"\": everything is forwarded until one is loaded.") \
	X(STR,  key_file, PATH, "", "The key that opens sealed rulesets (docs/ruleset.md); \"\": the service's credential roja-key, if there is one.") \
	X(STR,  page, PATH, "", "The block page's template; \"\": the one built in.")                       \
	X(STR,  socket, SOCKET, "/run/INSTANCE/dataplane.sock", "Where rojactl and roja-control talk to the daemon.") \
	X(MAP,  events, events, "Where hits and gaps are reported.")                                        \
	X(MAP,  bypass, bypass, "What the kernel forwards without inspection.")                             \
	X(STR,  user, USER, "roja", "Whom the daemon becomes once everything is open; \"\": it stays who it is.")
#define CONFIG_EAL_KEYS(X)                                                                                  \
	X(FLAG, hugepages, false, "Use hugepages; they must be there (docs/operations.md).")                                     \
	X(NUM,  memory_mib, 1024, 64, 1048576, "MiB", "Memory for packet buffers and rings.")               \
	X(STRS, options, CONFIG_EAL_OPTIONS_MAX, "Further EAL options, one word each.")
#define CONFIG_PORT_KEYS(X)                                                                                 \
	X(STR,  name, NAME, NULL, "What pairs, mirrors and counters call it.")                              \
	X(WORD, driver, DRIVER, AF_XDP, "How it is reached.")                                              \
	X(STR,  interface, INTERFACE, "", "The kernel interface (af_xdp, af_packet, tap).")                 \
	X(STR,  device, TEXT, "", "The device or its arguments (pci, memif, pcap, vhost, vdev).")           \
	X(STR,  options, TEXT, "", "Further DPDK device arguments, as KEY=VALUE,KEY=VALUE.")                \
	X(NUM,  queues, 1, 1, CONFIG_QUEUES_MAX, "", "Receive queues; queue q is polled by worker q modulo the workers.") \
	X(NUM,  mtu, 0, 0, 9600, "bytes", "The largest IP packet; 0: as the interface has it.")             \
	X(FLAG, promiscuous, true, "Receive frames for any address, as an in-line port must.")              \
	X(FLAG, propagate_link, true, "Take the other side of the pair down while this side has no link.")
#define CONFIG_PAIR_KEYS(X)                                                                                 \
	X(PORT, left, "The name of a port.")                                                                \
	X(PORT, right, "The name of another port.")
#define CONFIG_MIRROR_KEYS(X)                                                                               \
	X(PORT, input, "The name of the port at which copies arrive.")                                      \
	X(PORT, answers, "The name of the port at which answers to them leave.")
#define CONFIG_WORKERS_KEYS(X)                                                                              \
	X(NUMS, cores, unsigned, CONFIG_WORKERS_MAX, 0, 1023, "the first that the process may use",         \
	  "The cores, one worker each, numbered from 0 in this order; a core may stand twice.")             \
	X(WORD, idle, IDLE, POLL, "What a worker does when nothing arrives.")                              \
	X(NUM,  idle_us, 50, 1, 1000, "us", "The length of a nap.")                                         \
	X(NUM,  realtime, 0, 0, 99, "", "SCHED_FIFO priority; 0: ordinary scheduling.")                     \
	X(WORD, distribution, DISTRIBUTION, AUTO, "How both directions of a flow meet on one worker.")
#define CONFIG_LIMITS_KEYS(X)                                                                               \
	X(NUM,  flows, 262144, 1024, 268435456, "", "Flows under inspection, a worker.")                    \
	X(NUM,  small, 16384, 64, 16777216, "", "Stream buffers of 2 KiB, a worker.")                       \
	X(NUM,  medium, 1024, 16, 1048576, "", "Stream buffers of 16 KiB, a worker.")                       \
	X(NUM,  large, 128, 16, 65536, "", "Stream buffers of 72 KiB, a worker.")                           \
	X(NUM,  fragments, 256, 16, 65536, "", "Datagrams put together from fragments at once, a worker.")  \
	X(NUM,  http2, 64, 1, 4096, "", "Cleartext HTTP/2 connections decoded at once, a worker.")          \
	X(NUM,  mbufs, 16384, 4096, 16777216, "", "Packet buffers, for each NUMA node that has a worker; a queue of af_xdp holds 4,096.") \
	X(NUM,  burst, 64, 1, 64, "", "Frames taken from a queue at once.")
#define CONFIG_AT_LIMIT_KEYS(X)                                                                             \
	X(WORD, no_ruleset, LIMIT_ACT, OPEN, "No ruleset is loaded.")                                       \
	X(WORD, bad_frame, LIMIT_ACT, OPEN, "A frame's headers are malformed or too deep.")                 \
	X(WORD, fragment, LIMIT_ACT, OPEN, "A fragment cannot be put together with others.")                \
	X(WORD, flows, LIMIT_ACT, OPEN, "A new flow would push out one that is still under inspection.")    \
	X(WORD, streams, LIMIT_ACT, OPEN, "There is no buffer for a client's bytes, or another flow took it.") \
	X(WORD, message, LIMIT_ACT, OPEN, "A hello or request is malformed or beyond a limit.")
#define CONFIG_EVENTS_KEYS(X)                                                                               \
	X(STR,  path, FILE, "/run/INSTANCE/events", "The file of the event rings (docs/events.md).")                         \
	X(NUM,  records, 65536, 64, 16777216, "", "Events that may wait, a worker; a power of two.")
#define CONFIG_BYPASS_KEYS(X)                                                                               \
	X(NUMS, ports, uint16_t, CONFIG_BYPASS_MAX, 1, 65535, "[]", "TCP and UDP ports of servers, both directions. The other end must have a port from 32768 on, or one of these.") \
	X(FLAG, elephants, false, "Let the kernel forward large flows that were judged and can hold nothing more to judge.")

/* The mappings, each behind those that it holds. X(struct, TABLE) */
#define CONFIG_MAPPINGS(X)                                                                                  \
	X(eal,     CONFIG_EAL_KEYS)                                                                         \
	X(port,    CONFIG_PORT_KEYS)                                                                        \
	X(pair,    CONFIG_PAIR_KEYS)                                                                        \
	X(mirror,  CONFIG_MIRROR_KEYS)                                                                      \
	X(workers, CONFIG_WORKERS_KEYS)                                                                     \
	X(limits,  CONFIG_LIMITS_KEYS)                                                                      \
	X(at_limit, CONFIG_AT_LIMIT_KEYS)                                                                   \
	X(events,  CONFIG_EVENTS_KEYS)                                                                      \
	X(bypass,  CONFIG_BYPASS_KEYS)
/* clang-format on */

#endif
