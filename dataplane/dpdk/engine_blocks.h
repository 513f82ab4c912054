/* SPDX-License-Identifier: BSD-3-Clause */
/* engine_blocks: addresses blocked for a time: in the workers' table and, beneath guarded ports, in the kernel's.
 *
 * Model:    the workers' table is what counts. The kernel has a copy, which drops frames before they reach a worker and goes on
 *           where none lives; it outlives the process, so that a start finds what is still blocked. In mode monitor the
 *           kernel has none, and the workers only count.
 * Owner:    embedded in the engine.
 * Threads:  the main thread.
 * Limits:   BLOCKS_MAX addresses.
 * Errors:   0 or -errno with a sentence, which names no address. What the kernel refuses is said by the status
 *           (engine.kernel_lacks), not here: the workers block all the same.
 */
#ifndef DATAPLANE_DPDK_ENGINE_BLOCKS_H
#define DATAPLANE_DPDK_ENGINE_BLOCKS_H

#include "dataplane/core/blocks.h"

struct engine;

/* At the start, before the workers'. */
int engine_blocks_open(struct engine *g, struct err *e);
/* From now on; where it is blocked already, until the later of both ends. -ENOSPC: too many are. */
int engine_block(struct engine *g, const uint8_t addr[16], unsigned seconds, unsigned list, struct err *e);
/* false: it was not. */
bool engine_unblock(struct engine *g, const uint8_t addr[16]);
/* How many there were. */
unsigned engine_unblock_all(struct engine *g);
/* Once a second. */
void engine_blocks_sweep(struct engine *g);

#endif
