/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/engine/probe_job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/hex.h"
#include "control/engine/engine_state.h"
#include "control/store/clock.h"

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void read_actions(const json_t *meta, enum action ret[HIT_PROTOS_N])
{
	static const enum meta_field fields[HIT_PROTOS_N] = {
#define X(proto, word) [HIT_##proto] = META_action_##word,
	    HIT_PROTOS(X)
#undef X
	};
	for (unsigned p = 0; p < HIT_PROTOS_N; p++) {
		const struct meta_row *row = &meta_rows[fields[p]];
		const char *word = json_string_value(json_object_get(meta, row->key));
		int action = meta_action(fields[p], word ? word : row->def);
		ret[p] = action < 0 ? ACTION_DROP : (enum action)action;
	}
}

/* Lines that the check of the import left out, and how many entries it has. */
static int read_import(struct engine *g, int64_t id, struct prober_list *l, uint64_t *ret_entries,
		       struct err *e)
{
	json_t *row = NULL;
	int err = store_json_row(
	    g->store, &row, e, "SELECT entries, report -> 'skipped' \"skipped:j\" FROM imports WHERE id = ?",
	    "i", id);
	if (err)
		return err;
	const json_t *lines = json_object_get(row, "skipped");
	unsigned n = (unsigned)json_array_size(lines);
	uint32_t *v = calloc(n + 1u, sizeof(*v));
	for (unsigned i = 0; v && i < n; i++)
		v[i] = (uint32_t)json_integer_value(json_array_get(lines, i));
	l->skipped = v;
	l->n_skipped = n;
	*ret_entries += (uint64_t)number(row, "entries");
	json_decref(row);
	return v ? 0 : err_set(e, -ENOMEM, "no memory for a probe");
}

static int read_list(struct engine *g, const json_t *v, struct probe_job *j, struct err *e)
{
	struct prober_list *l = &j->lists[j->request.n_lists];
	uint64_t entries = 0;
	char path[ENGINE_PATH + 160];
	engine_path(g, json_string_value(json_object_get(v, "object")), path, sizeof(path));
	l->order = number(v, "order");
	l->path = strdup(path);
	j->request.n_lists++;
	if (!l->path)
		return err_set(e, -ENOMEM, "no memory for a probe");
	read_actions(json_object_get(v, "meta"), l->actions);
	int err = read_import(g, number(v, "import"), l, &entries, e);
	if (!err && (!j->request.order || j->request.order == l->order))
		j->entries += entries;
	return err;
}

static bool enforces(const struct probe_job *j, int64_t order)
{
	for (unsigned i = 0; i < j->request.n_lists; i++)
		if (j->lists[i].order == order)
			return true;
	return false;
}

/* Approved orders that nothing enforces now. */
static int read_absent(struct engine *g, struct probe_job *j, struct err *e)
{
	struct rows r;
	int64_t now = clock_now(), n = 0;
	int err = store_int(g->store, &n, e, "SELECT count(*) FROM orders WHERE state = 'approved'", "");
	if (err)
		return err;
	j->absent = calloc((size_t)n + 1, sizeof(*j->absent));
	if (!j->absent)
		return err_set(e, -ENOMEM, "no memory for a probe");
	rows_open(
	    &r, g->store,
	    "SELECT o.id, CASE WHEN o.held THEN 0 WHEN o.starts > ?1 THEN 1 WHEN EXISTS (SELECT 1 FROM stops s"
	    " WHERE s.ended IS NULL AND (s.what = 'all' OR s.order_id = o.id OR s.list_id IN"
	    " (SELECT id FROM lists WHERE order_id = o.id))) THEN 2 WHEN NOT EXISTS (SELECT 1 FROM lists l"
	    " WHERE l.order_id = o.id AND l.state = 'approved' AND l.active_import IS NOT NULL) THEN 3 ELSE 4 END"
	    " FROM orders o WHERE o.state = 'approved' AND (?2 = 0 OR o.id = ?2)",
	    "ii", now, j->request.order);
	static const char *const why[] = {
	    "not enforced now: a rollback holds it back",
	    "not enforced now: it has not begun",
	    "not enforced now: an emergency stop",
	    "not enforced: no list of it is approved",
	    "not enforced now: it is outside of its schedule",
	};
	while (rows_next(&r) && j->n_absent < n)
		if (!enforces(j, rows_int(&r, 0)))
			j->absent[j->n_absent++] =
			    (struct probe_absent){rows_int(&r, 0), why[rows_int(&r, 1)]};
	return rows_end(&r, e);
}

static int read_nodes(struct engine *g, struct probe_job *j, struct err *e)
{
	j->nodes = calloc(g->n_nodes + 1u, sizeof(*j->nodes));
	if (!j->nodes)
		return err_set(e, -ENOMEM, "no memory for a probe");
	for (unsigned i = 0; i < g->n_nodes; i++)
		j->nodes[i] = (struct prober_node){g->nodes[i].config->name, g->nodes[i].config->socket};
	j->request.n_nodes = g->n_nodes;
	return 0;
}

int probe_job_make(struct engine *g, int64_t order, struct probe_job *ret, struct err *e)
{
	const json_t *lists = json_object_get(g->plan, "lists");
	size_t n = json_array_size(lists);
	*ret = (struct probe_job){
	    .lists = calloc(n + 1, sizeof(*ret->lists)),
	    .request = {.order = order,
			.key = store_key(g->store),
			.has_exceptions = json_array_size(json_object_get(g->plan, "exceptions"))}};
	int err = ret->lists ? 0 : err_set(e, -ENOMEM, "no memory for a probe");
	if (!err && !hex_read(g->active.digest, ret->request.digest, sizeof(ret->request.digest)))
		err = err_set(e, -EBADMSG, "the active version's digest is none");
	for (size_t i = 0; !err && i < n; i++)
		err = read_list(g, json_array_get(lists, i), ret, e);
	err = err ? err : read_nodes(g, ret, e);
	err = err ? err : read_absent(g, ret, e);
	ret->request.lists = ret->lists;
	ret->request.nodes = ret->nodes;
	if (!err && order && !enforces(ret, order) && !ret->n_absent)
		err =
		    err_set(e, -ENOENT, "order: there is no approved order %lld; rojactl order ls shows them",
			    (long long)order);
	return err;
}

void probe_job_free(struct probe_job *j)
{
	for (unsigned i = 0; j->lists && i < j->request.n_lists; i++) {
		free((void *)(uintptr_t)j->lists[i].path);
		free((void *)(uintptr_t)j->lists[i].skipped);
	}
	free(j->lists);
	free(j->nodes);
	free(j->absent);
	*j = (struct probe_job){.n_absent = 0};
}
