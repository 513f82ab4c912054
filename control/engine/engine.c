/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "control/engine/engine_probe.h"
#include "control/engine/engine_state.h"
#include "control/log.h"
#include "control/store/clock.h"
#include "control/store/exempt.h"
#include "control/store/orders.h"
#include "control/store/stops.h"
#include "rules/ruleset.h"

#define TICK_MS 1000

void engine_path(const struct engine *g, const char *file, char *ret, size_t room)
{
	snprintf(ret, room, "%s/%s", strncmp(file, "version-", 8) ? g->objects : g->rulesets, file);
}

void engine_alarm(struct engine *g, enum alarm kind, const char *subject, const char *format, ...)
{
	struct err e = {""};
	char text[ERR_BYTES];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	log_warn("alarm %s: %s: %s", alarm_rows[kind].word, subject, text);
	int err = store_begin(g->store, &e);
	if (!err)
		err = alarm_raise(g->store, &e, kind, subject, "%s", text);
	if (store_end(g->store, err, &e))
		log_error("this alarm cannot be kept: %s", e.text);
}

void engine_alarm_clear(struct engine *g, enum alarm kind, const char *subject)
{
	struct err e = {""};
	if (alarm_clear(g->store, &e, kind, subject))
		log_error("an alarm cannot be cleared: %s", e.text);
}

static int every_second(struct engine *g, int64_t now, struct err *e)
{
	struct store *s = g->store;
	int err = store_begin(s, e);
	if (!err)
		err = orders_tick(s, e, now, g->n_nodes, g->config->deadline_warn_s);
	if (!err)
		err = exceptions_tick(s, e, now);
	if (!err)
		err = stops_tick(s, e, now);
	return store_end(s, err, e);
}

/* The store may be unable to write: what is enforced stays, and somebody must know. */
static void recorded(struct engine *g, int err, const struct err *e)
{
	if (err && !g->unrecorded)
		log_error("the store takes nothing, what is enforced stays as it is: %s", e->text);
	else if (!err && g->unrecorded)
		log_note("the store takes what happens again");
	g->unrecorded = err != 0;
}

static void on_tick(uv_timer_t *t)
{
	struct engine *g = t->data;
	struct err e = {""};
	int64_t now = clock_now(), before = g->next_change;
	int err = every_second(g, now, &e);
	recorded(g, err, &e);
	engine_nodes_tick(g, now);
	engine_breaker_look(g);
	engine_sources_tick(g, now);
	probing_tick(g, now);
	if (now >= before || now >= g->retry_at)
		engine_poke(g);
}

static void on_look(uv_timer_t *t)
{
	struct engine *g = t->data;
	struct err e = {""};
	if (engine_look(g, NULL, WHO_PROGRAM_UID, NULL, &e))
		log_error("what is to be enforced cannot be told: %s", e.text);
}

void engine_poke(struct engine *g)
{
	if (!g->stopping)
		uv_timer_start(&g->look, on_look, 0, 0);
}

static int folders(struct engine *g, struct err *e)
{
	const char *state = g->config->state;
	snprintf(g->objects, sizeof(g->objects), "%s/objects", state);
	snprintf(g->rulesets, sizeof(g->rulesets), "%s/rulesets", state);
	snprintf(g->cache, sizeof(g->cache), "%s/cache", state);
	const struct {
		const char *path;
		mode_t mode;
	} all[] = {{g->objects, 0700}, {g->rulesets, 0750}, {g->cache, 0700}};
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (mkdir(all[i].path, all[i].mode) && errno != EEXIST)
			return err_set(e, -errno, "%s: cannot be made: %s", all[i].path, strerror(errno));
	/* Data planes read rulesets and nothing else; mkdir's mode went through the umask. */
	if (chmod(g->rulesets, 0750))
		return err_set(e, -errno, "%s: its mode cannot be set: %s", g->rulesets, strerror(errno));
	return 0;
}

static int guard_read(const struct control_config *c, struct guard **ret, struct err *e)
{
	const struct guard_sources s = {
	    .files = (const char *const *)c->guard.files,
	    .n_files = c->guard.n_files,
	    .operators = (const char *const *)c->guard.operators,
	    .n_operators = c->guard.n_operators,
	    .emergencies = (const char *const *)c->guard.emergencies,
	    .n_emergencies = c->guard.n_emergencies,
	};
	return guard_load(&s, ret, e);
}

const struct guard *engine_guard_use(struct engine *g)
{
	g->guard_users++;
	return g->guard;
}

static void guard_take_up(struct engine *g)
{
	if (g->guard_users || !g->guard_next)
		return;
	guard_free(g->guard);
	g->guard = g->guard_next;
	g->guard_next = NULL;
}

void engine_guard_done(struct engine *g)
{
	g->guard_users--;
	guard_take_up(g);
}

int engine_reload(struct engine *g, struct err *e)
{
	struct guard *next;
	int err = guard_read(g->config, &next, e);
	if (err)
		return err;
	guard_free(g->guard_next);
	g->guard_next = next;
	guard_take_up(g);
	return 0;
}

int engine_new(uv_loop_t *loop, const struct control_config *config, struct store *store, struct jobs *jobs,
	       struct audit *audit, struct engine **ret, struct err *e)
{
	struct engine *g = calloc(1, sizeof(*g));
	if (!g)
		return err_set(e, -ENOMEM, "no memory for the engine");
	g->loop = loop;
	g->config = config;
	g->store = store;
	g->jobs = jobs;
	g->audit = audit;
	g->next_change = INT64_MAX;
	g->retry_at = INT64_MAX;
	uv_timer_init(loop, &g->look);
	uv_timer_init(loop, &g->tick);
	g->look.data = g->tick.data = g;
	int err = folders(g, e);
	if (!err)
		err = guard_read(config, &g->guard, e);
	if (!err)
		err = engine_load_active(g, e);
	if (!err)
		err = probing_new(g, &g->probing, e);
	if (!err)
		err = engine_sources_new(g, e);
	if (!err)
		err = engine_connect(g, e);
	if (!err) {
		engine_clean(g);
		uv_timer_start(&g->tick, on_tick, TICK_MS, TICK_MS);
		engine_poke(g);
	}
	*ret = g;
	return err;
}

void engine_stop(struct engine *g)
{
	if (!g || g->stopping)
		return;
	g->stopping = true;
	probing_stop(g);
	uv_close((uv_handle_t *)&g->look, NULL);
	uv_close((uv_handle_t *)&g->tick, NULL);
	engine_disconnect(g);
	engine_sources_free(g);
}

void engine_free(struct engine *g)
{
	if (!g)
		return;
	probing_free(g->probing);
	guard_free(g->guard);
	guard_free(g->guard_next);
	ruleset_free(g->rules);
	json_decref(g->plan);
	free(g->block_s);
	free(g->nodes);
	free(g);
}

const struct version *engine_active(const struct engine *g)
{
	return &g->active;
}

const json_t *engine_plan(const struct engine *g)
{
	return g->plan;
}

const char *engine_pending(const struct engine *g)
{
	return g->pending;
}

struct audit *engine_audit(const struct engine *g)
{
	return g->audit;
}

unsigned engine_nodes(const struct engine *g)
{
	return g->n_nodes;
}

struct link *engine_node(const struct engine *g, unsigned i)
{
	return g->nodes[i].link;
}

const struct engine_counts *engine_counts(struct engine *g)
{
	g->counts.events_lost = g->counts.damaged = 0;
	for (unsigned i = 0; i < g->n_nodes; i++) {
		const struct link_status *s = link_status(g->nodes[i].link);
		g->counts.events_lost += s->events_lost;
		g->counts.damaged += s->events_damaged;
	}
	return &g->counts;
}

const struct ruleset *engine_ruleset(struct engine *g, struct err *e)
{
	char path[ENGINE_PATH + 160];
	if (!g->active.id) {
		err_set(e, -ENOENT, "nothing was compiled yet");
		return NULL;
	}
	engine_path(g, g->active.file, path, sizeof(path));
	if (!g->rules && ruleset_open_sealed(path, store_key(g->store), &g->rules, e))
		return NULL;
	return g->rules;
}
