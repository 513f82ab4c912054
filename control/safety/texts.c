/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/safety/texts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int texts_set(struct texts *t, const char *const *from, unsigned n)
{
	t->at = calloc(n + 1u, sizeof(*t->at));
	t->n = n;
	if (!t->at)
		return -ENOMEM;
	if (n) {
		memcpy(t->at, from, n * sizeof(*t->at));
		qsort(t->at, n, sizeof(*t->at), by_text);
	}
	return 0;
}

void texts_unset(struct texts *t)
{
	free(t->at);
	*t = (struct texts){NULL, 0};
}

int texts_find(const struct texts *t, struct span text)
{
	unsigned low = 0, high = t->n;
	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		int d = strncmp(t->at[mid], (const char *)text.p, text.len);
		if (!d && !t->at[mid][text.len])
			return (int)mid;
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return -1;
}
