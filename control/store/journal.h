/* SPDX-License-Identifier: BSD-3-Clause */
/* journal: who did what, and what was refused. Within the transaction of the act that it tells of.
 *
 * Model:    a row an act; text holds no list entry and no subscriber's data.
 */
#ifndef CONTROL_STORE_JOURNAL_H
#define CONTROL_STORE_JOURNAL_H

#include "control/store/store.h"

struct who {
	int64_t uid; /* WHO_PROGRAM_UID: the program itself */
	const char *name;
};
#define WHO_PROGRAM_UID (-1)
extern const struct who who_program;

enum outcome { OUTCOME_DONE, OUTCOME_REFUSED, OUTCOME_FAILED };

__attribute__((format(printf, 7, 8))) int journal_add(struct store *s, struct err *e, const struct who *who,
						      const char *act, const char *subject,
						      enum outcome outcome, const char *format, ...);

#endif
