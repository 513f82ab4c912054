/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tc: what still reaches the stack of a guarded port: where XDP could not send to the peer, where there is no XDP program
 * (yet), and every frame of a port that its worker reads by af_packet. Nothing goes on to the host itself. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#include "bpf/decide.bpf.h"

/* A VLAN tag is not in the data here: the stack has taken it off. */
static __always_inline void decode(struct __sk_buff *skb, struct seen *s)
{
	struct cursor c = {.at = (void *)(long)skb->data, .end = (void *)(long)skb->data_end};
	__u32 wanted = skb->len < DECODE_BYTES ? skb->len : DECODE_BYTES;
	if (c.at + wanted > c.end) {
		if (bpf_skb_pull_data(skb, wanted))
			return;
		c.at = (void *)(long)skb->data;
		c.end = (void *)(long)skb->data_end;
	}
	decode_network(&c, decode_link(&c), s);
}

/* Which of a port's packet sockets has the copy is not known here, so all of its queues must beat. */
static __always_inline bool all_beat(const struct guard_port_value *cfg)
{
	for (__u32 queue = 0; queue < GUARD_QUEUES_MAX; queue++) {
		if (queue >= cfg->queues)
			break;
		if (!beats_now(cfg, queue))
			return false;
	}
	return cfg->queues > 0;
}

SEC("tc")
int roja_tc(struct __sk_buff *skb)
{
	struct seen seen = {};
	__u32 key = port_index;
	__u64 bytes = skb->len;
	struct guard_port_value *cfg = port_config();
	struct guard_stats *rows = bpf_map_lookup_elem(&stats, &key);
	if (!cfg || !rows)
		return TC_ACT_UNSPEC;
	if (cfg->kind == GUARD_PACKET && all_beat(cfg)) {
		count(&rows->tc[GUARD_TO_WORKER], bytes);
		return TC_ACT_SHOT;
	}
	decode(skb, &seen);
	enum guard_count_id id = decide(cfg, &seen, false, rows->tc, bytes);
	count(&rows->tc[id], bytes);
	if (!to_peer(cfg, id))
		return TC_ACT_SHOT;
	return bpf_redirect(cfg->peer_ifindex, 0);
}

char program_license[] SEC("license") = "Dual BSD/GPL";
