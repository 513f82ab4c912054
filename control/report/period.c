/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/period.h"

#include <errno.h>
#include <stdlib.h>

#include "control/report/figures.h"

#define PERIOD_MAX_S ((int64_t)10 * 366 * 86400)

static int check(const struct report_context *c, const struct period *p, struct err *e)
{
	if (p->from >= p->to)
		return err_set(e, -EINVAL, "to: must be later than from");
	if (p->to > c->now)
		return err_set(e, -EINVAL, "to: is not past yet: what is not over cannot be reported");
	if (p->to - p->from > PERIOD_MAX_S)
		return err_set(e, -EINVAL, "from: the period has more than ten years");
	return 0;
}

int period_make(const struct report_context *c, struct period *p, struct err *e)
{
	int err = check(c, p, e);
	p->tables = NULL;
	if (err)
		return err;
	p->tables = json_array();
	for (unsigned i = 0; i < figures_n && !err; i++) {
		json_t *table = NULL;
		err = figures_make(c, p, &figures_rows[i], &table, e);
		if (!err && json_array_append_new(p->tables, table))
			err = err_set(e, -ENOMEM, "memory ran out");
	}
	if (!err && !p->internal)
		err = figures_protect(p->tables, e);
	if (err)
		period_free(p);
	return err;
}

void period_free(struct period *p)
{
	json_decref(p->tables);
	p->tables = NULL;
}
