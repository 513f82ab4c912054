/* SPDX-License-Identifier: BSD-3-Clause */
/* proposals: four eyes. What changes what is enforced, or shows an entry, is proposed by one person and decided by another.
 *
 * Model:    a row a proposal; kinds are a table with what approving and refusing do. Approving applies within the same
 *           transaction, so nothing is half-approved. Two people are two user ids, whatever their roles and names.
 * Errors:   -ENOENT; -EALREADY: decided before; -EPERM: the decider is the proposer; what the kind's own function says.
 */
#ifndef CONTROL_STORE_PROPOSALS_H
#define CONTROL_STORE_PROPOSALS_H

#include "control/store/journal.h"

/* clang-format off */
/* X(NAME, word, applies, refuses, help): functions of proposals.c */
#define PROPOSALS(X)                                                                                        \
	X(ORDER,         "order",         approve_order,         refuse_order,     "an order comes into force")  \
	X(REVOKE,        "revoke",        approve_revoke,        refuse_nothing,   "an order ends")              \
	X(LIST,          "list",          approve_list,          refuse_list,      "a list belongs to an order, and where it comes from") \
	X(IMPORT,        "import",        approve_import,        refuse_import,    "what a list says from now on") \
	X(EXCEPTION,     "exception",     approve_exception,     refuse_exception, "something is never blocked") \
	X(EXCEPTION_END, "exception-end", approve_exception_end, refuse_nothing,   "an exception ends")          \
	X(OVERRIDE,      "override",      approve_override,      refuse_override,  "an entry that the guard list holds may be blocked") \
	X(OVERRIDE_END,  "override-end",  approve_override_end,  refuse_nothing,   "an override ends")           \
	X(REVEAL,        "reveal",        approve_reveal,        refuse_nothing,   "the entries of a list are shown to who asked") \
	X(HOLD,          "hold",          approve_hold,          refuse_hold,      "what the log says of an order's hits is kept beyond its retention") \
	X(HOLD_END,      "hold-end",      approve_hold_end,      refuse_nothing,   "a hold ends")
/* clang-format on */

enum proposal_kind {
#define X(id, word, applies, refuses, help) PROPOSAL_##id,
	PROPOSALS(X)
#undef X
	    PROPOSALS_N
};
extern const char *const proposal_words[PROPOSALS_N];

struct proposal {
	enum proposal_kind kind;
	int64_t subject;	   /* the id of what the kind is about */
	int64_t order_id, list_id; /* 0: none */
	const char *text, *reason; /* for people; reason may be NULL */
};

#define REVEAL_SECONDS 3600 /* for how long an approved reveal shows entries */

int proposal_add(struct store *s, struct err *e, const struct who *who, const struct proposal *p,
		 int64_t *ret_id);
int proposal_approve(struct store *s, struct err *e, const struct who *who, int64_t id, const char *note);
int proposal_refuse(struct store *s, struct err *e, const struct who *who, int64_t id, const char *note);
/* Only by who proposed it. */
int proposal_withdraw(struct store *s, struct err *e, const struct who *who, int64_t id);
/* All open ones about an order, its lists and their imports, in the order in which they build on each other;
 * *ret_n: how many. -ENOENT: none is open. All or none. */
int proposals_decide_order(struct store *s, struct err *e, const struct who *who, int64_t order_id,
			   bool approve, const char *note, unsigned *ret_n);
/* The open proposal of a kind and subject. */
int proposal_of(struct store *s, struct err *e, enum proposal_kind kind, int64_t subject, int64_t *ret_id);

#endif
