/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/hits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/hit_proto.h"
#include "control/store/alarms.h"
#include "control/store/clock.h"
#include "control/store/versions.h"
#include "rules/list.h"

#define PLANS_KEPT 8
#define NS	   1000000000ull

/* The lists of a version, by their index in its ruleset. */
struct plan {
	uint64_t version;
	unsigned n;
	struct {
		int64_t order, list;
	} * lists;
};

struct hits {
	struct store *store;
	struct plan plans[PLANS_KEPT];
	unsigned next;
};

int hits_new(struct store *s, struct hits **ret, struct err *e)
{
	struct hits *h = calloc(1, sizeof(*h));
	if (!h)
		return err_set(e, -ENOMEM, "no memory for hits");
	h->store = s;
	*ret = h;
	return 0;
}

void hits_free(struct hits *h)
{
	if (!h)
		return;
	for (unsigned i = 0; i < PLANS_KEPT; i++)
		free(h->plans[i].lists);
	free(h);
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static struct plan *load(struct hits *h, uint64_t version)
{
	json_t *json;
	if (version_plan(h->store, NULL, (int64_t)version, &json))
		return NULL;
	const json_t *lists = json_object_get(json, "lists");
	struct plan *p = &h->plans[h->next++ % PLANS_KEPT];
	free(p->lists);
	*p = (struct plan){.version = version, .n = (unsigned)json_array_size(lists)};
	p->lists = calloc(p->n ? p->n : 1, sizeof(*p->lists));
	for (unsigned i = 0; p->lists && i < p->n; i++) {
		p->lists[i].order = number(json_array_get(lists, i), "order");
		p->lists[i].list = number(json_array_get(lists, i), "list");
	}
	json_decref(json);
	if (!p->lists)
		*p = (struct plan){0};
	return p->lists ? p : NULL;
}

/* The order and list that a hit is of; neither is set where its version is not known. */
static void place(struct hits *h, const struct event_hit *hit, int64_t *ret_order, int64_t *ret_list)
{
	struct plan *p = NULL;
	for (unsigned i = 0; i < PLANS_KEPT && !p; i++)
		if (h->plans[i].lists && h->plans[i].version == hit->version)
			p = &h->plans[i];
	if (!p)
		p = load(h, hit->version);
	if (!p || hit->list >= p->n)
		return;
	*ret_order = p->lists[hit->list].order;
	*ret_list = p->lists[hit->list].list;
}

static const char *word(const char *const *words, unsigned n, unsigned i)
{
	return i < n && words[i] ? words[i] : "?";
}

static int keep_hit(struct hits *h, struct err *e, const char *dataplane, const struct event *ev)
{
	const struct event_hit *hit = &ev->hit;
	int64_t order = 0, list = 0;
	char rule[17];
	place(h, hit, &order, &list);
	snprintf(rule, sizeof(rule), "%016" PRIx64, hit->rule);
	const char *proto = word(hit_proto_names, HIT_PROTOS_N, hit->proto);
	const char *action = word(action_names, ACTION_N, hit->action);
	int err = store_run(
	    h->store, e,
	    "INSERT INTO hits(time_ns, dataplane, version_id, order_id, list_id, line, rule, kind, protocol, action)"
	    " VALUES(?,?,?,nullif(?,0),nullif(?,0),?,?,?,?,?)",
	    "itiiiitttt", (int64_t)ev->time_ns, dataplane, (int64_t)hit->version, order, list,
	    (int64_t)hit->line, rule, word(rule_kind_names, RULE_KINDS_N, hit->kind), proto, action);
	if (err)
		return err;
	return store_run(
	    h->store, e,
	    "INSERT INTO hit_counts(hour, order_id, list_id, protocol, action, n) VALUES(?,?,?,?,?,1)"
	    " ON CONFLICT DO UPDATE SET n = n + 1",
	    "iiitt", (int64_t)(ev->time_ns / NS / 3600 * 3600), order, list, proto, action);
}

static int keep_outage(struct hits *h, struct err *e, const char *dataplane, const struct event_outage *o)
{
	char subject[80];
	const char *reason = word(event_outage_reason_names, EVENT_OUTAGE_REASONS_N, o->reason);
	snprintf(subject, sizeof(subject), "dataplane %s port %u", dataplane, o->port);
	int err = store_run(
	    h->store, e,
	    "INSERT INTO outages(dataplane, port, reason, began_ns, ended_ns, frames, bytes, closed)"
	    " VALUES(?,?,?,?,?,?,?,?)",
	    "titiiiii", dataplane, (int64_t)o->port, reason, (int64_t)o->began_ns, (int64_t)o->ended_ns,
	    (int64_t)o->frames, (int64_t)o->bytes, (int64_t)o->fail_closed);
	if (err || !o->frames)
		return err;
	return alarm_raise(h->store, e, ALARM_UNPROTECTED, subject,
			   "%" PRIu64 " frames %s uninspected within %" PRIu64 " ms (%s)", o->frames,
			   o->fail_closed ? "were dropped" : "passed", (o->ended_ns - o->began_ns) / 1000000,
			   reason);
}

static int keep_gap(struct hits *h, struct err *e, const char *dataplane, const struct event_gap *g)
{
	char subject[80];
	snprintf(subject, sizeof(subject), "dataplane %s", dataplane);
	return alarm_raise(h->store, e, ALARM_EVENTS_LOST, subject,
			   "%" PRIu64
			   " events were lost, the ring being full: what they tell of was enforced",
			   g->last - g->first + 1);
}

static int keep(struct hits *h, struct err *e, const char *dataplane, const struct event *ev)
{
	switch (ev->type) {
	case EVENT_HIT:
		return keep_hit(h, e, dataplane, ev);
	case EVENT_OUTAGE:
		return keep_outage(h, e, dataplane, &ev->outage);
	case EVENT_GAP:
		return keep_gap(h, e, dataplane, &ev->gap);
	default:
		return 0;
	}
}

int hits_keep(struct hits *h, struct err *e, const char *dataplane, const uint8_t file[16], unsigned ring,
	      const struct event *ev, unsigned n)
{
	struct store *s = h->store;
	int64_t last = 0;
	int err = store_begin(s, e);
	if (err)
		return err;
	err =
	    store_int(s, &last, NULL, "SELECT seq FROM cursors WHERE dataplane = ? AND file = ? AND ring = ?",
		      "tbi", dataplane, file, (size_t)16, (int64_t)ring);
	err = err == -ENOENT ? 0 : err;
	for (unsigned i = 0; !err && i < n; i++)
		if ((int64_t)ev[i].seq > last) {
			err = keep(h, e, dataplane, &ev[i]);
			last = (int64_t)ev[i].seq;
		}
	if (!err)
		err = store_run(s, e,
				"INSERT INTO cursors(dataplane, file, ring, seq, at) VALUES(?,?,?,?,?)"
				" ON CONFLICT DO UPDATE SET seq = excluded.seq, at = excluded.at",
				"tbiii", dataplane, file, (size_t)16, (int64_t)ring, last, clock_now());
	return store_end(s, err, e);
}

int hits_rule(struct store *s, struct err *e, const char *rule, int64_t *ret_order, int64_t *ret_list,
	      int64_t *ret_line)
{
	struct rows r;
	char *end;
	uint64_t n = strtoull(rule, &end, 16);
	if (!*rule || *end)
		return err_set(e, -ENOENT, "no hit of this rule is kept");
	rows_open(&r, s, "SELECT order_id, list_id, line FROM audit.rules WHERE rule = ?", "i", (int64_t)n);
	bool there = rows_next(&r);
	if (there) {
		*ret_order = rows_int(&r, 0);
		*ret_list = rows_int(&r, 1);
		*ret_line = rows_int(&r, 2);
	}
	int err = rows_end(&r, e);
	return err ? err : there ? 0 : err_set(e, -ENOENT, "no hit of this rule is kept");
}

int hits_prune(struct store *s, struct err *e, int64_t before, int64_t counts_before)
{
	int err = store_run(
	    s, e,
	    "DELETE FROM hits WHERE id IN (SELECT id FROM hits WHERE time_ns < ? ORDER BY id LIMIT 10000)",
	    "i", before * (int64_t)NS);
	if (!err)
		err = store_run(s, e, "DELETE FROM hit_counts WHERE hour < ?", "i", counts_before);
	if (!err)
		err = store_run(s, e, "DELETE FROM cursors WHERE at < ?", "i", before);
	return err;
}
