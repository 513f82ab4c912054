/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bpf/guard_state.h"

static const struct {
	const char *name, *help;
} counts[GUARD_N_COUNTS] = {
#define X(id, name, help) [GUARD_##id] = {#name, help},
    GUARD_COUNTS(X)
#undef X
};

const char *guard_count_name(enum guard_count_id id)
{
	return counts[id].name;
}

const char *guard_count_help(enum guard_count_id id)
{
	return counts[id].help;
}

uint64_t guard_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

struct guard_beat *guard_beats(struct guard *g, unsigned port, unsigned queue)
{
	return &g->beats[g->slot[port] * GUARD_QUEUES_MAX + queue];
}

uint64_t guard_last_beat(const struct guard *g, unsigned port, unsigned queue)
{
	return g->last_beat[port][queue];
}

void guard_last_stats(const struct guard *g, unsigned port, struct guard_stats *ret)
{
	*ret = g->last_stats[port];
}

bool guard_is_native(const struct guard *g, unsigned port)
{
	return g->native[port];
}

static void add(struct guard_stats *sum, const struct guard_stats *s)
{
	for (unsigned i = 0; i < GUARD_N_COUNTS; i++) {
		sum->xdp[i].frames += s->xdp[i].frames;
		sum->xdp[i].bytes += s->xdp[i].bytes;
		sum->tc[i].frames += s->tc[i].frames;
		sum->tc[i].bytes += s->tc[i].bytes;
	}
}

/* One value a possible CPU. */
static struct guard_stats *per_cpu(unsigned *ret_n)
{
	int n = libbpf_num_possible_cpus();
	*ret_n = n > 0 ? (unsigned)n : 0;
	return n > 0 ? calloc((size_t)n, sizeof(struct guard_stats)) : NULL;
}

int stats_read_slot(const struct guard *g, unsigned slot, struct guard_stats *ret)
{
	unsigned n;
	struct guard_stats *v = per_cpu(&n);
	if (!v)
		return -ENOMEM;
	int code = bpf_map_lookup_elem(g->kept.map_fd[MAP_STATS], &slot, v) ? -errno : 0;
	if (!code) {
		memset(ret, 0, sizeof(*ret));
		for (unsigned i = 0; i < n; i++)
			add(ret, &v[i]);
	}
	free(v);
	return code;
}

int stats_clear_slot(const struct guard *g, unsigned slot, struct err *e)
{
	static const struct guard_totals none;
	unsigned n;
	struct guard_stats *v = per_cpu(&n);
	if (!v)
		return err_set(e, -ENOMEM, "no memory");
	int ret = 0;
	if (bpf_map_update_elem(g->kept.map_fd[MAP_STATS], &slot, v, 0) ||
	    bpf_map_update_elem(g->kept.map_fd[MAP_TOTALS], &slot, &none, 0))
		ret = said_error(e, -errno, "cannot clear a port's counters");
	memset(&g->beats[slot * GUARD_QUEUES_MAX], 0, GUARD_QUEUES_MAX * sizeof(*g->beats));
	free(v);
	return ret;
}

int guard_read(struct guard *g, unsigned port, struct guard_stats *ret)
{
	return stats_read_slot(g, g->slot[port], ret);
}

int guard_totals(struct guard *g, unsigned port, struct guard_totals *ret)
{
	return bpf_map_lookup_elem(g->kept.map_fd[MAP_TOTALS], &g->slot[port], ret) ? -errno : 0;
}

/* What both layers did, less what was accounted for before; that is moved up. */
static struct guard_count since(const struct guard_stats *s, enum guard_count_id id,
				struct guard_count *accounted)
{
	struct guard_count now = {s->xdp[id].frames + s->tc[id].frames, s->xdp[id].bytes + s->tc[id].bytes};
	struct guard_count ret = {now.frames - accounted->frames, now.bytes - accounted->bytes};
	*accounted = now;
	return ret;
}

int guard_account_outage(struct guard *g, unsigned port, uint64_t ns, struct guard_outage *ret, struct err *e)
{
	struct guard_stats s;
	struct guard_totals t;
	int code = guard_read(g, port, &s);
	if (!code)
		code = guard_totals(g, port, &t);
	if (code)
		return err_set(e, code, "cannot read the counters of port %u: %s", port, strerror(-code));
	struct guard_outage o = {.ns = ns};
	o.passed = since(&s, GUARD_DEAD_BYPASSED, &t.passed);
	o.dropped = since(&s, GUARD_DEAD_DROPPED, &t.dropped);
	t.outages++;
	t.unprotected_ns += ns;
	if (bpf_map_update_elem(g->kept.map_fd[MAP_TOTALS], &g->slot[port], &t, 0))
		return err_set(e, -errno, "cannot write the totals of port %u: %s", port, strerror(errno));
	*ret = o;
	return 0;
}
