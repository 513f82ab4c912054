/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/inspect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/dir.h"
#include "audit/entry.h"
#include "control/report/csv.h"
#include "control/report/grow.h"
#include "control/report/inspect_words.h"
#include "control/store/clock.h"

/* ?1 from, ?2 to, ?3 the order, 0: all that were there within the period. */
#define OF_PERIOD "o.created < ?2 AND (o.ended IS NULL OR o.ended >= ?1) AND (?3 = 0 OR o.id = ?3)"
#define TIME(ns)  "strftime('%Y-%m-%dT%H:%M:%SZ', " ns " / 1000000000, 'unixepoch')"

static const char orders_sql[] =
    "SELECT o.id AS \"order\", o.state, o.created AS \"created:t\", o.who AS proposed_by, o.approved AS \"approved:t\","
    " o.approved_who AS approved_by, o.ended AS \"ended:t\", o.ended_why, o.held AS \"held:b\", o.fields AS \"fields:j\","
    " (SELECT json_group_array(json_object('dataplane', t.dataplane, 'version', t.version_id, 'enforced', " TIME(
	"t.enforced_ns") ","
			 "  'released', " TIME(
			     "t.released_ns") ")) FROM order_times t WHERE t.order_id = o.id) AS \"times:j\","
					      " (SELECT json_group_array(json_object('confirmation', f.id, 'created', f.created, 'sha256', f.sha256))"
					      "  FROM confirmations f WHERE f.order_id = o.id) AS \"confirmations:j\""
					      " FROM orders o WHERE " OF_PERIOD " ORDER BY o.id";

/* A confidential list's file name and refusals might say too much. */
static const char lists_sql[] =
    "SELECT l.id AS list, l.name, l.order_id AS \"order\", l.state, l.format, l.approval, o.confidential AS \"confidential:b\","
    " l.active_import, i.id AS import, i.state AS import_state, i.received AS \"received:t\", i.who AS imported_by, i.source,"
    " iif(o.confidential, NULL, i.file) AS file, i.sha256, i.bytes, i.serial, i.report ->> 'digest' AS entries_sha256, i.lines,"
    " i.entries, i.rejected, i.duplicates, i.added, i.removed, i.skipped, iif(o.confidential, NULL, i.why) AS why,"
    " i.signature AS \"signature:j\", i.authenticated, i.approved AS \"approved:t\", i.approved_who AS approved_by"
    " FROM lists l JOIN orders o ON o.id = l.order_id LEFT JOIN imports i ON i.list_id = l.id AND i.received < ?2"
    " WHERE " OF_PERIOD " ORDER BY l.id, i.id";

static const char journal_sql[] =
    "SELECT j.id, j.at, j.uid, j.who, j.act, j.subject, j.outcome, j.text FROM journal j WHERE j.at >= ?1 AND j.at < ?2"
    " AND (?3 = 0 OR j.subject = 'order ' || ?3"
    " OR j.subject IN (SELECT 'list ' || name FROM lists WHERE order_id = ?3)"
    " OR j.subject IN (SELECT 'proposal ' || id FROM proposals WHERE order_id = ?3)"
    " OR j.subject IN (SELECT 'import ' || i.id FROM imports i JOIN lists l ON l.id = i.list_id WHERE l.order_id = ?3))"
    " ORDER BY j.id";

static int add_json(const struct report_context *c, const struct inspection *i, const char *sql,
		    const char *name, struct files *to, struct err *e)
{
	json_t *rows = NULL;
	int err = store_json(c->store, &rows, e, sql, "iii", i->from, i->to, i->order);
	if (err)
		return err;
	char *text = grow_text(rows, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	json_decref(rows);
	return files_add(to, name, text, text ? strlen(text) : 0, e);
}

static int write_journal(struct rows *r, FILE *out, struct err *e)
{
	static const char *const head[] = {"id", "time", "uid", "who", "act", "subject", "outcome", "text"};
	unsigned n = 0;
	csv_record(out, head, 8);
	while (rows_next(r)) {
		char id[24], at[CLOCK_TEXT_BYTES], uid[24];
		if (++n > INSPECT_ROWS)
			return err_set(
			    e, -E2BIG,
			    "from: the journal of this period has more than %d rows: ask for shorter ones",
			    INSPECT_ROWS);
		snprintf(id, sizeof(id), "%lld", (long long)rows_int(r, 0));
		clock_text(rows_int(r, 1), at);
		snprintf(uid, sizeof(uid), "%lld", (long long)rows_int(r, 2));
		/* uid -1 is no formula */
		fprintf(out, "%s,%s,%s,", id, at, uid);
		const char *fields[] = {rows_text(r, 3), rows_text(r, 4), rows_text(r, 5), rows_text(r, 6),
					rows_text(r, 7)};
		csv_record(out, fields, 5);
	}
	return 0;
}

static int add_journal(const struct report_context *c, const struct inspection *i, struct files *to,
		       struct err *e)
{
	char *text = NULL;
	size_t n = 0;
	struct rows r;
	FILE *f = open_memstream(&text, &n);
	if (!f)
		return err_set(e, -ENOMEM, "memory ran out");
	rows_open(&r, c->store, journal_sql, "iii", i->from, i->to, i->order);
	int err = write_journal(&r, f, e);
	int asked = rows_end(&r, err ? NULL : e);
	err = err ? err : asked;
	if (fclose(f) && !err)
		err = err_set(e, -ENOMEM, "memory ran out");
	if (!err)
		return files_add(to, "journal.csv", text, n, e);
	free(text);
	return err;
}

/* The log's first key, out of its first leaf: for who has not got it from elsewhere, which proves more. */
static int add_vkey(const struct report_context *c, struct files *to, struct err *e)
{
	char folder[1024], *text = NULL;
	struct log_dir *d = NULL;
	struct span leaves[TILE_WIDTH];
	struct entry *entry = malloc(sizeof(*entry));
	int err = entry ? report_log_folder(c->config, folder, sizeof(folder), e)
			: err_set(e, -ENOMEM, "memory ran out");
	if (!err)
		err = dir_open(folder, &d, e);
	if (!err)
		err = dir_bundle(d, 0, 1, leaves, e);
	if (!err)
		err = entry_decode(leaves[0], entry, e);
	if (!err && entry->kind != ENTRY_LOG)
		err = err_set(e, -EBADMSG, "%s: its first leaf is no \"log\"", folder);
	if (!err) {
		const struct span *vkey = &entry->v[ENTRY_F(LOG, vkey)].s;
		int n = asprintf(&text, "%.*s\n", (int)vkey->len, (const char *)vkey->p);
		err = files_add(to, "log.vkey", n < 0 ? NULL : text, n < 0 ? 0 : (size_t)n, e);
	}
	dir_close(d);
	free(entry);
	return err;
}

static int add_readme(const struct report_context *c, const struct inspection *i, enum language lang,
		      struct files *to, struct err *e)
{
	char name[FILES_NAME], from[CLOCK_TEXT_BYTES], till[CLOCK_TEXT_BYTES], made[CLOCK_TEXT_BYTES],
	    *text = NULL;
	clock_text(i->from, from);
	clock_text(i->to, till);
	clock_text(c->now, made);
	int n = asprintf(&text, readmes[lang], made, from, till);
	snprintf(name, sizeof(name), "README.%s.txt", language_tags[lang]);
	return files_add(to, name, n < 0 ? NULL : text, n < 0 ? 0 : (size_t)n, e);
}

static int check(const struct report_context *c, const struct inspection *i, struct err *e)
{
	int64_t n = 1;
	if (i->from >= i->to)
		return err_set(e, -EINVAL, "to: must be later than from");
	int err = i->order
		      ? store_int(c->store, &n, e, "SELECT count(*) FROM orders WHERE id = ?", "i", i->order)
		      : 0;
	if (!err && !n)
		err = err_set(e, -ENOENT, "order: there is no order %lld; rojactl order ls shows them",
			      (long long)i->order);
	return err;
}

int inspect_files(const struct report_context *c, const struct inspection *i, struct files *to, struct err *e)
{
	int err = check(c, i, e);
	if (!err)
		err = add_vkey(c, to, e);
	if (!err)
		err = add_json(c, i, orders_sql, "orders.json", to, e);
	if (!err)
		err = add_json(c, i, lists_sql, "lists.json", to, e);
	if (!err)
		err = add_journal(c, i, to, e);
	for (enum language lang = 0; lang < LANGUAGES_N && !err; lang++)
		err = add_readme(c, i, lang, to, e);
	return err;
}
