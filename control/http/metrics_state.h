/* SPDX-License-Identifier: BSD-3-Clause */
/* metrics_state: what the files of metrics share. */
#ifndef CONTROL_HTTP_METRICS_STATE_H
#define CONTROL_HTTP_METRICS_STATE_H

#include "control/http/metrics.h"

#define METRIC_LABELS_MAX 4
#define METRIC_NAME_BYTES 96

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM, METRIC_TYPES_N };

struct metric_out;

struct metric_row {
	const char *name;
	enum metric_type type;
	const char *labels, *help; /* labels: words */
	void (*write)(struct metric_out *o, const struct metric_row *row);
	const char *what; /* SQL, or a name of mallctl */
	size_t off;	  /* of a field */
	double scale;	  /* 0: an integer */
	double (*process)(void);
	const struct dataplane_field *field;
};

struct metric_table {
	struct metric_row *rows;
	char (*names)[METRIC_NAME_BYTES]; /* of those made from fields */
	unsigned n;
};

struct metrics {
	struct store *store;
	struct metric_table table;
};

struct metric_out {
	FILE *f;
	struct metrics *m;
	const struct metrics_view *view;
	struct err *e;
	int err;
	unsigned series; /* of this metric */
	uint64_t left_out;
};

int metric_table_new(struct metric_table *ret, struct err *e);
void metric_table_free(struct metric_table *t);

/* One series: values of the row's labels in their order, the value as text. suffix: "" or of a histogram, le then NULL or the
 * bucket's limit. */
void metric_series(struct metric_out *o, const struct metric_row *row, const char *suffix, const char *le,
		   const char *const *labels, const char *value);
void metric_integer(struct metric_out *o, const struct metric_row *row, const char *const *labels,
		    uint64_t value);
void metric_real(struct metric_out *o, const struct metric_row *row, const char *const *labels, double value);

/* The sources of metric_rows.h. */
#define METRIC_WRITER(name) void name(struct metric_out *o, const struct metric_row *row)
METRIC_WRITER(metric_sql);
METRIC_WRITER(metric_engine);
METRIC_WRITER(metric_log);
METRIC_WRITER(metric_link);
METRIC_WRITER(metric_figure);
METRIC_WRITER(metric_figure_real);
METRIC_WRITER(metric_process);
METRIC_WRITER(metric_heap);
METRIC_WRITER(metric_build);
METRIC_WRITER(metric_alarms_open);
METRIC_WRITER(metric_alarms_unseen);
METRIC_WRITER(metric_time_to_block);
METRIC_WRITER(metric_up);
METRIC_WRITER(metric_refuses);
METRIC_WRITER(metric_counters);
METRIC_WRITER(metric_worker_field);
METRIC_WRITER(metric_port_field);
METRIC_WRITER(metric_guard_field);
METRIC_WRITER(metric_left_out);
METRIC_WRITER(metric_sink_up);
METRIC_WRITER(metric_sink_lag);
METRIC_WRITER(metric_sink_unsettled);
METRIC_WRITER(metric_sink_sent);
METRIC_WRITER(metric_sink_failures);

double process_start(void);
double process_cpu(void);
double process_resident(void);
double process_virtual(void);
double process_fds(void);
double process_max_fds(void);

#endif
