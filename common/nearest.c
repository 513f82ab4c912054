/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/nearest.h"

#include <limits.h>
#include <string.h>

static unsigned min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* How many letters must be added, removed, changed or swapped with their neighbour. */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][NEAREST_MAX + 1]; /* of the last two letters of a, and of this one */
	size_t la = strlen(a), lb = strlen(b);
	if (la > NEAREST_MAX || lb > NEAREST_MAX)
		return UINT_MAX;
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];
	memset(rows, 0, sizeof(rows));
	for (unsigned j = 0; j <= lb; j++)
		last[j] = j;
	for (unsigned i = 1; i <= la; i++) {
		now[0] = i;
		for (unsigned j = 1; j <= lb; j++) {
			now[j] = min(last[j - 1] + (a[i - 1] != b[j - 1]), min(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min(now[j], before[j - 2] + 1);
		}
		unsigned *oldest = before;
		before = last;
		last = now;
		now = oldest;
	}
	return last[lb];
}

void nearest_init(struct nearest *n, const char *word)
{
	n->word = word;
	n->best = NULL;
	n->distance = (unsigned)strlen(word) / 3 + 1;
}

void nearest_try(struct nearest *n, const char *candidate)
{
	unsigned d = distance(n->word, candidate);
	if (n->best ? d < n->distance : d <= n->distance) {
		n->best = candidate;
		n->distance = d;
	}
}
