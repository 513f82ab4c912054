/* SPDX-License-Identifier: BSD-3-Clause */
/* files: the files of a report, in memory, before they are handed over (pack.h).
 *
 * Model:    in the order in which they were added.
 * Owner:    files_free. Bytes are taken over.
 */
#ifndef CONTROL_REPORT_FILES_H
#define CONTROL_REPORT_FILES_H

#include <stddef.h>

#include "common/err.h"

#define FILES_MAX  32
#define FILES_NAME 64
#define FILES_SUMS "SHA256SUMS"

struct files {
	struct {
		char name[FILES_NAME];
		char *bytes;
		size_t n;
	} v[FILES_MAX];
	unsigned n;
};

/* Takes bytes over, also where it fails. */
int files_add(struct files *f, const char *name, char *bytes, size_t n, struct err *e);
void files_free(struct files *f);

#endif
