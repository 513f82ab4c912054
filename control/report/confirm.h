/* SPDX-License-Identifier: BSD-3-Clause */
/* confirm: the letter that tells an authority that its order is in force, or no longer is: a draft, in English and Albanian.
 *
 * Model:    says what was acknowledged, of the data planes that are configured: never more; how many entries are enforced where, and why
 *           others are not; by which checkpoint of the log whoever has a copy can check it. It holds no entry of a list.
 * Owner:    confirmation_free.
 * Errors:   -ENOENT: no such order; -EPERM: there is nothing to confirm, and the sentence says why.
 */
#ifndef CONTROL_REPORT_CONFIRM_H
#define CONTROL_REPORT_CONFIRM_H

#include "control/report/language.h"
#include "control/report/report.h"

struct confirmation {
	char *text, *html;
	char sha256[65], html_sha256[65];
	bool ended;	/* it says that the block has ended */
	unsigned nodes; /* of how many data planes it says so */
	int64_t at;
};

/* languages: bits 1 << enum language. */
int confirmation_draft(const struct report_context *c, int64_t order, unsigned languages,
		       struct confirmation *ret, struct err *e);
void confirmation_free(struct confirmation *f);

#endif
