/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/why.h"

#include <stdlib.h>
#include <string.h>

#include "control/ctl/view.h"

#define LABEL 12

static const struct {
	const char *verdict, *says;
	enum colour colour;
} verdicts[] = {
    {"blocked", "BLOCKED", COLOUR_BAD},
    {"passes", "PASSES", COLOUR_GOOD},
    {"excepted", "PASSES, BY AN EXCEPTION", COLOUR_GOOD},
    {"shadow", "PASSES, COUNTED ONLY (SHADOW MODE)", COLOUR_WAIT},
    {"stopped", "PASSES, BY AN EMERGENCY STOP", COLOUR_WAIT},
};

/* What a rule's kind holds, in words. */
static const struct {
	const char *kind, *says;
} kinds[] = {
    {"domain", "the name and all its subdomains"},
    {"host", "this host alone"},
    {"subdomains", "its subdomains, not the name itself"},
    {"url", "this URL alone"},
    {"url-prefix", "every URL that begins so"},
    {"url-glob", "every URL that the pattern matches"},
    {"name-glob", "every name that the pattern matches"},
    {"regex", "every URL that the expression finds something in"},
    {"prefix", "traffic to and from these addresses"},
};

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void line(const struct style *s, const char *label, const char *clean)
{
	fprintf(s->out, "%-*s", LABEL, label);
	text_wrapped(s, clean, LABEL);
}

static void member(const struct style *s, const char *label, const json_t *v)
{
	char *clean = v && !json_is_null(v) ? text_of_json(v) : NULL;
	if (clean && *clean)
		line(s, label, clean);
	free(clean);
}

/* A sentence of parts with `between` between those that are there. */
static void joined(const struct style *s, const char *label, const json_t *o, const char *between,
		   const char *const *keys)
{
	char *sentence = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&sentence, &len);
	bool some = false;
	for (; out && *keys; keys++) {
		const json_t *v = json_object_get(o, *keys);
		char *clean = v && !json_is_null(v) ? text_of_json(v) : NULL;
		if (clean && *clean)
			fprintf(out, "%s%s", some ? between : "", clean);
		some |= clean && *clean;
		free(clean);
	}
	if (out)
		fclose(out);
	if (some)
		line(s, label, sentence);
	free(sentence);
}

static void print_verdict(const json_t *r, const struct style *s)
{
	const char *verdict = text(r, "verdict");
	const char *says = verdict ? verdict : "?";
	enum colour colour = COLOUR_STRONG;
	for (size_t i = 0; verdict && i < sizeof(verdicts) / sizeof(*verdicts); i++)
		if (!strcmp(verdicts[i].verdict, verdict)) {
			says = verdicts[i].says;
			colour = verdicts[i].colour;
		}
	char *clean = text_clean(says);
	char *subject = text_of_json(json_object_get(r, "subject"));
	style_begin(s, colour);
	fputs(clean ? clean : "", s->out);
	style_end(s, colour);
	fprintf(s->out, "  %s\n\n", subject ? subject : "");
	free(clean);
	free(subject);
}

static void print_rule(const json_t *rule, const char *label, const struct style *s)
{
	const char *kind = text(rule, "kind");
	if (!json_is_object(rule)) {
		return;
	}
	char *list = text_of_json(json_object_get(rule, "list")),
	     *at = text_of_json(json_object_get(rule, "line"));
	char *clean = NULL;
	size_t len;
	FILE *out = open_memstream(&clean, &len);
	if (out) {
		const json_t *entry = json_object_get(rule, "entry");
		char *entry_text = json_is_string(entry) ? text_of_json(entry) : NULL;
		fprintf(out, "list %s, line %s", list ? list : "-", at ? at : "-");
		if (entry_text)
			fprintf(out, ": %s", entry_text);
		free(entry_text);
		fclose(out);
		line(s, label, clean);
	}
	free(clean);
	free(list);
	free(at);
	for (size_t i = 0; kind && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].kind, kind)) {
			char says[128];
			snprintf(says, sizeof(says), "%s: %s", kind, kinds[i].says);
			line(s, "", says);
			return;
		}
	member(s, "", json_object_get(rule, "kind"));
}

static void print_order(const json_t *order, const struct style *s)
{
	static const char *const head[] = {"order", "title", "reference", NULL};
	static const char *const times[] = {"starts", "expires", NULL};
	if (!json_is_object(order))
		return;
	joined(s, "order", order, ", ", head);
	member(s, "authority", json_object_get(order, "authority"));
	member(s, "legal basis", json_object_get(order, "legal_basis"));
	member(s, "category", json_object_get(order, "category"));
	joined(s, "in force", order, " to ", times);
	member(s, "appeal", json_object_get(order, "appeal"));
	member(s, "contact", json_object_get(order, "contact"));
}

/* {"http": "page", ...}: a line a protocol; {"http": {"action": ..., "note": ...}} as well. */
static void print_actions(const json_t *actions, const struct style *s)
{
	const char *protocol, *label = "what is done";
	json_t *v;
	json_object_foreach((json_t *)actions, protocol, v)
	{
		char *name = text_clean(protocol);
		char *does = text_of_json(v), both[512];
		snprintf(both, sizeof(both), "%-6s %s", name ? name : "", does ? does : "");
		fprintf(s->out, "%-*s %s\n", LABEL, label, both);
		label = "";
		free(name);
		free(does);
	}
}

static void print_each(const json_t *all, const char *label, const struct style *s)
{
	size_t i;
	json_t *one;
	if (json_is_string(all)) {
		member(s, label, all);
		return;
	}
	json_array_foreach(all, i, one) member(s, i ? "" : label, one);
}

static void print_where(const json_t *r, const struct style *s)
{
	size_t i;
	json_t *d;
	member(s, "version", json_object_get(r, "version"));
	json_array_foreach(json_object_get(r, "dataplanes"), i, d)
	{
		char said[256];
		char *name = json_is_string(d) ? text_of_json(d) : text_of_json(json_object_get(d, "name"));
		char *version = text_of_json(json_object_get(d, "version"));
		const json_t *connected = json_object_get(d, "connected");
		snprintf(said, sizeof(said), "%s%s%s%s", name ? name : "-",
			 json_is_object(d) ? " at version " : "", json_is_object(d) ? version : "",
			 json_is_false(connected) ? ", not connected now: it judges by what it has" : "");
		line(s, i ? "" : "data planes", said);
		free(name);
		free(version);
	}
}

void why_print(const json_t *r, const struct style *s)
{
	static const char *const known[] = {"subject",	 "canonical",  "verdict",   "version", "rule",
					    "exception", "order",      "actions",   "notes",   "blocks",
					    "stops",	 "dataplanes", "judged_as", "why",     NULL};
	const char *key;
	json_t *v;
	print_verdict(r, s);
	member(s, "because", json_object_get(r, "why"));
	member(s, "canonical", json_object_get(r, "canonical"));
	member(s, "judged as", json_object_get(r, "judged_as"));
	if (!json_is_object(json_object_get(r, "rule")))
		line(s, "rule", "none matches");
	print_rule(json_object_get(r, "rule"), "rule", s);
	print_rule(json_object_get(r, "exception"), "exception", s);
	print_order(json_object_get(r, "order"), s);
	print_actions(json_object_get(r, "actions"), s);
	print_each(json_object_get(r, "notes"), "note", s);
	print_each(json_object_get(r, "blocks"), "server block", s);
	print_each(json_object_get(r, "stops"), "stop", s);
	print_where(r, s);
	json_object_foreach((json_t *)r, key, v)
	{
		bool shown = false;
		for (const char *const *k = known; *k; k++)
			shown |= !strcmp(*k, key);
		char *label = shown ? NULL : text_clean(key);
		if (label)
			member(s, label, v);
		free(label);
	}
}
