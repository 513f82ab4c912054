/* SPDX-License-Identifier: BSD-3-Clause */
/* grow: JSON that is built step by step, where memory may run out at any: the flag says so at the end. */
#ifndef CONTROL_REPORT_GROW_H
#define CONTROL_REPORT_GROW_H

#include <jansson.h>
#include <stdbool.h>

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

#endif
