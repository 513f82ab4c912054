/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "dataplane/dpdk/config_tables.h"

#define WORD_MAX 32

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to insert, remove or replace (Levenshtein); both of at most WORD_MAX bytes. */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned row[WORD_MAX + 1];
	for (unsigned k = 0; k <= nb; k++)
		row[k] = k;
	for (unsigned i = 1; i <= na; i++) {
		unsigned corner = row[0];
		row[0] = i;
		for (unsigned k = 1; k <= nb; k++) {
			unsigned above = row[k];
			row[k] = least(least(above, row[k - 1]) + 1, corner + (a[i - 1] != b[k - 1]));
			corner = above;
		}
	}
	return row[nb];
}

const char *config_nearest(const char *text, const char *const *words, unsigned n)
{
	const char *best = NULL;
	size_t len = strlen(text);
	unsigned best_distance = len < 4 ? 2 : 3; /* less than this */
	if (len > WORD_MAX)
		return NULL;
	for (unsigned i = 0; i < n; i++) {
		size_t word_len = strlen(words[i]);
		if (word_len > WORD_MAX)
			continue;
		unsigned d = distance(text, len, words[i], word_len);
		if (d < best_distance) {
			best = words[i];
			best_distance = d;
		}
	}
	return best;
}
