/* SPDX-License-Identifier: BSD-3-Clause */
/* replay: run captures through a pipeline.
 *
 * Model:    the capture's clock is the pipeline's; frames leave in the order they came, answers after the burst's frames
 *           up to the one that caused them.
 * Errors:   0 or -errno with a sentence.
 */
#ifndef DATAPLANE_REPLAY_REPLAY_H
#define DATAPLANE_REPLAY_REPLAY_H

#include "dataplane/core/pipeline.h"
#include "dataplane/replay/capture_out.h"
#include "dataplane/replay/hits.h"

struct replay {
	struct pipeline *pipeline;
	struct hits *hits;
	struct capture_out *out; /* NULL: nothing is written */
	bool progress;		 /* a line on standard error */
	uint64_t frames, bytes, skipped;
	unsigned truncated; /* captures that ended early; each was told on standard error */
};

int replay_capture(struct replay *r, const char *path, struct err *e);

#endif
