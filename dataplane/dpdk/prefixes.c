/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/prefixes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct gathered {
	const struct ruleset *rs;
	struct guard_prefix *v;
	unsigned n, room;
};

static bool is_v4(const uint8_t addr[16], unsigned bits)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	return bits >= 96 && !memcmp(addr, mapped, sizeof(mapped));
}

static int gather(void *ctx, const uint8_t addr[16], unsigned bits, unsigned list)
{
	struct gathered *g = ctx;
	if (ruleset_action(g->rs, list, META_action_ip) == ACTION_COUNT)
		return 0;
	if (g->n == g->room) {
		unsigned room = g->room ? 2 * g->room : 256;
		struct guard_prefix *v = reallocarray(g->v, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		g->v = v;
		g->room = room;
	}
	struct guard_prefix *p = &g->v[g->n++];
	bool v4 = is_v4(addr, bits);
	*p = (struct guard_prefix){
	    .version = v4 ? 4 : 6, .bits = (uint8_t)(v4 ? bits - 96 : bits), .action = GUARD_DROP_DEAD};
	memcpy(p->addr, v4 ? addr + 12 : addr, v4 ? 4 : 16);
	return 0;
}

int prefixes_give(struct guard *guard, const struct ruleset *rs, struct err *e)
{
	struct gathered g = {.rs = rs};
	int err = rs ? ruleset_prefixes(rs, gather, &g) : 0;
	err = err ? err_set(e, err, "no memory for the ruleset's addresses")
		  : guard_prefixes(guard, g.v, g.n, e);
	free(g.v);
	return err;
}
