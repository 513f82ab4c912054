/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "control/api/watch.h"
#include "control/store/clock.h"

/* Each is answered from an index: ?1 the hit behind which, ?2 the order, ?3 how many. */
#define COLUMNS                                                                                           \
	"SELECT h.id AS hit, strftime('%Y-%m-%dT%H:%M:%S', h.time_ns / 1000000000, 'unixepoch')"          \
	" || printf('.%03dZ', h.time_ns / 1000000 % 1000) AS time, h.dataplane, h.order_id AS \"order\"," \
	" o.fields ->> 'reference' AS reference, l.name AS list, h.line, h.kind, h.protocol, h.action,"   \
	" h.version_id AS version, h.rule FROM hits h LEFT JOIN orders o ON o.id = h.order_id"            \
	" LEFT JOIN lists l ON l.id = h.list_id WHERE h.id > ?1 AND "
#define ALL	"?2 = 0 "
#define ONE	"h.order_id = ?2 "
#define FORWARD "ORDER BY h.id LIMIT ?3"
#define LAST(q) "SELECT * FROM (" q "ORDER BY h.id DESC LIMIT ?3) ORDER BY 1"

static const char *const questions[2][2] = {
    /* [of one order][behind a hit] */
    {LAST(COLUMNS ALL), COLUMNS ALL FORWARD},
    {LAST(COLUMNS ONE), COLUMNS ONE FORWARD},
};

int hits_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	int64_t order = call_number(params, "order");
	bool behind = json_object_get(params, "after");
	json_t *rows = NULL;
	int err = store_json(c->store, &rows, e, questions[order != 0][behind], "iii",
			     call_number(params, "after"), order, act_limit(params));
	if (err)
		return err;
	act_fit(rows, ACT_ROWS_ROOM, !behind);
	*ret = rows;
	return 0;
}

/* Counts of an hour belong to it from its beginning. */
#define STATS(columns, from, by)                                                                         \
	"SELECT " columns ", sum(c.n) AS hits, coalesce(sum(c.n) FILTER (WHERE c.hour > ?2 - 86400), 0)" \
	" AS last_day, coalesce(sum(c.n) FILTER (WHERE c.hour > ?2 - 7200), 0) AS last_hour"             \
	" FROM hit_counts c " from "WHERE c.hour > ?1 GROUP BY " by                                      \
	" ORDER BY hits DESC, 1 LIMIT ?3 OFFSET ?4"
#define ORDERS "LEFT JOIN orders o ON o.id = c.order_id "

static const char *const bys[] = {"order", "authority", "category", "list", "protocol", "action", NULL};
static const char *const sums[] = {
    STATS("nullif(c.order_id, 0) AS \"order\", o.fields ->> 'authority' AS authority,"
	  " o.fields ->> 'reference' AS reference",
	  ORDERS, "c.order_id"),
    STATS("o.fields ->> 'authority' AS authority", ORDERS, "1"),
    STATS("o.fields ->> 'category' AS category", ORDERS, "1"),
    STATS("l.name AS list, nullif(c.order_id, 0) AS \"order\"", "LEFT JOIN lists l ON l.id = c.list_id ",
	  "c.list_id"),
    STATS("c.protocol", "", "1"),
    STATS("c.action", "", "1"),
};

int stats(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	int64_t days = call_number(params, "days"), now = clock_now();
	json_t *rows = NULL;
	int by = act_word(params, "by", bys, e);
	if (by < -1)
		return by;
	if (days > STATS_DAYS_MAX)
		return err_set(e, -EINVAL, "days: at most %d", STATS_DAYS_MAX);
	int err = store_json(c->store, &rows, e, sums[by < 0 ? 0 : by], "iiii",
			     now - (days ? days : STATS_DAYS) * 86400, now, act_limit(params),
			     call_number(params, "offset"));
	return act_rows(err, rows, ret);
}
