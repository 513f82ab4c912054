/* SPDX-License-Identifier: BSD-3-Clause */
#include "rules/prefixset.h"

static int by_from_then_width(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return x->role < y->role ? 1 : -1; /* of equals the first given comes last, and so inside */
}

static void emit(struct prefix_range *ret, size_t *n, prefix_addr from, prefix_addr to, uint32_t role)
{
	if (*n && ret[*n - 1].role == role && ret[*n - 1].to + 1 == from)
		ret[*n - 1].to = to;
	else
		ret[(*n)++] = (struct prefix_range){from, to, role};
}

/* Prefixes nest or lie apart: walking them by their beginnings, a stack holds those that enclose the place reached. */
size_t prefixset_flatten(struct prefix *p, size_t n, struct prefix_range *ret)
{
	const struct prefix *stack[260]; /* 129 lengths, two of one prefix never stay */
	unsigned depth = 0;
	size_t out = 0;
	prefix_addr at = 0; /* everything before is emitted */
	qsort(p, n, sizeof(*p), by_from_then_width);
	for (size_t i = 0; i <= n; i++) {
		while (depth && (i == n || stack[depth - 1]->to < p[i].from)) {
			const struct prefix *top = stack[--depth];
			if (at <= top->to) {
				emit(ret, &out, at, top->to, top->role);
				at = top->to + 1;
				if (!at)
					return out; /* the last address there is */
			}
		}
		if (i == n)
			break;
		if (depth && at < p[i].from)
			emit(ret, &out, at, p[i].from - 1, stack[depth - 1]->role);
		at = p[i].from;
		if (depth && stack[depth - 1]->from == p[i].from && stack[depth - 1]->to == p[i].to)
			depth--;
		stack[depth++] = &p[i];
	}
	return out;
}

uint32_t prefixset_find4(const struct image_range4 *r, size_t n, uint32_t addr)
{
	while (n) {
		size_t half = n / 2;
		if (r[half].to < addr) {
			r += half + 1;
			n -= half + 1;
		} else if (r[half].from > addr) {
			n = half;
		} else {
			return r[half].role;
		}
	}
	return 0;
}

static int compare6(const uint64_t a[2], uint64_t high, uint64_t low)
{
	if (a[0] != high)
		return a[0] < high ? -1 : 1;
	return (a[1] > low) - (a[1] < low);
}

uint32_t prefixset_find6(const struct image_range6 *r, size_t n, uint64_t high, uint64_t low)
{
	while (n) {
		size_t half = n / 2;
		if (compare6(r[half].to, high, low) < 0) {
			r += half + 1;
			n -= half + 1;
		} else if (compare6(r[half].from, high, low) > 0) {
			n = half;
		} else {
			return r[half].role;
		}
	}
	return 0;
}
