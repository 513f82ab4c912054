/* SPDX-License-Identifier: BSD-3-Clause */
/* pack: the files of a report, one behind the other, into one file that the caller handed over: ustar (common/tar.h), the last one SHA256SUMS.
 *
 * Model:    the daemon has other rights than who asks: so that nobody's rights are used for another's folder, the tool opens a file, the daemon
 *           writes into that descriptor, and the tool makes files of it. SHA256SUMS, the manifest, is what sha256sum -c reads: a line a file.
 * Owner:    pack_begin allocates, pack_fini frees; the descriptor is the caller's.
 * Threads:  one; may be a worker: it reads and writes files, nothing else.
 * Errors:   -errno with a sentence.
 */
#ifndef CONTROL_REPORT_PACK_H
#define CONTROL_REPORT_PACK_H

#include <stdint.h>
#include <stdio.h>

#include "control/report/files.h"

struct pack {
	int fd;
	unsigned n;	/* files so far */
	uint64_t bytes; /* written */
	int64_t time;	/* of the files */
	FILE *sums;
	char *sums_text;
	size_t sums_n;
};

/* Empties the file; the descriptor is one of a regular file that can be written. */
int pack_begin(struct pack *p, int fd, int64_t time, struct err *e);
int pack_bytes(struct pack *p, const char *name, const void *bytes, size_t n, struct err *e);
/* The first `n` bytes of an open file. */
int pack_file(struct pack *p, const char *name, int from, uint64_t n, struct err *e);
/* Each of them. */
int pack_files(struct pack *p, const struct files *f, struct err *e);
/* Writes the manifest, and what ends a tar file. sha256: of the manifest. */
int pack_end(struct pack *p, char ret_sha256[65], struct err *e);
void pack_fini(struct pack *p);

#endif
