/* SPDX-License-Identifier: BSD-3-Clause */
/* report_job: hands a report's files over, in a worker, and journals that.
 *
 * Model:    the request brings the descriptor of a regular file that can be written; it becomes a tar file (control/report/pack.h). Once it is
 *           whole, the act is journalled with the SHA-256 of the manifest: so it becomes a leaf of the log. A report that could not be handed over
 *           to its end is journalled as failed.
 * Owner:    report_job_begin takes files over, also where it fails, and the call's descriptor where it succeeds.
 */
#ifndef CONTROL_API_REPORT_JOB_H
#define CONTROL_API_REPORT_JOB_H

#include "control/api/call.h"
#include "control/report/files.h"

/* Whether it would begin: -errno with a sentence where no file came with the request, or the caller has too many jobs. */
int report_job_may(const struct call *c, struct err *e);
/* method: a literal. subject: of the journal. log: a folder of which a copy goes in front; NULL: none. note: a
 * sentence for who asked; NULL: none. */
int report_job_begin(struct call *c, const char *method, const char *subject, const char *log,
		     const char *note, struct files *files, json_t **ret, struct err *e);

#endif
