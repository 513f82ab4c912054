/* SPDX-License-Identifier: BSD-3-Clause */
/* Appeals. What they say is a person's, and may name an entry: it is shown to who acts on it, and never journalled. */
#include <errno.h>
#include <string.h>

#include "control/api/watch.h"
#include "control/store/appeals.h"
#include "control/store/hits.h"

static const char *const states[] = {"open", "upheld", "rejected", NULL};

#define COLUMNS                                                                                               \
	"SELECT a.id AS appeal, a.ticket, a.state, a.created AS \"created:t\", a.deadline AS \"deadline:t\"," \
	" a.order_id AS \"order\", l.name AS list, a.decided AS \"decided:t\", a.decided_who,"                \
	" CASE WHEN ?1 THEN a.subject END AS \"subject:x=appeals\""
#define FROM " FROM appeals a LEFT JOIN lists l ON l.id = a.list_id "

int appeals_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	json_t *rows = NULL;
	int err = act_word(params, "state", states, e);
	if (err < -1)
		return err;
	err = store_json(
	    c->store, &rows, e,
	    COLUMNS FROM
	    "WHERE ?2 IS NULL OR a.state = ?2 ORDER BY a.state = 'open' DESC, a.id DESC LIMIT ?3 OFFSET ?4",
	    "itii", (int64_t)act_sees(c), call_text(params, "state"), act_limit(params),
	    call_number(params, "offset"));
	if (!err)
		act_hide(rows, "subject");
	return act_rows(err, rows, ret);
}

int appeals_show(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	int64_t id = call_number(params, "appeal");
	json_t *row = NULL;
	int err = store_json_row(c->store, &row, e,
				 COLUMNS
				 ", CASE WHEN ?1 THEN a.text END AS \"text:x=appeals\","
				 " CASE WHEN ?1 THEN a.contact END AS \"contact:x=appeals\", a.rule, a.line,"
				 " CASE WHEN ?1 THEN a.note END AS note" FROM "WHERE a.id = ?2",
				 "ii", (int64_t)act_sees(c), id);
	if (err == -ENOENT)
		return err_set(e, err, "appeal: there is no appeal %lld; rojactl appeal ls shows them",
			       (long long)id);
	if (err)
		return err;
	if (!act_sees(c)) {
		act_hide(row, "subject");
		act_hide(row, "text");
		act_hide(row, "contact");
		act_hide(row, "note");
	}
	*ret = row;
	return 0;
}

static int read_rule(const char *rule, struct appeal *ret, struct err *e)
{
	if (rule && (strlen(rule) != 16 || rule[strspn(rule, "0123456789abcdef")]))
		return err_set(e, -EINVAL, "rule: is the number on the block page, 16 hexadecimal digits");
	ret->rule = rule;
	return 0;
}

static int add(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	struct appeal a = {.subject = call_text(params, "subject"),
			   .text = call_text(params, "text"),
			   .contact = call_text(params, "contact")};
	char ticket[APPEAL_TICKET];
	int64_t id;
	json_t *row = NULL;
	int err = read_rule(call_text(params, "rule"), &a, e);
	if (!err && a.rule) {
		/* a rule that was not hit lately is kept as it was told */
		err = hits_rule(c->store, NULL, a.rule, &a.order_id, &a.list_id, &a.line);
		err = err == -ENOENT ? 0 : err;
	}
	if (!err)
		err = appeal_add(c->store, e, &c->who, &a, (int64_t)c->config->appeal_days * 86400, ticket,
				 &id);
	if (!err)
		err = store_json_row(
		    c->store, &row, e,
		    "SELECT id AS appeal, ticket, deadline AS \"deadline:t\" FROM appeals WHERE id = ?", "i",
		    id);
	*ret = row;
	return err;
}

int appeals_add(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return call_transact(ctx, "appeal.add", "a new appeal", add, params, ret, e);
}

static int decide(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	int64_t id = call_number(params, "appeal");
	const char *outcome = call_text(params, "outcome"), *note;
	char subject[ACT_SUBJECT];
	act_subject("appeal", id, subject);
	int err = act_text(params, "note", &note, e);
	if (!err)
		err = appeal_decide(c->store, e, &c->who, id, outcome, note);
	if (!err)
		err =
		    journal_add(c->store, e, &c->who, "appeal.decide", subject, OUTCOME_DONE, "%s", outcome);
	return err ? err
		   : call_done(json_pack("{sI ss}", "appeal", (json_int_t)id, "state", outcome), ret, e);
}

int appeals_decide(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "appeal.decide", "appeal", decide, params, ret, e);
}
