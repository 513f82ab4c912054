/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "control/api/watch.h"
#include "control/audit/index.h"
#include "control/store/clock.h"

#define NS	   1000000000
#define TIME_BYTES 24 /* of a time to the millisecond, "Z" included */

/* *ret: nanoseconds; 0 where the parameter is absent. */
static int time_of(const json_t *params, const char *key, int64_t *ret, struct err *e)
{
	const char *text = call_text(params, key);
	int64_t at = text ? clock_parse(text) : 0;
	if (at < 0)
		return err_set(e, -EINVAL,
			       "%s: \"%s\" is no time, such as 2026-11-26 or 2026-11-26T06:00:00Z", key,
			       text);
	*ret = at * NS;
	return 0;
}

/* A word of the store about one row of it; null where there is none such. */
static json_t *word_of(struct store *s, const char *sql, int64_t id)
{
	struct rows r;
	rows_open(&r, s, sql, "i", id);
	const char *text = id && rows_next(&r) ? rows_text(&r, 0) : NULL;
	json_t *word = text ? json_string(text) : json_null();
	rows_end(&r, NULL);
	return word;
}

static json_t *number_or_null(int64_t n)
{
	return n ? json_integer(n) : json_null();
}

static json_t *same(const json_t *leaf, const char *key)
{
	json_t *value = json_object_get(leaf, key);
	return value ? json_incref(value) : json_null();
}

/* The entry's "2026-11-26T06:00:00.123456789Z", or the minute of a count. */
static json_t *time_text(const json_t *leaf)
{
	char text[CLOCK_TEXT_BYTES];
	const char *full = call_text(leaf, "time");
	if (!json_object_get(leaf, "minute"))
		return json_sprintf("%.*sZ", TIME_BYTES - 1, full ? full : "");
	clock_text(call_number(leaf, "minute") * 60, text);
	return json_sprintf("%.19s.000Z", text);
}

/* What a row shows of a leaf: never a pseudonym. */
static json_t *row_of(struct store *s, const json_t *leaf)
{
	int64_t order = call_number(leaf, "order"), list = call_number(leaf, "list");
	bool counted = json_object_get(leaf, "minute");
	return json_pack("{so so so so so so so so so so so so so}", "hit", same(leaf, "leaf"), "time",
			 time_text(leaf), "dataplane", same(leaf, "node"), "order", number_or_null(order),
			 "reference",
			 word_of(s, "SELECT fields ->> 'reference' FROM orders WHERE id = ?", order), "list",
			 word_of(s, "SELECT name FROM lists WHERE id = ?", list), "line", same(leaf, "line"),
			 "kind", same(leaf, "rule_kind"), "protocol", same(leaf, "protocol"), "action",
			 same(leaf, "action"), "version", same(leaf, "version"), "rule", same(leaf, "rule"),
			 "hits", counted ? same(leaf, "hits") : json_integer(1));
}

int hits_list(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	const struct call *c = ctx;
	struct index_query q = {.order = call_number(params, "order"),
				.authority = call_text(params, "authority"),
				.category = call_text(params, "category"),
				.action = call_text(params, "action"),
				.node = call_text(params, "node"),
				.after = (uint64_t)call_number(params, "after"),
				.last = !json_object_get(params, "after"),
				.limit = (unsigned)act_limit(params)};
	json_t *leaves = NULL, *rows = NULL, *leaf;
	size_t i;
	int err = time_of(params, "from", &q.from_ns, e);
	if (!err)
		err = time_of(params, "to", &q.to_ns, e);
	if (!err)
		err = index_hits(c->index, &q, &leaves, e);
	if (err)
		return err;
	rows = json_array();
	json_array_foreach(leaves, i, leaf) if (json_array_append_new(rows, row_of(c->store, leaf))) err =
	    -ENOMEM;
	json_decref(leaves);
	if (err || !rows) {
		json_decref(rows);
		return err_set(e, -ENOMEM, "memory ran out");
	}
	act_fit(rows, ACT_ROWS_ROOM, q.last);
	*ret = rows;
	return 0;
}

/* Counts of an hour belong to it from its beginning. */
#define STATS(columns, from, by)                                                                         \
	"SELECT " columns ", sum(c.n) AS hits, coalesce(sum(c.n) FILTER (WHERE c.hour > ?2 - 86400), 0)" \
	" AS last_day, coalesce(sum(c.n) FILTER (WHERE c.hour > ?2 - 7200), 0) AS last_hour"             \
	" FROM audit.hit_counts c " from "WHERE c.hour > ?1 GROUP BY " by                                \
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
