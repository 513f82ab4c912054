/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/hits.h"

#include <errno.h>
#include <stdlib.h>

int hits_rule(struct store *s, struct err *e, const char *rule, int64_t *ret_order, int64_t *ret_list,
	      int64_t *ret_line)
{
	struct rows r;
	char *end;
	uint64_t n = strtoull(rule, &end, 16);
	if (!*rule || *end)
		return err_set(e, -ENOENT, "no hit of this rule is kept");
	rows_open(&r, s, "SELECT order_id, list_id, line FROM audit.rules WHERE rule = ?", "i", (int64_t)n);
	bool there = rows_next(&r);
	if (there) {
		*ret_order = rows_int(&r, 0);
		*ret_list = rows_int(&r, 1);
		*ret_line = rows_int(&r, 2);
	}
	int err = rows_end(&r, e);
	return err ? err : there ? 0 : err_set(e, -ENOENT, "no hit of this rule is kept");
}
