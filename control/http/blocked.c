/* SPDX-License-Identifier: BSD-3-Clause */
/* /blocked?r=RULE: the page that a redirect leads to, with what the rule's order says. */
#include <stdlib.h>
#include <string.h>

#include "control/http/http_state.h"
#include "control/store/hits.h"
#include "rules/page.h"

/* The order's fields; NULL: no hit of the rule is known, or not yet. */
static json_t *order_of(struct store *s, const char *rule)
{
	int64_t order, list, line;
	json_t *row = NULL, *fields = NULL;
	if (!*rule || hits_rule(s, NULL, rule, &order, &list, &line) ||
	    store_json_row(s, &row, NULL, "SELECT fields AS \"fields:j\" FROM orders WHERE id = ?", "i",
			   order))
		return NULL;
	fields = json_incref(json_object_get(row, "fields"));
	json_decref(row);
	return fields;
}

static void fill(struct page_facts *facts, const json_t *fields)
{
	for (unsigned i = 0; i < META_COUNT; i++) {
		const char *value = json_string_value(json_object_get(fields, meta_rows[i].key));
		facts->meta[i] = value ? value : "";
	}
}

enum MHD_Result answer_blocked(struct request *r)
{
	struct page_out body = {malloc(PAGE_MAX_BYTES), 0, PAGE_MAX_BYTES};
	const char *rule = request_rule(request_argument(r, "r"));
	struct page_facts facts = {.rule = rule};
	json_t *fields = order_of(r->http->store, rule);
	if (!body.p) {
		json_decref(fields);
		return MHD_NO;
	}
	fill(&facts, fields);
	const char *appeal = facts.meta[META_appeal];
	struct reply how = {.status = MHD_HTTP_UNAVAILABLE_FOR_LEGAL_REASONS,
			    .type = REPLY_HTML,
			    .blocked_by = page_is_uri(appeal, false) ? appeal : NULL};
	if (!*appeal && r->http->config->http.appeals)
		facts.meta[META_appeal] = "/appeal?r=";
	unsigned l = request_language(r, facts.meta[META_language]);
	how.language = page_languages[l];
	page_body(r->http->pages, l, &facts, &body);
	enum MHD_Result done = reply(r, &how, (char *)body.p, body.len);
	json_decref(fields);
	return done;
}
