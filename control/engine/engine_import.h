/* SPDX-License-Identifier: BSD-3-Clause */
/* engine_import: an import, and whoever of the engine waits for what became of it. */
#ifndef CONTROL_ENGINE_ENGINE_IMPORT_H
#define CONTROL_ENGINE_ENGINE_IMPORT_H

#include "control/engine/engine.h"

/* err 0: result is the job's (borrowed). Called once, unless the import could not even begin. */
struct import_after {
	void (*done)(void *ctx, int err, const json_t *result, const struct err *e);
	void *ctx;
};

int engine_import_after(struct engine *g, const struct engine_import *in, const struct import_after *after,
			uint64_t *ret_job, struct err *e);

#endif
