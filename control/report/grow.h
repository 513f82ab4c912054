/* SPDX-License-Identifier: BSD-3-Clause */
/* grow: JSON that is built step by step, where memory may run out at any: the flag says so at the end. */
#ifndef CONTROL_REPORT_GROW_H
#define CONTROL_REPORT_GROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>

/* Takes v over; v NULL, as of memory that ran out, is a failure, too. */
static inline void grow_array(json_t *to, json_t *v, bool *failed)
{
	*failed |= json_array_append_new(to, v) != 0;
}

static inline void grow_object(json_t *to, const char *key, json_t *v, bool *failed)
{
	*failed |= !key || json_object_set_new(to, key, v) != 0;
}

/* A new array, empty. */
static inline json_t *grow_begin(bool *failed)
{
	json_t *a = json_array();
	*failed |= !a;
	return a;
}

/* As text, which the caller frees; NULL: memory ran out. Not by json_dumps, which can lose a word where its buffer cannot grow. */
static inline char *grow_text(const json_t *o, size_t flags)
{
	size_t n = json_dumpb(o, NULL, 0, flags);
	char *text = n ? malloc(n + 1) : NULL;
	if (text && json_dumpb(o, text, n, flags) != n) {
		free(text);
		return NULL;
	}
	if (text)
		text[n] = 0;
	return text;
}

#endif
