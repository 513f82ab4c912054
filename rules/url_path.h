/* SPDX-License-Identifier: BSD-3-Clause */
/* url_path: the path and query of a canonical URL, and the reader that url and url_path share.
 *
 * Model:    input is read without its tabs and line breaks, wherever they stand (WHATWG URL).
 * Cost:     O(input), no heap.
 */
#ifndef RULES_URL_PATH_H
#define RULES_URL_PATH_H

#include "rules/url.h"

struct url_input {
	const uint8_t *p, *end;
};

/* The next byte, or -1. */
static inline int url_next(struct url_input *in)
{
	while (in->p < in->end) {
		uint8_t c = *in->p++;
		if (c != '\t' && c != '\r' && c != '\n')
			return c;
	}
	return -1;
}

static inline int url_peek(struct url_input in)
{
	return url_next(&in);
}

/* The byte that the two digits after a '%' stand for, or -1 with the input untouched. */
int url_next_escape(struct url_input *in);

/* Appends the canonical path and query to a text that ends in the host; sets len and cut. */
void url_set_target(struct url *u, struct url_input *in);

#endif
