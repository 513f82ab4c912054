/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* decide: what becomes of a frame, the same for XDP and tc. */
#ifndef BPF_DECIDE_BPF_H
#define BPF_DECIDE_BPF_H

#include "bpf/decode.bpf.h"
#include "bpf/maps.bpf.h"

static __always_inline struct guard_port_value *port_config(void)
{
	__u32 key = port_index;
	struct guard_port_value *cfg = bpf_map_lookup_elem(&ports, &key);
	return cfg && cfg->ifindex ? cfg : NULL;
}

static __always_inline void count(struct guard_count *row, __u64 bytes)
{
	row->frames++;
	row->bytes += bytes;
}

static __always_inline bool beats_now(const struct guard_port_value *cfg, __u32 queue)
{
	__u32 key = port_index * GUARD_QUEUES_MAX + queue;
	if (queue >= cfg->queues || queue >= GUARD_QUEUES_MAX)
		return false;
	struct guard_beat *slot = bpf_map_lookup_elem(&beats, &key);
	if (!slot)
		return false;
	__u64 ns = *(volatile __u64 *)&slot->ns;
	/* signed: another CPU may have stored a beat that is younger than our clock */
	return ns && (__s64)(bpf_ktime_get_ns() - ns) <= (__s64)cfg->heartbeat_ns;
}

static __always_inline __u32 prefix4(void *trie, const struct guard_end *end)
{
	struct guard_prefix4_key key = {.bits = 32};
	__builtin_memcpy(key.addr, &end->addr[0], 4);
	__u32 *action = bpf_map_lookup_elem(trie, &key);
	return action ? *action : GUARD_EXCEPT;
}

static __always_inline __u32 prefix6(void *trie, const struct guard_end *end)
{
	struct guard_prefix6_key key = {.bits = 128};
	__builtin_memcpy(key.addr, end->addr, 16);
	__u32 *action = bpf_map_lookup_elem(trie, &key);
	return action ? *action : GUARD_EXCEPT;
}

/* The stricter of both ends: each is judged by itself, so an exception saves only its own address. */
static __always_inline __u32 listed(const struct seen *s)
{
	__u32 key = 0, src = GUARD_EXCEPT, dst = GUARD_EXCEPT;
	if (s->version == 4) {
		void *trie = bpf_map_lookup_elem(&prefixes4, &key);
		if (!trie)
			return GUARD_EXCEPT;
		src = prefix4(trie, &s->src);
		dst = prefix4(trie, &s->dst);
	} else if (s->version == 6) {
		void *trie = bpf_map_lookup_elem(&prefixes6, &key);
		if (!trie)
			return GUARD_EXCEPT;
		src = prefix6(trie, &s->src);
		dst = prefix6(trie, &s->dst);
	}
	return src > dst ? src : dst;
}

static __always_inline bool blocked_end(const struct seen *s, const struct guard_end *end)
{
	struct guard_block_key key = {.addr = {[10] = 0xff, [11] = 0xff}};
	if (s->version == 4)
		__builtin_memcpy(key.addr + 12, &end->addr[0], 4);
	else
		__builtin_memcpy(key.addr, end->addr, 16);
	struct guard_block_value *v = bpf_map_lookup_elem(&blocks, &key);
	return v && (__s64)(v->until_ns - bpf_ktime_get_ns()) > 0;
}

static __always_inline bool blocked(const struct seen *s)
{
	return s->version && (blocked_end(s, &s->src) || blocked_end(s, &s->dst));
}

static __always_inline bool port_bit(const struct guard_ports_value *table, __be16 port_be)
{
	__u16 port = bpf_ntohs(port_be);
	return table->bits[port / 64] >> (port % 64) & 1;
}

static __always_inline bool is_clients(__be16 port_be)
{
	return bpf_ntohs(port_be) >= GUARD_CLIENT_PORT;
}

/* As a server's port: a client may choose any port for its own, and would have its way to every server. */
static __always_inline bool bypassed_port(const struct seen *s)
{
	__u32 key = 0;
	struct guard_ports_value *table = bpf_map_lookup_elem(&bypass, &key);
	if (!table)
		return false;
	bool src = port_bit(table, s->src.port_be), dst = port_bit(table, s->dst.port_be);
	return (src && (dst || is_clients(s->dst.port_be))) || (dst && is_clients(s->src.port_be));
}

static __always_inline bool bypassed_flow(const struct seen *s)
{
	struct guard_flow_key key = {.version = s->version, .proto = s->proto};
	if (guard_end_less(&s->dst, &s->src)) {
		key.lo = s->dst;
		key.hi = s->src;
	} else {
		key.lo = s->src;
		key.hi = s->dst;
	}
	struct guard_flow_value *flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow)
		return false;
	__u64 now = bpf_ktime_get_ns();
	if (s->opens || (__s64)(now - flow->seen_ns) > (__s64)GUARD_FLOW_IDLE_NS) {
		bpf_map_delete_elem(&flows, &key);
		return false;
	}
	flow->seen_ns = now;
	return flow->bypassed;
}

/* What is to be done with the frame; `rows` are the counters of this layer, where it counts listed addresses besides. */
static __always_inline enum guard_count_id decide(const struct guard_port_value *cfg, const struct seen *s,
						  bool alive, struct guard_count *rows, __u64 bytes)
{
	if (cfg->any_blocks && blocked(s))
		return GUARD_BLOCK_DROPPED;
	__u32 action = listed(s);
	if (action == GUARD_DROP || (action == GUARD_DROP_DEAD && !alive))
		return GUARD_PREFIX_DROPPED;
	if (action == GUARD_COUNT)
		count(&rows[GUARD_PREFIX_COUNTED], bytes);
	if (s->ports && cfg->any_ports && bypassed_port(s))
		return GUARD_PORT_BYPASSED;
	if (s->ports && cfg->any_flows && bypassed_flow(s))
		return GUARD_FLOW_BYPASSED;
	if (alive)
		return GUARD_TO_WORKER;
	return cfg->fail_closed || !cfg->peer_ifindex ? GUARD_DEAD_DROPPED : GUARD_DEAD_BYPASSED;
}

/* Whether the frame leaves at the peer; a port without one drops it. */
static __always_inline bool to_peer(const struct guard_port_value *cfg, enum guard_count_id id)
{
	return cfg->peer_ifindex &&
	       (id == GUARD_DEAD_BYPASSED || id == GUARD_PORT_BYPASSED || id == GUARD_FLOW_BYPASSED);
}

#endif
