/* SPDX-License-Identifier: BSD-3-Clause */
/* config: the daemon's configuration, from a YAML file.
 *
 * Model:    a table a mapping says key, default, range and meaning; from it come the struct, the schema, the checks, what
 *           --check prints, and docs/configuration.md. Loading fills every default and resolves the names of ports
 *           to their numbers.
 * Owner:    config_load allocates, config_free frees everything in it.
 * Threads:  read-only once loaded.
 * Limits:   CONFIG_* below; a file of CONFIG_FILE_MAX bytes, no YAML aliases.
 * Errors:   0 or -errno with "FILE:LINE: KEY: what is wrong; what to do".
 */
#ifndef DATAPLANE_DPDK_CONFIG_H
#define DATAPLANE_DPDK_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/err.h"
#include "dataplane/core/pipeline.h"

#define CONFIG_FILE_MAX	       (256 * 1024)
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

/* Keys. NUM(key, default, min, max, help), STR(key, default, help), ENUM(key, TABLE, default, help), BOOL(key, default, help) */
#define CONFIG_TOP(NUM, STR, ENUM, BOOL)                                                                    \
	STR(instance, "roja", "names the kernel's pins (/sys/fs/bpf/INSTANCE) and DPDK's run files; 1-32 letters, digits, - or _") \
	ENUM(mode, CONFIG_MODES, CONFIG_MODE_INLINE, "what the ports are")                                  \
	ENUM(fail, CONFIG_FAILS, CONFIG_FAIL_OPEN, "what the wire does while a worker is dead")             \
	NUM(heartbeat_ms, 5, 2, 1000, "a worker that has not beaten for so long counts as dead")            \
	STR(ruleset, "", "the compiled ruleset to load at start; none: everything is forwarded until one is loaded") \
	STR(page, "", "the block page's template; none: the one built in")                                  \
	STR(socket, "/run/roja/dataplane.sock", "where rojactl and roja-control talk to the daemon")        \
	STR(user, "roja", "whom the daemon becomes once everything is open; \"\": it stays who it is")
#define CONFIG_EAL(NUM, STR, ENUM, BOOL)                                                                    \
	BOOL(hugepages, false, "use hugepages; they must be there (docs/operations.md)")                    \
	NUM(memory_mib, 1024, 64, 1048576, "memory for packet buffers and rings, MiB")
#define CONFIG_PORT(NUM, STR, ENUM, BOOL)                                                                   \
	STR(name, "", "what pairs, mirrors and counters call it")                                           \
	ENUM(driver, CONFIG_DRIVERS, CONFIG_DRIVER_AF_XDP, "how it is reached")                             \
	STR(interface, "", "the kernel interface (af_xdp, af_packet, tap)")                                 \
	STR(device, "", "the device or its arguments (pci, memif, pcap, vhost, vdev)")                      \
	STR(options, "", "further DPDK device arguments, as KEY=VALUE,KEY=VALUE")                           \
	NUM(queues, 1, 1, CONFIG_QUEUES_MAX, "receive queues; queue q is polled by worker q modulo the workers") \
	NUM(mtu, 0, 0, 9600, "largest IP packet; 0: as the interface has it")                               \
	BOOL(promiscuous, true, "receive frames for any address, as an in-line port must")                  \
	BOOL(propagate_link, true, "take the other side of the pair down while this side has no link")
#define CONFIG_WORKERS(NUM, STR, ENUM, BOOL)                                                                \
	ENUM(idle, CONFIG_IDLES, CONFIG_IDLE_POLL, "what a worker does when nothing arrives")               \
	NUM(idle_us, 50, 1, 1000, "length of a nap, microseconds")                                          \
	NUM(realtime, 0, 0, 99, "SCHED_FIFO priority; 0: ordinary scheduling")                              \
	ENUM(distribution, CONFIG_DISTRIBUTIONS, CONFIG_DISTRIBUTION_AUTO, "how both directions of a flow meet on one worker")
#define CONFIG_LIMITS(NUM, STR, ENUM, BOOL)                                                                 \
	NUM(flows, 262144, 1024, 268435456, "flows under inspection, a worker")                             \
	NUM(small, 16384, 64, 16777216, "stream buffers of 2 KiB, a worker")                                \
	NUM(medium, 1024, 16, 1048576, "stream buffers of 16 KiB, a worker")                                \
	NUM(large, 128, 16, 65536, "stream buffers of 72 KiB, a worker")                                    \
	NUM(fragments, 256, 16, 65536, "datagrams put together from fragments at once, a worker")           \
	NUM(http2, 64, 1, 4096, "cleartext HTTP/2 connections decoded at once, a worker")                   \
	NUM(mbufs, 16384, 4096, 16777216, "packet buffers in all; a queue of af_xdp holds 4,096 of them")   \
	NUM(burst, 64, 1, 64, "frames taken from a queue at once")
#define CONFIG_EVENTS(NUM, STR, ENUM, BOOL)                                                                 \
	STR(path, "/run/roja/events", "the file of the event rings (docs/events.md)")                       \
	NUM(records, 65536, 64, 16777216, "events that may wait, a worker; a power of two")
#define CONFIG_BYPASS(NUM, STR, ENUM, BOOL)                                                                 \
	BOOL(elephants, false, "let the kernel forward large flows that were judged and can hold nothing more to judge")
/* clang-format on */

#define CONFIG_ENUM(name, prefix, TABLE)      enum name { TABLE(prefix) name##_n };
#define CONFIG_MODE_X(id, word, help)	      CONFIG_MODE_##id,
#define CONFIG_FAIL_X(id, word, help)	      CONFIG_FAIL_##id,
#define CONFIG_DRIVER_X(id, word, help)	      CONFIG_DRIVER_##id,
#define CONFIG_IDLE_X(id, word, help)	      CONFIG_IDLE_##id,
#define CONFIG_DISTRIBUTION_X(id, word, help) CONFIG_DISTRIBUTION_##id,
CONFIG_ENUM(config_mode, CONFIG_MODE_X, CONFIG_MODES)
CONFIG_ENUM(config_fail, CONFIG_FAIL_X, CONFIG_FAILS)
CONFIG_ENUM(config_driver, CONFIG_DRIVER_X, CONFIG_DRIVERS)
CONFIG_ENUM(config_idle, CONFIG_IDLE_X, CONFIG_IDLES)
CONFIG_ENUM(config_distribution, CONFIG_DISTRIBUTION_X, CONFIG_DISTRIBUTIONS)

#define CONFIG_NUM(key, def, min, max, help) unsigned key;
#define CONFIG_STR(key, def, help)	     const char *key; /* never NULL */
#define CONFIG_WORD(key, TABLE, def, help)   unsigned key;
#define CONFIG_FLAG(key, def, help)	     bool key;
#define CONFIG_MEMBERS(TABLE)		     TABLE(CONFIG_NUM, CONFIG_STR, CONFIG_WORD, CONFIG_FLAG)

struct config_port {
	CONFIG_MEMBERS(CONFIG_PORT)
};

struct config {
	CONFIG_MEMBERS(CONFIG_TOP)
	struct {
		CONFIG_MEMBERS(CONFIG_EAL)
		const char *options[CONFIG_EAL_OPTIONS_MAX];
		unsigned n_options;
	} eal;
	struct config_port ports[CONFIG_PORTS_MAX];
	unsigned n_ports;
	struct {
		uint8_t left, right; /* numbers of ports */
	} pairs[CONFIG_PORTS_MAX / 2];
	unsigned n_pairs;
	struct {
		uint8_t input, answers;
	} mirrors[CONFIG_PORTS_MAX];
	unsigned n_mirrors;
	struct {
		CONFIG_MEMBERS(CONFIG_WORKERS)
		unsigned cores[CONFIG_WORKERS_MAX]; /* one worker each, in this order */
		unsigned n_cores;
	} workers;
	struct {
		CONFIG_MEMBERS(CONFIG_LIMITS)
	} limits;
	struct {
		CONFIG_MEMBERS(CONFIG_EVENTS)
	} events;
	struct {
		CONFIG_MEMBERS(CONFIG_BYPASS)
		uint16_t ports[CONFIG_BYPASS_MAX]; /* TCP and UDP, either direction */
		unsigned n_ports;
	} bypass;
	void *text; /* what the strings point into */
};

int config_load(const char *path, struct config **ret, struct err *e);
void config_free(struct config *cfg);
/* The effective configuration, as YAML that loads again to the same. */
void config_print(const struct config *cfg, FILE *out);

/* The word of value v of an enumeration of the configuration. */
const char *config_mode_word(unsigned v);
const char *config_fail_word(unsigned v);
const char *config_driver_word(unsigned v);

#endif
