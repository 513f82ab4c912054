/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/files.h"

#include <errno.h>
#include <stdlib.h>

int files_add(struct files *f, const char *name, char *bytes, size_t n, struct err *e)
{
	if (!bytes || f->n == FILES_MAX) {
		free(bytes);
		return err_set(e, bytes ? -E2BIG : -ENOMEM,
			       bytes ? "a report has too many files" : "memory ran out");
	}
	snprintf(f->v[f->n].name, FILES_NAME, "%s", name);
	f->v[f->n].bytes = bytes;
	f->v[f->n++].n = n;
	return 0;
}

void files_free(struct files *f)
{
	while (f->n)
		free(f->v[--f->n].bytes);
}
