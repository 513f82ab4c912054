/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "bpf/guard.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/guard_state.h"

#define BEATS_BYTES	 ((size_t)GUARD_PORTS_MAX * GUARD_QUEUES_MAX * sizeof(struct guard_beat))
#define HEARTBEAT_MS_MAX 60000

static int check(const struct guard_config *cfg, struct err *e)
{
	if (!cfg->n_ports || cfg->n_ports > GUARD_PORTS_MAX)
		return err_set(e, -EINVAL, "%u ports to guard: give 1 to %d", cfg->n_ports, GUARD_PORTS_MAX);
	if (!cfg->heartbeat_ms || cfg->heartbeat_ms > HEARTBEAT_MS_MAX)
		return err_set(e, -EINVAL, "heartbeat of %u ms: give 1 to %d", cfg->heartbeat_ms,
			       HEARTBEAT_MS_MAX);
	for (unsigned i = 0; i < cfg->n_ports; i++) {
		const struct guard_port *p = &cfg->ports[i];
		if (strlen(p->interface) >= GUARD_NAME_BYTES || !if_nametoindex(p->interface))
			return err_set(e, -ENODEV, "no interface %s here: name one of `ip link`",
				       p->interface);
		if (p->peer && !if_nametoindex(p->peer))
			return err_set(e, -ENODEV,
				       "no interface %s here, the peer of %s: name one of `ip link`", p->peer,
				       p->interface);
		if (p->peer && !strcmp(p->peer, p->interface))
			return err_set(e, -EINVAL, "%s is its own peer: name the other side", p->interface);
		if (!p->queues || p->queues > GUARD_QUEUES_MAX)
			return err_set(e, -EINVAL, "%s: %u queues: give 1 to %d", p->interface, p->queues,
				       GUARD_QUEUES_MAX);
		for (unsigned j = 0; j < i; j++)
			if (!strcmp(p->interface, cfg->ports[j].interface))
				return err_set(e, -EINVAL, "%s is guarded twice: name it once", p->interface);
	}
	return 0;
}

static int read_values(const struct kept *k, struct guard_port_value v[GUARD_PORTS_MAX])
{
	for (uint32_t slot = 0; slot < GUARD_PORTS_MAX; slot++)
		if (bpf_map_lookup_elem(k->map_fd[MAP_PORTS], &slot, &v[slot]))
			return -errno;
	return 0;
}

int guard_write_value(struct guard *g, uint32_t slot, struct err *e)
{
	if (bpf_map_update_elem(g->kept.map_fd[MAP_PORTS], &slot, &g->value[slot], 0))
		return said_error(e, -errno, "cannot write the map of ports");
	return 0;
}

static const struct guard_port *configured(const struct guard_config *cfg, const char *interface)
{
	for (unsigned i = 0; i < cfg->n_ports; i++)
		if (!strncmp(cfg->ports[i].interface, interface, GUARD_NAME_BYTES))
			return &cfg->ports[i];
	return NULL;
}

static bool made_clsact(const struct guard_port_value v[GUARD_PORTS_MAX], uint32_t ifindex)
{
	for (unsigned slot = 0; slot < GUARD_PORTS_MAX; slot++)
		if (v[slot].ifindex == ifindex)
			return v[slot].made_clsact;
	return false;
}

static int detach_interface(const struct kept *k, const struct guard_port_value v[GUARD_PORTS_MAX],
			    uint32_t ifindex, struct err *e)
{
	int ret = xdp_detach(k, ifindex, e);
	return ret ? ret : tc_detach(k, ifindex, made_clsact(v, ifindex), e);
}

/* Interfaces that are no longer guarded are let go, whatever they are called by now; one that is read by af_packet from now on
 * loses its XDP program. */
static int release_interfaces(struct guard *g, const struct guard_config *cfg, struct err *e)
{
	uint32_t there[KEPT_INTERFACES_MAX];
	unsigned n = kept_interfaces(&g->kept, g->value, there);
	int ret = 0;
	for (unsigned i = 0; i < n && !ret; i++) {
		char name[IF_NAMESIZE];
		const struct guard_port *p = if_indextoname(there[i], name) ? configured(cfg, name) : NULL;
		if (!p)
			ret = detach_interface(&g->kept, g->value, there[i], e);
		else if (p->kind == GUARD_PACKET)
			ret = xdp_detach(&g->kept, there[i], e);
	}
	return ret;
}

static int release_slots(struct guard *g, const struct guard_config *cfg, struct err *e)
{
	for (uint32_t slot = 0; slot < GUARD_PORTS_MAX; slot++) {
		struct guard_port_value *v = &g->value[slot];
		if (!v->ifindex || configured(cfg, v->interface))
			continue;
		memset(v, 0, sizeof(*v));
		int ret = guard_write_value(g, slot, e);
		if (ret)
			return ret;
	}
	return 0;
}

/* The slot that the interface has had, or a free one, whose counters begin anew. */
static int find_slot(struct guard *g, const char *interface, unsigned *ret, struct err *e)
{
	unsigned free_slot = GUARD_PORTS_MAX;
	for (unsigned slot = GUARD_PORTS_MAX; slot--;) {
		if (!strncmp(g->value[slot].interface, interface, GUARD_NAME_BYTES)) {
			*ret = slot;
			return 0;
		}
		if (!g->value[slot].ifindex)
			free_slot = slot;
	}
	if (free_slot == GUARD_PORTS_MAX)
		return err_set(e, -ENOSPC, "%s: %d ports are guarded already", interface, GUARD_PORTS_MAX);
	*ret = free_slot;
	return stats_clear_slot(g, free_slot, e);
}

static uint64_t own_netns(void)
{
	struct stat st;
	return stat("/proc/self/ns/net", &st) ? 0 : (uint64_t)st.st_ino;
}

static void fill_value(struct guard_port_value *v, const struct guard_config *cfg, const struct guard_port *p)
{
	uint32_t ifindex = if_nametoindex(p->interface);
	bool same = v->ifindex == ifindex;
	*v = (struct guard_port_value){
	    .heartbeat_ns = cfg->heartbeat_ms * 1000000ULL,
	    .build = same ? v->build : 0,
	    .netns = own_netns(),
	    .ifindex = ifindex,
	    .peer_ifindex = p->peer ? if_nametoindex(p->peer) : 0,
	    .queues = p->queues,
	    .kind = (uint8_t)p->kind,
	    .fail_closed = cfg->fail_closed,
	    .peer_takes_xdp = same && v->peer_takes_xdp,
	    .made_clsact = same && v->made_clsact,
	    .any_ports = cfg->n_bypass_ports > 0,
	    .any_flows = cfg->elephants,
	    .any_blocks = true, /* until they are looked at */
	};
	snprintf(v->interface, sizeof(v->interface), "%s", p->interface);
}

static int attach_port(struct guard *g, unsigned port, uint64_t build, struct err *e)
{
	uint32_t slot = g->slot[port];
	struct guard_port_value *v = &g->value[slot];
	bool keep = v->build == build;
	int ret = guard_write_value(g, slot, e);
	offload_off(v->interface);
	if (!ret)
		ret = tc_attach(&g->kept, slot, v, keep, e);
	if (!ret && v->kind == GUARD_XDP)
		ret = xdp_attach(&g->kept, slot, v, keep, &g->native[port], e);
	if (ret)
		return ret;
	v->build = build;
	return guard_write_value(g, slot, e);
}

static void snapshot(struct guard *g)
{
	for (unsigned port = 0; port < g->n_ports; port++) {
		for (unsigned queue = 0; queue < GUARD_QUEUES_MAX; queue++)
			g->last_beat[port][queue] = guard_beats(g, port, queue)->ns;
		stats_read_slot(g, g->slot[port], &g->last_stats[port]);
	}
}

static int open_maps(struct guard *g, struct err *e)
{
	int ret = xdp_create_maps(&g->kept, e);
	if (ret)
		return ret;
	g->beats = mmap(NULL, BEATS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, g->kept.map_fd[MAP_BEATS], 0);
	if (g->beats == MAP_FAILED) {
		g->beats = NULL;
		return said_error(e, -errno, "cannot map the beats");
	}
	return read_values(&g->kept, g->value);
}

static int set_up(struct guard *g, const struct guard_config *cfg, struct err *e)
{
	uint64_t build = xdp_build() ^ tc_build();
	int ret = open_maps(g, e);
	if (!ret)
		ret = release_interfaces(g, cfg, e);
	if (!ret)
		ret = release_slots(g, cfg, e);
	for (unsigned i = 0; !ret && i < cfg->n_ports; i++) {
		ret = find_slot(g, cfg->ports[i].interface, &g->slot[i], e);
		if (!ret)
			fill_value(&g->value[g->slot[i]], cfg, &cfg->ports[i]);
	}
	if (ret)
		return ret;
	snapshot(g);
	ret = guard_forget_flows(g, e); /* what another process decided */
	if (ret)
		return ret;
	ret = tables_bypass_ports(g, cfg->bypass_ports, cfg->n_bypass_ports, e);
	for (unsigned i = 0; !ret && i < cfg->n_ports; i++)
		ret = attach_port(g, i, build, e);
	ret = ret ? ret : blocks_announce(g, e);
	return ret ? ret : guard_refresh(g, e);
}

int guard_open(const struct guard_config *cfg, struct guard **ret, struct err *e)
{
	int code = check(cfg, e);
	if (code)
		return code;
	struct guard *g = calloc(1, sizeof(*g));
	if (!g)
		return err_set(e, -ENOMEM, "no memory");
	g->n_ports = cfg->n_ports;
	g->elephants = cfg->elephants;
	said_begin();
	code = bpffs_open(cfg->instance, &g->kept, e);
	if (!code)
		code = set_up(g, cfg, e);
	said_end();
	if (code) {
		guard_close(g);
		return code;
	}
	*ret = g;
	return 0;
}

void guard_close(struct guard *g)
{
	if (!g)
		return;
	if (g->beats)
		munmap(g->beats, BEATS_BYTES);
	maps_close(&g->kept);
	bpffs_close(&g->kept);
	free(g);
}

/* An interface's number means another one, or none, in another namespace. */
static int check_netns(const struct guard_port_value v[GUARD_PORTS_MAX], struct err *e)
{
	for (unsigned slot = 0; slot < GUARD_PORTS_MAX; slot++)
		if (v[slot].ifindex && v[slot].netns != own_netns())
			return err_set(
			    e, -EXDEV,
			    "%s was guarded in another network namespace: detach it there (nsenter --net=...), "
			    "or, if that namespace is gone, remove the instance's folder in /sys/fs/bpf",
			    v[slot].interface);
	return 0;
}

static int detach_instance(struct kept *k, struct err *e)
{
	struct guard_port_value v[GUARD_PORTS_MAX] = {};
	uint32_t there[KEPT_INTERFACES_MAX];
	int ret = 0;
	maps_open_ports(k);
	if (k->map_fd[MAP_PORTS] >= 0)
		ret = read_values(k, v);
	ret = ret ? ret : check_netns(v, e);
	unsigned n = kept_interfaces(k, v, there);
	for (unsigned i = 0; i < n && !ret; i++)
		ret = detach_interface(k, v, there[i], e);
	maps_close(k);
	return ret ? ret : bpffs_remove(k, e);
}

int guard_detach(const char *instance, struct err *e)
{
	struct kept k;
	said_begin();
	int ret = bpffs_open_existing(instance, &k, e);
	if (!ret) {
		ret = detach_instance(&k, e);
		bpffs_close(&k);
	}
	said_end();
	return ret == -ENOENT ? 0 : ret;
}

int guard_refresh(struct guard *g, struct err *e)
{
	for (unsigned i = 0; i < g->n_ports; i++) {
		struct guard_port_value *v = &g->value[g->slot[i]];
		/* generic XDP hands frames to any driver, as the stack does */
		bool takes = v->kind == GUARD_XDP && v->peer_ifindex &&
			     (!g->native[i] || features_takes_xdp(v->peer_ifindex));
		if (takes == v->peer_takes_xdp)
			continue;
		v->peer_takes_xdp = takes;
		int ret = guard_write_value(g, g->slot[i], e);
		if (ret)
			return ret;
	}
	return 0;
}
