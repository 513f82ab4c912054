/* SPDX-License-Identifier: BSD-3-Clause */
/* What somebody must look at, and what everybody did. */
#include <errno.h>

#include "control/api/watch.h"
#include "control/store/alarms.h"

enum { OPEN, ACKED, CLEARED, ALL };
static const char *const states[] = {"open", "acked", "cleared", "all", NULL};
#define LIST(where)                                                                                   \
	"SELECT id AS alarm, kind, subject, raised AS \"raised:t\", last AS \"last:t\", times, text," \
	" cleared AS \"cleared:t\", acked AS \"acked:t\", acked_who, note FROM alarms WHERE " where   \
	" ORDER BY id DESC LIMIT ? OFFSET ?"
static const char *const questions[] = {
    [OPEN] = LIST("cleared IS NULL AND acked IS NULL"),
    [ACKED] = LIST("acked IS NOT NULL"),
    [CLEARED] = LIST("cleared IS NOT NULL"),
    [ALL] = LIST("id > 0"),
};

int alarms_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	json_t *rows = NULL;
	int state = act_word(params, "state", states, e);
	if (state < -1)
		return state;
	int err = store_json(c->store, &rows, e, questions[state < 0 ? OPEN : state], "ii", act_limit(params),
			     call_number(params, "offset"));
	return act_rows(err, rows, ret);
}

static int ack(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	int64_t id = call_number(params, "alarm");
	const char *note;
	char subject[ACT_SUBJECT];
	act_subject("alarm", id, subject);
	int err = act_text(params, "note", &note, e);
	if (!err)
		err = alarm_ack(c->store, e, id, &c->who, note);
	if (!err)
		err = journal_add(c->store, e, &c->who, "alarm.ack", subject, OUTCOME_DONE, "%s",
				  note ? note : "seen");
	return err ? err : call_done(json_object(), ret, e);
}

int alarms_ack(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "alarm.ack", "alarm", ack, params, ret, e);
}

#define JOURNAL                                                                                          \
	"SELECT id, at AS \"time:t\", who, uid, act, subject, outcome, text FROM journal WHERE id > ?1 " \
	"ORDER BY id "

int journal_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	bool behind = json_object_get(params, "after");
	json_t *rows = NULL;
	int err =
	    store_json(c->store, &rows, e,
		       behind ? JOURNAL "LIMIT ?2" : "SELECT * FROM (" JOURNAL "DESC LIMIT ?2) ORDER BY 1",
		       "ii", call_number(params, "after"), act_limit(params));
	if (err)
		return err;
	act_fit(rows, ACT_ROWS_ROOM, !behind);
	*ret = rows;
	return 0;
}
