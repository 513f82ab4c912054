/* SPDX-License-Identifier: BSD-3-Clause */
/* The data planes: what they are given, what they say, and who is alarmed when one is gone. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/hex.h"
#include "control/audit/audit.h"
#include "control/engine/engine_probe.h"
#include "control/engine/engine_state.h"
#include "control/log.h"
#include "control/store/clock.h"

#define NS 1000000000ull

static void subject_of(const struct node *n, char ret[80])
{
	snprintf(ret, 80, "dataplane %s", n->config->name);
}

void engine_publish(struct engine *g, struct node *n)
{
	char path[ENGINE_PATH + 160];
	uint8_t digest[32];
	struct err e = {"its digest is none"};
	if (!g->active.id)
		return;
	engine_path(g, g->active.file, path, sizeof(path));
	if (!hex_read(g->active.digest, digest, sizeof(digest)) ||
	    link_publish(n->link, path, (uint64_t)g->active.id, digest, &e))
		log_error("version %lld cannot be published to data plane %s: %s", (long long)g->active.id,
			  n->config->name, e.text);
}

static void on_state(void *ctx, struct link *l, const struct link_status *s)
{
	struct node *n = ctx;
	(void)l;
	if (s->state == LINK_UP)
		log_note("data plane %s answers", n->config->name);
	else
		log_warn("data plane %s: %s", n->config->name, s->why);
}

static void print_switched(const struct link_ack *a, char ret[LINK_WORKERS_MAX * 21 + 3])
{
	size_t n = 0;
	for (unsigned i = 0; i < a->n_workers && i < LINK_WORKERS_MAX; i++)
		n += (size_t)sprintf(ret + n, "%c%" PRIu64, i ? ',' : '[', a->switched_ns[i]);
	strcpy(ret + n, n ? "]" : "[]");
}

/* Its version as it was when it was wanted: a later one may be active by now. */
static int acknowledged(struct node *n, const struct link_ack *a, struct err *e)
{
	struct store *s = n->engine->store;
	char subject[80], switched[LINK_WORKERS_MAX * 21 + 3];
	int64_t activation;
	subject_of(n, subject);
	print_switched(a, switched);
	int err = store_begin(s, e);
	if (err)
		return err;
	err = store_int(s, &activation, e, "SELECT max(id) FROM activations WHERE version_id = ?", "i",
			(int64_t)a->version);
	if (!err)
		err = version_acked(s, e, activation, n->config->name, (int64_t)a->sent_ns,
				    (int64_t)a->acknowledged_ns, switched);
	if (!err)
		err = alarm_clear(s, e, ALARM_PUBLISH_REFUSED, subject);
	err = store_end(s, err, e);
	if (!err)
		n->acked = activation;
	return err;
}

/* An order that has ended, an exception: what it had blocked for a while passes again. The next hit blocks again what stays. */
static void lift_blocks(struct node *n)
{
	struct err e = {""};
	if (link_call(n->link, "blocks.remove", NULL, NULL, NULL, &e))
		log_warn("data plane %s: blocked addresses cannot be let go: %s", n->config->name, e.text);
}

static void on_acknowledged(void *ctx, struct link *l, const struct link_ack *a)
{
	struct node *n = ctx;
	struct err e = {""};
	log_note("data plane %s enforces version %llu, %.3f s after it was made active", n->config->name,
		 (unsigned long long)a->version, (double)(a->acknowledged_ns - a->wanted_ns) / 1e9);
	if (acknowledged(n, a, &e))
		log_error("that data plane %s enforces version %llu cannot be kept: %s", n->config->name,
			  (unsigned long long)a->version, e.text);
	lift_blocks(n);
	probing_acknowledged(n->engine);
	engine_breaker_sample(n->engine, n, link_figures(l));
}

static void on_refused(void *ctx, struct link *l, uint64_t version, const char *why)
{
	struct node *n = ctx;
	char subject[80];
	(void)l;
	subject_of(n, subject);
	engine_alarm(n->engine, ALARM_PUBLISH_REFUSED, subject, "version %llu: %s",
		     (unsigned long long)version, why);
}

static void on_figures(void *ctx, struct link *l, const struct link_figures *f)
{
	struct node *n = ctx;
	(void)l;
	engine_breaker_sample(n->engine, n, f);
}

static void on_trouble(void *ctx, struct link *l, const char *sentence)
{
	struct node *n = ctx;
	char subject[80];
	(void)l;
	subject_of(n, subject);
	engine_alarm(n->engine, ALARM_EVENTS_LOST, subject, "%s", sentence);
}

static void on_outage(struct node *n, const struct event_outage *o)
{
	char subject[80];
	if (!o->frames)
		return;
	snprintf(subject, sizeof(subject), "dataplane %s port %u", n->config->name, o->port);
	engine_alarm(n->engine, ALARM_UNPROTECTED, subject,
		     "%" PRIu64 " frames %s uninspected within %" PRIu64 " ms (%s)", o->frames,
		     o->fail_closed ? "were dropped" : "passed", (o->ended_ns - o->began_ns) / 1000000,
		     event_outage_reason_names[o->reason]);
}

static void on_gap(struct node *n, const struct event_gap *gap)
{
	char subject[80];
	subject_of(n, subject);
	engine_alarm(n->engine, ALARM_EVENTS_LOST, subject,
		     "%" PRIu64 " events were lost, the ring being full: what they tell of was enforced",
		     gap->last - gap->first + 1);
}

static int on_events(void *ctx, struct link *l, const uint8_t file_id[16], unsigned ring,
		     const struct event *ev, unsigned n_events)
{
	struct node *n = ctx;
	struct engine *g = n->engine;
	(void)l;
	int err = audit_events(g->audit, n->config->name, file_id, ring, ev, n_events);
	if (err)
		return err;
	for (unsigned i = 0; i < n_events; i++) {
		if (ev[i].type == EVENT_HIT) {
			g->counts.hits++;
			engine_block_server(n, &ev[i].hit);
		} else if (ev[i].type == EVENT_OUTAGE) {
			on_outage(n, &ev[i].outage);
		} else if (ev[i].type == EVENT_GAP) {
			on_gap(n, &ev[i].gap);
		}
	}
	return 0;
}

static uint64_t on_commit(void *ctx)
{
	struct node *n = ctx;
	return audit_commit(n->engine->audit);
}

static bool is_durable(void *ctx, uint64_t ticket)
{
	struct node *n = ctx;
	return audit_durable(n->engine->audit, ticket);
}

static void on_durable(void *ctx)
{
	struct engine *g = ctx;
	for (unsigned i = 0; i < g->n_nodes; i++)
		link_durable(g->nodes[i].link);
}

static int connect_node(struct engine *g, struct node *n, const struct config_dataplane *c, struct err *e)
{
	const struct link_config config = {.name = c->name, .socket = c->socket, .events = c->events};
	const struct link_hooks hooks = {.ctx = n,
					 .on_state = on_state,
					 .on_acknowledged = on_acknowledged,
					 .on_refused = on_refused,
					 .on_figures = on_figures,
					 .on_events = on_events,
					 .commit = on_commit,
					 .durable = is_durable,
					 .on_trouble = on_trouble};
	n->engine = g;
	n->config = c;
	int err = link_new(g->loop, &config, &hooks, &n->link, e);
	if (!err) {
		g->n_nodes++;
		engine_publish(g, n);
	}
	return err;
}

int engine_connect(struct engine *g, struct err *e)
{
	unsigned n = g->config->n_dataplanes;
	int err = 0;
	g->nodes = calloc(n + 1, sizeof(*g->nodes));
	if (!g->nodes)
		return err_set(e, -ENOMEM, "no memory for data planes");
	for (unsigned i = 0; i < n && !err; i++)
		err = connect_node(g, &g->nodes[i], &g->config->dataplanes[i], e);
	audit_on_durable(g->audit, on_durable, g);
	return err;
}

void engine_disconnect(struct engine *g)
{
	for (unsigned i = 0; i < g->n_nodes; i++)
		link_close(g->nodes[i].link);
	g->n_nodes = 0;
}

void engine_nodes_tick(struct engine *g, int64_t now)
{
	for (unsigned i = 0; i < g->n_nodes; i++) {
		struct node *n = &g->nodes[i];
		const struct link_status *s = link_status(n->link);
		bool gone = s->state == LINK_AWAY && now - (int64_t)(s->since_ns / NS) > NODE_GONE_S;
		char subject[80];
		subject_of(n, subject);
		if (gone && !n->gone)
			engine_alarm(g, ALARM_DATAPLANE_GONE, subject, "%s", s->why);
		else if (!gone && n->gone)
			engine_alarm_clear(g, ALARM_DATAPLANE_GONE, subject);
		n->gone = gone;
	}
}
