/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/confirm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/report/confirm_words.h"
#include "control/report/doc.h"
#include "control/store/clock.h"

struct letter {
	const struct report_context *c;
	int64_t id;
	json_t *order, *times, *probes; /* times: a row a data plane where it was ever in force */
	bool ended;
	unsigned nodes;
};

static const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static int64_t number_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* What was read from the imports that are active. */
#define IMPORTS " FROM lists l JOIN imports i ON i.id = l.active_import WHERE l.order_id = o.id)"

static int ask(struct letter *l, struct err *e)
{
	struct store *s = l->c->store;
	int err = store_json_row(
	    s, &l->order, e,
	    "SELECT o.state, o.approved AS \"approved:t\", o.received AS \"received:t\", o.expires AS \"expires:t\","
	    " o.deadline AS \"deadline:t\", o.ended AS \"ended:t\", o.fields ->> 'authority' AS authority,"
	    " o.fields ->> 'contact' AS contact, o.fields ->> 'reference' AS reference,"
	    " o.fields ->> 'legal_basis' AS legal_basis, o.fields ->> 'mode' AS mode, o.fields ->> 'schedule' AS schedule,"
	    " (SELECT coalesce(sum(i.entries - i.skipped), 0)" IMPORTS " AS entries,"
	    " (SELECT coalesce(sum(i.skipped), 0)" IMPORTS " AS skipped,"
	    " (SELECT coalesce(sum(i.rejected), 0)" IMPORTS " AS rejected,"
	    " (SELECT coalesce(sum(i.report -> 'totals' ->> 'https-url'), 0)" IMPORTS " AS pages,"
	    " (SELECT count(*) FROM exceptions WHERE state = 'active') AS exceptions,"
	    " (SELECT count(*) FROM overrides v WHERE v.state = 'active' AND v.order_id = o.id) AS overrides"
	    " FROM orders o WHERE o.id = ?",
	    "i", l->id);
	if (err == -ENOENT)
		return err_set(e, err, "order: there is no order %lld; rojactl order ls shows them",
			       (long long)l->id);
	if (err)
		return err;
	err = store_json(
	    s, &l->probes, e,
	    "SELECT dataplane, at AS \"at:t\", entries, enforced, missed, unenforceable, neighbours, harmed"
	    " FROM probes WHERE order_id = ? AND entries > 0 ORDER BY dataplane",
	    "i", l->id);
	if (err)
		return err;
	/* of min() the row that has it gives compiled */
	return store_json(
	    s, &l->times, e,
	    "SELECT t.dataplane, t.compiled AS \"compiled:t\", min(t.enforced_ns) / 1000000000 AS \"first:t\","
	    " printf('%.1f', max((t.enforced_ns - coalesce(o.approved_ns, o.approved * 1000000000)) / 1e9, 0)) AS after,"
	    " (SELECT max(u.enforced_ns) / 1000000000 FROM order_times u WHERE u.order_id = t.order_id"
	    "  AND u.dataplane = t.dataplane AND u.released_ns IS NULL) AS \"since:t\","
	    " (SELECT max(u.released_ns) / 1000000000 FROM order_times u WHERE u.order_id = t.order_id"
	    "  AND u.dataplane = t.dataplane) AS \"released:t\""
	    " FROM order_times t JOIN orders o ON o.id = t.order_id WHERE t.order_id = ? GROUP BY t.dataplane",
	    "i", l->id);
}

static const json_t *row_of(const struct letter *l, const char *dataplane)
{
	size_t i;
	const json_t *row;
	json_array_foreach(l->times, i, row) if (!strcmp(text_of(row, "dataplane"), dataplane)) return row;
	return NULL;
}

/* Whether what the letter confirms is so on a data plane; *ret_row: where it was ever in force. */
static bool holds(const struct letter *l, unsigned node, const json_t **ret_row)
{
	const json_t *row = *ret_row = row_of(l, l->c->config->dataplanes[node].name);
	bool in_force = row && text_of(row, "since");
	return l->ended ? !in_force : in_force;
}

static int judge(struct letter *l, struct err *e)
{
	const char *state = text_of(l->order, "state"), *mode = text_of(l->order, "mode");
	const json_t *row;
	unsigned was = 0;
	l->ended = !strcmp(state, "revoked") || !strcmp(state, "expired");
	if (!l->ended && strcmp(state, "approved"))
		return err_set(e, -EPERM, "order %lld is %s: what is not approved is not confirmed",
			       (long long)l->id, state);
	if (mode && !strcmp(mode, "shadow"))
		return err_set(e, -EPERM, "order %lld only counts (mode shadow): it blocks nothing",
			       (long long)l->id);
	for (unsigned i = 0; i < l->c->config->n_dataplanes; i++) {
		l->nodes += holds(l, i, &row);
		was += row != NULL;
	}
	if (l->ended && !was)
		return err_set(e, -EPERM, "order %lld is %s, and was never in force: nothing has ended",
			       (long long)l->id, state);
	if (!l->nodes)
		return err_set(
		    e, -EPERM,
		    l->ended
			? "order %lld is still in force on every data plane: wait some seconds, and look at "
			  "rojactl dataplane ls"
			: "order %lld is in force on no data plane now: rojactl order show says since when, "
			  "rojactl status what is stopped or waits",
		    (long long)l->id);
	return 0;
}

static void node_line(const struct letter *l, struct doc *d, const json_t *row)
{
	const char *first = text_of(row, "first"), *since = text_of(row, "since");
	enum language lang = d->language;
	if (l->ended)
		doc_item(d, "%s: %s %s %s %s", text_of(row, "dataplane"), words[WORD_WAS][lang], first,
			 words[WORD_UNTIL][lang], text_of(row, "released"));
	else if (strcmp(first, since))
		doc_item(d, "%s: %s %s, %s %s, %s %s; %s %s", text_of(row, "dataplane"),
			 words[WORD_COMPILED][lang], text_of(row, "compiled"), words[WORD_SINCE][lang], first,
			 text_of(row, "after"), words[WORD_AFTER][lang], words[WORD_AGAIN][lang], since);
	else
		doc_item(d, "%s: %s %s, %s %s, %s %s", text_of(row, "dataplane"), words[WORD_COMPILED][lang],
			 text_of(row, "compiled"), words[WORD_SINCE][lang], first, text_of(row, "after"),
			 words[WORD_AFTER][lang]);
}

static void nodes(const struct letter *l, struct doc *d)
{
	const struct control_config *config = l->c->config;
	const json_t *row;
	char *missing = NULL;
	size_t n;
	for (unsigned i = 0; i < config->n_dataplanes; i++)
		if (holds(l, i, &row) && row)
			node_line(l, d, row);
	if (l->nodes == config->n_dataplanes)
		return;
	FILE *f = open_memstream(&missing, &n);
	for (unsigned i = 0; f && i < config->n_dataplanes; i++)
		if (!holds(l, i, &row))
			fprintf(f, "%s%s", ftell(f) ? " " : "", config->dataplanes[i].name);
	d->failed |= !f || fclose(f);
	doc_field(d, words[l->ended ? WORD_PENDING_ENDED : WORD_PENDING][d->language], missing);
	free(missing);
}

static void field(const struct letter *l, struct doc *d, enum word word, const char *key)
{
	doc_field(d, words[word][d->language], text_of(l->order, key));
}

static void head(const struct letter *l, struct doc *d)
{
	char now[CLOCK_TEXT_BYTES];
	const char *contact = text_of(l->order, "contact");
	clock_text(l->c->now, now);
	doc_title(d, words[l->ended ? WORD_TITLE_ENDED : WORD_TITLE][d->language]);
	doc_fieldf(d, words[WORD_TO][d->language], "%s%s%s", text_of(l->order, "authority"),
		   contact ? ", " : "", contact ? contact : "");
	field(l, d, WORD_REFERENCE, "reference");
	field(l, d, WORD_LEGAL_BASIS, "legal_basis");
	doc_number(d, words[WORD_NUMBER][d->language], l->id);
	doc_field(d, words[WORD_DATE][d->language], now);
}

static void number(const struct letter *l, struct doc *d, enum word word, const char *key)
{
	if (number_of(l->order, key))
		doc_number(d, words[word][d->language], number_of(l->order, key));
}

/* What is enforced where, and what is not and why. */
static void entries(const struct letter *l, struct doc *d)
{
	int64_t all = number_of(l->order, "entries"), pages = number_of(l->order, "pages");
	enum language lang = d->language;
	pages = pages < all ? pages : all;
	doc_part(d, words[WORD_PART_ENTRIES][lang]);
	doc_number(d, words[l->ended ? WORD_ENTRIES_ENDED : WORD_ENTRIES][lang], all);
	if (pages && !l->ended) {
		doc_number(d, words[WORD_BY_NAME][lang], all - pages);
		doc_number(d, words[WORD_BY_URL][lang], pages);
	}
	number(l, d, WORD_SKIPPED, "skipped");
	number(l, d, WORD_REJECTED, "rejected");
	if (l->ended)
		return;
	number(l, d, WORD_OVERRIDES, "overrides");
	number(l, d, WORD_EXCEPTIONS, "exceptions");
	if (pages)
		doc_paragraph(d, words[WORD_BY_URL_WHY][lang]);
	doc_paragraph(d, words[WORD_LIMITS][lang]);
}

/* Until when what the letter says has come into being. */
static int64_t last_moment(const struct letter *l)
{
	size_t i;
	const json_t *row;
	int64_t last = 0;
	json_array_foreach(l->times, i, row)
	{
		const char *text = text_of(row, l->ended ? "released" : "since");
		int64_t at = text ? clock_parse(text) : 0;
		last = at > last ? at : last;
	}
	return last;
}

/* Of each data plane the last probe of this order. */
static void probes(const struct letter *l, struct doc *d)
{
	static const struct {
		const char *key;
		enum word word;
	} figures[] = {{"entries", WORD_PROBE_TRIED},	      {"enforced", WORD_PROBE_ENFORCED},
		       {"missed", WORD_PROBE_MISSED},	      {"unenforceable", WORD_PROBE_UNENFORCEABLE},
		       {"neighbours", WORD_PROBE_NEIGHBOURS}, {"harmed", WORD_PROBE_HARMED}};
	enum language lang = d->language;
	size_t i;
	const json_t *row;
	if (!json_array_size(l->probes))
		doc_field(d, words[WORD_PROBE][lang], words[WORD_PROBE_NONE][lang]);
	json_array_foreach(l->probes, i, row)
	{
		char *text = NULL;
		size_t n;
		FILE *f = open_memstream(&text, &n);
		for (unsigned k = 0; f && k < sizeof(figures) / sizeof(*figures); k++)
			fprintf(f, "%s%lld %s", k ? ", " : "", (long long)number_of(row, figures[k].key),
				words[figures[k].word][lang]);
		d->failed |= !f || fclose(f);
		doc_fieldf(d, words[WORD_PROBE][lang], "%s, %s: %s", text_of(row, "dataplane"),
			   text_of(row, "at"), text ? text : "");
		free(text);
	}
}

static void proof(const struct letter *l, struct doc *d)
{
	const struct log_point *p = l->c->checkpoint;
	enum language lang = d->language;
	char root[REPORT_ROOT_BYTES], at[CLOCK_TEXT_BYTES];
	doc_part(d, words[WORD_PART_PROOF][lang]);
	probes(l, d);
	if (!p)
		return;
	report_root(&p->root, root);
	clock_text(p->signed_at, at);
	doc_field(d, words[WORD_LOG][lang], p->origin);
	doc_number(d, words[WORD_LOG_SIZE][lang], (int64_t)p->size);
	doc_field(d, words[WORD_LOG_ROOT][lang], root);
	doc_field(d, words[WORD_LOG_AT][lang], at);
	doc_paragraph(
	    d, words[l->c->is_told && p->signed_at > last_moment(l) ? WORD_LOG_SAYS : WORD_LOG_BEFORE][lang]);
}

static void body(const struct letter *l, struct doc *d)
{
	bool all = l->nodes == l->c->config->n_dataplanes,
	     expired = !strcmp(text_of(l->order, "state"), "expired");
	enum word says =
	    l->ended ? (all ? WORD_SAYS_ENDED : WORD_SAYS_ENDED_PART) : (all ? WORD_SAYS : WORD_SAYS_PART);
	doc_paragraph(d, words[says][d->language]);
	field(l, d, WORD_RECEIVED, "received");
	field(l, d, WORD_APPROVED, "approved");
	field(l, d, WORD_DEADLINE, "deadline");
	field(l, d, WORD_SCHEDULE, "schedule");
	if (l->ended)
		field(l, d, expired ? WORD_EXPIRED : WORD_REVOKED, "ended");
	else
		field(l, d, WORD_EXPIRES, "expires");
	entries(l, d);
	doc_part(d, words[WORD_PART_TIMES][d->language]);
	nodes(l, d);
	proof(l, d);
	doc_paragraph(d, words[WORD_UTC][d->language]);
}

static int write_letter(const struct letter *l, unsigned languages, struct confirmation *ret, struct err *e)
{
	struct doc docs[LANGUAGES_N];
	unsigned n = 0;
	for (enum language lang = 0; lang < LANGUAGES_N; lang++) {
		if (!(languages & 1u << lang))
			continue;
		doc_init(&docs[n], lang);
		head(l, &docs[n]);
		body(l, &docs[n++]);
	}
	*ret = (struct confirmation){.ended = l->ended, .nodes = l->nodes, .at = l->c->now};
	int err = doc_text(docs, n, &ret->text, e);
	if (!err)
		err = doc_html(docs, n, &ret->html, e);
	while (n)
		doc_fini(&docs[--n]);
	if (err) {
		confirmation_free(ret);
		return err;
	}
	report_digest(ret->text, strlen(ret->text), ret->sha256);
	report_digest(ret->html, strlen(ret->html), ret->html_sha256);
	return 0;
}

int confirmation_draft(const struct report_context *c, int64_t order, unsigned languages,
		       struct confirmation *ret, struct err *e)
{
	struct letter l = {.c = c, .id = order};
	int err = ask(&l, e);
	if (!err)
		err = judge(&l, e);
	if (!err)
		err = write_letter(&l, languages, ret, e);
	json_decref(l.order);
	json_decref(l.times);
	json_decref(l.probes);
	return err;
}

void confirmation_free(struct confirmation *f)
{
	free(f->text);
	free(f->html);
	f->text = f->html = NULL;
}
