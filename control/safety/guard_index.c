/* SPDX-License-Identifier: BSD-3-Clause */
/* guard_index: what makes looking a guard up quick. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/safety/guard_state.h"

static int by_address(const void *x, const void *y)
{
	const struct guard_entry *a = x, *b = y;
	int d = memcmp(a->addr, b->addr, sizeof(a->addr));
	return d ? d : (int)a->prefix_len - (int)b->prefix_len;
}

static void last_address(const struct guard_entry *e, uint8_t ret[16])
{
	memcpy(ret, e->addr, 16);
	for (unsigned i = e->prefix_len; i < 128; i++)
		ret[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

static int index_prefixes(struct guard *g)
{
	uint8_t furthest[16], last[16];
	g->reach = calloc(g->n_prefixes + 1u, sizeof(*g->reach));
	if (!g->reach)
		return -ENOMEM;
	if (g->n_prefixes)
		qsort(g->prefixes, g->n_prefixes, sizeof(*g->prefixes), by_address);
	for (uint32_t i = 0; i < g->n_prefixes; i++) {
		last_address(&g->prefixes[i], last);
		bool further = !i || memcmp(last, furthest, sizeof(last)) > 0;
		g->reach[i] = further ? i : g->reach[i - 1];
		if (further)
			memcpy(furthest, last, sizeof(last));
	}
	return 0;
}

static struct guard_node *place(struct guard *g, uint64_t hash, const char *name)
{
	for (uint32_t i = (uint32_t)(hash ^ hash >> 32);; i++) {
		struct guard_node *n = &g->nodes[i & (g->n_nodes - 1)];
		if (!n->name) {
			*n = (struct guard_node){name, hash, GUARD_NONE, GUARD_NONE};
			return n;
		}
		if (n->hash == hash && !strcmp(n->name, name))
			return n;
	}
}

/* Of two entries for the same the graver stays, of equal ones the first. */
static void take(const struct guard *g, uint32_t *slot, uint32_t i)
{
	if (*slot == GUARD_NONE || g->names[i].group < g->names[*slot].group)
		*slot = i;
}

static int index_names(struct guard *g)
{
	uint64_t suffixes = 1;
	for (uint32_t i = 0; i < g->n_names; i++)
		for (const char *p = g->names[i].text; p; p = strchr(p + 1, '.'))
			suffixes++;
	for (g->n_nodes = 16; g->n_nodes < 2 * suffixes;)
		g->n_nodes *= 2;
	g->nodes = calloc(g->n_nodes, sizeof(*g->nodes));
	if (!g->nodes)
		return -ENOMEM;
	for (uint32_t i = 0; i < g->n_names; i++) {
		const char *name = g->names[i].text;
		uint64_t hash = GUARD_HASH_START;
		for (size_t k = strlen(name); k-- > 0;) {
			hash = guard_hash_step(hash, (uint8_t)name[k]);
			if (k && name[k - 1] != '.')
				continue;
			struct guard_node *n = place(g, hash, name + k);
			take(g, &n->below, i);
			if (!k)
				take(g, &n->self, i);
		}
	}
	return 0;
}

int guard_index(struct guard *g)
{
	int err = index_names(g);
	return err ? err : index_prefixes(g);
}
