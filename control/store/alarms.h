/* SPDX-License-Identifier: BSD-3-Clause */
/* alarms: what a person must look at. One open alarm a kind and subject: raised again it counts, cleared it is history.
 *
 * Model:    a state (ALARM_CLEARS) clears itself when it is over; an event stays until a person acknowledges it.
 */
#ifndef CONTROL_STORE_ALARMS_H
#define CONTROL_STORE_ALARMS_H

#include "control/store/journal.h"

/* clang-format off */
/* X(NAME, word, clears by itself, help) */
#define ALARMS(X)                                                                                                    \
	X(DEADLINE_NEAR,   "deadline-near",   true,  "an order's deadline is near and it is not enforced everywhere") \
	X(DEADLINE_MISSED, "deadline-missed", false, "an order was not enforced everywhere by its deadline")          \
	X(EXPIRY_NEAR,     "expiry-near",     true,  "an order expires soon")                                         \
	X(EXPIRED,         "expired",         false, "an order expired")                                              \
	X(REVIEW_DUE,      "review-due",      true,  "an order that lasts over a year was not reviewed for a year")   \
	X(FEED_REFUSED,    "feed-refused",    false, "a list was refused; the last good one stays")                   \
	X(FEED_STALE,      "feed-stale",      true,  "a source could not be asked several times in a row")            \
	X(COMPILE_FAILED,  "compile-failed",  true,  "what was approved cannot be compiled; the last version stays")  \
	X(PUBLISH_REFUSED, "publish-refused", true,  "a data plane refused a version")                                \
	X(DATAPLANE_GONE,  "dataplane-gone",  true,  "a data plane does not answer")                                  \
	X(BREAKER,         "breaker",         false, "a fresh version hit too much of the traffic and was taken back") \
	X(STOP,            "stop",            true,  "an emergency stop is in effect")                                \
	X(STOP_LAPSED,     "stop-lapsed",     false, "an emergency stop ended because no second person confirmed it") \
	X(ROLLBACK,        "rollback",        false, "somebody went back to an earlier version; a second person must look at it") \
	X(UNPROTECTED,     "unprotected",     false, "traffic passed uninspected for a while")                        \
	X(EVENTS_LOST,     "events-lost",     false, "hits were enforced but their events lost")                      \
	X(AUDIT_STALLED,   "audit-stalled",   true,  "the log takes nothing, hits wait in their rings: is the disk full?")     \
	X(APPEAL,          "appeal",          true,  "an appeal waits for a decision")                                \
	X(STAMP_FAILED,    "stamp-failed",    true,  "the log's checkpoints could not be time-stamped several times in a row") \
	X(RETENTION_FAILED, "retention-failed", true, "what the log keeps no longer could not be removed (docs/audit-operation.md)") \
	X(SINK_BEHIND,     "sink-behind",     true,  "a sink does not take what the log holds")                           \
	X(PROBE_FAILED,    "probe-failed",    true,  "a probe found that an entry would pass or a neighbour would be blocked (docs/probe.md)") \
	X(UNRECORDED,      "unrecorded",      true,  "the store does not take what happens: is the disk full?")
/* clang-format on */

enum alarm {
#define X(id, word, clears, help) ALARM_##id,
	ALARMS(X)
#undef X
	    ALARMS_N
};

struct alarm_row {
	const char *word;
	bool clears;
	const char *help;
};
extern const struct alarm_row alarm_rows[ALARMS_N];

/* subject: "order 3", "dataplane left". The text of an alarm that is open already is replaced. */
__attribute__((format(printf, 5, 6))) int alarm_raise(struct store *s, struct err *e, enum alarm kind,
						      const char *subject, const char *format, ...);
/* Clears the open alarm, if there is one. */
int alarm_clear(struct store *s, struct err *e, enum alarm kind, const char *subject);
/* -ENOENT; -EALREADY; -EPERM: a rollback's by the person who caused it. */
int alarm_ack(struct store *s, struct err *e, int64_t id, const struct who *who, const char *note);

#endif
