/* SPDX-License-Identifier: BSD-3-Clause */
/* why_state: what why.c (the verdict) and why_rule.c (what a rule is) share. */
#ifndef CONTROL_API_WHY_STATE_H
#define CONTROL_API_WHY_STATE_H

#include "control/api/why.h"
#include "rules/subject.h"

struct why {
	const struct call *c;
	struct subject subject;
	const struct ruleset *rules; /* NULL: none is active */
	const json_t *plan;	     /* of rules */
	struct match match, http;
	json_t *notes;
	const char *verdict;
};

/* The order and list of a ruleset's list, of its plan; NULL: the exceptions of all. */
const json_t *why_list(const struct why *w, unsigned list);
/* {list, number, line, kind, rule, entry}; null where there is no rule. */
json_t *why_rule(const struct why *w, const struct rule_ref *r);
/* {order, title, reference, ...} of the rule's list; null. */
json_t *why_order(const struct why *w, const struct rule_ref *r);
/* {http: "page", ...} of what the wire shows of the subject. */
json_t *why_actions(const struct why *w, const struct rule_ref *r);
bool why_is_shadow(const json_t *order);

#endif
