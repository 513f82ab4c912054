/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/probes.h"

#include <errno.h>

int probes_run(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	struct call *c = ctx;
	int64_t order = call_number(params, "order");
	char subject[40] = "all orders";
	uint64_t job = 0;
	int err = call_may_begin(c, e);
	if (!err)
		err = engine_probe(c->engine, c->who.uid, order, &job, e);
	if (order)
		snprintf(subject, sizeof(subject), "order %lld", (long long)order);
	err = call_journal(c, "probe.run", subject, err, NULL, e);
	return err ? err : call_job(job, ret, e);
}

int probes_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	json_t *rows = NULL;
	int err =
	    store_json(c->store, &rows, e,
		       "SELECT p.order_id AS \"order\", o.fields ->> 'reference' AS reference,"
		       " o.state, " PROBES_COLUMNS " FROM probes p JOIN orders o ON o.id = p.order_id"
		       " WHERE ?1 = 0 AND o.state = 'approved' OR p.order_id = ?1"
		       " ORDER BY p.missed + p.harmed = 0, p.order_id, p.dataplane LIMIT ?2 OFFSET ?3",
		       "iii", call_number(params, "order"), act_limit(params), call_number(params, "offset"));
	return act_rows(err, rows, ret);
}
