/* SPDX-License-Identifier: BSD-3-Clause */
/* confirmation: the letter that tells an authority that its order is in force, or no longer is: a draft, in English and Albanian.
 *
 * Model:    says what was acknowledged, of the data planes that are configured: never more. It holds no entry of a list.
 * Owner:    the caller frees text.
 * Errors:   -ENOENT: no such order; -EPERM: there is nothing to confirm, and the sentence says why.
 */
#ifndef CONTROL_API_CONFIRMATION_H
#define CONTROL_API_CONFIRMATION_H

#include "control/api/call.h"

struct confirmation {
	char *text;
	char sha256[65];
	bool ended;	/* it says that the block has ended */
	unsigned nodes; /* of how many data planes it says so */
	int64_t at;
};

int confirmation_draft(const struct call *c, int64_t order, int64_t now, struct confirmation *ret,
		       struct err *e);

#endif
