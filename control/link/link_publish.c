/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "common/rpc.h"
#include "control/link/link_state.h"

#define LOOK_SOON_MS	 5 /* for LOOK_SOON_FOR_NS after the load was asked for, then LOOK_LATER_MS */
#define LOOK_LATER_MS	 200
#define LOOK_SOON_FOR_NS ((uint64_t)1000000000)
#define PAUSE_MAX_S	 60

static bool same(const struct link_ruleset *a, const struct link_ruleset *b)
{
	return a->is_set && b->is_set && a->version == b->version &&
	       !memcmp(a->digest, b->digest, sizeof(a->digest));
}

void link_publish_forget(struct link *l)
{
	l->has = (struct link_ruleset){0};
	l->loading = l->confirming = false;
	l->n_switched = 0;
	l->status.version = l->status.acknowledged = 0;
	if (!l->refused_pause_s) /* else the pause before the next try goes on */
		uv_timer_stop(&l->publish);
}

/* Said once for each sentence; tried again ever later. */
static void refused(struct link *l, const char *why)
{
	bool is_new = strcmp(l->status.refused, why) != 0;
	l->refused_pause_s = !l->refused_pause_s		    ? 1
			     : l->refused_pause_s * 2 < PAUSE_MAX_S ? l->refused_pause_s * 2
								    : PAUSE_MAX_S;
	uv_timer_start(&l->publish, link_publish_on_timer, l->refused_pause_s * (uint64_t)1000, 0);
	snprintf(l->status.refused, sizeof(l->status.refused), "%s", why);
	if (is_new && l->hooks.on_refused)
		l->hooks.on_refused(l->hooks.ctx, l, l->wanted.ruleset.version, why);
}

static void accepted(struct link *l)
{
	l->status.refused[0] = '\0';
	l->refused_pause_s = 0;
}

static void acknowledge(struct link *l, const struct link_figures *f)
{
	struct link_status *s = &l->status;
	uint64_t version = l->wanted.ruleset.version;
	struct link_ack a = {.version = version,
			     .wanted_ns = s->wanted_ns,
			     .sent_ns = s->sent_ns,
			     .acknowledged_ns = link_now_ns(),
			     .again = l->acknowledged_before == version,
			     .n_workers = f->n_workers};
	for (unsigned i = 0; i < f->n_workers; i++)
		a.switched_ns[i] =
		    i < l->n_switched && l->switched_ns[i] ? l->switched_ns[i] : f->workers[i].switched_ns;
	s->acknowledged = l->acknowledged_before = version;
	s->acknowledged_ns = a.acknowledged_ns;
	if (l->hooks.on_acknowledged)
		l->hooks.on_acknowledged(l->hooks.ctx, l, &a);
}

static bool every_worker_has(const struct link_figures *f, uint64_t version)
{
	for (unsigned i = 0; i < f->n_workers; i++)
		if (f->workers[i].ruleset_version != version)
			return false;
	return f->n_workers > 0;
}

static void on_confirmed(void *ctx, int err, const json_t *result, const char *why)
{
	static struct link_figures f; /* the loop's thread's; too large for a stack */
	struct link *l = ctx;
	(void)why;
	l->confirming = false;
	if (!same(&l->has, &l->wanted.ruleset)) {
		link_publish_step(l); /* something else is wanted by now */
		return;
	}
	figures_read_workers(&f, NULL);
	if (!err)
		figures_read_workers(&f, result);
	if (every_worker_has(&f, l->wanted.ruleset.version)) {
		if (!l->status.acknowledged)
			acknowledge(l, &f);
		return;
	}
	if (err && err != -EREMOTEIO)
		return; /* the connection broke */
	bool soon = !err && link_now_ns() - l->status.sent_ns < LOOK_SOON_FOR_NS;
	uv_timer_start(&l->publish, link_publish_on_timer, soon ? LOOK_SOON_MS : LOOK_LATER_MS, 0);
}

static void confirm(struct link *l)
{
	if (!l->confirming &&
	    !rpc_client_call(l->client, "workers", NULL, LINK_ASK_MS, on_confirmed, l, NULL))
		l->confirming = true;
}

static void read_switches(struct link *l, const json_t *workers)
{
	l->n_switched = 0;
	for (size_t i = 0; i < json_array_size(workers) && i < LINK_WORKERS_MAX; i++) {
		json_int_t ns =
		    json_integer_value(json_object_get(json_array_get(workers, i), "switched_ns"));
		l->switched_ns[l->n_switched++] = ns > 0 ? (uint64_t)ns : 0;
	}
}

static void on_loaded(void *ctx, int err, const json_t *result, const char *why)
{
	struct link *l = ctx;
	struct err e;
	l->loading = false;
	if (err == -EREMOTEIO) {
		refused(l, why);
		return;
	}
	if (err) {
		/* A file that ends the data plane, or makes it hang, must not do so at every start. */
		if (err != -ECANCELED) {
			err_set(&e, err,
				"it did not survive loading version %llu, or was stopped meanwhile: %s",
				(unsigned long long)l->wanted.ruleset.version, why);
			refused(l, e.text);
		}
		return;
	}
	uint64_t before = l->has.version;
	l->has = figures_ruleset(result);
	l->status.version = l->has.version;
	memcpy(l->status.digest, l->has.digest, sizeof(l->status.digest));
	read_switches(l, json_object_get(result, "workers"));
	if (l->has.version == l->wanted.ruleset.version && !same(&l->has, &l->wanted.ruleset)) {
		err_set(
		    &e, -EPROTO,
		    "%s: the data plane read a file of another digest there than the one published as version "
		    "%llu: publish it under a new version",
		    l->wanted.path, (unsigned long long)l->wanted.ruleset.version);
		refused(l, e.text);
	} else if (!l->has.is_set || l->has.version == before) {
		refused(l, "the data plane answered a load with no new ruleset: is it of another build?");
	} else {
		link_publish_step(l);
	}
}

static void load(struct link *l)
{
	json_t *params = json_pack("{s:o, s:o}", "path", rpc_string(l->wanted.path), "version",
				   rpc_u64(l->wanted.ruleset.version));
	struct err e;
	uint64_t now = link_now_ns();
	int err = rpc_client_call(l->client, "ruleset.load", params, LINK_LOAD_MS, on_loaded, l, &e);
	json_decref(params);
	if (err) {
		refused(l, e.text);
		return;
	}
	l->loading = true;
	l->status.sent_ns = now;
	l->status.acknowledged = 0;
}

void link_publish_step(struct link *l)
{
	if (l->closing || l->status.state != LINK_UP || !l->wanted.is_set || l->loading)
		return;
	if (same(&l->has, &l->wanted.ruleset)) {
		accepted(l);
		if (!l->status.acknowledged)
			confirm(l);
	} else {
		l->status.acknowledged = 0;
		if (!l->refused_pause_s || !uv_is_active((const uv_handle_t *)&l->publish))
			load(l);
	}
}

void link_publish_on_timer(uv_timer_t *t)
{
	link_publish_step(t->data);
}

int link_publish(struct link *l, const char *path, uint64_t version, const uint8_t digest[32], struct err *e)
{
	struct link_ruleset r = {.is_set = true, .version = version};
	memcpy(r.digest, digest, sizeof(r.digest));
	if (!version || version > INT64_MAX)
		return err_set(e, -EINVAL, "%s: a version is from 1 to 2^63 - 1", l->name);
	if (path[0] != '/' || strlen(path) >= sizeof(l->wanted.path))
		return err_set(e, -EINVAL,
			       "%s: a ruleset's path begins with \"/\" and is shorter than %zu bytes", path,
			       sizeof(l->wanted.path));
	bool is_new = !same(&l->wanted.ruleset, &r) || strcmp(l->wanted.path, path) != 0;
	strcpy(l->wanted.path, path);
	l->wanted.ruleset = r;
	l->wanted.is_set = true;
	if (is_new) {
		l->status.wanted = version;
		l->status.wanted_ns = link_now_ns();
		l->status.sent_ns = l->status.acknowledged = l->status.acknowledged_ns = 0;
		accepted(l);
		uv_timer_stop(&l->publish);
	}
	link_publish_step(l);
	return 0;
}
