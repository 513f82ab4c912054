/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/engine/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/engine/digest.h"
#include "control/store/exempt.h"
#include "control/store/order_fields.h"

/* An order's lists, of all that may count, in the order of their ids: that is their precedence. */
static const char question[] =
    "SELECT o.id, l.id, i.id, i.object, l.name, o.fields, o.starts, o.expires,"
    " EXISTS (SELECT 1 FROM stops s WHERE s.ended IS NULL"
    "  AND (s.what = 'all' OR s.list_id = l.id OR s.order_id = o.id))"
    " FROM orders o JOIN lists l ON l.order_id = o.id JOIN imports i ON i.id = l.active_import"
    " WHERE o.state = 'approved' AND NOT o.held AND l.state = 'approved' AND o.expires > ? ORDER BY o.id, l.id";

static void sooner(struct plan *p, int64_t at, int64_t now)
{
	if (at > now && at < p->next_change)
		p->next_change = at;
}

/* What the ruleset keeps of a list: the order's fields of the same names; in shadow mode every action only counts. */
static json_t *meta_of(const json_t *fields, const char *name)
{
	json_t *meta = json_object();
	const char *mode = json_string_value(json_object_get(fields, "mode"));
	int bad = !meta || json_object_set_new(meta, "name", json_string(name));
	for (unsigned f = 0; !bad && f < META_COUNT; f++) {
		json_t *v = json_object_get(fields, meta_rows[f].key);
		if (mode && !strcmp(mode, "shadow") && !strncmp(meta_rows[f].key, "action_", 7))
			bad = json_object_set_new(meta, meta_rows[f].key, json_string("count"));
		else if (v && f != META_name)
			bad = json_object_set(meta, meta_rows[f].key, v);
	}
	if (!bad)
		return meta;
	json_decref(meta);
	return NULL;
}

static int add_list(json_t *lists, struct rows *r, const json_t *fields)
{
	json_t *meta = meta_of(fields, rows_text(r, 4));
	return meta && !json_array_append_new(
			   lists, json_pack("{sIsIsIsssO}", "order", (json_int_t)rows_int(r, 0), "list",
					    (json_int_t)rows_int(r, 1), "import", (json_int_t)rows_int(r, 2),
					    "object", rows_text(r, 3), "meta", meta))
		   ? (json_decref(meta), 0)
		   : (json_decref(meta), -ENOMEM);
}

static int gather_row(struct plan *p, struct rows *r, json_t *lists, int64_t now)
{
	int64_t starts = rows_int(r, 6), expires = rows_int(r, 7);
	json_t *fields = json_loads(rows_text(r, 5), 0, NULL);
	if (!fields)
		return -ENOMEM;
	const char *schedule = json_string_value(json_object_get(fields, "schedule"));
	int err = 0;
	sooner(p, starts, now);
	sooner(p, expires, now);
	sooner(p, schedule_changes(schedule, now), now);
	if (starts <= now && schedule_holds(schedule, now) && !rows_int(r, 8))
		err = add_list(lists, r, fields);
	json_decref(fields);
	return err;
}

static int gather(struct plan *p, struct store *s, int64_t now, json_t *lists, struct err *e)
{
	struct rows r;
	int failed = 0;
	rows_open(&r, s, question, "i", now);
	while (!failed && rows_next(&r))
		failed = gather_row(p, &r, lists, now);
	int err = rows_end(&r, e);
	return err ? err : failed ? err_set(e, failed, "no memory for a plan") : 0;
}

/* Exceptions and overrides are in the plan by their ids: their texts never change, and are secret. */
static int gather_exempt(struct plan *p, struct store *s, struct err *e)
{
	json_t *exceptions = NULL, *overrides = NULL;
	int err =
	    store_json(s, &exceptions, e, "SELECT id FROM exceptions WHERE state = 'active' ORDER BY id", "");
	if (!err)
		err = store_json(s, &overrides, e,
				 "SELECT id FROM overrides WHERE state = 'active' ORDER BY id", "");
	if (!err && (json_object_set(p->json, "exceptions", exceptions) ||
		     json_object_set(p->json, "overrides", overrides)))
		err = err_set(e, -ENOMEM, "no memory for a plan");
	json_decref(exceptions);
	json_decref(overrides);
	if (!err)
		err = exceptions_active(s, e, &p->exceptions, &p->n_exceptions);
	return err ? err : overrides_of_all(s, e, &p->overrides, &p->override_orders, &p->n_overrides);
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static int fill(struct plan *p, const json_t *lists)
{
	p->n_lists = (unsigned)json_array_size(lists);
	p->lists = calloc(p->n_lists ? p->n_lists : 1, sizeof(*p->lists));
	if (!p->lists)
		return -ENOMEM;
	for (unsigned i = 0; i < p->n_lists; i++) {
		const json_t *v = json_array_get(lists, i), *meta = json_object_get(v, "meta");
		struct plan_list *l = &p->lists[i];
		l->order_id = number(v, "order");
		l->list_id = number(v, "list");
		l->import_id = number(v, "import");
		snprintf(l->object, sizeof(l->object), "%s", json_string_value(json_object_get(v, "object")));
		for (unsigned f = 0; f < META_COUNT; f++)
			l->meta[f] = json_string_value(json_object_get(meta, meta_rows[f].key));
	}
	return 0;
}

int plan_build(struct store *s, int64_t now, struct plan **ret, struct err *e)
{
	struct plan *p = calloc(1, sizeof(*p));
	json_t *lists = json_array();
	int err = 0;
	if (p)
		p->json = json_pack("{so}", "lists", lists);
	if (!p || !p->json)
		err = err_set(e, -ENOMEM, "no memory for a plan");
	if (!err) {
		p->next_change = INT64_MAX;
		err = gather(p, s, now, lists, e);
	}
	if (!err)
		err = gather_exempt(p, s, e);
	if (!err && (fill(p, lists) || !(p->text = json_dumps(p->json, JSON_COMPACT | JSON_SORT_KEYS))))
		err = err_set(e, -ENOMEM, "no memory for a plan");
	if (err) {
		plan_free(p);
		return err;
	}
	digest_text(p->text, strlen(p->text), p->digest);
	*ret = p;
	return 0;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	json_decref(p->json);
	free(p->text);
	free(p->lists);
	texts_free(p->exceptions, p->n_exceptions);
	texts_free(p->overrides, p->n_overrides);
	free(p->override_orders);
	free(p);
}
