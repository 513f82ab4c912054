/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/orders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/store/alarms.h"
#include "control/store/clock.h"
#include "control/store/order_fields.h"
#include "control/store/proposals.h"

static const char *const states[] = {"proposed", "approved", "refused", "revoked", "expired"};

int order_state(struct store *s, struct err *e, int64_t id, const char **ret_state)
{
	char *state = NULL;
	int err = store_str(s, &state, NULL, "SELECT state FROM orders WHERE id = ?", "i", id);
	if (err)
		return err_set(e, err, "there is no order %lld", (long long)id);
	for (unsigned i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (!strcmp(states[i], state))
			*ret_state = states[i];
	free(state);
	return 0;
}

static int want_state(struct store *s, struct err *e, int64_t id, const char *state)
{
	const char *is;
	int err = order_state(s, e, id, &is);
	if (!err && strcmp(is, state))
		err = err_set(e, -EPERM, "order %lld is %s, not %s", (long long)id, is, state);
	return err;
}

static const char *text_of(const json_t *fields, const char *key)
{
	return json_string_value(json_object_get(fields, key));
}

int order_add(struct store *s, struct err *e, const struct who *who, json_t *fields, int64_t *ret_id,
	      int64_t *ret_proposal)
{
	int64_t now = clock_now(), deadline;
	int err = order_check(fields, now, e);
	if (err)
		return err;
	char *text = json_dumps(fields, JSON_COMPACT | JSON_SORT_KEYS), *said = NULL;
	if (!text)
		return err_set(e, -ENOMEM, "no memory for an order");
	deadline = order_time(fields, "deadline");
	err = store_run(
	    s, e,
	    "INSERT INTO orders(fields, state, received, starts, expires, deadline, confidential, created, uid, who)"
	    " VALUES(?, 'proposed', ?, ?, ?, nullif(?, -1), ?, ?, ?, ?)",
	    "tiiiiiiit", text, order_time(fields, "received"), order_time(fields, "starts"),
	    order_time(fields, "expires"), deadline,
	    (int64_t)json_is_true(json_object_get(fields, "confidential")), now, who->uid, who->name);
	free(text);
	if (err)
		return err;
	*ret_id = store_last_id(s);
	if (asprintf(&said, "order %lld of %s, %s", (long long)*ret_id, text_of(fields, "authority"),
		     text_of(fields, "reference")) < 0)
		return err_set(e, -ENOMEM, "no memory for an order");
	err = proposal_add(
	    s, e, who,
	    &(struct proposal){.kind = PROPOSAL_ORDER, .subject = *ret_id, .order_id = *ret_id, .text = said},
	    ret_proposal);
	free(said);
	return err;
}

int order_revoke(struct store *s, struct err *e, const struct who *who, int64_t id, const char *reason,
		 int64_t *ret_proposal)
{
	char text[64];
	int err = want_state(s, e, id, "approved");
	if (err)
		return err;
	if (!proposal_of(s, NULL, PROPOSAL_REVOKE, id, ret_proposal))
		return err_set(e, -EALREADY,
			       "the end of order %lld is proposed already: proposal %lld waits for approval",
			       (long long)id, (long long)*ret_proposal);
	snprintf(text, sizeof(text), "order %lld ends", (long long)id);
	return proposal_add(
	    s, e, who,
	    &(struct proposal){
		.kind = PROPOSAL_REVOKE, .subject = id, .order_id = id, .text = text, .reason = reason},
	    ret_proposal);
}

int order_review(struct store *s, struct err *e, const struct who *who, int64_t id, const char *note)
{
	char subject[64];
	int err = want_state(s, e, id, "approved");
	if (err)
		return err;
	snprintf(subject, sizeof(subject), "order %lld", (long long)id);
	err = store_run(s, e, "UPDATE orders SET reviewed = ? WHERE id = ?", "ii", clock_now(), id);
	if (!err)
		err = alarm_clear(s, e, ALARM_REVIEW_DUE, subject);
	return err ? err : journal_add(s, e, who, "order.review", subject, OUTCOME_DONE, "%s", note);
}

int order_confirmed(struct store *s, struct err *e, const struct who *who, int64_t id, const char *text,
		    const char *sha256, int64_t *ret_confirmation)
{
	int64_t now = clock_now();
	int err = store_run(
	    s, e, "INSERT INTO confirmations(order_id, created, uid, who, text, sha256) VALUES(?,?,?,?,?,?)",
	    "iiittt", id, now, who->uid, who->name, text, sha256);
	if (err)
		return err;
	*ret_confirmation = store_last_id(s);
	return store_run(s, e, "UPDATE orders SET confirmed = ? WHERE id = ?", "ii", now, id);
}

int order_approved(struct store *s, struct err *e, int64_t id, const struct who *who)
{
	int64_t expires, now = clock_now();
	int err = want_state(s, e, id, "proposed");
	if (!err)
		err = store_int(s, &expires, e, "SELECT expires FROM orders WHERE id = ?", "i", id);
	if (!err && expires <= now)
		err = err_set(e, -EPERM, "order %lld has expired meanwhile", (long long)id);
	return err ? err
		   : store_run(
			 s, e,
			 "UPDATE orders SET state = 'approved', approved = ?, approved_ns = ?, approved_who = ? WHERE id = ?",
			 "iiti", now, clock_now_ns(), who->name, id);
}

/* What still waits about an order that has ended is void. */
static int close_proposals(struct store *s, struct err *e, int64_t id, const char *note)
{
	return store_run(
	    s, e,
	    "UPDATE proposals SET state = 'withdrawn', decided = ?, decided_uid = -1, decided_who = 'roja-control',"
	    " note = ? WHERE order_id = ? AND state = 'open' AND kind <> 'order'",
	    "iti", clock_now(), note, id);
}

static int end(struct store *s, struct err *e, int64_t id, const char *state, const char *why)
{
	int err = store_run(s, e, "UPDATE orders SET state = ?, ended = ?, ended_why = ? WHERE id = ?",
			    "titi", state, clock_now(), why, id);
	if (!err)
		err = store_run(s, e, "UPDATE lists SET state = 'ended' WHERE order_id = ?", "i", id);
	return err;
}

int order_revoked(struct store *s, struct err *e, int64_t id, const struct who *who, const char *why)
{
	(void)who;
	int err = want_state(s, e, id, "approved");
	return err ? err : end(s, e, id, "revoked", why);
}

int order_refused(struct store *s, struct err *e, int64_t id)
{
	int err = want_state(s, e, id, "proposed");
	if (!err)
		err = end(s, e, id, "refused", "refused");
	return err ? err : close_proposals(s, e, id, "the order was refused");
}

static int expire(struct store *s, struct err *e, int64_t id)
{
	char subject[64];
	snprintf(subject, sizeof(subject), "order %lld", (long long)id);
	int err = end(s, e, id, "expired", "its time was over");
	if (!err)
		err = close_proposals(s, e, id, "the order has expired");
	if (!err)
		err = alarm_raise(s, e, ALARM_EXPIRED, subject, "%s has expired and is no longer enforced",
				  subject);
	for (enum alarm a = ALARM_DEADLINE_NEAR; !err && a <= ALARM_REVIEW_DUE; a++)
		if (alarm_rows[a].clears)
			err = alarm_clear(s, e, a, subject);
	return err ? err
		   : journal_add(s, e, &who_program, "order.expire", subject, OUTCOME_DONE,
				 "its time was over");
}

#define TICK_MAX 64
/* The ids that a question gives; the rest comes at the next tick. */
static int ids(struct store *s, struct err *e, int64_t *ret, unsigned *ret_n, const char *sql, int64_t a,
	       int64_t b)
{
	struct rows r;
	*ret_n = 0;
	rows_open(&r, s, sql, "ii", a, b);
	while (*ret_n < TICK_MAX && rows_next(&r))
		ret[(*ret_n)++] = rows_int(&r, 0);
	return rows_end(&r, e);
}

/* An alarm as long as a question gives an order, and no longer. */
static const struct {
	enum alarm alarm;
	const char *sql; /* ?1 the time, ?2 how long before a deadline, ?3 data planes */
	const char *says;
} watched[] = {
    {ALARM_DEADLINE_NEAR,
     "SELECT id FROM orders o WHERE state IN ('proposed','approved') AND deadline > ?1 AND deadline <= ?1 + ?2"
     " AND (SELECT count(DISTINCT dataplane) FROM order_times t WHERE t.order_id = o.id) < ?3",
     "its deadline is near and it is not enforced on every data plane"},
    {ALARM_DEADLINE_MISSED,
     "SELECT id FROM orders o WHERE state IN ('proposed','approved') AND deadline <= ?1 AND ?2 >= 0"
     " AND (SELECT count(DISTINCT dataplane) FROM order_times t WHERE t.order_id = o.id) < ?3",
     "its deadline has passed and it is not enforced on every data plane"},
    {ALARM_EXPIRY_NEAR,
     "SELECT id FROM orders WHERE state = 'approved' AND expires > ?1 AND expires <= ?1 + 604800"
     " AND expires - starts > 1209600 AND ?2 >= 0 AND ?3 >= 0",
     "it expires within a week: ask the authority whether it goes on"},
    {ALARM_REVIEW_DUE,
     "SELECT id FROM orders WHERE state = 'approved' AND expires - starts > 366 * 86400"
     " AND ?1 - coalesce(reviewed, approved) > 365 * 86400 AND ?2 >= 0 AND ?3 >= 0",
     "it lasts over a year and was not reviewed for a year: rojactl order review"},
};

static bool has(const int64_t *all, unsigned n, int64_t id)
{
	for (unsigned i = 0; i < n; i++)
		if (all[i] == id)
			return true;
	return false;
}

static int64_t order_of_subject(const char *subject)
{
	return strncmp(subject, "order ", 6) ? -1 : atoll(subject + 6);
}

static int clear_others(struct store *s, struct err *e, enum alarm alarm, const int64_t *stay, unsigned n)
{
	char gone[TICK_MAX][64];
	unsigned n_gone = 0;
	struct rows r;
	rows_open(&r, s, "SELECT subject FROM alarms WHERE kind = ? AND cleared IS NULL", "t",
		  alarm_rows[alarm].word);
	while (n_gone < TICK_MAX && rows_next(&r))
		if (!has(stay, n, order_of_subject(rows_text(&r, 0))))
			snprintf(gone[n_gone++], sizeof(*gone), "%s", rows_text(&r, 0));
	int err = rows_end(&r, e);
	for (unsigned i = 0; !err && i < n_gone; i++)
		err = alarm_clear(s, e, alarm, gone[i]);
	return err;
}

static int watch(struct store *s, struct err *e, unsigned k, int64_t now, unsigned nodes, int64_t warn_s)
{
	char subject[64];
	int64_t found[TICK_MAX], open;
	unsigned n;
	const char *word = alarm_rows[watched[k].alarm].word;
	struct rows r;
	n = 0;
	rows_open(&r, s, watched[k].sql, "iii", now, warn_s, (int64_t)(nodes ? nodes : 1));
	while (n < TICK_MAX && rows_next(&r))
		found[n++] = rows_int(&r, 0);
	int err = rows_end(&r, e);
	for (unsigned i = 0; !err && i < n; i++) {
		snprintf(subject, sizeof(subject), "order %lld", (long long)found[i]);
		/* once: an alarm that was acknowledged for this order is not raised again every second */
		err = store_int(
		    s, &open, e,
		    "SELECT count(*) FROM alarms WHERE kind = ? AND subject = ? AND (cleared IS NULL OR acked IS NOT NULL)",
		    "tt", word, subject);
		if (!err && !open)
			err =
			    alarm_raise(s, e, watched[k].alarm, subject, "%s: %s", subject, watched[k].says);
	}
	if (!err && alarm_rows[watched[k].alarm].clears)
		err = clear_others(s, e, watched[k].alarm, found, n);
	return err;
}

int orders_tick(struct store *s, struct err *e, int64_t now, unsigned nodes, int64_t warn_s)
{
	int64_t over[TICK_MAX];
	unsigned n;
	int err =
	    ids(s, e, over, &n,
		"SELECT id FROM orders WHERE state IN ('proposed','approved') AND expires <= ?1 AND ?2 = 0",
		now, 0);
	for (unsigned i = 0; !err && i < n; i++)
		err = expire(s, e, over[i]);
	for (unsigned k = 0; !err && k < sizeof(watched) / sizeof(*watched); k++)
		err = watch(s, e, k, now, nodes, warn_s);
	return err;
}
