/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/alarms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/store/clock.h"

#define X(id, word, clears, help) [ALARM_##id] = {word, clears, help},
const struct alarm_row alarm_rows[ALARMS_N] = {ALARMS(X)};
#undef X

int alarm_raise(struct store *s, struct err *e, enum alarm kind, const char *subject, const char *format, ...)
{
	char text[ERR_BYTES];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	const char *word = alarm_rows[kind].word;
	int64_t now = clock_now();
	/* an event that was acknowledged is over: the next one is another */
	int err = store_run(s, e,
			    "UPDATE alarms SET last = ?, times = times + 1, text = ?"
			    " WHERE kind = ? AND subject = ? AND cleared IS NULL",
			    "ittt", now, text, word, subject);
	if (err || store_changes(s))
		return err;
	return store_run(s, e,
			 "INSERT INTO alarms(kind, subject, text, raised, last, times) VALUES(?,?,?,?,?,1)",
			 "tttii", word, subject, text, now, now);
}

int alarm_clear(struct store *s, struct err *e, enum alarm kind, const char *subject)
{
	return store_run(s, e,
			 "UPDATE alarms SET cleared = ? WHERE kind = ? AND subject = ? AND cleared IS NULL",
			 "itt", clock_now(), alarm_rows[kind].word, subject);
}

static bool clears(const char *word)
{
	for (unsigned i = 0; i < ALARMS_N; i++)
		if (!strcmp(alarm_rows[i].word, word))
			return alarm_rows[i].clears;
	return false;
}

/* Who set off the act that `subject` names, by the journal: a rollback's alarm is for somebody else to look at. */
static bool caused_by(struct store *s, const char *kind, const char *subject, int64_t uid)
{
	int64_t by;
	return !strcmp(kind, alarm_rows[ALARM_ROLLBACK].word) &&
	       !store_int(s, &by, NULL,
			  "SELECT uid FROM journal WHERE act IN ('version.rollback','list.rollback')"
			  " AND subject = ? AND outcome = 'done' ORDER BY id DESC LIMIT 1",
			  "t", subject) &&
	       by == uid;
}

int alarm_ack(struct store *s, struct err *e, int64_t id, const struct who *who, const char *note)
{
	struct rows r;
	char kind[32] = "", subject[128] = "";
	bool there, acked = false;
	rows_open(&r, s, "SELECT kind, subject, acked FROM alarms WHERE id = ?", "i", id);
	if ((there = rows_next(&r))) {
		snprintf(kind, sizeof(kind), "%s", rows_text(&r, 0));
		snprintf(subject, sizeof(subject), "%s", rows_text(&r, 1));
		acked = !rows_null(&r, 2);
	}
	int err = rows_end(&r, e);
	if (err)
		return err;
	if (!there)
		return err_set(e, -ENOENT, "there is no alarm %lld", (long long)id);
	if (acked)
		return err_set(e, -EALREADY, "alarm %lld was acknowledged before", (long long)id);
	if (caused_by(s, kind, subject, who->uid))
		return err_set(e, -EPERM, "you caused it: alarm %lld must be looked at by somebody else",
			       (long long)id);
	int64_t now = clock_now();
	return store_run(s, e,
			 "UPDATE alarms SET acked = ?1, acked_uid = ?2, acked_who = ?3, note = ?4,"
			 " cleared = CASE WHEN ?5 THEN cleared ELSE coalesce(cleared, ?1) END WHERE id = ?6",
			 "iittii", now, who->uid, who->name, note, (int64_t)clears(kind), id);
}
