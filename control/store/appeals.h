/* SPDX-License-Identifier: BSD-3-Clause */
/* appeals: somebody says that something is blocked that should not be. A ticket with a deadline and an outcome.
 *
 * Model:    what is appealed, the words and the contact are sealed: they are a person's, and may name an entry. The ticket's text is
 *           random, so that only who holds it asks for it.
 * Limits:   APPEAL_TEXT_MAX bytes a text; APPEALS_OPEN_MAX open ones, so that a flood of the form ends in a sentence.
 */
#ifndef CONTROL_STORE_APPEALS_H
#define CONTROL_STORE_APPEALS_H

#include "control/store/journal.h"

#define APPEAL_TEXT_MAX	   4000
#define APPEAL_CONTACT_MAX 200
#define APPEALS_OPEN_MAX   5000
#define APPEAL_TICKET	   17 /* bytes, NUL included */

struct appeal {
	const char *subject, *text, *contact; /* contact may be NULL */
	const char *rule;		      /* opaque id of the block page, or NULL */
	int64_t order_id, list_id, line;      /* 0: not known */
};

int appeal_add(struct store *s, struct err *e, const struct who *who, const struct appeal *a,
	       int64_t deadline_s, char ret_ticket[APPEAL_TICKET], int64_t *ret_id);
int appeal_decide(struct store *s, struct err *e, const struct who *who, int64_t id, const char *outcome,
		  const char *note);
/* What a ticket's holder may know: {ticket, state, created, deadline, decided, note}; -ENOENT. */
int appeal_state(struct store *s, struct err *e, const char *ticket, json_t **ret);

#endif
