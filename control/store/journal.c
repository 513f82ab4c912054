/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/journal.h"

#include "control/store/clock.h"

const struct who who_program = {WHO_PROGRAM_UID, "roja-control"};

static const char *const outcomes[] = {
    [OUTCOME_DONE] = "done", [OUTCOME_REFUSED] = "refused", [OUTCOME_FAILED] = "failed"};

int journal_add(struct store *s, struct err *e, const struct who *who, const char *act, const char *subject,
		enum outcome outcome, const char *format, ...)
{
	char text[ERR_BYTES];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return store_run(
	    s, e, "INSERT INTO journal(at, uid, who, act, subject, outcome, text) VALUES(?,?,?,?,?,?,?)",
	    "iittttt", clock_now(), who->uid, who->name, act, subject, outcomes[outcome], text);
}
