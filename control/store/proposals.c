/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/proposals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/store/clock.h"
#include "control/store/exempt.h"
#include "control/store/holds.h"
#include "control/store/lists.h"
#include "control/store/orders.h"

#define X(id, word, applies, refuses, help) [PROPOSAL_##id] = word,
const char *const proposal_words[PROPOSALS_N] = {PROPOSALS(X)};
#undef X

struct open_proposal {
	enum proposal_kind kind;
	int64_t id, subject, uid;
	char who[64], reason[ERR_BYTES];
};

typedef int decide_fn(struct store *s, struct err *e, const struct open_proposal *p, const struct who *who);

static int approve_order(struct store *s, struct err *e, const struct open_proposal *p, const struct who *who)
{
	return order_approved(s, e, p->subject, who);
}

static int refuse_order(struct store *s, struct err *e, const struct open_proposal *p, const struct who *who)
{
	(void)who;
	return order_refused(s, e, p->subject);
}

static int approve_revoke(struct store *s, struct err *e, const struct open_proposal *p,
			  const struct who *who)
{
	return order_revoked(s, e, p->subject, who, p->reason);
}

static int refuse_nothing(struct store *s, struct err *e, const struct open_proposal *p,
			  const struct who *who)
{
	(void)s, (void)e, (void)p, (void)who;
	return 0;
}

static int approve_list(struct store *s, struct err *e, const struct open_proposal *p, const struct who *who)
{
	(void)who;
	return list_approved(s, e, p->subject);
}

static int refuse_list(struct store *s, struct err *e, const struct open_proposal *p, const struct who *who)
{
	(void)who;
	return list_refused(s, e, p->subject);
}

static int approve_import(struct store *s, struct err *e, const struct open_proposal *p,
			  const struct who *who)
{
	return list_import_approved(s, e, p->subject, who);
}

static int refuse_import(struct store *s, struct err *e, const struct open_proposal *p, const struct who *who)
{
	(void)who;
	return list_import_refused(s, e, p->subject);
}

static int approve_exception(struct store *s, struct err *e, const struct open_proposal *p,
			     const struct who *who)
{
	(void)who;
	return exception_begins(s, e, p->subject);
}

static int refuse_exception(struct store *s, struct err *e, const struct open_proposal *p,
			    const struct who *who)
{
	(void)who;
	return exception_refused(s, e, p->subject);
}

static int approve_exception_end(struct store *s, struct err *e, const struct open_proposal *p,
				 const struct who *who)
{
	(void)who;
	return exception_ends(s, e, p->subject);
}

static int approve_override(struct store *s, struct err *e, const struct open_proposal *p,
			    const struct who *who)
{
	(void)who;
	return override_begins(s, e, p->subject);
}

static int refuse_override(struct store *s, struct err *e, const struct open_proposal *p,
			   const struct who *who)
{
	(void)who;
	return override_refused(s, e, p->subject);
}

static int approve_override_end(struct store *s, struct err *e, const struct open_proposal *p,
				const struct who *who)
{
	(void)who;
	return override_ends(s, e, p->subject);
}

static int approve_reveal(struct store *s, struct err *e, const struct open_proposal *p,
			  const struct who *who)
{
	(void)who;
	return store_run(s, e, "UPDATE reveals SET until = ? WHERE id = ?", "ii",
			 clock_now() + REVEAL_SECONDS, p->subject);
}

static int approve_hold(struct store *s, struct err *e, const struct open_proposal *p, const struct who *who)
{
	(void)who;
	return hold_begins(s, e, p->subject);
}

static int refuse_hold(struct store *s, struct err *e, const struct open_proposal *p, const struct who *who)
{
	(void)who;
	return hold_refused(s, e, p->subject);
}

static int approve_hold_end(struct store *s, struct err *e, const struct open_proposal *p,
			    const struct who *who)
{
	(void)who;
	return hold_ends(s, e, p->subject);
}

static const struct {
	decide_fn *approve, *refuse;
} kinds[PROPOSALS_N] = {
#define X(id, word, applies, refuses, help) [PROPOSAL_##id] = {applies, refuses},
    PROPOSALS(X)
#undef X
};

int proposal_add(struct store *s, struct err *e, const struct who *who, const struct proposal *p,
		 int64_t *ret_id)
{
	int err = store_run(
	    s, e,
	    "INSERT INTO proposals(kind, subject, order_id, list_id, text, reason, uid, who, created, state)"
	    " VALUES(?, ?, nullif(?, 0), nullif(?, 0), ?, ?, ?, ?, ?, 'open')",
	    "tiiittiti", proposal_words[p->kind], p->subject, p->order_id, p->list_id, p->text, p->reason,
	    who->uid, who->name, clock_now());
	if (!err)
		*ret_id = store_last_id(s);
	return err;
}

static int kind_of(const char *word)
{
	for (int i = 0; i < PROPOSALS_N; i++)
		if (!strcmp(proposal_words[i], word))
			return i;
	return -1;
}

static int find_open(struct store *s, struct err *e, int64_t id, struct open_proposal *ret)
{
	struct rows r;
	char state[16] = "";
	int kind = -1;
	rows_open(&r, s, "SELECT kind, subject, uid, who, state, reason FROM proposals WHERE id = ?", "i",
		  id);
	if (rows_next(&r)) {
		kind = kind_of(rows_text(&r, 0));
		*ret = (struct open_proposal){.kind = (enum proposal_kind)kind,
					      .id = id,
					      .subject = rows_int(&r, 1),
					      .uid = rows_int(&r, 2)};
		snprintf(ret->who, sizeof(ret->who), "%s", rows_text(&r, 3));
		snprintf(state, sizeof(state), "%s", rows_text(&r, 4));
		const char *reason = rows_text(&r, 5);
		snprintf(ret->reason, sizeof(ret->reason), "%s", reason ? reason : "");
	}
	int err = rows_end(&r, e);
	if (err)
		return err;
	if (!*state || kind < 0)
		return err_set(e, -ENOENT, "there is no proposal %lld", (long long)id);
	if (strcmp(state, "open"))
		return err_set(e, -EALREADY, "proposal %lld was %s before", (long long)id, state);
	return 0;
}

static int decide(struct store *s, struct err *e, const struct who *who, int64_t id, const char *state,
		  const char *note)
{
	return store_run(
	    s, e,
	    "UPDATE proposals SET state = ?, decided = ?, decided_uid = ?, decided_who = ?, note = ?"
	    " WHERE id = ?",
	    "tiitti", state, clock_now(), who->uid, who->name, note, id);
}

int proposal_approve(struct store *s, struct err *e, const struct who *who, int64_t id, const char *note)
{
	struct open_proposal p;
	int err = find_open(s, e, id, &p);
	if (err)
		return err;
	if (p.uid == who->uid)
		return err_set(
		    e, -EPERM,
		    "proposal %lld is your own (%s): somebody else must approve it, whatever your roles are",
		    (long long)id, p.who);
	err = kinds[p.kind].approve(s, e, &p, who);
	return err ? err : decide(s, e, who, id, "approved", note);
}

int proposal_refuse(struct store *s, struct err *e, const struct who *who, int64_t id, const char *note)
{
	struct open_proposal p;
	int err = find_open(s, e, id, &p);
	if (!err)
		err = kinds[p.kind].refuse(s, e, &p, who);
	return err ? err : decide(s, e, who, id, "refused", note);
}

int proposal_withdraw(struct store *s, struct err *e, const struct who *who, int64_t id)
{
	struct open_proposal p;
	int err = find_open(s, e, id, &p);
	if (err)
		return err;
	if (p.uid != who->uid)
		return err_set(e, -EPERM,
			       "proposal %lld is %s's: only who proposed it withdraws it; you may refuse it",
			       (long long)id, p.who);
	err = kinds[p.kind].refuse(s, e, &p, who);
	return err ? err : decide(s, e, who, id, "withdrawn", NULL);
}

#define TOGETHER_MAX 256

/* Orders first, then lists, then imports: each needs the one before. Of ends there is one kind. */
static int open_of_order(struct store *s, struct err *e, int64_t order_id, int64_t *ret, unsigned *ret_n)
{
	struct rows r;
	*ret_n = 0;
	rows_open(
	    &r, s,
	    "SELECT id FROM proposals WHERE state = 'open' AND order_id = ? AND kind IN ('order','revoke','list','import')"
	    " ORDER BY CASE kind WHEN 'order' THEN 0 WHEN 'list' THEN 1 WHEN 'import' THEN 2 ELSE 3 END, id LIMIT ?",
	    "ii", order_id, (int64_t)TOGETHER_MAX);
	while (rows_next(&r))
		ret[(*ret_n)++] = rows_int(&r, 0);
	int err = rows_end(&r, e);
	if (!err && !*ret_n)
		err = err_set(e, -ENOENT, "nothing about order %lld waits for approval", (long long)order_id);
	return err;
}

int proposals_decide_order(struct store *s, struct err *e, const struct who *who, int64_t order_id,
			   bool approve, const char *note, unsigned *ret_n)
{
	int64_t ids[TOGETHER_MAX];
	int err = open_of_order(s, e, order_id, ids, ret_n);
	for (unsigned i = 0; !err && i < *ret_n; i++) {
		unsigned k = approve ? i : *ret_n - 1 - i;
		err = approve ? proposal_approve(s, e, who, ids[k], note)
			      : proposal_refuse(s, e, who, ids[k], note);
	}
	return err;
}

int proposal_of(struct store *s, struct err *e, enum proposal_kind kind, int64_t subject, int64_t *ret_id)
{
	return store_int(
	    s, ret_id, e,
	    "SELECT id FROM proposals WHERE state = 'open' AND kind = ? AND subject = ? ORDER BY id DESC LIMIT 1",
	    "ti", proposal_words[kind], subject);
}
