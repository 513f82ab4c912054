/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/holds.h"

#include <errno.h>

#include "control/store/clock.h"
#include "control/store/proposals.h"

_Static_assert(HOLD_PROPOSED_DAYS == 30, "HOLD_COUNTS says so, too");

static int propose(struct store *s, struct err *e, const struct who *who, enum proposal_kind kind, int64_t id,
		   int64_t order_id, const char *reason, int64_t *ret_proposal)
{
	char text[80];
	snprintf(text, sizeof(text), "hold %lld of order %lld %s", (long long)id, (long long)order_id,
		 kind == PROPOSAL_HOLD ? "begins" : "ends");
	return proposal_add(
	    s, e, who,
	    &(struct proposal){
		.kind = kind, .subject = id, .order_id = order_id, .text = text, .reason = reason},
	    ret_proposal);
}

int hold_add(struct store *s, struct err *e, const struct who *who, int64_t order_id, const char *reason,
	     int64_t *ret_id, int64_t *ret_proposal)
{
	int64_t n;
	int err = store_int(s, &n, e, "SELECT count(*) FROM orders WHERE id = ?", "i", order_id);
	if (!err && !n)
		err = err_set(e, -ENOENT, "order: there is no order %lld; rojactl order ls shows them",
			      (long long)order_id);
	if (!err)
		err = store_run(s, e,
				"INSERT INTO holds(order_id, reason, state, uid, who, created)"
				" VALUES(?, ?, 'proposed', ?, ?, ?)",
				"ititi", order_id, reason, who->uid, who->name, clock_now());
	if (err)
		return err;
	*ret_id = store_last_id(s);
	return propose(s, e, who, PROPOSAL_HOLD, *ret_id, order_id, reason, ret_proposal);
}

int hold_release(struct store *s, struct err *e, const struct who *who, int64_t id, const char *reason,
		 int64_t *ret_proposal)
{
	int64_t order_id, open;
	int err = store_int(s, &order_id, e, "SELECT order_id FROM holds WHERE id = ? AND state = 'active'",
			    "i", id);
	if (err == -ENOENT)
		return err_set(e, err, "hold: there is no active hold %lld; rojactl hold ls shows them",
			       (long long)id);
	if (!err && !proposal_of(s, NULL, PROPOSAL_HOLD_END, id, &open))
		return err_set(e, -EALREADY, "hold: the end of hold %lld is proposed already: proposal %lld",
			       (long long)id, (long long)open);
	return err ? err : propose(s, e, who, PROPOSAL_HOLD_END, id, order_id, reason, ret_proposal);
}

static int changed(struct store *s, struct err *e, int64_t id, int err)
{
	if (!err && !store_changes(s))
		err = err_set(e, -EPERM, "hold %lld is no longer in that state", (long long)id);
	return err;
}

int hold_begins(struct store *s, struct err *e, int64_t id)
{
	return changed(
	    s, e, id,
	    store_run(s, e,
		      "UPDATE holds SET state = 'active', began = ? WHERE id = ? AND state = 'proposed'",
		      "ii", clock_now(), id));
}

int hold_refused(struct store *s, struct err *e, int64_t id)
{
	return changed(s, e, id,
		       store_run(s, e,
				 "UPDATE holds SET state = 'refused' WHERE id = ? AND state = 'proposed'",
				 "i", id));
}

int hold_ends(struct store *s, struct err *e, int64_t id)
{
	return changed(
	    s, e, id,
	    store_run(s, e, "UPDATE holds SET state = 'ended', ended = ? WHERE id = ? AND state = 'active'",
		      "ii", clock_now(), id));
}
