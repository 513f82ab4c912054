/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "rules/compile_state.h"

#define LOAD_PERCENT 70 /* full enough for 34 bytes a name, free enough that most look-ups read one bucket */

uint64_t build_buckets(size_t keys)
{
	return keys ? keys * 100 / (LOAD_PERCENT * IMAGE_SLOTS) + 1 : 0;
}

struct image_role build_role(struct fingerprint f, uint64_t value)
{
	struct image_role r = {.line = (uint32_t)value,
			       .list = (uint16_t)(value >> 32),
			       .kind = (uint8_t)(value >> 49 & 0xf),
			       .exception = value >> 48 & 1};
	r.id = image_rule_id(f, (enum rule_kind)r.kind, r.exception);
	return r;
}

static bool same_rule(const struct image_role *a, const struct image_role *b)
{
	return a->kind == b->kind && a->exception == b->exception;
}

/* Another rule for a key that has one: the chain grows, in the order of the lists. */
static enum build_insert chain(struct build_table *t, struct fingerprint f, uint64_t *place, uint64_t value,
			       struct image_role *ret_first)
{
	struct image_role new = build_role(f, value);
	if (*place & IMAGE_SINGLE) {
		struct image_role old = build_role(f, *place);
		if (same_rule(&old, &new)) {
			*ret_first = old;
			return BUILD_DUPLICATE;
		}
		struct image_role *r = vec_push(t->roles, sizeof(*r));
		if (!r)
			return BUILD_NO_MEMORY;
		*r = old;
		*place = t->roles->n - 1;
	}
	struct image_role *all = t->roles->at;
	uint32_t last = (uint32_t)*place;
	for (;; last = all[last].next) {
		if (same_rule(&all[last], &new)) {
			*ret_first = all[last];
			return BUILD_DUPLICATE;
		}
		if (!all[last].next)
			break;
	}
	struct image_role *r = vec_push(t->roles, sizeof(*r));
	if (!r)
		return BUILD_NO_MEMORY;
	*r = new;
	all = t->roles->at;
	all[last].next = (uint32_t)(t->roles->n - 1);
	return BUILD_CHAINED;
}

enum build_insert build_insert(struct build_table *t, struct fingerprint f, uint64_t value,
			       struct image_role *ret_first)
{
	uint64_t b = image_bucket_of(f, t->buckets);
	for (unsigned probes = 0; probes < IMAGE_MAX_PROBES; probes++) {
		for (unsigned i = 0; i < IMAGE_SLOTS; i++) {
			struct fingerprint *slot = &t->keys[b].slot[i];
			uint64_t *place = &t->values[b * IMAGE_SLOTS + i];
			if (!slot->a && !slot->b) {
				*slot = (struct fingerprint){f.a, f.b & ~IMAGE_SPILL};
				*place = value;
				return BUILD_NEW;
			}
			if (image_holds(*slot, f))
				return chain(t, f, place, value, ret_first);
		}
		t->keys[b].slot[0].b |= IMAGE_SPILL;
		if (++b == t->buckets)
			b = 0;
	}
	return BUILD_FULL;
}
