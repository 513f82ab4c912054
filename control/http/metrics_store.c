/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics that come from the store. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/http/metrics_state.h"
#include "control/store/alarms.h"

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
