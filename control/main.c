/* SPDX-License-Identifier: BSD-3-Clause */
/* roja-control: the control process, until SIGTERM. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <uv.h>

#include "common/opt.h"
#include "common/rpc.h"
#include "control/api/api.h"
#include "control/audit/audit.h"
#include "control/audit/lifecycle.h"
#include "control/config.h"
#include "control/engine/engine.h"
#include "control/feed/fetch.h"
#include "control/http/http.h"
#include "control/log.h"
#include "control/privileges.h"
#include "control/sink/sinks.h"
#include "control/store/store.h"

#define WATCHDOG_PARTS 4 /* of its time, between two words to it */

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

/* Few threads allocate; what an import needed goes back to the system soon. */
const char *malloc_conf = "narenas:2,background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";

struct options {
	bool check;
	const char *new_key;
	bool new_log;
};

static const struct opt rows[] = {
    {.name = "check",
     .letter = 'c',
     .type = OPT_FLAG,
     .off = offsetof(struct options, check),
     .help = "Check the configuration, print it with every default, and end."},
    {.name = "new-key",
     .type = OPT_STRING,
     .arg = "FILE",
     .off = offsetof(struct options, new_key),
     .help =
	 "Make a new sealing key, readable by its owner alone, and end. Keep a copy of it elsewhere: without it "
	 "nothing in the state folder can be read."},
    {.name = "new-log",
     .type = OPT_FLAG,
     .off = offsetof(struct options, new_log),
     .help =
	 "Let the log begin anew, where its folder was lost or moved away, and end. The new log's first leaves say so."},
};

static const struct opt_program program = {
    .name = "roja-control",
    .synopsis = "[OPTION]... CONFIG",
    .about =
	"Keeps legal orders and their lists, lets two people decide about them, compiles what is in force, and sees to it "
	"that every data plane enforces that, as roja-control.yaml(5) says. rojactl(1) talks to it. It runs in the "
	"foreground until SIGTERM or SIGINT; data planes go on with what they have while it does not run.",
    .opts = rows,
    .n_opts = sizeof(rows) / sizeof(*rows),
    .more =
	"SIGHUP reads the guard's files again.\n"
	"Exit status: 0 ended in good order; 1 it could not start, with the reason on standard error; 2 wrong usage.",
};

struct daemon {
	struct control_config *config;
	struct seal_key *key;
	struct store *store;
	struct jobs *jobs;
	struct audit *audit;
	struct sinks *sinks;
	struct engine *engine;
	struct api *api;
	struct http *http;
	bool new_log;
	uv_loop_t loop;
	uv_timer_t watchdog;
	uv_signal_t signals[3];
};

static int fail(const struct err *e, int code)
{
	fprintf(stderr, "roja-control: %s\n", e->text);
	return code;
}

static void on_end(uv_signal_t *s, int number)
{
	(void)number;
	uv_stop(s->loop);
}

static void on_hangup(uv_signal_t *s, int number)
{
	struct daemon *d = s->data;
	struct err e = {""};
	(void)number;
	int err = engine_reload(d->engine, &e);
	if (err)
		log_error("%s; the old guard stays", e.text);
	else
		log_note("the guard's files were read again");
	lifecycle_reload(d->store, err, &e);
}

static void on_watchdog(uv_timer_t *t)
{
	(void)t;
	sd_notify(0, "WATCHDOG=1");
}

static void start_loop(struct daemon *d)
{
	static const struct {
		int number;
		uv_signal_cb act;
	} signals[] = {{SIGTERM, on_end}, {SIGINT, on_end}, {SIGHUP, on_hangup}};
	uint64_t watchdog_us = 0;
	uv_loop_init(&d->loop);
	uv_timer_init(&d->loop, &d->watchdog);
	if (sd_watchdog_enabled(0, &watchdog_us) > 0)
		uv_timer_start(&d->watchdog, on_watchdog, 0, watchdog_us / 1000 / WATCHDOG_PARTS);
	for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		uv_signal_init(&d->loop, &d->signals[i]);
		d->signals[i].data = d;
		uv_signal_start(&d->signals[i], signals[i].act, signals[i].number);
	}
	signal(SIGPIPE, SIG_IGN);
}

/* Jobs that were cancelled end by themselves: no state is left half. */
static void end_loop(struct daemon *d)
{
	http_close(d->http);
	api_close(d->api);
	engine_stop(d->engine);
	if (d->jobs)
		jobs_stop(d->jobs);
	lifecycle_stop(d->store);
	sinks_stop(d->sinks);
	audit_stop(d->audit);
	uv_close((uv_handle_t *)&d->watchdog, NULL);
	for (unsigned i = 0; i < 3; i++)
		uv_close((uv_handle_t *)&d->signals[i], NULL);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	uv_loop_close(&d->loop);
	engine_free(d->engine);
	jobs_free(d->jobs);
	sinks_free(d->sinks);
	audit_free(d->audit);
}

static void on_durable(void *sinks)
{
	sinks_on_durable(sinks);
}

static int start(struct daemon *d, struct err *e)
{
	const struct control_config *c = d->config;
	int err = lifecycle_start(d->store, c, e);
	if (!err)
		err = audit_open(&d->loop, c, d->store, &d->audit, e);
	if (!err)
		err = jobs_new(&d->loop, &d->jobs, e);
	if (!err)
		err = engine_new(&d->loop, c, d->store, d->jobs, d->audit, &d->engine, e);
	if (!err)
		err = sinks_open(&d->loop, c, d->store, audit_log(d->audit), &d->sinks, e);
	if (!err)
		audit_on_durable(d->audit, on_durable, d->sinks);
	if (!err)
		err = api_open(&d->loop, c, d->engine, d->store, d->jobs, d->audit, &d->api, e);
	if (!err)
		err = http_open(&d->loop, c, d->engine, d->store, &d->http, e);
	if (!err)
		http_show_sinks(d->http, d->sinks);
	return err;
}

static int run(struct daemon *d, struct err *e)
{
	const struct control_config *c = d->config;
	int err = privileges_limit(e);
	if (!err)
		err = seal_key_find(c->key_file, &d->key, e);
	if (!err && !d->key)
		err = err_set(
		    e, -ENOENT,
		    "key_file: there is no key to seal lists with: roja-control --new-key FILE makes one");
	if (!err)
		err = privileges_drop(c->user, c->group, c->state, e);
	if (!err)
		err = store_open(c->state, d->key, &d->store, e);
	if (err)
		return err;
	if (d->new_log)
		return audit_forget(d->store, e);
	start_loop(d);
	err = start(d, e);
	if (!err) {
		log_note("ready: %s", c->socket);
		sd_notify(0, "READY=1");
		uv_run(&d->loop, UV_RUN_DEFAULT);
		sd_notify(0, "STOPPING=1");
	}
	end_loop(d);
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
	if (o.new_key)
		return seal_key_make(o.new_key, &e) ? fail(&e, EXIT_FAILED) : EXIT_OK;
	if (n != 1) {
		err_set(&e, 0, "give one configuration file; see roja-control --help");
		return fail(&e, EXIT_USAGE);
	}
	if (control_config_load(argv[0], &d.config, &e) || (!o.check && fetch_init(&e)))
		return fail(&e, EXIT_FAILED);
	if (o.check) {
		control_config_print(d.config, stdout);
		control_config_free(d.config);
		return EXIT_OK;
	}
	d.new_log = o.new_log;
	r = run(&d, &e);
	store_close(d.store);
	seal_key_free(d.key);
	control_config_free(d.config);
	fetch_fini();
	return r ? fail(&e, EXIT_FAILED) : EXIT_OK;
}
