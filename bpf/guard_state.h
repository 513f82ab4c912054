/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* guard_state: what the loader's files share. */
#ifndef BPF_GUARD_STATE_H
#define BPF_GUARD_STATE_H

#include <stddef.h>

#include "bpf/guard.h"

struct bpf_object;

/* The maps of an instance: pinned as DIR/NAME, the same names as in bpf/maps.bpf.h. X(ID, name) */
#define GUARD_MAPS(X)           \
	X(PORTS, ports)         \
	X(BEATS, beats)         \
	X(STATS, stats)         \
	X(TOTALS, totals)       \
	X(BYPASS, bypass)       \
	X(FLOWS, flows)         \
	X(BLOCKS, blocks)       \
	X(PREFIXES4, prefixes4) \
	X(PREFIXES6, prefixes6)

enum guard_map {
#define X(id, name) MAP_##id,
	GUARD_MAPS(X)
#undef X
	    N_MAPS
};

#define GUARD_PATH_BYTES    160
#define KEPT_INTERFACES_MAX 256

/* The pinned things of an instance. */
struct kept {
	char dir[GUARD_PATH_BYTES];
	int lock_fd;
	int map_fd[N_MAPS]; /* -1: not opened */
	uint32_t ports_id;  /* of the map of ports: whoever uses it is one of our programs */
};

struct guard {
	struct kept kept;
	unsigned n_ports;
	unsigned slot[GUARD_PORTS_MAX]; /* of port i in the maps */
	bool native[GUARD_PORTS_MAX];
	bool elephants;
	struct guard_port_value value[GUARD_PORTS_MAX]; /* by slot, as in the map */
	struct guard_beat *beats;			/* mapped */
	uint64_t last_beat[GUARD_PORTS_MAX][GUARD_QUEUES_MAX];
	struct guard_stats last_stats[GUARD_PORTS_MAX];
};

/* said: what libbpf prints between said_begin and said_end is kept, the last lines of it, for the error's sentence. */
void said_begin(void);
void said_end(void);
/* What was said was no failure. */
void said_forget(void);
/* As err_set, with what was said and the errno's text behind. `code` is returned. */
__attribute__((format(printf, 3, 4))) int said_error(struct err *e, int code, const char *fmt, ...);

/* bpffs: the instance's folder. */
/* Mounts a BPF file system on /sys/fs/bpf where there is none, makes the folder and locks it, waiting for a process that is
 * about to end. */
int bpffs_open(const char *instance, struct kept *k, struct err *e);
/* As bpffs_open, but makes nothing: -ENOENT where the instance does not exist. */
int bpffs_open_existing(const char *instance, struct kept *k, struct err *e);
void bpffs_close(struct kept *k);
void bpffs_path(const struct kept *k, const char *name, unsigned number, char ret[GUARD_PATH_BYTES]);
/* Removes every pin and the folder. */
int bpffs_remove(struct kept *k, struct err *e);

/* Opens or makes the maps as the XDP program defines them (maps_open). */
int xdp_create_maps(struct kept *k, struct err *e);

/* maps: opens the pinned maps, making those that are missing or of another layout as `obj` defines them. */
int maps_open(struct kept *k, struct bpf_object *obj, struct err *e);
/* Opens the map of ports alone, where it is there in this layout. */
void maps_open_ports(struct kept *k);
void maps_close(struct kept *k);
/* Lets `obj`, not loaded yet, use them. */
int maps_reuse(const struct kept *k, struct bpf_object *obj, struct err *e);

/* kept: which programs are ours: the pinned program of an interface ("xdp", "tc"), or one that uses our map of ports. */
int kept_pin(const struct kept *k, const char *kind, uint32_t ifindex, int prog_fd, struct err *e);
void kept_unpin(const struct kept *k, const char *kind, uint32_t ifindex);
bool kept_owns(const struct kept *k, const char *kind, uint32_t ifindex, uint32_t prog_id);
/* The interfaces that have a pinned program, or a port in `v`, each once. Returns how many. */
unsigned kept_interfaces(const struct kept *k, const struct guard_port_value v[GUARD_PORTS_MAX],
			 uint32_t ret[KEPT_INTERFACES_MAX]);
/* Tells one build of a program from another. */
uint64_t kept_hash(const void *p, size_t n);

/* attach: `keep` says that a program of ours that is there needs no replacement. */
int xdp_attach(const struct kept *k, unsigned slot, const struct guard_port_value *v, bool keep,
	       bool *ret_native, struct err *e);
int xdp_detach(const struct kept *k, uint32_t ifindex, struct err *e);
int tc_attach(const struct kept *k, unsigned slot, struct guard_port_value *v, bool keep, struct err *e);
int tc_detach(const struct kept *k, uint32_t ifindex, bool made_clsact, struct err *e);
/* Changes with the code of the programs. */
uint64_t xdp_build(void);
uint64_t tc_build(void);

/* guard: writes a slot's value where its programs read it. */
int guard_write_value(struct guard *g, uint32_t slot, struct err *e);

/* blocks: tells every port's programs whether there are any. */
int blocks_announce(struct guard *g, struct err *e);

/* tables: what the programs look up besides. */
int tables_bypass_ports(struct guard *g, const uint16_t *ports, unsigned n, struct err *e);

/* stats: */
int stats_read_slot(const struct guard *g, unsigned slot, struct guard_stats *ret);
/* Beats, counters and totals of a slot begin anew. */
int stats_clear_slot(const struct guard *g, unsigned slot, struct err *e);

/* features: whether the driver of `ifindex` sends what another interface's XDP program redirects to it. */
bool features_takes_xdp(uint32_t ifindex);

/* offload: turns off what the NIC or the stack does to frames before we see them, where the driver lets us. */
void offload_off(const char *interface);

#endif
