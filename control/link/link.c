/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/link/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/rpc.h"
#include "control/link/link_state.h"

uint64_t link_now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void link_set_state(struct link *l, enum link_state state, const char *why)
{
	struct link_status *s = &l->status;
	if (s->state == state && !strcmp(s->why, why))
		return;
	if (s->state != state)
		s->since_ns = link_now_ns();
	s->state = state;
	snprintf(s->why, sizeof(s->why), "%s", why);
	if (l->hooks.on_state)
		l->hooks.on_state(l->hooks.ctx, l, link_status(l));
}

static void on_up(void *ctx)
{
	struct link *l = ctx;
	l->asking = false;
	uv_timer_start(&l->poll, link_poll_on_timer, 0, LINK_POLL_MS);
}

static void on_down(void *ctx, int err, const char *why)
{
	struct link *l = ctx;
	(void)err;
	l->asking = false;
	uv_timer_stop(&l->poll);
	link_publish_forget(l);
	link_set_state(l, LINK_AWAY, why);
}

static int on_events(void *ctx, const uint8_t file_id[16], unsigned ring, const struct event *ev, unsigned n)
{
	struct link *l = ctx;
	return l->hooks.on_events(l->hooks.ctx, l, file_id, ring, ev, n);
}

static uint64_t commit(void *ctx)
{
	struct link *l = ctx;
	return l->hooks.commit(l->hooks.ctx);
}

static bool durable(void *ctx, uint64_t ticket)
{
	struct link *l = ctx;
	return l->hooks.durable(l->hooks.ctx, ticket);
}

static void on_trouble(void *ctx, const char *sentence)
{
	struct link *l = ctx;
	if (l->hooks.on_trouble)
		l->hooks.on_trouble(l->hooks.ctx, l, sentence);
}

static void events_on_timer(uv_timer_t *t)
{
	struct link *l = t->data;
	unsigned pause_ms = intake_turn(l->intake);
	if (!l->closing)
		uv_timer_start(t, events_on_timer, pause_ms, 0);
}

void link_durable(struct link *l)
{
	if (l->intake && !l->closing)
		uv_timer_start(&l->events, events_on_timer, 0, 0);
}

static void start_timer(struct link *l, uv_timer_t *t)
{
	uv_timer_init(l->loop, t);
	t->data = l;
	l->n_handles++;
}

int link_new(uv_loop_t *loop, const struct link_config *config, const struct link_hooks *hooks,
	     struct link **ret, struct err *e)
{
	struct link *l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(e, -ENOMEM, "memory ran out");
	l->loop = loop;
	l->hooks = *hooks;
	snprintf(l->name, sizeof(l->name), "%s", config->name);
	l->status = (struct link_status){.name = l->name, .since_ns = link_now_ns()};
	int err = 0;
	if (hooks->on_events && config->events && *config->events) {
		struct intake_sink sink = {l, on_events, commit, durable, on_trouble};
		err = intake_new(config->events, &sink, &l->intake, e);
	}
	struct rpc_client_hooks client = {l, on_up, on_down};
	if (!err)
		err = rpc_client_new(loop, config->socket, &client, &l->client, e);
	if (err) {
		intake_free(l->intake);
		free(l);
		return err;
	}
	start_timer(l, &l->poll);
	start_timer(l, &l->publish);
	start_timer(l, &l->events);
	if (l->intake)
		uv_timer_start(&l->events, events_on_timer, 0, 0);
	*ret = l;
	return 0;
}

/* The intake may be in its turn now, beneath us. */
static void on_closed(uv_handle_t *h)
{
	struct link *l = h->data;
	if (--l->n_handles)
		return;
	intake_free(l->intake);
	free(l);
}

void link_close(struct link *l)
{
	if (!l || l->closing)
		return;
	l->closing = true;
	rpc_client_close(l->client);
	if (l->intake)
		intake_stop(l->intake);
	uv_close((uv_handle_t *)&l->poll, on_closed);
	uv_close((uv_handle_t *)&l->publish, on_closed);
	uv_close((uv_handle_t *)&l->events, on_closed);
}

int link_call(struct link *l, const char *method, json_t *params, link_done done, void *ctx, struct err *e)
{
	if (l->status.state != LINK_UP)
		return err_set(e, -ENOTCONN, "%s: %s", l->name,
			       *l->status.why ? l->status.why : "the data plane was not reached yet");
	return rpc_client_call(l->client, method, params, LINK_CALL_MS, done, ctx, e);
}

int link_block(struct link *l, const char *address, unsigned seconds, unsigned list, link_done done,
	       void *ctx, struct err *e)
{
	json_t *params = json_pack("{s:o, s:i, s:i}", "address", rpc_string(address), "seconds", (int)seconds,
				   "list", (int)list);
	int err = link_call(l, "blocks.add", params, done, ctx, e);
	json_decref(params);
	return err;
}

const struct link_status *link_status(struct link *l)
{
	if (l->intake) {
		const struct intake_counts *n = intake_counts(l->intake);
		l->status.events = n->taken;
		l->status.events_damaged = n->damaged;
		l->status.events_lost = n->lost;
		l->status.events_open = n->open;
	}
	return &l->status;
}

const struct link_figures *link_figures(const struct link *l)
{
	return &l->figures;
}
