/* SPDX-License-Identifier: BSD-3-Clause */
/* Imports: what a list said, reading by reading. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/store/alarms.h"
#include "control/store/clock.h"
#include "control/store/lists.h"
#include "control/store/proposals.h"

/* The newer one takes the place of what waits. */
static int supersede(struct store *s, struct err *e, int64_t list, int64_t by)
{
	char note[64];
	snprintf(note, sizeof(note), "import %lld took its place", (long long)by);
	int err = store_run(
	    s, e,
	    "UPDATE proposals SET state = 'withdrawn', decided = ?, decided_uid = -1,"
	    " decided_who = 'roja-control', note = ? WHERE state = 'open' AND kind = 'import' AND list_id = ?",
	    "iti", clock_now(), note, list);
	return err ? err
		   : store_run(
			 s, e,
			 "UPDATE imports SET state = 'withdrawn' WHERE list_id = ? AND state = 'proposed' AND id <> ?",
			 "ii", list, by);
}

static int insert(struct store *s, struct err *e, const struct who *who, const struct import_row *r,
		  int64_t *ret_id)
{
	int err = store_run(
	    s, e,
	    "INSERT INTO imports(list_id, state, received, uid, who, source, file, sha256, bytes, original,"
	    " object, report, serial, lines, entries, rejected, duplicates, added, removed, skipped, why, signature)"
	    " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,nullif(?,-1),?,?,?,?,?,?,?,?,?)",
	    "itiitttt"
	    "ittt"
	    "iiiiiiii"
	    "tt",
	    r->list_id, r->why ? "refused" : "proposed", clock_now(), who->uid, who->name, r->source, r->file,
	    r->sha256, r->bytes, r->original, r->object, r->report, r->serial, r->lines, r->entries,
	    r->rejected, r->duplicates, r->added, r->removed, r->skipped, r->why, r->signature);
	if (!err)
		*ret_id = store_last_id(s);
	return err;
}

int list_import_add(struct store *s, struct err *e, const struct who *who, const struct import_row *row,
		    int64_t *ret_id, int64_t *ret_proposal)
{
	struct list_row l;
	char text[LIST_NAME_MAX + 160], subject[LIST_NAME_MAX + 8];
	int err = list_find(s, e, row->list_id, NULL, &l);
	if (err)
		return err;
	*ret_proposal = 0;
	snprintf(subject, sizeof(subject), "list %s", l.name);
	err = insert(s, e, who, row, ret_id);
	if (!err && row->why)
		err = alarm_raise(s, e, ALARM_FEED_REFUSED, subject, "%s, import %lld: %s", subject,
				  (long long)*ret_id, row->why);
	else if (!err)
		err = supersede(s, e, row->list_id, *ret_id);
	snprintf(text, sizeof(text), "list %s becomes import %lld: %lld entries, %lld new, %lld gone", l.name,
		 (long long)*ret_id, (long long)row->entries, (long long)row->added, (long long)row->removed);
	if (!err && !row->why)
		err = proposal_add(s, e, who,
				   &(struct proposal){.kind = PROPOSAL_IMPORT,
						      .subject = *ret_id,
						      .order_id = l.order_id,
						      .list_id = l.id,
						      .text = text},
				   ret_proposal);
	list_row_free(&l);
	return err;
}

struct import_state {
	int64_t list_id;
	char state[16];
	bool vouched; /* signed, or authenticated by a person */
	bool was_active;
};

static int find(struct store *s, struct err *e, int64_t import, struct import_state *ret)
{
	struct rows r;
	bool there = false;
	rows_open(
	    &r, s,
	    "SELECT list_id, state, signature IS NOT NULL OR authenticated IS NOT NULL, approved IS NOT NULL"
	    " FROM imports WHERE id = ?",
	    "i", import);
	if (rows_next(&r)) {
		there = true;
		ret->list_id = rows_int(&r, 0);
		snprintf(ret->state, sizeof(ret->state), "%s", rows_text(&r, 1));
		ret->vouched = rows_int(&r, 2);
		ret->was_active = rows_int(&r, 3);
	}
	int err = rows_end(&r, e);
	return err || there ? err : err_set(e, -ENOENT, "there is no import %lld", (long long)import);
}

int list_authenticate(struct store *s, struct err *e, const struct who *who, int64_t import, const char *how)
{
	struct import_state i;
	char at[CLOCK_TEXT_BYTES];
	int err = find(s, e, import, &i);
	if (err)
		return err;
	if (strcmp(i.state, "proposed"))
		return err_set(e, -EPERM, "import %lld is %s: there is nothing to authenticate",
			       (long long)import, i.state);
	if (i.vouched)
		return err_set(e, -EALREADY, "import %lld is signed or authenticated already",
			       (long long)import);
	clock_text(clock_now(), at);
	json_t *v = json_pack("{ssssss}", "who", who->name, "at", at, "how", how);
	char *text = v ? json_dumps(v, JSON_COMPACT) : NULL;
	json_decref(v);
	err = text ? store_run(s, e, "UPDATE imports SET authenticated = ? WHERE id = ?", "ti", text, import)
		   : err_set(e, -ENOMEM, "no memory");
	free(text);
	return err;
}

/* Whether it may become active: 0 or a sentence. */
static int may(struct store *s, struct err *e, int64_t import, struct import_state *i)
{
	int64_t later;
	struct list_row l;
	int err = find(s, e, import, i);
	if (err)
		return err;
	if (strcmp(i->state, "proposed"))
		return err_set(e, -EPERM, "import %lld is %s", (long long)import, i->state);
	if (!i->vouched)
		return err_set(
		    e, -EPERM,
		    "import %lld is unsigned: say how you know that it is the authority's, with rojactl list"
		    " authenticate %lld --how TEXT",
		    (long long)import, (long long)import);
	err = list_find(s, e, i->list_id, NULL, &l);
	if (err)
		return err;
	if (strcmp(l.order_state, "approved") || strcmp(l.state, "approved"))
		err = err_set(e, -EPERM,
			      "import %lld: list %s is %s and its order %lld %s: approve these first",
			      (long long)import, l.name, l.state, (long long)l.order_id, l.order_state);
	if (!err)
		err = store_int(
		    s, &later, e,
		    "SELECT count(*) FROM imports WHERE list_id = ? AND id > ? AND approved IS NOT NULL",
		    "ii", l.id, import);
	if (!err && later)
		err = err_set(e, -ESTALE, "import %lld: a later one of list %s was approved already",
			      (long long)import, l.name);
	list_row_free(&l);
	return err;
}

static int activate(struct store *s, struct err *e, int64_t list, int64_t import, const char *who)
{
	int err = store_run(
	    s, e, "UPDATE imports SET state = 'approved', approved = ?, approved_who = ? WHERE id = ?", "iti",
	    clock_now(), who, import);
	return err ? err
		   : store_run(s, e, "UPDATE lists SET active_import = ? WHERE id = ?", "ii", import, list);
}

int list_import_approved(struct store *s, struct err *e, int64_t import, const struct who *who)
{
	struct import_state i;
	int err = may(s, e, import, &i);
	return err ? err : activate(s, e, i.list_id, import, who->name);
}

int list_import_refused(struct store *s, struct err *e, int64_t import)
{
	return store_run(s, e,
			 "UPDATE imports SET state = 'withdrawn', why = 'a person refused it' WHERE id = ?",
			 "i", import);
}

int list_import_standing(struct store *s, struct err *e, int64_t import, int64_t proposal)
{
	int err = list_import_approved(s, e, import, &who_program);
	return err ? err
		   : store_run(
			 s, e,
			 "UPDATE proposals SET state = 'approved', decided = ?, decided_uid = -1,"
			 " decided_who = 'roja-control', note = 'signed, as approved with the list' WHERE id = ?",
			 "ii", clock_now(), proposal);
}

int list_rollback(struct store *s, struct err *e, const struct who *who, int64_t list, int64_t import,
		  const char *reason)
{
	struct import_state i;
	struct list_row l;
	char subject[LIST_NAME_MAX + 8];
	int err = find(s, e, import, &i);
	if (err)
		return err;
	if (i.list_id != list || !i.was_active)
		return err_set(
		    e, -EPERM,
		    "import %lld was never active for this list; rojactl list show says which were",
		    (long long)import);
	err = list_find(s, e, list, NULL, &l);
	if (err)
		return err;
	snprintf(subject, sizeof(subject), "list %s", l.name);
	list_row_free(&l);
	err = store_run(s, e, "UPDATE lists SET active_import = ? WHERE id = ?", "ii", import, list);
	if (!err)
		err = alarm_raise(s, e, ALARM_ROLLBACK, subject, "%s went back to import %lld (%s): %s",
				  subject, (long long)import, who->name, reason);
	return err ? err
		   : journal_add(s, e, who, "list.rollback", subject, OUTCOME_DONE, "to import %lld: %s",
				 (long long)import, reason);
}

int list_last_good(struct store *s, struct err *e, int64_t list, char **ret_object, int64_t *ret_serial)
{
	struct rows r;
	char *object = NULL;
	bool there = false;
	rows_open(
	    &r, s,
	    "SELECT i.object, coalesce((SELECT max(serial) FROM imports WHERE list_id = ?1 AND approved IS NOT NULL), -1)"
	    " FROM lists l JOIN imports i ON i.id = l.active_import WHERE l.id = ?1",
	    "i", list);
	if ((there = rows_next(&r))) {
		object = strdup(rows_text(&r, 0));
		*ret_serial = rows_int(&r, 1);
	}
	int err = rows_end(&r, e);
	if (!err && !there)
		return -ENOENT;
	if (!err && !object)
		err = err_set(e, -ENOMEM, "no memory");
	if (err)
		free(object);
	else
		*ret_object = object;
	return err;
}
