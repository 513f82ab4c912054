/* SPDX-License-Identifier: BSD-3-Clause */
/* quantile: of a sample, by nearest rank: a value that was measured, never one in between. */
#ifndef CONTROL_REPORT_QUANTILE_H
#define CONTROL_REPORT_QUANTILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static inline int quantile_order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static inline void quantile_sort(int64_t *values, size_t n)
{
	qsort(values, n, sizeof(*values), quantile_order);
}

/* The smallest value such that `percent` (1 to 100) of n >= 1 sorted ones are not above it. */
static inline int64_t quantile(const int64_t *values, size_t n, unsigned percent)
{
	return values[(n * percent + 99) / 100 - 1];
}

#endif
