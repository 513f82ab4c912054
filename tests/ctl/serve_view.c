/* SPDX-License-Identifier: BSD-3-Clause */
/* serve_view SOCKET: the daemon's methods on its socket, over a view whose figures grow with each look, until
 * stopped by SIGTERM or the method. ruleset.load opens the file as the daemon does. Prints "ready" when it listens. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "dataplane/dpdk/control_socket.h"
#include "rules/ruleset.h"

#define WORKERS 2
#define PORTS	2

static struct served {
	uv_loop_t loop;
	uv_signal_t term;
	struct control_socket *socket;
	struct counters counters[WORKERS];
	uint64_t looks, version;
	struct ruleset *rules;
	char path[PATH_MAX];
	struct view_block blocks[4];
	unsigned n_blocks;
} served;

/* Field i of record r after `looks` looks: no two alike, and each grows. */
static uint64_t figure(unsigned record, size_t i)
{
	return served.looks * 1000000 + 1000 * (record + 1) + i;
}

static void fill(void *record, const struct dataplane_field *fields, size_t n, unsigned number)
{
	for (size_t i = 0; i < n; i++)
		*dataplane_place(record, &fields[i]) = figure(number, i);
}

static struct view_ruleset ruleset(void)
{
	if (!served.rules)
		return (struct view_ruleset){0};
	return (struct view_ruleset){.is_set = true,
				     .version = served.version,
				     .bytes = ruleset_bytes(served.rules),
				     .lists = ruleset_lists(served.rules),
				     .path = served.path,
				     .digest = ruleset_digest(served.rules)};
}

static void fill_worker(struct view_snapshot *v, unsigned i)
{
	struct dataplane_worker *w = &v->workers[i];
	fill(w, worker_fields, WORKER_FIELDS_N, i);
	w->worker = i;
	w->core = i + 2;
	w->flows = 12345;
	w->hits_lost = 0;
	w->ruleset_version = served.version;
	for (unsigned k = 0; k < counter_rows_n; k++)
		((uint64_t *)&served.counters[i])[k] = figure(i, k);
	v->counters[i] = &served.counters[i];
}

static void fill_port(struct view_snapshot *v, unsigned i)
{
	struct view_port *p = &v->ports[i];
	*p = (struct view_port){.name = i ? "right" : "left",
				.driver = "af_xdp",
				.peer = i ? "left" : "right",
				.link = i == 0,
				.guarded = i == 0};
	fill(&p->figures, port_fields, PORT_FIELDS_N, i);
	fill(&p->figures, port_guard_fields, PORT_GUARD_FIELDS_N, i);
}

static void snapshot(void *ctx, struct view_snapshot *ret)
{
	(void)ctx;
	memset(ret, 0, sizeof(*ret));
	served.looks++;
	ret->instance = "roja";
	ret->mode = "inline";
	ret->fail = "open";
	ret->uptime_ns = 93784000000000;
	ret->tsc_hz = 2000000000;
	ret->unprotected_ns = 1500000;
	ret->mbufs = 16384;
	ret->mbufs_free = ret->mbufs_at_rest = 12000;
	ret->events_put = figure(0, 0);
	ret->events_waiting = 3;
	ret->blocks = served.n_blocks;
	ret->kernel_lacks = served.n_blocks ? "the kernel cannot block one more address: no room" : NULL;
	ret->ruleset = ruleset();
	ret->n_workers = WORKERS;
	ret->n_ports = PORTS;
	for (unsigned i = 0; i < WORKERS; i++)
		fill_worker(ret, i);
	for (unsigned i = 0; i < PORTS; i++)
		fill_port(ret, i);
}

static int load(void *ctx, const char *path, uint64_t version, struct view_load *ret, struct err *e)
{
	struct ruleset *rules;
	(void)ctx;
	int err = ruleset_open(path, &rules, e);
	if (err)
		return err;
	ruleset_free(served.rules);
	served.rules = rules;
	served.version = version ? version : served.version + 1;
	snprintf(served.path, sizeof(served.path), "%s", path);
	*ret = (struct view_load){.ruleset = ruleset(), .open_ns = 1000000, .n_workers = WORKERS};
	for (unsigned i = 0; i < WORKERS; i++)
		ret->switched_ns[i] = 2000 + i;
	return 0;
}

static int block(void *ctx, const uint8_t addr[16], unsigned seconds, unsigned list, struct err *e)
{
	(void)ctx;
	if (served.n_blocks == sizeof(served.blocks) / sizeof(*served.blocks))
		return err_set(e, -ENOSPC, "%u addresses are blocked already", served.n_blocks);
	struct view_block *b = &served.blocks[served.n_blocks++];
	*b = (struct view_block){.list = (uint16_t)list, .left_ns = seconds * 1000000000ull};
	memcpy(b->addr, addr, sizeof(b->addr));
	return 0;
}

static unsigned unblock(void *ctx, const uint8_t *addr)
{
	unsigned kept = 0, before = served.n_blocks;
	(void)ctx;
	for (unsigned i = 0; i < before; i++)
		if (addr && memcmp(served.blocks[i].addr, addr, sizeof(served.blocks[i].addr)))
			served.blocks[kept++] = served.blocks[i];
	served.n_blocks = kept;
	return before - kept;
}

static unsigned blocks(void *ctx, unsigned from, struct view_block *ret, unsigned n, unsigned *ret_next)
{
	unsigned left = from < served.n_blocks ? served.n_blocks - from : 0;
	(void)ctx;
	left = left < n ? left : n;
	memcpy(ret, &served.blocks[from], left * sizeof(*ret));
	*ret_next = 0;
	return left;
}

static int probe(void *ctx, const struct trial_ask *v, unsigned n, struct view_probe *ret, struct err *e)
{
	(void)ctx, (void)v, (void)n, (void)ret;
	return err_set(e, -ENOTSUP, "there is no worker to ask");
}

static void stop(void *ctx)
{
	(void)ctx;
	uv_stop(&served.loop);
}

static void on_term(uv_signal_t *s, int number)
{
	(void)number;
	uv_stop(s->loop);
}

int main(int argc, char **argv)
{
	static struct dataplane_view view = {.snapshot = snapshot,
					     .load = load,
					     .block = block,
					     .unblock = unblock,
					     .blocks = blocks,
					     .probe = probe,
					     .stop = stop};
	struct err e = {""};
	if (argc != 2)
		return 2;
	uv_loop_init(&served.loop);
	uv_signal_init(&served.loop, &served.term);
	uv_signal_start(&served.term, on_term, SIGTERM);
	int err = control_socket_open(&served.loop, argv[1], &view, &served.socket, &e);
	if (err) {
		fprintf(stderr, "serve_view: %s\n", e.text);
	} else {
		puts("ready");
		fflush(stdout);
		uv_run(&served.loop, UV_RUN_DEFAULT);
	}
	control_socket_close(served.socket);
	uv_close((uv_handle_t *)&served.term, NULL);
	uv_run(&served.loop, UV_RUN_DEFAULT);
	ruleset_free(served.rules);
	return uv_loop_close(&served.loop) || err ? 1 : 0;
}
