/* SPDX-License-Identifier: BSD-3-Clause */
/* roja-dataplane: the data plane in line between ports, until SIGTERM. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <uv.h>

#include "common/opt.h"
#include "common/rpc.h"
#include "dataplane/dpdk/control_socket.h"
#include "dataplane/dpdk/engine.h"
#include "dataplane/dpdk/privileges.h"
#include "dataplane/dpdk/telemetry.h"
#include "dataplane/dpdk/view.h"

#define WORKER_PATIENCE_NS 1000000000u
#define WATCHDOG_PARTS	   4 /* of its time, between two words to it */

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

struct options {
	bool check, attach;
	const char *detach;
};

static const struct opt rows[] = {
    {.name = "check",
     .letter = 'c',
     .type = OPT_FLAG,
     .off = offsetof(struct options, check),
     .help = "Check the configuration, print it with every default, and end."},
    {.name = "attach",
     .type = OPT_FLAG,
     .off = offsetof(struct options, attach),
     .help =
	 "Attach the kernel's programs for CONFIG and end: frames pass between its ports uninspected (or not at "
	 "all, with \"fail: closed\") until a daemon runs. For the boot, and for maintenance."},
    {.name = "detach",
     .type = OPT_STRING,
     .arg = "INSTANCE",
     .off = offsetof(struct options, detach),
     .help =
	 "Take the programs and maps of an instance out of the kernel, and end. From then on nothing forwards between "
	 "its ports unless a daemon runs."},
};

static const struct opt_program program = {
    .name = "roja-dataplane",
    .synopsis = "[OPTION]... CONFIG",
    .about =
	"Inspects and forwards frames between pairs of ports as roja-dataplane.yaml(5) says. It runs in the "
	"foreground until SIGTERM or SIGINT. While it starts, after it ends and if it dies, programs in the kernel go "
	"on forwarding between ports of kernel interfaces (or stop doing so, with \"fail: closed\").",
    .opts = rows,
    .n_opts = sizeof(rows) / sizeof(*rows),
    .more =
	"Exit status: 0 ended in good order; 1 it could not start, with the reason on standard error; 2 wrong usage.",
};

struct daemon {
	struct config *cfg;
	struct seal_key *key;
	struct engine engine;
	struct control_socket *socket;
	uv_loop_t loop;
	uv_timer_t tick, watchdog;
	uv_signal_t term, interrupt;
};

static int fail(const struct err *e, int code)
{
	fprintf(stderr, "roja-dataplane: %s\n", e->text);
	return code;
}

static void on_signal(uv_signal_t *s, int number)
{
	(void)number;
	uv_stop(s->loop);
}

static void on_tick(uv_timer_t *t)
{
	view_lock();
	engine_tick(t->data);
	view_unlock();
}

/* A hung worker leaves its frames to the kernel for ever; only a new process helps. */
static void on_watchdog(uv_timer_t *t)
{
	static int said = -1;
	int hung = engine_hung_worker(t->data, WORKER_PATIENCE_NS);
	if (hung < 0)
		sd_notify(0, "WATCHDOG=1");
	else if (hung != said)
		fprintf(stderr, "roja-dataplane: worker %d hangs: the watchdog is not told\n", hung);
	said = hung;
}

static void stop(void *loop)
{
	uv_stop(loop);
}

static int start_loop(struct daemon *d, struct err *e)
{
	static struct view view;
	uint64_t watchdog_us = 0;
	uv_loop_init(&d->loop);
	uv_timer_init(&d->loop, &d->tick);
	uv_timer_init(&d->loop, &d->watchdog);
	uv_signal_init(&d->loop, &d->term);
	uv_signal_init(&d->loop, &d->interrupt);
	d->tick.data = d->watchdog.data = &d->engine;
	uv_timer_start(&d->tick, on_tick, ENGINE_TICK_MS, ENGINE_TICK_MS);
	if (sd_watchdog_enabled(0, &watchdog_us) > 0)
		uv_timer_start(&d->watchdog, on_watchdog, 0, watchdog_us / 1000 / WATCHDOG_PARTS);
	uv_signal_start(&d->term, on_signal, SIGTERM);
	uv_signal_start(&d->interrupt, on_signal, SIGINT);
	view_init(&view, &d->engine, stop, &d->loop);
	telemetry_start(&view);
	return control_socket_open(&d->loop, d->cfg->socket, &view.methods, &d->socket, e);
}

static void end_loop(struct daemon *d)
{
	control_socket_close(d->socket);
	uv_close((uv_handle_t *)&d->tick, NULL);
	uv_close((uv_handle_t *)&d->watchdog, NULL);
	uv_close((uv_handle_t *)&d->term, NULL);
	uv_close((uv_handle_t *)&d->interrupt, NULL);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	uv_loop_close(&d->loop);
}

static int run(struct daemon *d, struct err *e)
{
	int err = engine_new(d->cfg, d->key, &d->engine, e);
	if (err)
		return err;
	if (events_set_aside(d->engine.events))
		fprintf(stderr, "roja-dataplane: %s was of another geometry or damaged: it is now %s\n",
			d->cfg->events.path, events_set_aside(d->engine.events));
	err = start_loop(d, e);
	if (!err) {
		privileges_share(d->cfg->socket, d->cfg->user);
		privileges_share(d->cfg->events.path, d->cfg->user);
		err = privileges_drop(d->cfg->user, e);
	}
	if (!err) {
		sd_notify(0, "READY=1");
		uv_run(&d->loop, UV_RUN_DEFAULT);
		sd_notify(0, "STOPPING=1");
	}
	end_loop(d);
	view_lock(); /* for good: who asks now waits for the process's end */
	if (!engine_stop(&d->engine))
		fprintf(stderr, "roja-dataplane: a worker hangs: ended without it\n");
	return err;
}

int main(int argc, char **argv)
{
	static struct daemon d;
	struct options o = {0};
	struct err e = {""};
	rpc_wipe_freed();
	int n = 0, r = opt_parse(&program, argc, argv, &o, argv, &n, &e);
	if (r == OPT_DONE)
		return EXIT_OK;
	if (r < 0)
		return fail(&e, EXIT_USAGE);
	if (o.detach)
		return guard_detach(o.detach, &e) ? fail(&e, EXIT_FAILED) : EXIT_OK;
	if (n != 1) {
		err_set(&e, 0, "give one configuration file; see roja-dataplane --help");
		return fail(&e, EXIT_USAGE);
	}
	if (config_load(argv[0], &d.cfg, &e))
		return fail(&e, EXIT_FAILED);
	fputs(d.cfg->warnings, stderr);
	if (o.check) {
		config_print(d.cfg, stdout);
		config_free(d.cfg);
		return EXIT_OK;
	}
	if (o.attach) {
		struct wire w;
		r = wire_open(d.cfg, &w, &e);
		wire_close(&w);
		config_free(d.cfg);
		return r ? fail(&e, EXIT_FAILED) : EXIT_OK;
	}
	r = privileges_limit(d.cfg->user, &e);
	r = r ? r : seal_key_find(d.cfg->key_file, &d.key, &e);
	r = r ? r : run(&d, &e);
	config_free(d.cfg);
	/* No rte_eal_cleanup and no closing of devices: af_xdp's would take the XDP programs off the wire. */
	fflush(stdout);
	_exit(r ? fail(&e, EXIT_FAILED) : EXIT_OK);
}
