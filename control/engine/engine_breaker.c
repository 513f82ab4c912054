/* SPDX-License-Identifier: BSD-3-Clause */
/* A fresh version that hits far more of the traffic than it should is taken back by itself. */
#include "control/engine/engine_state.h"
#include "control/log.h"
#include "control/store/clock.h"

void engine_breaker_start(struct engine *g)
{
	const struct breaker_config c = {.window_s = g->config->breaker.window_s,
					 .min_flows = g->config->breaker.min_flows,
					 .max_percent = g->config->breaker.max_percent};
	int64_t before = 0;
	breaker_start(&g->breaker, &c, uv_hrtime());
	store_int(g->store, &before, NULL,
		  "SELECT count(*) FROM activations a JOIN versions v ON v.id = a.version_id"
		  " WHERE a.tripped IS NOT NULL AND v.plan_digest = ?",
		  "t", g->active.plan_digest);
	/* a person who goes back to what tripped it has looked */
	g->breaker_on = c.window_s > 0 && !before;
}

void engine_breaker_sample(struct engine *g, struct node *n, const struct link_figures *f)
{
	if (g->breaker_on && n->acked == g->active.activation)
		breaker_add(&g->breaker, (unsigned)(n - g->nodes),
			    &(struct breaker_sample){.time_ns = f->elapsed_ns,
						     .flows = figures_new_flows(f),
						     .hits = figures_hits(f)});
}

/* Back to what was active before, within one transaction; without any such version all orders are held. */
static int take_back(struct engine *g, const struct breaker_verdict *v, struct err *e)
{
	struct store *s = g->store;
	struct version before = {0};
	char subject[64];
	int64_t id = g->active.id;
	snprintf(subject, sizeof(subject), "version %lld", (long long)id);
	int err = store_begin(s, e);
	if (err)
		return err;
	err = version_before(s, e, g->active.activation, &before);
	if (!err)
		err = version_restore(s, e, before.id);
	else if (err == -ENOENT)
		err = store_run(s, e, "UPDATE orders SET held = 1 WHERE state = 'approved'", "");
	if (!err)
		err = version_tripped(s, e, g->active.activation);
	if (!err)
		err = alarm_raise(
		    s, e, ALARM_BREAKER, subject,
		    "it hit %.1f of 100 new flows (%llu of %llu) and was taken back to version %lld; look at"
		    " what came with it, then go on with: rojactl version rollback %lld",
		    v->percent, (unsigned long long)v->hits, (unsigned long long)v->flows,
		    (long long)before.id, (long long)id);
	if (!err)
		err = journal_add(s, e, &who_program, "version.rollback", subject, OUTCOME_DONE,
				  "by the circuit breaker, to version %lld", (long long)before.id);
	return store_end(s, err, e);
}

void engine_breaker_look(struct engine *g)
{
	struct err e = {""};
	if (!g->breaker_on)
		return;
	struct breaker_verdict v = breaker_judge(&g->breaker, uv_hrtime());
	if (!v.tripped) {
		g->breaker_on = !v.over;
		return;
	}
	if (take_back(g, &v, &e)) {
		log_error("the circuit breaker cannot take version %lld back: %s", (long long)g->active.id,
			  e.text);
		return;
	}
	log_warn("version %lld hit too much of the traffic and is taken back", (long long)g->active.id);
	g->breaker_on = false;
	engine_poke(g);
}
