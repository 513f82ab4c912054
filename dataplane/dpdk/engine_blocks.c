/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/engine_blocks.h"

#include <errno.h>
#include <string.h>

#include "dataplane/dpdk/clock.h"
#include "dataplane/dpdk/engine.h"

static bool kernel_has(const struct engine *g)
{
	return g->wire.guard && g->cfg->mode != CONFIG_MODE_MONITOR;
}

static void give(struct engine *g, const struct block *one)
{
	struct guard_block b = {.until_ns = one->until_ns, .list = one->list};
	memcpy(b.addr, one->addr, sizeof(b.addr));
	if (kernel_has(g))
		g->blocks_failed = guard_block(g->wire.guard, &b, &g->blocks_why);
}

static void take_back(void *engine, const struct block *one)
{
	const struct engine *g = engine;
	if (g->wire.guard)
		guard_unblock(g->wire.guard, one->addr, NULL);
}

static void found(void *blocks, const struct guard_block *one)
{
	struct block b = {.until_ns = one->until_ns, .list = (uint16_t)one->list};
	memcpy(b.addr, one->addr, sizeof(b.addr));
	blocks_put(blocks, &b, NULL);
}

/* Calls each for every one; it may remove that one. */
static void walk(struct engine *g, void (*each)(void *engine, const struct block *one))
{
	struct block one;
	for (unsigned at = 0, next = 1; next; at = next)
		if (blocks_read(g->blocks, at, &one, 1, &next))
			each(g, &one);
}

int engine_blocks_open(struct engine *g, struct err *e)
{
	int err = blocks_new(g->secret, &g->blocks, e);
	if (err || !g->wire.guard)
		return err;
	err = guard_blocks_each(g->wire.guard, found, g->blocks, e);
	if (err)
		return err;
	engine_blocks_sweep(g);
	if (!kernel_has(g))
		walk(g, take_back);
	return 0;
}

int engine_block(struct engine *g, const uint8_t addr[16], unsigned seconds, unsigned list, struct err *e)
{
	struct block one = {.until_ns = clock_monotonic_ns() + (uint64_t)seconds * 1000000000u,
			    .list = (uint16_t)list};
	memcpy(one.addr, addr, sizeof(one.addr));
	int err = blocks_put(g->blocks, &one, e);
	if (!err)
		give(g, &one);
	return err;
}

bool engine_unblock(struct engine *g, const uint8_t addr[16])
{
	struct block one;
	memcpy(one.addr, addr, sizeof(one.addr));
	take_back(g, &one);
	return blocks_remove(g->blocks, addr);
}

static void remove_one(void *engine, const struct block *one)
{
	engine_unblock(engine, one->addr);
}

unsigned engine_unblock_all(struct engine *g)
{
	unsigned n = blocks_count(g->blocks);
	walk(g, remove_one);
	return n;
}

void engine_blocks_sweep(struct engine *g)
{
	blocks_sweep(g->blocks, clock_monotonic_ns(), take_back, g);
}
