/* SPDX-License-Identifier: BSD-3-Clause */
/* capture_out: write frames to a pcapng file with nanosecond times, one interface a link type.
 *
 * Model:    buffered; nothing is at `path` until capture_out_close succeeded: a new file beside it is renamed there.
 *           Standard output (path "-") and what is no regular file, such as /dev/null, a pipe or a link, is
 *           written in place. pcapng because one file can hold frames of several link types.
 * Errors:   0 or -errno with a sentence; a failed write is remembered and reported by close.
 */
#ifndef DATAPLANE_REPLAY_CAPTURE_OUT_H
#define DATAPLANE_REPLAY_CAPTURE_OUT_H

#include <stdbool.h>

#include "common/err.h"
#include "dataplane/core/packet.h"

struct capture_out;

int capture_out_open(const char *path, struct capture_out **ret, struct err *e);
/* `answer` marks an injected frame with the comment option "roja: answer". */
void capture_out_frame(struct capture_out *c, const uint8_t *data, uint32_t len, enum link link,
		       uint64_t time_ns, bool answer);
/* commit false drops the file. */
int capture_out_close(struct capture_out *c, bool commit, struct err *e);

#endif
