/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/lists.h"

#include <errno.h>

int lists_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	return store_json(
	    c->store, ret, e,
	    "SELECT l.name, l.id AS list, l.order_id AS \"order\", l.state, l.format, i.entries, l.active_import,"
	    " l.polled AS \"polled:t\", l.failures, o.confidential AS \"confidential:b\""
	    " FROM lists l JOIN orders o ON o.id = l.order_id LEFT JOIN imports i ON i.id = l.active_import"
	    " WHERE ?1 = 0 OR l.order_id = ?1 ORDER BY l.id LIMIT ?2 OFFSET ?3",
	    "iii", call_number(params, "order"), call_limit(params, LISTS_MAX, LISTS_MAX),
	    call_number(params, "offset"));
}

/* The URL may hold a secret: it is shown to those who do something with it. */
static int show_list(const struct call *c, int64_t id, json_t **ret, struct err *e)
{
	return store_json_row(
	    c->store, ret, e,
	    "SELECT l.name, l.id AS list, l.order_id AS \"order\", l.state, l.format, l.options AS \"options:j\","
	    " CASE WHEN ?2 THEN l.url END AS \"url:x=lists.url\","
	    " CASE WHEN ?2 THEN l.signature_url END AS \"signature_url:x=lists.url\", l.spool, l.every_s, l.approval,"
	    " o.confidential AS \"confidential:b\", l.who, l.created AS \"created:t\", i.entries, l.active_import,"
	    " l.polled AS \"polled:t\", l.failures, l.poll_error"
	    " FROM lists l JOIN orders o ON o.id = l.order_id LEFT JOIN imports i ON i.id = l.active_import"
	    " WHERE l.id = ?1",
	    "ii", id, (int64_t)((c->roles & ~ROLE_VIEWER) != 0));
}

static int show_imports(const struct call *c, int64_t id, json_t **ret, struct err *e)
{
	return store_json(
	    c->store, ret, e,
	    "SELECT i.id AS import, i.state, i.received AS \"received:t\", i.who, i.source, i.file, i.sha256, i.bytes,"
	    " i.serial, i.lines, i.entries, i.rejected, i.duplicates, i.added, i.removed, i.skipped,"
	    " (SELECT max(p.id) FROM proposals p WHERE p.state = 'open' AND p.kind = 'import' AND p.subject = i.id)"
	    "  AS proposal,"
	    " i.signature ->> 'signer' AS signature, i.signature AS \"signed:j\", i.authenticated AS \"authenticated:j\","
	    " i.approved AS \"approved:t\", i.approved_who, i.why"
	    " FROM imports i WHERE i.list_id = ? ORDER BY i.id DESC LIMIT ?",
	    "ii", id, (int64_t)LISTS_IMPORTS);
}

int lists_show(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	struct list_row l;
	json_t *list = NULL, *imports = NULL;
	int err = call_list(c, params, &l, e);
	if (err)
		return err;
	err = show_list(c, l.id, &list, e);
	if (!err)
		err = show_imports(c, l.id, &imports, e);
	if (!err && json_object_set(list, "imports", imports))
		err = err_set(e, -ENOMEM, "memory ran out");
	json_decref(imports);
	list_row_free(&l);
	if (err)
		json_decref(list);
	else
		*ret = list;
	return err;
}

/* Lines that are no entries are as secret as the list. */
int lists_notes(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	int64_t import = call_number(params, "import"), n = 0;
	int err = store_int(c->store, &n, e, "SELECT count(*) FROM imports WHERE id = ?", "i", import);
	if (!err && !n)
		err = err_set(e, -ENOENT, "import: there is no import %lld", (long long)import);
	return err ? err
		   : store_json(
			 c->store, ret, e,
			 "SELECT n.value ->> 'line' AS line, n.value ->> 'why' AS why,"
			 " CASE WHEN o.confidential THEN NULL ELSE n.value ->> 'text' END AS text"
			 " FROM imports i JOIN lists l ON l.id = i.list_id JOIN orders o ON o.id = l.order_id,"
			 " json_each(i.report, '$.notes') n WHERE i.id = ? ORDER BY n.key LIMIT ? OFFSET ?",
			 "iii", import, call_limit(params, 100, 400), call_number(params, "offset"));
}
