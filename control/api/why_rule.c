/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/why_state.h"
#include "control/feed/entries.h"
#include "control/safety/safety.h"
#include "control/store/exempt.h"

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

const json_t *why_list(const struct why *w, unsigned list)
{
	return json_array_get(json_object_get(w->plan, "lists"), list);
}

static json_t *find_line(const struct why *w, const char *object, uint32_t line)
{
	struct entries *r;
	struct entry en;
	struct err e;
	json_t *found = NULL;
	char path[1024];
	engine_path(w->c->engine, object, path, sizeof(path));
	if (entries_open(path, store_key(w->c->store), &r, &e))
		return NULL;
	for (unsigned i = 0; !found && i < WHY_ENTRIES && entries_next(r, &en, &e) > 0; i++)
		if (en.line == line)
			found = rpc_string(en.text);
	entries_close(r);
	return found;
}

/* NULL: it is confidential, or too far within a long list. */
static json_t *entry_of(const struct why *w, const json_t *list, uint32_t line)
{
	int64_t open = 0;
	struct err e;
	const char *object = json_string_value(json_object_get(list, "object"));
	if (!object || store_int(w->c->store, &open, &e, "SELECT NOT confidential FROM orders WHERE id = ?",
				 "i", number(list, "order")))
		return NULL;
	return open ? find_line(w, object, line) : NULL;
}

/* Lines of the exceptions of all are numbered as exceptions_active gives them. */
static json_t *exception_of(const struct why *w, uint32_t line)
{
	char **texts;
	unsigned n;
	struct err e;
	if (exceptions_active(w->c->store, &e, &texts, &n))
		return NULL;
	json_t *found = line && line <= n ? rpc_string(texts[line - 1]) : NULL;
	texts_free(texts, n);
	return found;
}

json_t *why_rule(const struct why *w, const struct rule_ref *r)
{
	char id[17];
	if (!r->is_set)
		return json_null();
	const json_t *list = why_list(w, r->list);
	json_t *entry = list ? entry_of(w, list, r->line) : exception_of(w, r->line);
	snprintf(id, sizeof(id), "%016" PRIx64, r->id);
	json_t *o = json_pack(
	    "{so sI ss ss so*}", "list", rpc_string(ruleset_meta(w->rules, r->list, META_name)), "line",
	    (json_int_t)r->line, "kind", rule_kind_names[r->kind], "rule", id, "entry", entry);
	if (o && list)
		json_object_set(o, "number", json_object_get(list, "list"));
	return o;
}

json_t *why_order(const struct why *w, const struct rule_ref *r)
{
	json_t *row = NULL;
	struct err e;
	const json_t *list = r->is_set ? why_list(w, r->list) : NULL;
	if (!list || store_json_row(w->c->store, &row, &e,
				    "SELECT id AS \"order\", fields AS \"fields:j\" FROM orders WHERE id = ?",
				    "i", number(list, "order")))
		return json_null();
	json_t *order = json_incref(json_object_get(row, "fields"));
	json_object_set(order, "order", json_object_get(row, "order"));
	json_decref(row);
	return order;
}

bool why_is_shadow(const json_t *order)
{
	const char *mode = json_string_value(json_object_get(order, "mode"));
	return mode && !strcmp(mode, "shadow");
}

#define SHOWN(kind) (1u << SUBJECT_##kind)

static const struct {
	const char *word;
	enum meta_field action;
	size_t precision;
	unsigned shown; /* of which subjects the protocol shows something */
} protocols[] = {
    {"http", META_action_http, offsetof(struct safety_precision, http), SHOWN(NAME) | SHOWN(URL)},
    {"tls", META_action_tls, offsetof(struct safety_precision, tls), SHOWN(NAME) | SHOWN(HTTPS)},
    {"quic", META_action_quic, offsetof(struct safety_precision, quic), SHOWN(NAME) | SHOWN(HTTPS)},
    {"dns", META_action_dns, offsetof(struct safety_precision, dns), SHOWN(NAME) | SHOWN(HTTPS)},
};

json_t *why_actions(const struct why *w, const struct rule_ref *r)
{
	json_t *o = json_object();
	if (!o || !r->is_set)
		return o;
	if (r->kind == RULE_PREFIX) {
		json_object_set_new(
		    o, "ip", json_string(action_names[ruleset_action(w->rules, r->list, META_action_ip)]));
		return o;
	}
	for (unsigned i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		const char *row = (const char *)&safety_precisions[r->kind];
		enum precision p = *(const enum precision *)(row + protocols[i].precision);
		if (p == PRECISION_NONE || !(protocols[i].shown & 1u << w->subject.kind))
			continue;
		enum action does = ruleset_action(w->rules, r->list, protocols[i].action);
		json_object_set_new(o, protocols[i].word, json_string(action_names[does]));
	}
	return o;
}
