/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* xdp: the first to see a frame, in the driver.
 *
 * libxdp, through which DPDK's af_xdp driver opens its sockets, looks for a program of the name, the version and the map below
 * and puts its sockets there instead of bringing its own program. Ours lacks libxdp's count of sockets, so that no socket's
 * end removes it. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/decide.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, GUARD_QUEUES_MAX);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} xsks_map SEC(".maps");

__uint(xsk_prog_version, 1) SEC("xdp_metadata");

static __always_inline void decode(struct xdp_md *ctx, struct seen *s)
{
	struct cursor c = {.at = (void *)(long)ctx->data, .end = (void *)(long)ctx->data_end};
	decode_network(&c, decode_link(&c), s);
}

static __always_inline int finish(const struct guard_port_value *cfg, enum guard_count_id id,
				  struct guard_count *rows, __u64 bytes)
{
	if (!to_peer(cfg, id)) {
		count(&rows[id], bytes);
		return XDP_DROP;
	}
	if (!cfg->peer_takes_xdp) {
		count(&rows[GUARD_TO_TC], bytes);
		return XDP_PASS;
	}
	count(&rows[id], bytes);
	return bpf_redirect(cfg->peer_ifindex, 0);
}

SEC("xdp")
int xsk_def_prog(struct xdp_md *ctx)
{
	struct seen seen = {};
	__u32 key = port_index, queue = ctx->rx_queue_index;
	__u64 bytes = ctx->data_end - ctx->data;
	struct guard_port_value *cfg = port_config();
	struct guard_stats *rows = bpf_map_lookup_elem(&stats, &key);
	if (!cfg || !rows)
		return XDP_PASS;
	decode(ctx, &seen);
	enum guard_count_id id = decide(cfg, &seen, beats_now(cfg, queue), rows->xdp, bytes);
	if (id == GUARD_TO_WORKER) {
		int verdict = bpf_redirect_map(&xsks_map, queue, XDP_PASS);
		if (verdict == XDP_REDIRECT) {
			count(&rows->xdp[id], bytes);
			return verdict;
		}
		/* beats without a socket: nobody would see the frame */
		id = cfg->fail_closed || !cfg->peer_ifindex ? GUARD_DEAD_DROPPED : GUARD_DEAD_BYPASSED;
	}
	return finish(cfg, id, rows->xdp, bytes);
}

char program_license[] SEC("license") = "Dual BSD/GPL";
