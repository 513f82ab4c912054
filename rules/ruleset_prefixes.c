/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/prefixset.h"
#include "rules/ruleset.h"
#include "rules/ruleset_state.h"

/* One sorted section of ranges, read range by range. */
struct ranges {
	const struct image_range4 *v4;
	const struct image_range6 *v6;
	uint64_t n, i;
};

static struct ranges open_ranges(const struct ruleset *rs, enum image_section section, bool v4)
{
	const void *at = image_at(rs->head, section);
	return (struct ranges){v4 ? at : NULL, v4 ? NULL : at, rs->head->section[section].count, 0};
}

static bool next_range(struct ranges *r, struct prefix_range *ret)
{
	if (r->i == r->n)
		return false;
	if (r->v4) {
		const struct image_range4 *v = &r->v4[r->i];
		*ret = (struct prefix_range){PREFIX_V4_FROM | v->from, PREFIX_V4_FROM | v->to, v->role};
	} else {
		const struct image_range6 *v = &r->v6[r->i];
		*ret = (struct prefix_range){(prefix_addr)v->from[0] << 64 | v->from[1],
					     (prefix_addr)v->to[0] << 64 | v->to[1], v->role};
	}
	r->i++;
	return true;
}

static unsigned zeros_behind(prefix_addr a)
{
	uint64_t low = (uint64_t)a, high = (uint64_t)(a >> 64);
	return low ? (unsigned)__builtin_ctzll(low) : high ? 64 + (unsigned)__builtin_ctzll(high) : 128;
}

/* The fewest prefixes that hold exactly from..to. */
static int emit(prefix_addr from, prefix_addr to, unsigned list, ruleset_prefix_fn *each, void *ctx)
{
	for (;;) {
		unsigned free_bits = zeros_behind(from);
		while (free_bits &&
		       (free_bits == 128 ? ~(prefix_addr)0 : (((prefix_addr)1 << free_bits) - 1)) > to - from)
			free_bits--;
		uint8_t addr[16];
		for (unsigned i = 0; i < 16; i++)
			addr[i] = (uint8_t)(from >> (120 - 8 * i));
		int err = each(ctx, addr, 128 - free_bits, list);
		prefix_addr last =
		    from | (free_bits == 128 ? ~(prefix_addr)0 : (((prefix_addr)1 << free_bits) - 1));
		if (err || last == to)
			return err;
		from = last + 1;
	}
}

/* Blocks less exceptions, both sorted and disjoint. */
static int subtract(const struct ruleset *rs, struct ranges blocks, struct ranges exceptions,
		    ruleset_prefix_fn *each, void *ctx)
{
	struct prefix_range b, x;
	bool has_x = next_range(&exceptions, &x);
	while (next_range(&blocks, &b)) {
		unsigned list = rs->roles[b.role].list;
		bool done = false;
		if (!b.role)
			continue;
		while (!done && has_x && x.from <= b.to) {
			if (x.to < b.from || !x.role) {
				has_x = next_range(&exceptions, &x);
				continue;
			}
			int err = x.from > b.from ? emit(b.from, x.from - 1, list, each, ctx) : 0;
			if (err)
				return err;
			done = x.to >= b.to; /* the exception may reach into the next block: keep it */
			b.from = x.to + 1;
		}
		int err = done ? 0 : emit(b.from, b.to, list, each, ctx);
		if (err)
			return err;
	}
	return 0;
}

int ruleset_prefixes(const struct ruleset *rs, ruleset_prefix_fn *each, void *ctx)
{
	int err = subtract(rs, open_ranges(rs, IMAGE_BLOCKS4, true), open_ranges(rs, IMAGE_EXCEPTIONS4, true),
			   each, ctx);
	return err ? err
		   : subtract(rs, open_ranges(rs, IMAGE_BLOCKS6, false),
			      open_ranges(rs, IMAGE_EXCEPTIONS6, false), each, ctx);
}
