/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "bpf/guard_state.h"

#define BATCH 512

static struct guard_end end_of(const struct guard_flow *f, const uint8_t addr[16], uint16_t port)
{
	struct guard_end ret = {.port_be = htons(port)};
	memcpy(ret.addr, addr, f->version == 4 ? 4 : 16);
	return ret;
}

static int put(struct guard *g, const struct guard_flow *f, bool bypassed, uint64_t flags, struct err *e)
{
	struct guard_end src = end_of(f, f->src, f->sport), dst = end_of(f, f->dst, f->dport);
	struct guard_flow_key key = {.version = f->version, .proto = f->proto};
	struct guard_flow_value value = {.seen_ns = guard_now(), .bypassed = bypassed};
	if (!g->elephants)
		return err_set(e, -EOPNOTSUPP, "flows are not bypassed: the configuration says so");
	bool swap = guard_end_less(&dst, &src);
	key.lo = swap ? dst : src;
	key.hi = swap ? src : dst;
	if (bpf_map_update_elem(g->kept.map_fd[MAP_FLOWS], &key, &value, flags))
		return err_set(e, -errno, "cannot bypass a flow: %s", strerror(errno));
	return 0;
}

int guard_watch_flow(struct guard *g, const struct guard_flow *f, struct err *e)
{
	int ret = put(g, f, false, BPF_NOEXIST, e);
	return ret == -EEXIST ? 0 : ret;
}

int guard_bypass_flow(struct guard *g, const struct guard_flow *f, struct err *e)
{
	return put(g, f, true, BPF_EXIST, e);
}

int guard_forget_flows(struct guard *g, struct err *e)
{
	struct guard_flow_key key;
	int fd = g->kept.map_fd[MAP_FLOWS];
	/* each step takes the first that is left; flows that arrive meanwhile end it at the bound */
	for (unsigned i = 0; i < GUARD_FLOWS_MAX; i++) {
		if (bpf_map_get_next_key(fd, NULL, &key))
			return errno == ENOENT
				   ? 0
				   : err_set(e, -errno, "cannot read the flows: %s", strerror(errno));
		if (bpf_map_delete_elem(fd, &key) && errno != ENOENT)
			return err_set(e, -errno, "cannot forget a flow: %s", strerror(errno));
	}
	return 0;
}

static void forget_old(int fd, const struct guard_flow_key *keys, const struct guard_flow_value *v,
		       unsigned n)
{
	uint64_t now = guard_now();
	for (unsigned i = 0; i < n; i++)
		if ((int64_t)(now - v[i].seen_ns) > (int64_t)GUARD_FLOW_IDLE_NS)
			bpf_map_delete_elem(fd, &keys[i]);
}

int guard_forget_idle(struct guard *g, struct err *e)
{
	struct guard_flow_key keys[BATCH];
	struct guard_flow_value values[BATCH];
	int fd = g->kept.map_fd[MAP_FLOWS], ret = 0;
	uint32_t at = 0, n;
	/* each call gives at least a bucket; ENOENT comes with the last ones */
	for (unsigned i = 0; !ret && i < GUARD_FLOWS_MAX; i++) {
		n = BATCH;
		ret = bpf_map_lookup_batch(fd, i ? &at : NULL, &at, keys, values, &n, NULL) ? -errno : 0;
		if (!ret || ret == -ENOENT)
			forget_old(fd, keys, values, n);
	}
	return ret == -ENOENT ? 0 : err_set(e, ret, "cannot read the flows: %s", strerror(-ret));
}
