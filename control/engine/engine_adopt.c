/* SPDX-License-Identifier: BSD-3-Clause */
/* What is active: taken from the store at the start and after each compile, put where data planes find it; old files. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/engine/engine_probe.h"
#include "control/engine/engine_state.h"
#include "control/log.h"
#include "control/store/clock.h"
#include "rules/ruleset.h"

/* A data plane that starts by itself begins with this one. */
static void point_to(struct engine *g, const char *file)
{
	char link[ENGINE_PATH + 16], fresh[ENGINE_PATH + 16], old[160];
	snprintf(link, sizeof(link), "%s/active.roja", g->rulesets);
	snprintf(fresh, sizeof(fresh), "%s/active.new", g->rulesets);
	ssize_t n = readlink(link, old, sizeof(old) - 1);
	if (n > 0 && (old[n] = '\0', !strcmp(old, file)))
		return;
	unlink(fresh);
	if (symlink(file, fresh) || rename(fresh, link))
		log_error("%s: cannot be made to point to %s: %s", link, file, strerror(errno));
}

void engine_adopt(struct engine *g, const struct version *v, json_t *plan, bool fresh)
{
	ruleset_free(g->rules);
	g->rules = NULL;
	json_decref(g->plan);
	g->plan = plan;
	g->active = *v;
	engine_blocks_load(g);
	point_to(g, v->file);
	if (fresh) {
		log_note("version %lld is active", (long long)v->id);
		engine_breaker_start(g);
		probing_adopted(g);
	}
	for (unsigned i = 0; i < g->n_nodes; i++)
		engine_publish(g, &g->nodes[i]);
	if (fresh)
		engine_clean(g);
}

int engine_load_active(struct engine *g, struct err *e)
{
	struct version v;
	json_t *plan;
	char path[ENGINE_PATH + 160];
	int err = version_active(g->store, e, &v);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = version_plan(g->store, e, v.id, &plan);
	if (err)
		return err;
	engine_path(g, v.file, path, sizeof(path));
	/* A ruleset that is gone or was changed is compiled anew: under a number of its own. */
	struct ruleset *rules;
	if (ruleset_open_sealed(path, store_key(g->store), &rules, e)) {
		log_error("%s; version %lld is compiled again", e->text, (long long)v.id);
		json_decref(plan);
		return 0;
	}
	engine_adopt(g, &v, plan, false);
	g->rules = rules;
	return 0;
}

static bool is_named(struct engine *g, const char *sql, const char *file)
{
	int64_t n = 1; /* what cannot be told stays */
	store_int(g->store, &n, NULL, sql, "t", file);
	return n;
}

static void clean_folder(const char *folder, struct engine *g,
			 bool (*stays)(struct engine *g, const char *file))
{
	DIR *d = opendir(folder);
	struct dirent *f;
	char path[ENGINE_PATH + 257];
	while (d && (f = readdir(d))) {
		if (f->d_name[0] == '.' || stays(g, f->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, f->d_name);
		if (unlink(path))
			log_warn("%s: cannot be removed: %s", path, strerror(errno));
	}
	if (d)
		closedir(d);
}

static bool object_stays(struct engine *g, const char *file)
{
	return is_named(g, "SELECT count(*) FROM imports WHERE object = ?1 OR original = ?1", file);
}

/* The active ones of the last activations; and what is not a version's. */
static bool ruleset_stays(struct engine *g, const char *file)
{
	int64_t n = 1;
	if (strncmp(file, "version-", 8))
		return true;
	store_int(
	    g->store, &n, NULL,
	    "SELECT count(*) FROM (SELECT v.file FROM activations a JOIN versions v ON v.id = a.version_id"
	    " ORDER BY a.id DESC LIMIT ?1) WHERE file = ?2",
	    "it", (int64_t)g->config->retention.versions, file);
	return n;
}

void engine_clean(struct engine *g)
{
	if (!g->compiling)
		clean_folder(g->rulesets, g, ruleset_stays);
	if (jobs_idle(g->jobs))
		clean_folder(g->objects, g, object_stays);
}
