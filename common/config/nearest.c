/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "common/config/tables.h"
#include "common/nearest.h"

const char *config_nearest(const char *text, const char *const *words, unsigned n)
{
	struct nearest near;
	unsigned most =
	    strlen(text) < 4 ? 1 : 2; /* keys are short and many: nearer than nearest_init asks for */
	nearest_init(&near, text);
	for (unsigned i = 0; i < n; i++)
		nearest_try(&near, words[i]);
	return near.best && near.distance <= most ? near.best : NULL;
}
