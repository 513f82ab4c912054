/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics that come from the store. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/http/metrics_state.h"
#include "control/store/alarms.h"

#define ORDER_WORDS "coalesce(o.fields ->> 'authority', ''), coalesce(o.fields ->> 'category', '')"

METRIC_WRITER(metric_sql)
{
	const char *labels[METRIC_LABELS_MAX];
	struct rows r;
	int n = 0;
	for (const char *w = row->labels; *w; w++)
		n += w == row->labels || *w == ' ';
	rows_open(&r, o->m->store, row->what, "");
	while (rows_next(&r)) {
		for (int i = 0; i < n; i++)
			labels[i] = rows_text(&r, i);
		if (!rows_null(&r, n))
			metric_series(o, row, "", NULL, labels, rows_text(&r, n));
	}
	o->err = rows_end(&r, o->e);
}

static void write_alarms(struct metric_out *o, const struct metric_row *row, const char *sql)
{
	uint64_t n[ALARMS_N] = {0};
	struct rows r;
	rows_open(&r, o->m->store, sql, "");
	while (rows_next(&r))
		for (unsigned i = 0; i < ALARMS_N; i++)
			if (!strcmp(rows_text(&r, 0), alarm_rows[i].word))
				n[i] = (uint64_t)rows_int(&r, 1);
	o->err = rows_end(&r, o->e);
	for (unsigned i = 0; i < ALARMS_N; i++)
		metric_integer(o, row, &alarm_rows[i].word, n[i]);
}

METRIC_WRITER(metric_alarms_open)
{
	write_alarms(o, row, "SELECT kind, count(*) FROM alarms WHERE cleared IS NULL GROUP BY 1");
}

METRIC_WRITER(metric_alarms_unseen)
{
	write_alarms(o, row,
		     "SELECT kind, count(*) FROM alarms WHERE cleared IS NULL AND acked IS NULL GROUP BY 1");
}

static const unsigned limits[] = {1, 2, 5, 10, 30, 60, 300, 900, 1800, 3600, 7200, 21600, 86400};
#define LIMITS_N (sizeof(limits) / sizeof(*limits))

struct histogram {
	char dataplane[128];
	uint64_t below[LIMITS_N], n;
	double sum;
};

static void write_histogram(struct metric_out *o, const struct metric_row *row, const struct histogram *h)
{
	const char *const labels[] = {h->dataplane};
	char text[40], limit[16];
	if (!h->n)
		return;
	for (unsigned i = 0; i < LIMITS_N; i++) {
		snprintf(text, sizeof(text), "%" PRIu64, h->below[i]);
		snprintf(limit, sizeof(limit), "%u", limits[i]);
		metric_series(o, row, "_bucket", limit, labels, text);
	}
	snprintf(text, sizeof(text), "%" PRIu64, h->n);
	metric_series(o, row, "_bucket", "+Inf", labels, text);
	metric_series(o, row, "_count", NULL, labels, text);
	snprintf(text, sizeof(text), "%.15g", h->sum);
	metric_series(o, row, "_sum", NULL, labels, text);
}

METRIC_WRITER(metric_time_to_block)
{
	struct histogram h = {0};
	struct rows r;
	rows_open(
	    &r, o->m->store,
	    "WITH begun(id, ns) AS MATERIALIZED (SELECT o.id, max(coalesce(o.approved_ns, 1000000000 * o.approved),"
	    "  1000000000 * o.starts, 1000000000 * coalesce((SELECT min(i.approved) FROM lists l"
	    "   JOIN imports i ON i.list_id = l.id WHERE l.order_id = o.id), 0))"
	    "  FROM orders o WHERE o.approved IS NOT NULL)"
	    " SELECT t.dataplane, (min(t.enforced_ns) - b.ns) / 1000000"
	    " FROM begun b JOIN order_times t ON t.order_id = b.id"
	    " GROUP BY t.order_id, t.dataplane ORDER BY t.dataplane",
	    "");
	while (rows_next(&r)) {
		const char *dataplane = rows_text(&r, 0);
		double s = (double)rows_int(&r, 1) / 1000;
		s = s > 0 ? s : 0;
		if (strncmp(h.dataplane, dataplane, sizeof(h.dataplane) - 1)) {
			write_histogram(o, row, &h);
			h = (struct histogram){0};
			snprintf(h.dataplane, sizeof(h.dataplane), "%s", dataplane);
		}
		for (unsigned i = 0; i < LIMITS_N; i++)
			h.below[i] += s <= limits[i];
		h.sum += s;
		h.n++;
	}
	o->err = rows_end(&r, o->e);
	write_histogram(o, row, &h);
}

static struct metric_hits *find(struct metrics *m, const char *authority, const char *category,
				const char *action)
{
	for (unsigned i = 0; i < m->n_hits; i++) {
		struct metric_hits *h = &m->hits[i];
		if (!strcmp(h->authority, authority) && !strcmp(h->category, category) &&
		    !strcmp(h->action, action))
			return h;
	}
	if (m->n_hits == METRIC_SERIES_MAX)
		return NULL;
	struct metric_hits *more = realloc(m->hits, (m->n_hits + 1) * sizeof(*more));
	if (!more)
		return NULL;
	m->hits = more;
	struct metric_hits h = {strdup(authority), strdup(category), strdup(action), 0};
	if (!h.authority || !h.category || !h.action) {
		free(h.authority);
		free(h.category);
		free(h.action);
		return NULL;
	}
	more[m->n_hits] = h;
	return &more[m->n_hits++];
}

/* Rows: authority, category, action, hits, the last one's id or null. */
static int take(struct metrics *m, struct rows *r, struct err *e)
{
	while (rows_next(r)) {
		struct metric_hits *h = find(m, rows_text(r, 0), rows_text(r, 1), rows_text(r, 2));
		if (h)
			h->n += (uint64_t)rows_int(r, 3);
		if (!rows_null(r, 4) && rows_int(r, 4) > m->last_hit)
			m->last_hit = rows_int(r, 4);
	}
	return rows_end(r, e);
}

int metrics_catch_up(struct metrics *m, struct err *e)
{
	struct rows r;
	int64_t last;
	int err = store_int(m->store, &last, e, "SELECT coalesce(max(id), 0) FROM hits", "");
	if (err || last == m->last_hit)
		return err;
	if (m->last_hit < 0) {
		m->last_hit = last;
		rows_open(&r, m->store,
			  "SELECT " ORDER_WORDS ", c.action, sum(c.n), NULL FROM"
			  " (SELECT order_id, action, sum(n) n FROM hit_counts GROUP BY 1, 2) c"
			  " LEFT JOIN orders o ON o.id = c.order_id GROUP BY 1, 2, 3",
			  "");
		return take(m, &r, e);
	}
	if (last < m->last_hit) /* all were dropped as old: ids begin again */
		m->last_hit = 0;
	rows_open(
	    &r, m->store,
	    "SELECT " ORDER_WORDS ", h.action, sum(h.n), max(h.last) FROM"
	    " (SELECT order_id, action, count(*) n, max(id) last FROM"
	    "  (SELECT id, order_id, action FROM hits WHERE id > ?1 ORDER BY id LIMIT ?2) GROUP BY 1, 2) h"
	    " LEFT JOIN orders o ON o.id = h.order_id GROUP BY 1, 2, 3",
	    "ii", m->last_hit, (int64_t)METRIC_HITS_MAX);
	return take(m, &r, e);
}

METRIC_WRITER(metric_hits)
{
	for (unsigned i = 0; i < o->m->n_hits; i++) {
		const struct metric_hits *h = &o->m->hits[i];
		metric_integer(o, row, (const char *[]){h->authority, h->category, h->action}, h->n);
	}
}
