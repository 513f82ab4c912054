/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* maps: what the programs of one instance share. The loader pins each of these under its own name. */
#ifndef BPF_MAPS_BPF_H
#define BPF_MAPS_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/layout.h"

/* The port that this copy of the program was loaded for. */
const volatile __u32 port_index;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, GUARD_PORTS_MAX);
	__type(key, __u32);
	__type(value, struct guard_port_value);
} ports SEC(".maps");

/* Slot port * GUARD_QUEUES_MAX + queue; the workers write it through their mapping. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, GUARD_PORTS_MAX *GUARD_QUEUES_MAX);
	__type(key, __u32);
	__type(value, struct guard_beat);
} beats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, GUARD_PORTS_MAX);
	__type(key, __u32);
	__type(value, struct guard_stats);
} stats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, GUARD_PORTS_MAX);
	__type(key, __u32);
	__type(value, struct guard_totals);
} totals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct guard_ports_value);
} bypass SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, GUARD_FLOWS_MAX);
	__type(key, struct guard_flow_key);
	__type(value, struct guard_flow_value);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, GUARD_BLOCKS_MAX);
	__type(key, struct guard_block_key);
	__type(value, struct guard_block_value);
} blocks SEC(".maps");

/* The tries hang in arrays of one, so that a whole set is replaced by one store. An empty array costs a frame next to
 * nothing. */
struct prefixes4 {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, GUARD_PREFIXES_MAX);
	__uint(key_size, sizeof(struct guard_prefix4_key));
	__uint(value_size, sizeof(__u32));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct prefixes4);
} prefixes4 SEC(".maps");

struct prefixes6 {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, GUARD_PREFIXES_MAX);
	__uint(key_size, sizeof(struct guard_prefix6_key));
	__uint(value_size, sizeof(__u32));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct prefixes6);
} prefixes6 SEC(".maps");

#endif
