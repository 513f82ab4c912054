/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/methods.h"

#include <stdlib.h>
#include <string.h>

const struct methods_area *const methods_areas[] = {&methods_self,  &methods_orders, &methods_decide,
						    &methods_lists, &methods_watch,  &methods_audit,
						    &methods_probe, &methods_report, NULL};

const struct rpc_method *methods_all(unsigned *ret_n)
{
	static struct rpc_method *all;
	static unsigned n;
	for (const struct methods_area *const *a = methods_areas; !all && *a; a++)
		n += (*a)->n;
	if (!all) {
		struct rpc_method *to = all = calloc(n, sizeof(*all));
		if (!all)
			abort(); /* at the start, before anything was promised */
		for (const struct methods_area *const *a = methods_areas; *a; to += (*a)->n, a++)
			memcpy(to, (*a)->rows, (*a)->n * sizeof(*to));
	}
	*ret_n = n;
	return all;
}
