/* SPDX-License-Identifier: BSD-3-Clause */
/* logcopy_state: what the files of logcopy share. */
#ifndef CONTROL_REPORT_LOGCOPY_STATE_H
#define CONTROL_REPORT_LOGCOPY_STATE_H

#include <dirent.h>

#include "audit/tile.h"
#include "control/report/logcopy.h"

#define NAME_BYTES 128

struct copying {
	struct pack *pack;
	int folder;
	const char *path;
	struct log_point at;
};

/* A regular file of the log; -ENOENT with no sentence. */
int logcopy_open(const struct copying *c, const char *name, int *ret_fd, uint64_t *ret_size, struct err *e);
/* Its bytes, at most so many; the caller frees them. -ENOENT with no sentence. */
int logcopy_read(const struct copying *c, const char *name, uint64_t most, uint8_t **ret, size_t *ret_n,
		 struct err *e);
/* As it is, or out of the full one that has taken its place. */
int logcopy_tile(const struct copying *c, const struct tile *t, struct err *e);
/* Names in a folder of the log, sorted; *ret_n 0 where there is no folder. */
int logcopy_list(const struct copying *c, const char *name, struct dirent ***ret, int *ret_n, struct err *e);
void logcopy_list_free(struct dirent **names, int n);

/* logcopy_edge.c: narrower ones of a partial tile, for who holds a checkpoint of then. */
int logcopy_narrower(const struct copying *c, const struct tile *t, struct err *e);

#endif
