/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/store/probes.h"

int probes_keep(struct store *s, struct err *e, const struct probe_row *p)
{
	int err = store_run(
	    s, e,
	    "INSERT OR REPLACE INTO probes(order_id, dataplane, at, version_id, workers, entries, enforced,"
	    " missed, unenforceable, neighbours, harmed, text) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
	    "itiiiiiiiiit", p->order, p->dataplane, p->at, p->version, (int64_t)p->workers,
	    (int64_t)p->entries, (int64_t)p->enforced, (int64_t)p->missed, (int64_t)p->unenforceable,
	    (int64_t)p->neighbours, (int64_t)p->harmed, p->text);
	if (err || !p->entries)
		return err;
	return store_run(
	    s, e,
	    "INSERT INTO probe_counts(hour, dataplane, run, failed) VALUES(?1 / 3600 * 3600, ?2, 1, ?3)"
	    " ON CONFLICT DO UPDATE SET run = run + 1, failed = failed + excluded.failed",
	    "iti", p->at, p->dataplane, (int64_t)(p->missed || p->harmed));
}

int probes_last(struct store *s, struct err *e, int64_t *ret)
{
	return store_int(s, ret, e, "SELECT coalesce(max(at), 0) FROM probes", "");
}
