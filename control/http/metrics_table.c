/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/http/metric_rows.h"
#include "control/http/metrics_state.h"

#define SQL(text)	   .write = metric_sql, .what = text
#define ENGINE(f)	   .write = metric_engine, .off = offsetof(struct engine_counts, f)
#define ENGINE_NS(f)	   ENGINE(f), .scale = 1e-9
#define LOG(f)		   .write = metric_log, .off = offsetof(struct metrics_log, f)
#define LOG_NS(f)	   LOG(f), .scale = 1e-9
#define LINK(f)		   .write = metric_link, .off = offsetof(struct link_status, f)
#define LINK_NS(f)	   LINK(f), .scale = 1e-9
#define FIGURE(f)	   .write = metric_figure, .off = offsetof(struct link_figures, f)
#define FIGURE_REAL(f, by) .write = metric_figure_real, .off = offsetof(struct link_figures, f), .scale = by
#define PROCESS(f)	   .write = metric_process, .process = f
#define HEAP(text)	   .write = metric_heap, .what = text
#define OWN(f)		   .write = f

static const struct metric_row rows[] = {
#define X(metric, kind, words, source, text) \
	{.name = metric, .type = METRIC_##kind, .labels = words, .help = text, source},
    METRICS(X)
#undef X
};
#define ROWS_N (sizeof(rows) / sizeof(*rows))
#define MADE_N (WORKER_FIELDS_N + PORT_FIELDS_N + PORT_GUARD_FIELDS_N)

/* A row for a field: its name begins with `prefix`; nanoseconds are shown as seconds. */
static void add(struct metric_table *t, const char *prefix, const struct dataplane_field *f,
		enum metric_type type, const char *labels,
		void (*write)(struct metric_out *, const struct metric_row *))
{
	char *name = t->names[t->n - ROWS_N];
	size_t len = strlen(f->name);
	bool ns = len > 3 && !strcmp(f->name + len - 3, "_ns");
	snprintf(name, METRIC_NAME_BYTES, "%s%.*s%s%s", prefix, (int)(ns ? len - 3 : len), f->name,
		 ns ? "_seconds" : "", type == METRIC_COUNTER ? "_total" : "");
	t->rows[t->n++] = (struct metric_row){.name = name,
					      .type = type,
					      .labels = labels,
					      .help = f->help,
					      .write = write,
					      .scale = ns ? 1e-9 : 0,
					      .field = f};
}

int metric_table_new(struct metric_table *ret, struct err *e)
{
	struct metric_table t = {.rows = malloc((ROWS_N + MADE_N) * sizeof(*t.rows)),
				 .names = malloc(MADE_N * sizeof(*t.names)),
				 .n = ROWS_N};
	if (!t.rows || !t.names) {
		metric_table_free(&t);
		return err_set(e, -ENOMEM, "no memory for the metrics");
	}
	memcpy(t.rows, rows, sizeof(rows));
	/* the first field is the worker's number, which is the label */
	for (size_t i = 1; i < WORKER_FIELDS_N; i++)
		add(&t, "roja_dataplane_worker_", &worker_fields[i],
		    i < WORKER_GAUGES_N ? METRIC_GAUGE : METRIC_COUNTER, "dataplane worker",
		    metric_worker_field);
	for (size_t i = 0; i < PORT_FIELDS_N; i++)
		add(&t, "roja_dataplane_port_", &port_fields[i], METRIC_COUNTER, "dataplane port",
		    metric_port_field);
	for (size_t i = 0; i < PORT_GUARD_FIELDS_N; i++)
		add(&t, "roja_dataplane_port_", &port_guard_fields[i], METRIC_COUNTER, "dataplane port",
		    metric_guard_field);
	*ret = t;
	return 0;
}

void metric_table_free(struct metric_table *t)
{
	free(t->rows);
	free(t->names);
	*t = (struct metric_table){0};
}
