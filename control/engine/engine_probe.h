/* SPDX-License-Identifier: BSD-3-Clause */
/* engine_probe: when the compliance self-test runs, over what, and what becomes of its results.
 *
 * Model:    one at a time, as a job: the active version's lists against every data plane (control/probe/prober.h). By itself once every data plane
 *           has acknowledged a version, and every probe.every_s; by command. A version that becomes active meanwhile ends it, and it begins
 *           anew once that one is acknowledged. Each order's result on each data plane is a row of the store, a leaf of the log and,
 *           where something passes or is harmed, an alarm.
 * Owner:    probing_new/free; the engine's.
 * Threads:  the loop's; the asking is a worker's.
 */
#ifndef CONTROL_ENGINE_ENGINE_PROBE_H
#define CONTROL_ENGINE_ENGINE_PROBE_H

#include "control/engine/engine.h"

struct probing;
struct node;

int probing_new(struct engine *g, struct probing **ret, struct err *e);
/* The jobs have ended. */
void probing_free(struct probing *p);
/* A version has become active; a data plane judges by it; a second has passed; the engine stops. */
void probing_adopted(struct engine *g);
void probing_acknowledged(struct engine *g);
void probing_tick(struct engine *g, int64_t now);
void probing_stop(struct engine *g);

#endif
