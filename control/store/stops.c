/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/stops.h"

#include <errno.h>

#include "control/store/alarms.h"
#include "control/store/clock.h"

const char *const stop_words[STOPS_N] = {[STOP_ALL] = "all", [STOP_LIST] = "list", [STOP_ORDER] = "order"};

static int exists(struct store *s, struct err *e, enum stop_what what, int64_t id)
{
	int64_t n = 1;
	int err = 0;
	if (what == STOP_LIST)
		err = store_int(s, &n, e, "SELECT count(*) FROM lists WHERE id = ?", "i", id);
	else if (what == STOP_ORDER)
		err = store_int(s, &n, e, "SELECT count(*) FROM orders WHERE id = ?", "i", id);
	return err || n ? err : err_set(e, -ENOENT, "there is no %s %lld", stop_words[what], (long long)id);
}

int stop_add(struct store *s, struct err *e, const struct who *who, enum stop_what what, int64_t id,
	     const char *reason, int64_t confirm_s, int64_t *ret_id)
{
	char subject[64], by[CLOCK_TEXT_BYTES];
	int64_t now = clock_now();
	int err = exists(s, e, what, id);
	if (!err)
		err = store_run(
		    s, e,
		    "INSERT INTO stops(what, list_id, order_id, reason, uid, who, created, confirm_by)"
		    " VALUES(?,nullif(?,0),nullif(?,0),?,?,?,?,?)",
		    "tiititii", stop_words[what], what == STOP_LIST ? id : (int64_t)0,
		    what == STOP_ORDER ? id : (int64_t)0, reason, who->uid, who->name, now, now + confirm_s);
	if (err)
		return err;
	*ret_id = store_last_id(s);
	snprintf(subject, sizeof(subject), "stop %lld", (long long)*ret_id);
	clock_text(now + confirm_s, by);
	if (what == STOP_ALL)
		err =
		    alarm_raise(s, e, ALARM_STOP, subject,
				"%s stopped all blocking: %s; it ends at %s unless somebody else confirms it",
				who->name, reason, by);
	else
		err = alarm_raise(s, e, ALARM_STOP, subject,
				  "%s stopped %s %lld: %s; it ends at %s unless somebody else confirms it",
				  who->name, stop_words[what], (long long)id, reason, by);
	return err ? err
		   : journal_add(s, e, who, "stop.add", subject, OUTCOME_DONE, "%s %lld: %s",
				 stop_words[what], (long long)id, reason);
}

int stop_confirm(struct store *s, struct err *e, const struct who *who, int64_t id)
{
	int64_t uid;
	char subject[64];
	if (store_int(s, &uid, NULL,
		      "SELECT uid FROM stops WHERE id = ? AND ended IS NULL AND confirmed IS NULL", "i", id))
		return err_set(e, -ENOENT, "there is no stop %lld that waits for a second person",
			       (long long)id);
	if (uid == who->uid)
		return err_set(e, -EPERM, "stop %lld is your own: somebody else must confirm it",
			       (long long)id);
	snprintf(subject, sizeof(subject), "stop %lld", (long long)id);
	int err = store_run(s, e, "UPDATE stops SET confirmed = ?, confirmed_who = ? WHERE id = ?", "iti",
			    clock_now(), who->name, id);
	return err ? err : journal_add(s, e, who, "stop.confirm", subject, OUTCOME_DONE, "confirmed");
}

static int end(struct store *s, struct err *e, const struct who *who, int64_t id, const char *reason)
{
	char subject[64];
	snprintf(subject, sizeof(subject), "stop %lld", (long long)id);
	int err = store_run(s, e, "UPDATE stops SET ended = ?, ended_why = ? WHERE id = ? AND ended IS NULL",
			    "iti", clock_now(), reason, id);
	if (!err && !store_changes(s))
		err = err_set(e, -ENOENT, "there is no stop %lld in effect", (long long)id);
	if (!err)
		err = alarm_clear(s, e, ALARM_STOP, subject);
	return err ? err : journal_add(s, e, who, "stop.end", subject, OUTCOME_DONE, "%s", reason);
}

int stop_end(struct store *s, struct err *e, const struct who *who, int64_t id, const char *reason)
{
	return end(s, e, who, id, reason);
}

#define TICK_MAX 16

int stops_tick(struct store *s, struct err *e, int64_t now)
{
	int64_t lapsed[TICK_MAX];
	unsigned n = 0;
	struct rows r;
	char subject[64];
	rows_open(&r, s, "SELECT id FROM stops WHERE ended IS NULL AND confirmed IS NULL AND confirm_by <= ?",
		  "i", now);
	while (n < TICK_MAX && rows_next(&r))
		lapsed[n++] = rows_int(&r, 0);
	int err = rows_end(&r, e);
	for (unsigned i = 0; !err && i < n; i++) {
		err = end(s, e, &who_program, lapsed[i], "nobody else confirmed it in time");
		snprintf(subject, sizeof(subject), "stop %lld", (long long)lapsed[i]);
		if (!err)
			err = alarm_raise(
			    s, e, ALARM_STOP_LAPSED, subject,
			    "%s was not confirmed by a second person in time: what was ordered is blocked again",
			    subject);
	}
	return err;
}
