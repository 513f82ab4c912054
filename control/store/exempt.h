/* SPDX-License-Identifier: BSD-3-Clause */
/* exempt: exceptions (never blocked, whatever a list says) and overrides (a guarded entry that may be blocked after all).
 *
 * Model:    proposed -> active (by somebody else) -> ended, or refused. Entries are sealed. An exception may end by itself.
 */
#ifndef CONTROL_STORE_EXEMPT_H
#define CONTROL_STORE_EXEMPT_H

#include "control/store/journal.h"

/* entry: canonical, as a list has it, without '!'. expires 0: never. */
int exception_add(struct store *s, struct err *e, const struct who *who, const char *entry,
		  const char *reason, int64_t expires, int64_t *ret_id, int64_t *ret_proposal);
int exception_remove(struct store *s, struct err *e, const struct who *who, int64_t id, const char *reason,
		     int64_t *ret_proposal);
int exception_begins(struct store *s, struct err *e, int64_t id);
int exception_ends(struct store *s, struct err *e, int64_t id);
int exception_refused(struct store *s, struct err *e, int64_t id);
/* Ends those whose time is over. */
int exceptions_tick(struct store *s, struct err *e, int64_t now);

/* order_id 0: for every order. */
int override_add(struct store *s, struct err *e, const struct who *who, const char *entry,
		 const char *assessment, int64_t order_id, int64_t *ret_id, int64_t *ret_proposal);
int override_remove(struct store *s, struct err *e, const struct who *who, int64_t id, const char *reason,
		    int64_t *ret_proposal);
int override_begins(struct store *s, struct err *e, int64_t id);
int override_ends(struct store *s, struct err *e, int64_t id);
int override_refused(struct store *s, struct err *e, int64_t id);

/* The active entries, newly allocated texts; texts_free. overrides_active: those for every order and for order_id. */
int exceptions_active(struct store *s, struct err *e, char ***ret, unsigned *ret_n);
int overrides_active(struct store *s, struct err *e, int64_t order_id, char ***ret, unsigned *ret_n);
/* All active overrides, each with its order (0: every order): *ret_orders is freed by free. */
int overrides_of_all(struct store *s, struct err *e, char ***ret, int64_t **ret_orders, unsigned *ret_n);
void texts_free(char **texts, unsigned n);

#endif
