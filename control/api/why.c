/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/why.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/nodes.h"
#include "control/api/why_state.h"
#include "control/safety/safety.h"

const struct rpc_field why_fields[WHY_FIELDS_N] = {
    {"subject", RPC_STRING, "as it was asked"},
    {"canonical", RPC_STRING, "its canonical form (docs/lists.md)"},
    {"judged_as", RPC_STRING, "what of it the wire shows"},
    {"verdict", RPC_STRING,
     "blocked; passes; excepted; shadow (counted alone); stopped (by an emergency stop)"},
    {"why", RPC_STRING, "where there is more to say; else absent"},
    {"version", RPC_U64, "of the ruleset that was asked; null: none is active"},
    {"rule", RPC_OBJECT,
     "that matches: list, its number, line, kind, rule (opaque id), entry (not of confidential lists); null"},
    {"exception", RPC_OBJECT, "that wins over it: list, line, kind, rule, entry; null"},
    {"order", RPC_OBJECT, "the rule's order with all its fields; null"},
    {"actions", RPC_OBJECT, "what is done, by protocol"},
    {"notes", RPC_ARRAY, "sentences on how precisely the rule can be enforced"},
    {"blocks", RPC_ARRAY, "sentences on the blocking of servers' addresses"},
    {"stops", RPC_ARRAY, "sentences on the stops by which it passes"},
    {"dataplanes", RPC_ARRAY, "name, version, connected of each, as dataplane.list says"},
};

static void note(json_t *to, const char *sentence)
{
	json_array_append_new(to, json_string(sentence));
}

static int ask(struct why *w, struct err *e)
{
	struct ruleset_scratch *scratch;
	int err = ruleset_scratch_new(w->rules, &scratch, e);
	if (err)
		return err;
	subject_match(&w->subject, w->rules, scratch, &w->match, &w->http);
	ruleset_scratch_free(scratch);
	return 0;
}

/* The lists that a stop concerns are in no active version: the last ones that held them are asked. */
static int stopped_versions(const struct why *w, int64_t ret[WHY_VERSIONS], unsigned *ret_n, struct err *e)
{
	struct rows r;
	*ret_n = 0;
	rows_open(
	    &r, w->c->store,
	    "SELECT DISTINCT max(v.id) AS id FROM stops s JOIN lists l ON s.what = 'all' OR s.list_id = l.id"
	    " OR s.order_id = l.order_id JOIN versions v ON v.id > (SELECT max(id) - 64 FROM versions)"
	    " JOIN json_each(v.plan, '$.lists') j ON j.value ->> 'list' = l.id"
	    " WHERE s.ended IS NULL GROUP BY l.id ORDER BY id DESC LIMIT ?",
	    "i", (int64_t)WHY_VERSIONS);
	while (rows_next(&r))
		ret[(*ret_n)++] = rows_int(&r, 0);
	return rows_end(&r, e);
}

static json_t *stops_of(const struct why *w, const json_t *list, struct err *e)
{
	json_t *all = NULL;
	if (store_json(w->c->store, &all, e,
		       "SELECT id AS stop, what, created AS \"since:t\", who, reason FROM stops"
		       " WHERE ended IS NULL AND (what = 'all' OR list_id = ? OR order_id = ?) ORDER BY id",
		       "ii", (int64_t)json_integer_value(json_object_get(list, "list")),
		       (int64_t)json_integer_value(json_object_get(list, "order"))))
		return NULL;
	return all;
}

/* Asks version `id`; where a rule of a stopped list matches, *w is of that version and *ret_stops says which stops. */
static int ask_stopped(struct why *w, int64_t id, struct ruleset **ret_rules, json_t **ret_plan,
		       json_t **ret_stops, struct err *e)
{
	struct why then = *w;
	struct version v;
	struct ruleset *rules = NULL;
	json_t *plan = NULL, *stops = NULL;
	char path[1024];
	int err = version_find(w->c->store, e, id, &v);
	if (!err)
		err = version_plan(w->c->store, e, id, &plan);
	if (!err) {
		engine_path(w->c->engine, v.file, path, sizeof(path));
		err = ruleset_open_sealed(path, store_key(w->c->store), &rules, e);
	}
	then.rules = rules;
	then.plan = plan;
	if (!err)
		err = ask(&then, e);
	if (!err && then.match.block)
		stops = stops_of(w, why_list(&then, then.match.rule.list), e);
	if (!err && json_array_size(stops)) {
		*w = then;
		*ret_rules = rules;
		*ret_plan = plan;
		*ret_stops = stops;
		return 1;
	}
	json_decref(stops);
	json_decref(plan);
	ruleset_free(rules);
	return err;
}

static json_t *sentences(const json_t *stops)
{
	json_t *all = json_array(), *s;
	size_t i;
	json_array_foreach(stops, i, s)
	{
		char text[1024];
		snprintf(text, sizeof(text), "stop %lld of %s since %s, by %s: %s",
			 (long long)json_integer_value(json_object_get(s, "stop")), call_text(s, "what"),
			 call_text(s, "since"), call_text(s, "who"), call_text(s, "reason"));
		json_array_append_new(all, rpc_string(text));
	}
	return all;
}

static void judge(struct why *w, const json_t *order, bool stopped)
{
	if (stopped)
		w->verdict = "stopped";
	else if (w->match.exception.is_set && w->match.rule.is_set)
		w->verdict = "excepted";
	else if (!w->match.block)
		w->verdict = "passes";
	else
		w->verdict = why_is_shadow(order) ? "shadow" : "blocked";
}

/* Of a URL on https whose rule only plain HTTP can show, the rule is said, and that it is not enforced. */
static const struct rule_ref *shown_rule(const struct why *w)
{
	bool by_url_alone = w->subject.kind == SUBJECT_HTTPS && !w->match.rule.is_set && w->http.rule.is_set;
	if (by_url_alone)
		note(
		    w->notes,
		    "this is a URL on https, of which the wire shows the name alone: this rule is enforced on "
		    "plain HTTP only");
	return by_url_alone ? &w->http.rule : &w->match.rule;
}

static json_t *blocks_of(const json_t *order)
{
	json_t *all = json_array();
	char text[128];
	int64_t s = call_number(order, "block_server_s");
	if (all && s) {
		snprintf(text, sizeof(text), "a hit blocks the server's address for %lld s", (long long)s);
		note(all, text);
	}
	return all;
}

/* What was approved last may not be enforced yet. */
static void note_pending(const struct why *w)
{
	const char *pending = engine_pending(w->c->engine);
	char text[ERR_BYTES + 64];
	snprintf(text, sizeof(text), "what was decided last is not enforced yet: %s", pending);
	if (*pending)
		json_array_append_new(w->notes, rpc_string(text));
}

static int answer(struct why *w, const char *asked, const json_t *stops, json_t **ret, struct err *e)
{
	const struct version *v = engine_active(w->c->engine);
	const struct rule_ref *rule = shown_rule(w);
	json_t *order = why_order(w, rule);
	judge(w, order, stops != NULL);
	note_pending(w);
	if (rule->is_set)
		note(w->notes, safety_precisions[rule->kind].help);
	json_t *o = json_pack(
	    "{so ss ss ss so so so sO so sO so so so}", "subject", rpc_string(asked), "canonical",
	    subject_canonical(&w->subject), "judged_as", subject_help[w->subject.kind], "verdict", w->verdict,
	    "version", v && v->id ? json_integer((json_int_t)v->id) : json_null(), "rule", why_rule(w, rule),
	    "exception", why_rule(w, &w->match.exception), "order", order, "actions",
	    w->match.block ? why_actions(w, rule) : json_object(), "notes", w->notes, "blocks",
	    blocks_of(order), "stops", sentences(stops), "dataplanes", nodes_json(w->c));
	json_decref(order);
	return call_done(o, ret, e);
}

static int find_stopped(struct why *w, const char *asked, json_t **ret, struct err *e)
{
	int64_t ids[WHY_VERSIONS];
	unsigned n;
	int err = stopped_versions(w, ids, &n, e), found = 0;
	for (unsigned i = 0; !err && !found && i < n; i++) {
		struct ruleset *rules = NULL;
		json_t *plan = NULL, *stops = NULL;
		struct err damaged;
		found = ask_stopped(w, ids[i], &rules, &plan, &stops, &damaged);
		if (found < 0)
			note(
			    w->notes,
			    "whether a stopped list holds it cannot be told: an earlier version cannot be read");
		found = found > 0;
		if (found)
			err = answer(w, asked, stops, ret, e);
		ruleset_free(rules);
		json_decref(plan);
		json_decref(stops);
	}
	return err ? err : found;
}

int why(const struct call *c, const char *subject, json_t **ret, struct err *e)
{
	static struct why w; /* the main thread's; too large for a stack */
	w = (struct why){.c = c, .notes = json_array()};
	enum name_error bad = subject_read(subject, &w.subject);
	e->text[0] = 0;
	int err = bad ? err_set(e, -EINVAL, "subject: %s", name_strerror(bad)) : 0;
	if (!err) {
		w.rules = engine_ruleset(c->engine, e);
		w.plan = engine_plan(c->engine);
		if (w.rules)
			err = ask(&w, e);
		else if (*e->text)
			err = -EIO;
		else
			note(w.notes, "nothing is enforced: no version is active");
	}
	if (!err && !w.match.rule.is_set && !w.http.rule.is_set)
		err = find_stopped(&w, subject, ret, e);
	if (!err)
		err = answer(&w, subject, NULL, ret, e);
	json_decref(w.notes);
	return err < 0 ? err : 0;
}
