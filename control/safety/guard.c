/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "control/safety/guard_state.h"
#include "rules/prefixset.h"

const struct guard_group_row guard_groups[GUARD_GROUPS_N] = {
#define X(group, word, class, help) {word, SAFETY_##class, help},
    GUARD_GROUPS(X)
#undef X
};

static const struct guard_entry *graver(const struct guard_entry *a, const struct guard_entry *b)
{
	return !a || (b && b->group < a->group) ? b : a;
}

const struct guard_node *guard_node_find(const struct guard *g, uint64_t hash, const char *name, size_t len)
{
	if (!g->n_nodes)
		return NULL;
	for (uint32_t i = (uint32_t)(hash ^ hash >> 32);; i++) {
		const struct guard_node *n = &g->nodes[i & (g->n_nodes - 1)];
		if (!n->name)
			return NULL;
		if (n->hash == hash && !strncmp(n->name, name, len) && !n->name[len])
			return n;
	}
}

static bool guards_subdomains(const struct guard_entry *e)
{
	return e->group == GUARD_OPERATOR || e->group == GUARD_EMERGENCY;
}

static const struct guard_entry *at_self(const struct guard *g, const struct guard_node *n)
{
	return n && n->self != GUARD_NONE ? &g->names[n->self] : NULL;
}

/* The gravest that a rule over this name concerns: `whole` a rule that takes subdomains along. */
static const struct guard_entry *find_name(const struct guard *g, const char *name, size_t len, bool whole)
{
	const struct guard_entry *found = NULL;
	uint64_t hash = GUARD_HASH_START;
	for (size_t i = len; i-- > 0;) {
		hash = guard_hash_step(hash, (uint8_t)name[i]);
		if (i && name[i - 1] != '.')
			continue;
		const struct guard_node *n = guard_node_find(g, hash, name + i, len - i);
		if (!n)
			break; /* nothing guarded is below this suffix, and so none of the longer ones is in the table */
		const struct guard_entry *self = at_self(g, n);
		if (!i && whole)
			found = graver(found, &g->names[n->below]);
		/* www.NAME is what people know NAME by */
		else if (self && (!i || guards_subdomains(self) || (i == 4 && !memcmp(name, "www.", 4))))
			found = graver(found, self);
	}
	return found;
}

static size_t host_without_port(const struct list_entry *e)
{
	const char *p = (const char *)e->text.p;
	size_t len = e->host_len;
	for (size_t i = len; i > 0 && p[i - 1] >= '0' && p[i - 1] <= '9'; i--)
		if (i > 1 && p[i - 2] == ':')
			return i - 2;
	return len;
}

static prefix_addr address_of(const uint8_t addr[16])
{
	return (prefix_addr)be64(addr) << 64 | be64(addr + 8);
}

static prefix_addr last_of(const uint8_t addr[16], unsigned bits)
{
	return address_of(addr) | (bits >= 128 ? 0 : ~(prefix_addr)0 >> bits);
}

/* Every guarded prefix that shares an address with the entry's. */
static const struct guard_entry *find_prefix(const struct guard *g, const struct list_entry *e)
{
	prefix_addr from = address_of(e->addr), to = last_of(e->addr, e->prefix_len);
	uint32_t low = 0, high = g->n_prefixes; /* the first that begins behind `to` */
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (address_of(g->prefixes[mid].addr) <= to)
			low = mid + 1;
		else
			high = mid;
	}
	const struct guard_entry *found = NULL;
	for (uint32_t i = low; i-- > 0;) {
		const struct guard_entry *furthest = &g->prefixes[g->reach[i]], *p = &g->prefixes[i];
		if (last_of(furthest->addr, furthest->prefix_len) < from)
			break;
		if (last_of(p->addr, p->prefix_len) >= from)
			found = graver(found, p);
	}
	return found;
}

const struct guard_entry *guard_find(const struct guard *g, const struct list_entry *e)
{
	const char *text = (const char *)e->text.p;
	switch (e->kind) {
	case RULE_DOMAIN:
	case RULE_SUBDOMAINS:
		return find_name(g, text, e->text.len, true);
	case RULE_HOST:
		return find_name(g, text, e->text.len, false);
	case RULE_URL:
	case RULE_URL_PREFIX:
		return find_name(g, text, host_without_port(e), false);
	case RULE_PREFIX:
		return find_prefix(g, e);
	default:
		return NULL;
	}
}

unsigned guard_names(const struct guard *g)
{
	return g->n_names;
}

unsigned guard_prefixes(const struct guard *g)
{
	return g->n_prefixes;
}

const struct guard_entry *guard_at(const struct guard *g, unsigned i)
{
	return i < g->n_names ? &g->names[i] : &g->prefixes[i - g->n_names];
}
