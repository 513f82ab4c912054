/* SPDX-License-Identifier: BSD-3-Clause */
/* The entries of a list, to one person, for an hour, after another has approved that. */
#include <errno.h>
#include <string.h>

#include "control/api/lists.h"
#include "control/feed/entries.h"
#include "control/store/clock.h"
#include "control/store/proposals.h"

static int propose(struct call *c, const struct list_row *l, const json_t *params, json_t **ret,
		   struct err *e)
{
	int64_t import, proposal;
	char text[LIST_NAME_MAX + 128], subject[LISTS_SUBJECT];
	const char *reason = call_text(params, "reason");
	int err = store_int(c->store, &import, e,
			    "SELECT id FROM imports WHERE list_id = ?1 AND object IS NOT NULL AND"
			    " CASE WHEN ?2 THEN id = ?2 ELSE 1 END ORDER BY id = ?3 DESC, id DESC LIMIT 1",
			    "iii", l->id, call_number(params, "import"), l->active_import);
	if (err == -ENOENT)
		return err_set(e, err, "list %s has no such import that was read", l->name);
	if (!err)
		err = store_run(
		    c->store, e,
		    "INSERT INTO reveals(list_id, import_id, reason, uid, who, created) VALUES(?,?,?,?,?,?)",
		    "iititi", l->id, import, reason, c->who.uid, c->who.name, clock_now());
	if (err)
		return err;
	snprintf(text, sizeof(text), "%.64s is shown the entries of import %lld of list %s for %d minutes",
		 c->who.name, (long long)import, l->name, REVEAL_SECONDS / 60);
	err = proposal_add(c->store, e, &c->who,
			   &(struct proposal){.kind = PROPOSAL_REVEAL,
					      .subject = store_last_id(c->store),
					      .order_id = l->order_id,
					      .list_id = l->id,
					      .text = text,
					      .reason = reason},
			   &proposal);
	lists_subject(l->name, subject);
	if (!err)
		err = journal_add(c->store, e, &c->who, "list.reveal", subject, OUTCOME_DONE,
				  "proposal %lld, import %lld: %s", (long long)proposal, (long long)import,
				  reason);
	return err ? err : call_done(json_pack("{sI}", "proposal", (json_int_t)proposal), ret, e);
}

static int reveal(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	struct list_row l;
	int err = call_list(c, params, &l, e);
	if (err)
		return err;
	err = propose(c, &l, params, ret, e);
	list_row_free(&l);
	return err;
}

int lists_reveal(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	char subject[LISTS_SUBJECT];
	lists_subject(call_text(params, "list"), subject);
	return call_transact(ctx, "list.reveal", subject, reveal, params, ret, e);
}

struct revealed {
	int64_t uid, until, import;
	char state[16], path[1024], list[LIST_NAME_MAX + 1];
};

static int find(const struct call *c, int64_t proposal, struct revealed *ret, struct err *e)
{
	struct rows r;
	bool there = false;
	rows_open(
	    &r, c->store,
	    "SELECT v.uid, p.state, coalesce(v.until, 0), v.import_id, i.object, l.name FROM proposals p"
	    " JOIN reveals v ON v.id = p.subject JOIN imports i ON i.id = v.import_id JOIN lists l ON l.id = v.list_id"
	    " WHERE p.id = ? AND p.kind = 'reveal'",
	    "i", proposal);
	if ((there = rows_next(&r))) {
		ret->uid = rows_int(&r, 0);
		snprintf(ret->state, sizeof(ret->state), "%s", rows_text(&r, 1));
		ret->until = rows_int(&r, 2);
		ret->import = rows_int(&r, 3);
		engine_path(c->engine, rows_text(&r, 4), ret->path, sizeof(ret->path));
		snprintf(ret->list, sizeof(ret->list), "%s", rows_text(&r, 5));
	}
	int err = rows_end(&r, e);
	return err || there ? err
			    : err_set(e, -ENOENT, "proposal: %lld is no proposal to be shown entries",
				      (long long)proposal);
}

static int may_see(const struct call *c, int64_t proposal, const struct revealed *v, struct err *e)
{
	if (v->uid != c->who.uid)
		return err_set(e, -EPERM,
			       "proposal %lld is somebody else's: only who asked is shown the entries",
			       (long long)proposal);
	if (strcmp(v->state, "approved"))
		return err_set(e, -EPERM, "proposal %lld is %s: nothing is shown", (long long)proposal,
			       v->state);
	if (v->until <= clock_now())
		return err_set(
		    e, -EPERM,
		    "proposal %lld was approved more than %d minutes ago: rojactl list reveal %s asks again",
		    (long long)proposal, REVEAL_SECONDS / 60, v->list);
	return 0;
}

/* *ret_next: the number of the first entry that is not shown; 0: all are. */
static int read_page(const struct call *c, const struct revealed *v, int64_t offset, int64_t limit,
		     json_t *to, int64_t *ret_next, struct err *e)
{
	struct entries *r;
	struct entry en;
	size_t bytes = 0;
	int more, err = entries_open(v->path, store_key(c->store), &r, e);
	if (err)
		return err;
	*ret_next = 0;
	for (int64_t i = 0; !err && !*ret_next && (more = entries_next(r, &en, e)); i++) {
		err = more < 0 ? more : 0;
		if (err || i < offset)
			continue;
		bytes += en.len;
		if (i - offset >= limit || (i > offset && bytes > LISTS_PAGE_BYTES))
			*ret_next = i;
		else if (json_array_append_new(to, json_pack("{sI so}", "line", (json_int_t)en.line, "entry",
							     rpc_string(en.text))))
			err = err_set(e, -ENOMEM, "memory ran out");
	}
	entries_close(r);
	return err;
}

static int show(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	struct revealed v;
	int64_t proposal = call_number(params, "proposal"), offset = call_number(params, "offset"), next = 0;
	char subject[LISTS_SUBJECT];
	json_t *entries = json_array();
	int err = find(c, proposal, &v, e);
	if (!err)
		err = may_see(c, proposal, &v, e);
	if (!err)
		err = read_page(c, &v, offset, call_limit(params, 100, LISTS_PAGE), entries, &next, e);
	if (!err) {
		lists_subject(v.list, subject);
		err = journal_add(c->store, e, &c->who, "list.revealed", subject, OUTCOME_DONE,
				  "proposal %lld, import %lld: %zu entries from number %lld on",
				  (long long)proposal, (long long)v.import, json_array_size(entries),
				  (long long)offset);
	}
	if (!err)
		err = call_done(json_pack("{ss sI sO so}", "list", v.list, "import", (json_int_t)v.import,
					  "entries", entries, "next",
					  next ? json_integer((json_int_t)next) : json_null()),
				ret, e);
	json_decref(entries);
	return err;
}

/* What is not in the journal is not shown. */
int lists_revealed(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	char subject[32];
	snprintf(subject, sizeof(subject), "proposal %lld", (long long)call_number(params, "proposal"));
	return call_transact(ctx, "list.revealed", subject, show, params, ret, e);
}
