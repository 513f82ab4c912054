/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/exempt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/store/clock.h"
#include "control/store/proposals.h"

/* The two are alike but for their table. */
struct sort {
	const char *word, *count, *set, *end, *refuse;
	enum proposal_kind begins, ends;
};
#define SORT(word, table, BEGINS, ENDS)                                                                   \
	{                                                                                                 \
		word, "SELECT count(*) FROM " table " WHERE id = ? AND state = ?",                        \
		    "UPDATE " table " SET state = 'active' WHERE id = ? AND state = 'proposed'",          \
		    "UPDATE " table " SET state = 'ended', ended = ? WHERE id = ? AND state = 'active'",  \
		    "UPDATE " table " SET state = 'refused' WHERE id = ? AND state = 'proposed'", BEGINS, \
		    ENDS                                                                                  \
	}
static const struct sort exceptions =
    SORT("exception", "exceptions", PROPOSAL_EXCEPTION, PROPOSAL_EXCEPTION_END);
static const struct sort overrides = SORT("override", "overrides", PROPOSAL_OVERRIDE, PROPOSAL_OVERRIDE_END);

static int propose(struct store *s, struct err *e, const struct who *who, const struct sort *sort, int64_t id,
		   int64_t order_id, bool ends, const char *reason, int64_t *ret_proposal)
{
	char text[64];
	snprintf(text, sizeof(text), "%s %lld %s", sort->word, (long long)id, ends ? "ends" : "begins");
	return proposal_add(s, e, who,
			    &(struct proposal){.kind = ends ? sort->ends : sort->begins,
					       .subject = id,
					       .order_id = order_id,
					       .text = text,
					       .reason = reason},
			    ret_proposal);
}

static int propose_end(struct store *s, struct err *e, const struct who *who, const struct sort *sort,
		       int64_t id, const char *reason, int64_t *ret_proposal)
{
	int64_t n;
	int err = store_int(s, &n, e, sort->count, "it", id, "active");
	if (!err && !n)
		err = err_set(e, -ENOENT, "there is no active %s %lld", sort->word, (long long)id);
	return err ? err : propose(s, e, who, sort, id, 0, true, reason, ret_proposal);
}

/* A change of state that must have found its row. */
static int changed(struct store *s, struct err *e, const struct sort *sort, int64_t id, int err)
{
	if (!err && !store_changes(s))
		err = err_set(e, -EPERM, "%s %lld is no longer in that state", sort->word, (long long)id);
	return err;
}

static int begins(struct store *s, struct err *e, const struct sort *sort, int64_t id)
{
	return changed(s, e, sort, id, store_run(s, e, sort->set, "i", id));
}

static int ends(struct store *s, struct err *e, const struct sort *sort, int64_t id)
{
	return changed(s, e, sort, id, store_run(s, e, sort->end, "ii", clock_now(), id));
}

static int refused(struct store *s, struct err *e, const struct sort *sort, int64_t id)
{
	return changed(s, e, sort, id, store_run(s, e, sort->refuse, "i", id));
}

int exception_add(struct store *s, struct err *e, const struct who *who, const char *entry,
		  const char *reason, int64_t expires, int64_t *ret_id, int64_t *ret_proposal)
{
	int err =
	    store_run(s, e,
		      "INSERT INTO exceptions(entry, reason, state, uid, who, created, expires)"
		      " VALUES(?,?,'proposed',?,?,?,nullif(?,0))",
		      "xtitii", "exceptions.entry", entry, reason, who->uid, who->name, clock_now(), expires);
	if (err)
		return err;
	*ret_id = store_last_id(s);
	return propose(s, e, who, &exceptions, *ret_id, 0, false, reason, ret_proposal);
}

int exception_remove(struct store *s, struct err *e, const struct who *who, int64_t id, const char *reason,
		     int64_t *ret_proposal)
{
	return propose_end(s, e, who, &exceptions, id, reason, ret_proposal);
}

int exception_begins(struct store *s, struct err *e, int64_t id)
{
	return begins(s, e, &exceptions, id);
}

int exception_ends(struct store *s, struct err *e, int64_t id)
{
	return ends(s, e, &exceptions, id);
}

int exception_refused(struct store *s, struct err *e, int64_t id)
{
	return refused(s, e, &exceptions, id);
}

int exceptions_tick(struct store *s, struct err *e, int64_t now)
{
	int err = store_run(
	    s, e,
	    "UPDATE exceptions SET state = 'ended', ended = ?1 WHERE state = 'active' AND expires <= ?1", "i",
	    now);
	int n = err ? 0 : store_changes(s);
	return n ? journal_add(s, e, &who_program, "exception.expire", "exceptions", OUTCOME_DONE,
			       "%d expired", n)
		 : err;
}

int override_add(struct store *s, struct err *e, const struct who *who, const char *entry,
		 const char *assessment, int64_t order_id, int64_t *ret_id, int64_t *ret_proposal)
{
	int err = store_run(s, e,
			    "INSERT INTO overrides(entry, assessment, order_id, state, uid, who, created)"
			    " VALUES(?,?,nullif(?,0),'proposed',?,?,?)",
			    "xtiiti", "overrides.entry", entry, assessment, order_id, who->uid, who->name,
			    clock_now());
	if (err == -EEXIST)
		return err_set(e, -ENOENT, "order: there is no order %lld", (long long)order_id);
	if (err)
		return err;
	*ret_id = store_last_id(s);
	return propose(s, e, who, &overrides, *ret_id, order_id, false, assessment, ret_proposal);
}

int override_remove(struct store *s, struct err *e, const struct who *who, int64_t id, const char *reason,
		    int64_t *ret_proposal)
{
	return propose_end(s, e, who, &overrides, id, reason, ret_proposal);
}

int override_begins(struct store *s, struct err *e, int64_t id)
{
	return begins(s, e, &overrides, id);
}

int override_ends(struct store *s, struct err *e, int64_t id)
{
	return ends(s, e, &overrides, id);
}

int override_refused(struct store *s, struct err *e, int64_t id)
{
	return refused(s, e, &overrides, id);
}

void texts_free(char **texts, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
}

/* orders: NULL, or where the second column of each row goes. */
static int collect(struct rows *r, struct err *e, const char *context, char ***ret, int64_t **orders,
		   unsigned *ret_n)
{
	char **all = NULL;
	int64_t *of = NULL;
	unsigned n = 0;
	while (rows_next(r)) {
		char **more = realloc(all, (n + 1) * sizeof(*all));
		all = more ? more : all;
		int64_t *more_of = realloc(of, (n + 1) * sizeof(*of));
		of = more_of ? more_of : of;
		char *text = more && more_of ? rows_unseal(r, 0, context) : NULL;
		if (!text) {
			r->err = r->err ? r->err : -ENOMEM;
			break;
		}
		of[n] = orders ? rows_int(r, 1) : 0;
		all[n++] = text;
	}
	int err = rows_end(r, e);
	if (err || !orders) {
		free(of);
		of = NULL;
	}
	if (err) {
		texts_free(all, n);
		return err;
	}
	*ret = all;
	*ret_n = n;
	if (orders)
		*orders = of;
	return 0;
}

int exceptions_active(struct store *s, struct err *e, char ***ret, unsigned *ret_n)
{
	struct rows r;
	rows_open(&r, s, "SELECT entry FROM exceptions WHERE state = 'active' ORDER BY id", "");
	return collect(&r, e, "exceptions.entry", ret, NULL, ret_n);
}

int overrides_active(struct store *s, struct err *e, int64_t order_id, char ***ret, unsigned *ret_n)
{
	struct rows r;
	rows_open(
	    &r, s,
	    "SELECT entry FROM overrides WHERE state = 'active' AND (order_id IS NULL OR order_id = ?) ORDER BY id",
	    "i", order_id);
	return collect(&r, e, "overrides.entry", ret, NULL, ret_n);
}

int overrides_of_all(struct store *s, struct err *e, char ***ret, int64_t **ret_orders, unsigned *ret_n)
{
	struct rows r;
	rows_open(&r, s,
		  "SELECT entry, coalesce(order_id, 0) FROM overrides WHERE state = 'active' ORDER BY id",
		  "");
	return collect(&r, e, "overrides.entry", ret, ret_orders, ret_n);
}
