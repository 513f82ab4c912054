/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/telemetry.h"

#include <errno.h>
#include <rte_telemetry.h>
#include <stdlib.h>

static struct view *shown;
static unsigned n_workers, n_ports; /* the configuration is freed when the engine has ended */
static struct view_snapshot now;

static void look(void)
{
	view_lock();
	shown->methods.snapshot(shown->methods.ctx, &now);
}

static int say_status(const char *cmd, const char *params, struct rte_tel_data *d)
{
	(void)cmd, (void)params;
	look();
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "version", ROJA_VERSION);
	rte_tel_data_add_dict_string(d, "instance", now.instance);
	rte_tel_data_add_dict_string(d, "mode", now.mode);
	rte_tel_data_add_dict_u64(d, "uptime_s", now.uptime_ns / 1000000000u);
	rte_tel_data_add_dict_u64(d, "workers", now.n_workers);
	rte_tel_data_add_dict_u64(d, "ports", now.n_ports);
	rte_tel_data_add_dict_u64(d, "ruleset_version", now.ruleset.version);
	rte_tel_data_add_dict_u64(d, "mbufs_free", now.mbufs_free);
	rte_tel_data_add_dict_u64(d, "events_put", now.events_put);
	rte_tel_data_add_dict_u64(d, "events_lost", now.events_lost);
	rte_tel_data_add_dict_u64(d, "unprotected_ms", now.unprotected_ns / 1000000u);
	view_unlock();
	return 0;
}

/* The number that follows the comma of a command; -1 where it is none of 0..n-1. */
static int number(const char *params, unsigned n)
{
	char *end;
	if (!params || !*params)
		return -1;
	unsigned long v = strtoul(params, &end, 10);
	return *end || v >= n ? -1 : (int)v;
}

static int say_list(struct rte_tel_data *d, unsigned n)
{
	rte_tel_data_start_array(d, RTE_TEL_U64_VAL);
	for (unsigned i = 0; i < n; i++)
		rte_tel_data_add_array_u64(d, i);
	return 0;
}

static int say_workers(const char *cmd, const char *params, struct rte_tel_data *d)
{
	(void)cmd, (void)params;
	return say_list(d, n_workers);
}

static int say_ports(const char *cmd, const char *params, struct rte_tel_data *d)
{
	(void)cmd, (void)params;
	return say_list(d, n_ports);
}

static int say_worker(const char *cmd, const char *params, struct rte_tel_data *d)
{
	(void)cmd;
	int i = number(params, n_workers);
	if (i < 0)
		return -EINVAL;
	look();
	const struct dataplane_worker *w = &now.workers[i];
	rte_tel_data_start_dict(d);
#define ADD(name, help) rte_tel_data_add_dict_u64(d, #name, w->name);
	WORKER_GAUGES(ADD)
	WORKER_COUNTERS(ADD)
#undef ADD
	view_unlock();
	return 0;
}

static int say_port(const char *cmd, const char *params, struct rte_tel_data *d)
{
	(void)cmd;
	int i = number(params, n_ports);
	if (i < 0)
		return -EINVAL;
	look();
	const struct view_port *p = &now.ports[i];
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "name", p->name);
	rte_tel_data_add_dict_string(d, "driver", p->driver);
	rte_tel_data_add_dict_string(d, "peer", p->peer ? p->peer : "");
	rte_tel_data_add_dict_u64(d, "link", p->link);
#define ADD(name, help) rte_tel_data_add_dict_u64(d, #name, p->figures.name);
	PORT_COUNTERS(ADD)
	if (p->guarded) {
		PORT_GUARD_COUNTERS(ADD)
	}
#undef ADD
	view_unlock();
	return 0;
}

static int say_counters(const char *cmd, const char *params, struct rte_tel_data *d)
{
	(void)cmd;
	int only = params && *params ? number(params, n_workers) : -1;
	if (params && *params && only < 0)
		return -EINVAL;
	look();
	rte_tel_data_start_dict(d);
	for (unsigned i = 0; i < counter_rows_n; i++) {
		uint64_t sum = 0;
		for (unsigned w = 0; w < now.n_workers; w++)
			sum += only < 0 || (int)w == only ? counter_value(now.counters[w], i) : 0;
		rte_tel_data_add_dict_u64(d, counter_rows[i].name, sum);
	}
	view_unlock();
	return 0;
}

static const struct {
	const char *command, *help;
	telemetry_cb say;
} rows[] = {
    {"/roja/status", "What runs, since when, with which ruleset. No parameters.", say_status},
    {"/roja/workers", "Numbers of the workers. No parameters.", say_workers},
    {"/roja/worker", "Figures of one worker. Parameter: its number.", say_worker},
    {"/roja/ports", "Numbers of the ports. No parameters.", say_ports},
    {"/roja/port", "Figures of one port. Parameter: its number.", say_port},
    {"/roja/counters", "The pipelines' counters. Parameter: a worker's number; none: the sum.", say_counters},
};

void telemetry_start(struct view *v)
{
	shown = v;
	n_workers = v->engine->workers.n;
	n_ports = v->engine->cfg->n_ports;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		rte_telemetry_register_cmd(rows[i].command, rows[i].say, rows[i].help);
}
