/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "bpf/guard_state.h"

static int map_of(const struct guard *g)
{
	return g->kept.map_fd[MAP_BLOCKS];
}

static int announce(struct guard *g, bool any, struct err *e)
{
	for (unsigned i = 0; i < g->n_ports; i++) {
		struct guard_port_value *v = &g->value[g->slot[i]];
		if (v->any_blocks == any)
			continue;
		v->any_blocks = any;
		int ret = guard_write_value(g, g->slot[i], e);
		if (ret)
			return ret;
	}
	return 0;
}

int blocks_announce(struct guard *g, struct err *e)
{
	struct guard_block_key first;
	return announce(g, !bpf_map_get_next_key(map_of(g), NULL, &first), e);
}

int guard_block(struct guard *g, const struct guard_block *one, struct err *e)
{
	struct guard_block_key key;
	struct guard_block_value value = {.until_ns = one->until_ns, .list = one->list};
	memcpy(key.addr, one->addr, sizeof(key.addr));
	if (bpf_map_update_elem(map_of(g), &key, &value, BPF_ANY))
		return err_set(e, -errno, "the kernel cannot block one more address: %s", strerror(errno));
	return announce(g, true, e);
}

int guard_unblock(struct guard *g, const uint8_t addr[16], struct err *e)
{
	struct guard_block_key key;
	memcpy(key.addr, addr, sizeof(key.addr));
	if (bpf_map_delete_elem(map_of(g), &key) && errno != ENOENT)
		return err_set(e, -errno, "the kernel cannot let go of a blocked address: %s",
			       strerror(errno));
	return blocks_announce(g, e);
}

int guard_blocks_each(struct guard *g, void (*each)(void *ctx, const struct guard_block *one), void *ctx,
		      struct err *e)
{
	struct guard_block_key key, *last = NULL;
	for (unsigned i = 0; i < GUARD_BLOCKS_MAX; i++, last = &key) {
		struct guard_block_value value;
		struct guard_block one = {.list = 0};
		if (bpf_map_get_next_key(map_of(g), last, &key))
			return errno == ENOENT ? 0
					       : err_set(e, -errno, "cannot read the blocked addresses: %s",
							 strerror(errno));
		if (bpf_map_lookup_elem(map_of(g), &key, &value))
			continue;
		memcpy(one.addr, key.addr, sizeof(one.addr));
		one.until_ns = value.until_ns;
		one.list = value.list;
		each(ctx, &one);
	}
	return 0;
}
