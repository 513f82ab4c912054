/* SPDX-License-Identifier: BSD-3-Clause */
/* denials: who was refused what for want of a role, told to the journal without letting a flood fill the disk.
 *
 * Model:    the first denial of a user and act is written at once, those of the following DENIALS_EVERY_MS as one row with their
 *           number.
 * Owner:    plain struct.
 * Limits:   DENIALS_MAX users and acts at a time; what goes beyond is told together, under the act "others".
 */
#ifndef CONTROL_API_DENIALS_H
#define CONTROL_API_DENIALS_H

#include "control/store/journal.h"

#define DENIALS_MAX	 64
#define DENIALS_EVERY_MS 60000

struct denial {
	int64_t uid;
	char who[64];
	const char *act; /* a literal; NULL: free */
	uint64_t since_ms;
	uint64_t more; /* not told yet */
};

struct denials {
	struct denial all[DENIALS_MAX + 1]; /* the last: all others */
};

/* act: a literal; text: of the row that is written at once. Returns what the journal returns. */
int denials_add(struct denials *d, struct store *s, const struct who *who, const char *act, const char *text,
		uint64_t now_ms, struct err *e);
/* Tells what waited long enough. Everything with now_ms UINT64_MAX. */
int denials_tick(struct denials *d, struct store *s, uint64_t now_ms, struct err *e);

#endif
