/* SPDX-License-Identifier: BSD-3-Clause */
/* job: waits for work that the control process does beside its answers.
 *
 * Model:    an answer {"job": N} is replaced by the job's result when it is done; any other stays. Waiting has no limit of its
 *           own: the work goes on in the daemon if one stops waiting, and rojactl job asks about it.
 * Errors:   -EREMOTEIO with the job's sentence where it failed; those of ask().
 */
#ifndef CONTROL_CTL_JOB_H
#define CONTROL_CTL_JOB_H

#include "control/ctl/ask.h"

/* *answer is the caller's reference, before and after. */
int job_wait(const struct ask *a, json_t **answer, struct err *e);
/* The same; `say` is called each time it is not done yet. */
int job_wait_saying(const struct ask *a, json_t **answer, void (*say)(void *ctx), void *ctx, struct err *e);
/* Whether the result says "refused": true. */
bool job_refused(const json_t *result);

#endif
