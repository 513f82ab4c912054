/* SPDX-License-Identifier: BSD-3-Clause */
/* privacy: what a hit may leave in the log: decided by its order alone, before anything of it is kept.
 *
 * Model:    an order's field `records` says counts (of a minute), events, or events with a pseudonym of the client. A hit whose order is not known
 *           is counted. A pseudonym is HMAC-SHA256(key, order, address), cut to 8 bytes: the same client has others for other orders. The key
 *           is in memory alone, a new one each day (UTC) and each start; the one before is overwritten: nobody can link two days, nor
 *           compute whose a pseudonym was.
 * Owner:    privacy_new allocates, privacy_free wipes and frees. The key's page is in no core dump, swap or child.
 * Threads:  the loop's.
 * Limits:   the places of PRIVACY_VERSIONS versions are kept; others are read again from the store.
 */
#ifndef CONTROL_AUDIT_PRIVACY_H
#define CONTROL_AUDIT_PRIVACY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "control/store/store.h"

#define PRIVACY_VERSIONS	8
#define PRIVACY_PSEUDONYM_BYTES 8

enum records { RECORDS_COUNTS, RECORDS_EVENTS, RECORDS_PSEUDONYMS };

/* Where a hit belongs; 0: not known. */
struct privacy_place {
	int64_t order, list;
	enum records records;
};

struct privacy;

int privacy_new(struct store *s, struct privacy **ret, struct err *e);
void privacy_free(struct privacy *p);
/* Of list number `list` of a ruleset's version. */
struct privacy_place privacy_place(struct privacy *p, uint64_t version, unsigned list);
/* *ret_fresh: the key is new, for `day` (days since 1970) or after a start. -EIO: no random bytes: nothing is given. */
int privacy_pseudonym(struct privacy *p, int64_t day, int64_t order, const uint8_t *address, unsigned bytes,
		      uint8_t ret[PRIVACY_PSEUDONYM_BYTES], bool *ret_fresh);
/* The key goes where it is of another day. true: there was one. */
bool privacy_forget(struct privacy *p, int64_t day);

#endif
