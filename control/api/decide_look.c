/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "control/api/decide.h"

static const char *const states[] = {"open", "approved", "refused", "withdrawn", NULL};

#define COLUMNS                                                                                                \
	"SELECT p.id AS proposal, p.state, p.kind, p.order_id AS \"order\", l.name AS list, p.text, p.reason," \
	" p.who, p.created AS \"created:t\", p.decided AS \"decided:t\", p.decided_who, p.note"                \
	" FROM proposals p LEFT JOIN lists l ON l.id = p.list_id "

int proposals_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	json_t *rows = NULL;
	int err = act_word(params, "state", states, e);
	if (err < -1)
		return err;
	err = store_json(c->store, &rows, e,
			 COLUMNS "WHERE ?1 IS NULL OR p.state = ?1 ORDER BY p.id DESC LIMIT ?2 OFFSET ?3",
			 "tii", call_text(params, "state"), act_limit(params), call_number(params, "offset"));
	return act_rows(err, rows, ret);
}

/* What a proposal of each kind is about, by its subject ?1; ?2: whether entries are shown. */
#define ORDER                                                                                          \
	"SELECT fields ->> 'authority' AS authority, fields ->> 'reference' AS reference,"             \
	" fields ->> 'legal_basis' AS legal_basis, fields ->> 'category' AS category,"                 \
	" received AS \"received:t\", starts AS \"starts:t\", expires AS \"expires:t\","               \
	" deadline AS \"deadline:t\", fields ->> 'precision' AS precision, fields ->> 'mode' AS mode," \
	" confidential AS \"confidential:b\", fields ->> 'title' AS title FROM orders WHERE id = ?1 AND ?2 >= 0"
#define EXCEPTION                                                                                             \
	"SELECT id AS exception, CASE WHEN ?2 THEN entry END AS \"entry:x=exceptions.entry\", reason, state," \
	" expires AS \"expires:t\" FROM exceptions WHERE id = ?1"
#define OVERRIDE                                                                                         \
	"SELECT id AS override, CASE WHEN ?2 THEN entry END AS \"entry:x=overrides.entry\", assessment," \
	" order_id AS \"order\", state FROM overrides WHERE id = ?1"
#define HOLD                                                                                             \
	"SELECT h.id AS hold, h.order_id AS \"order\", o.fields ->> 'reference' AS reference, h.reason," \
	" h.state, h.who FROM holds h JOIN orders o ON o.id = h.order_id WHERE h.id = ?1 AND ?2 >= 0"

static const struct {
	const char *kind, *sql;
} abouts[] = {
    {"order", ORDER},
    {"revoke", ORDER},
    {"list",
     "SELECT id AS list, name, format, options AS \"options:j\", CASE WHEN ?2 THEN url END AS \"url:x=lists.url\","
     " spool, every_s, approval, state FROM lists WHERE id = ?1"},
    {"import",
     "SELECT i.id AS import, l.name AS list, i.source, i.file, i.sha256, i.bytes, i.lines, i.entries, i.added,"
     " i.removed, i.rejected, i.duplicates, i.skipped, i.signature ->> 'signer' AS signature,"
     " i.authenticated AS \"authenticated:j\", i.state FROM imports i JOIN lists l ON l.id = i.list_id"
     " WHERE i.id = ?1 AND ?2 >= 0"},
    {"exception", EXCEPTION},
    {"exception-end", EXCEPTION},
    {"override", OVERRIDE},
    {"override-end", OVERRIDE},
    {"hold", HOLD},
    {"hold-end", HOLD},
    {"reveal", "SELECT l.name AS list, r.import_id AS import, r.reason, r.until AS \"until:t\" FROM reveals r"
	       " JOIN lists l ON l.id = r.list_id WHERE r.id = ?1 AND ?2 >= 0"},
};

static int put_about(const struct call *c, const char *kind, int64_t subject, json_t *to, struct err *e)
{
	json_t *about = NULL;
	int err = 0;
	for (size_t i = 0; i < sizeof(abouts) / sizeof(*abouts); i++)
		if (!strcmp(abouts[i].kind, kind))
			err = store_json_row(c->store, &about, e, abouts[i].sql, "ii", subject,
					     (int64_t)act_sees(c));
	if (!act_sees(c) && json_object_get(about, "entry"))
		act_hide(about, "entry");
	if (err == -ENOENT)
		err = 0; /* it is gone */
	return act_put(err, to, "about", about ? about : json_null(), e);
}

int proposals_show(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	int64_t id = call_number(params, "proposal"), subject = 0;
	json_t *row = NULL;
	int err = store_json_row(c->store, &row, e, COLUMNS "WHERE p.id = ?", "i", id);
	if (err == -ENOENT)
		return err_set(e, err, "proposal: there is no proposal %lld; rojactl proposal ls shows them",
			       (long long)id);
	if (!err)
		err = store_int(c->store, &subject, e, "SELECT subject FROM proposals WHERE id = ?", "i", id);
	if (!err)
		err = put_about(c, call_text(row, "kind"), subject, row, e);
	if (err)
		json_decref(row);
	else
		*ret = row;
	return err;
}
