/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/appeals.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "control/store/alarms.h"
#include "control/store/clock.h"

static int check(const struct appeal *a, struct err *e)
{
	if (!*a->subject || strlen(a->subject) > APPEAL_TEXT_MAX)
		return err_set(e, -EINVAL,
			       "subject: the address of the page is missing, or longer than %d bytes",
			       APPEAL_TEXT_MAX);
	if (!*a->text || strlen(a->text) > APPEAL_TEXT_MAX)
		return err_set(e, -EINVAL, "text: say why, in at most %d bytes", APPEAL_TEXT_MAX);
	if (a->contact && strlen(a->contact) > APPEAL_CONTACT_MAX)
		return err_set(e, -EINVAL, "contact: at most %d bytes", APPEAL_CONTACT_MAX);
	return 0;
}

static int make_ticket(char ret[APPEAL_TICKET], struct err *e)
{
	static const char letters[] = "23456789abcdefghjkmnpqrstuvwxyz";
	uint8_t random[APPEAL_TICKET - 1];
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_set(e, -errno, "no random ticket: %s", strerror(errno));
	for (unsigned i = 0; i < sizeof(random); i++)
		ret[i] = letters[random[i] % (sizeof(letters) - 1)];
	ret[APPEAL_TICKET - 1] = 0;
	return 0;
}

int appeal_add(struct store *s, struct err *e, const struct who *who, const struct appeal *a,
	       int64_t deadline_s, char ret_ticket[APPEAL_TICKET], int64_t *ret_id)
{
	int64_t open, now = clock_now();
	char subject[64];
	int err = check(a, e);
	if (!err)
		err = store_int(s, &open, e, "SELECT count(*) FROM appeals WHERE state = 'open'", "");
	if (!err && open >= APPEALS_OPEN_MAX)
		err = err_set(e, -EBUSY, "too many appeals wait: write to the address on the page instead");
	if (!err)
		err = make_ticket(ret_ticket, e);
	if (!err)
		err = store_run(
		    s, e,
		    "INSERT INTO appeals(ticket, created, subject, text, contact, rule, order_id, list_id, line, deadline,"
		    " state) VALUES(?,?,?,?,?,?,nullif(?,0),nullif(?,0),nullif(?,0),?,'open')",
		    "tixxxtiiii", ret_ticket, now, "appeals", a->subject, "appeals", a->text, "appeals",
		    a->contact, a->rule, a->order_id, a->list_id, a->line, now + deadline_s);
	if (err)
		return err;
	*ret_id = store_last_id(s);
	snprintf(subject, sizeof(subject), "appeal %lld", (long long)*ret_id);
	err = alarm_raise(s, e, ALARM_APPEAL, subject, "%s waits for a decision", subject);
	return err ? err : journal_add(s, e, who, "appeal.add", subject, OUTCOME_DONE, "received");
}

int appeal_decide(struct store *s, struct err *e, const struct who *who, int64_t id, const char *outcome,
		  const char *note)
{
	char subject[64];
	if (strcmp(outcome, "upheld") && strcmp(outcome, "rejected"))
		return err_set(e, -EINVAL, "outcome: is upheld or rejected");
	snprintf(subject, sizeof(subject), "appeal %lld", (long long)id);
	int err = store_run(
	    s, e,
	    "UPDATE appeals SET state = ?, decided = ?, decided_who = ?, note = ? WHERE id = ? AND state = 'open'",
	    "titti", outcome, clock_now(), who->name, note, id);
	if (!err && !store_changes(s))
		err = err_set(e, -ENOENT, "there is no open appeal %lld", (long long)id);
	return err ? err : alarm_clear(s, e, ALARM_APPEAL, subject);
}

int appeal_state(struct store *s, struct err *e, const char *ticket, json_t **ret)
{
	int err = store_json_row(s, ret, e,
				 "SELECT ticket, state, created AS \"created:t\", deadline AS \"deadline:t\","
				 " decided AS \"decided:t\", note FROM appeals WHERE ticket = ?",
				 "t", ticket);
	return err == -ENOENT ? err_set(e, err, "there is no such ticket") : err;
}
