/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/guard_state.h"

/* A family of prefixes: its trie and the array that it hangs in. */
struct family {
	uint8_t version;
	unsigned addr_bytes;
	uint32_t key_bytes;
	enum guard_map outer;
	const char *name;
};

static const struct family families[] = {
    {4, 4, sizeof(struct guard_prefix4_key), MAP_PREFIXES4, "prefixes4"},
    {6, 16, sizeof(struct guard_prefix6_key), MAP_PREFIXES6, "prefixes6"},
};

int tables_bypass_ports(struct guard *g, const uint16_t *ports, unsigned n, struct err *e)
{
	struct guard_ports_value v = {};
	uint32_t key = 0;
	for (unsigned i = 0; i < n; i++)
		v.bits[ports[i] / 64] |= 1ULL << (ports[i] % 64);
	if (bpf_map_update_elem(g->kept.map_fd[MAP_BYPASS], &key, &v, 0))
		return said_error(e, -errno, "cannot write the table of bypassed ports");
	return 0;
}

static int check_prefixes(const struct guard_prefix *v, unsigned n, struct err *e)
{
	for (unsigned i = 0; i < n; i++) {
		if ((v[i].version != 4 && v[i].version != 6) || v[i].bits > (v[i].version == 4 ? 32 : 128))
			return err_set(e, -EINVAL, "prefix %u: IPv%u/%u: give IPv4/0-32 or IPv6/0-128", i,
				       v[i].version, v[i].bits);
		if (v[i].action > GUARD_DROP)
			return err_set(e, -EINVAL, "prefix %u: no action %u", i, (unsigned)v[i].action);
	}
	return 0;
}

static int fill(const struct family *f, int trie_fd, const struct guard_prefix *v, unsigned n,
		unsigned *ret_n)
{
	*ret_n = 0;
	for (unsigned i = 0; i < n; i++) {
		struct guard_prefix6_key key = {.bits = v[i].bits}; /* the shorter key is its beginning */
		uint32_t action = v[i].action;
		if (v[i].version != f->version)
			continue;
		memcpy(key.addr, v[i].addr, f->addr_bytes);
		if (bpf_map_update_elem(trie_fd, &key, &action, 0))
			return -errno;
		++*ret_n;
	}
	return 0;
}

static int replace(struct guard *g, const struct family *f, const struct guard_prefix *v, unsigned n)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	uint32_t key = 0;
	unsigned filled;
	int trie_fd = bpf_map_create(BPF_MAP_TYPE_LPM_TRIE, f->name, f->key_bytes, sizeof(uint32_t),
				     GUARD_PREFIXES_MAX, &opts);
	if (trie_fd < 0)
		return -errno;
	int ret = fill(f, trie_fd, v, n, &filled);
	if (!ret && filled)
		ret = bpf_map_update_elem(g->kept.map_fd[f->outer], &key, &trie_fd, 0) ? -errno : 0;
	if (!ret && !filled && bpf_map_delete_elem(g->kept.map_fd[f->outer], &key) && errno != ENOENT)
		ret = -errno;
	close(trie_fd);
	return ret;
}

int guard_prefixes(struct guard *g, const struct guard_prefix *v, unsigned n, struct err *e)
{
	int ret = check_prefixes(v, n, e);
	for (unsigned i = 0; !ret && i < sizeof(families) / sizeof(*families); i++) {
		ret = replace(g, &families[i], v, n);
		if (ret)
			err_set(e, ret, "cannot replace the listed IPv%u prefixes: %s", families[i].version,
				strerror(-ret));
	}
	return ret;
}
