/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/confirmation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/confirmation_words.h"
#include "control/engine/digest.h"
#include "control/store/clock.h"

struct letter {
	const struct call *c;
	int64_t id;
	json_t *order, *times; /* times: a row a data plane where it was ever in force */
	bool ended;
	unsigned nodes;
	int64_t now;
};

static const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static int ask(struct letter *l, struct err *e)
{
	struct store *s = l->c->store;
	int err = store_json_row(
	    s, &l->order, e,
	    "SELECT o.state, o.approved AS \"approved:t\", o.received AS \"received:t\", o.expires AS \"expires:t\","
	    " o.deadline AS \"deadline:t\", o.ended AS \"ended:t\", o.fields ->> 'authority' AS authority,"
	    " o.fields ->> 'contact' AS contact, o.fields ->> 'reference' AS reference,"
	    " o.fields ->> 'legal_basis' AS legal_basis, o.fields ->> 'mode' AS mode, o.fields ->> 'schedule' AS schedule,"
	    " (SELECT coalesce(sum(i.entries - i.skipped), 0) FROM lists l JOIN imports i ON i.id = l.active_import"
	    "  WHERE l.order_id = o.id) AS entries,"
	    " (SELECT coalesce(sum(i.skipped), 0) FROM lists l JOIN imports i ON i.id = l.active_import"
	    "  WHERE l.order_id = o.id) AS skipped FROM orders o WHERE o.id = ?",
	    "i", l->id);
	if (err == -ENOENT)
		return err_set(e, err, "order: there is no order %lld; rojactl order ls shows them",
			       (long long)l->id);
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

static void line(FILE *f, enum language lang, enum word word, const char *text)
{
	if (text)
		fprintf(f, "%s: %s\n", words[word][lang], text);
}

static void number(FILE *f, enum language lang, enum word word, int64_t n)
{
	fprintf(f, "%s: %lld\n", words[word][lang], (long long)n);
}

static void node_line(const struct letter *l, FILE *f, enum language lang, const json_t *row)
{
	const char *first = text_of(row, "first"), *since = text_of(row, "since");
	fprintf(f, "- %s: ", text_of(row, "dataplane"));
	if (l->ended) {
		fprintf(f, "%s %s %s %s\n", words[WORD_WAS][lang], first, words[WORD_UNTIL][lang],
			text_of(row, "released"));
		return;
	}
	fprintf(f, "%s %s, %s %s, %s %s", words[WORD_COMPILED][lang], text_of(row, "compiled"),
		words[WORD_SINCE][lang], first, text_of(row, "after"), words[WORD_AFTER][lang]);
	if (strcmp(first, since))
		fprintf(f, "; %s %s", words[WORD_AGAIN][lang], since);
	fputc('\n', f);
}

static void nodes(const struct letter *l, FILE *f, enum language lang)
{
	const struct control_config *config = l->c->config;
	const json_t *row;
	for (unsigned i = 0; i < config->n_dataplanes; i++)
		if (holds(l, i, &row) && row)
			node_line(l, f, lang, row);
	if (l->nodes == config->n_dataplanes)
		return;
	fprintf(f, "%s:", words[l->ended ? WORD_PENDING_ENDED : WORD_PENDING][lang]);
	for (unsigned i = 0; i < config->n_dataplanes; i++)
		if (!holds(l, i, &row))
			fprintf(f, " %s", config->dataplanes[i].name);
	fputc('\n', f);
}

static void head(const struct letter *l, FILE *f, enum language lang)
{
	char now[CLOCK_TEXT_BYTES];
	const char *contact = text_of(l->order, "contact");
	clock_text(l->now, now);
	fprintf(f, "%s\n\n%s: %s%s%s\n", words[l->ended ? WORD_TITLE_ENDED : WORD_TITLE][lang],
		words[WORD_TO][lang], text_of(l->order, "authority"), contact ? ", " : "",
		contact ? contact : "");
	line(f, lang, WORD_REFERENCE, text_of(l->order, "reference"));
	line(f, lang, WORD_LEGAL_BASIS, text_of(l->order, "legal_basis"));
	number(f, lang, WORD_NUMBER, l->id);
	line(f, lang, WORD_DATE, now);
}

static void body(const struct letter *l, FILE *f, enum language lang)
{
	bool all = l->nodes == l->c->config->n_dataplanes,
	     expired = !strcmp(text_of(l->order, "state"), "expired");
	int64_t skipped = call_number(l->order, "skipped");
	enum word says =
	    l->ended ? (all ? WORD_SAYS_ENDED : WORD_SAYS_ENDED_PART) : (all ? WORD_SAYS : WORD_SAYS_PART);
	fprintf(f, "\n%s\n\n", words[says][lang]);
	line(f, lang, WORD_RECEIVED, text_of(l->order, "received"));
	line(f, lang, WORD_APPROVED, text_of(l->order, "approved"));
	line(f, lang, WORD_DEADLINE, text_of(l->order, "deadline"));
	line(f, lang, WORD_SCHEDULE, text_of(l->order, "schedule"));
	if (l->ended)
		line(f, lang, expired ? WORD_EXPIRED : WORD_REVOKED, text_of(l->order, "ended"));
	else
		line(f, lang, WORD_EXPIRES, text_of(l->order, "expires"));
	number(f, lang, l->ended ? WORD_ENTRIES_ENDED : WORD_ENTRIES, call_number(l->order, "entries"));
	if (skipped)
		number(f, lang, WORD_SKIPPED, skipped);
	fputc('\n', f);
	nodes(l, f, lang);
	fprintf(f, "\n%s\n", words[WORD_UTC][lang]);
}

static char *write_letter(const struct letter *l)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	if (!f)
		return NULL;
	for (enum language lang = ENGLISH; lang < LANGUAGES_N; lang++) {
		if (lang)
			fputs("\n----\n\n", f);
		head(l, f, lang);
		body(l, f, lang);
	}
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

int confirmation_draft(const struct call *c, int64_t order, int64_t now, struct confirmation *ret,
		       struct err *e)
{
	struct letter l = {.c = c, .id = order, .now = now};
	int err = ask(&l, e);
	if (!err)
		err = judge(&l, e);
	char *text = err ? NULL : write_letter(&l);
	if (!err && !text)
		err = err_set(e, -ENOMEM, "memory ran out");
	if (!err) {
		*ret = (struct confirmation){.text = text, .ended = l.ended, .nodes = l.nodes, .at = now};
		digest_text(text, strlen(text), ret->sha256);
	}
	json_decref(l.order);
	json_decref(l.times);
	return err;
}
