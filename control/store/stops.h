/* SPDX-License-Identifier: BSD-3-Clause */
/* stops: an emergency stop takes one list, one order or everything back to pass, at once, by one operator.
 *
 * Model:    it is alarmed, and holds only until confirm_by unless somebody else confirms it: then until it is ended. An order
 *           that ends meanwhile stays ended.
 */
#ifndef CONTROL_STORE_STOPS_H
#define CONTROL_STORE_STOPS_H

#include "control/store/journal.h"

enum stop_what { STOP_ALL, STOP_LIST, STOP_ORDER, STOPS_N };
extern const char *const stop_words[STOPS_N];

int stop_add(struct store *s, struct err *e, const struct who *who, enum stop_what what, int64_t id,
	     const char *reason, int64_t confirm_s, int64_t *ret_id);
int stop_confirm(struct store *s, struct err *e, const struct who *who, int64_t id);
int stop_end(struct store *s, struct err *e, const struct who *who, int64_t id, const char *reason);
/* Ends those that nobody confirmed in time. */
int stops_tick(struct store *s, struct err *e, int64_t now);

#endif
