/* SPDX-License-Identifier: BSD-3-Clause */
/* metrics: what roja-control measures, as Prometheus text (exposition format 0.0.4).
 *
 * Model:    a metric is a row (metric_rows.h, and one for each field of common/dataplane_fields.h) that says where its values come from:
 *           the store, the log's index (schema `audit` of the store's connection), the engine's counts, the data planes, the sinks, the process.
 * Owner:    metrics_new allocates, metrics_free frees; the view is borrowed for one call.
 * Threads:  the loop's.
 * Limits:   METRIC_SERIES_MAX series a metric, more are left out and counted.
 * Errors:   0 or -errno with a sentence; what was written until then is of no use.
 * Privacy:  no list entry, and no name, URL or address of traffic: labels are what an order says of itself, and words of tables.
 */
#ifndef CONTROL_HTTP_METRICS_H
#define CONTROL_HTTP_METRICS_H

#include <stdio.h>

#include "control/engine/engine.h"
#include "control/sink/sinks.h"

#define METRIC_SERIES_MAX 5000

struct metrics;

struct metrics_node {
	const struct link_status *status;
	const struct link_figures *figures;
};

/* How the log stands. */
struct metrics_log {
	uint64_t leaves, durable, published, published_ns, staged_bytes, commits, failures, syncs_ns;
	uint64_t indexed, bodies_removed,
	    retention_ns; /* retention_ns: when its last run ended well; 0: none since the start */
};

struct metrics_view {
	const struct engine_counts *counts;
	const struct metrics_node *nodes;
	unsigned n_nodes;
	const struct sink_figures *sinks;
	unsigned n_sinks;
	const struct metrics_log *log; /* NULL: none */
};

int metrics_new(struct store *store, struct metrics **ret, struct err *e);
void metrics_free(struct metrics *m);
int metrics_write(struct metrics *m, const struct metrics_view *view, FILE *out, struct err *e);

/* docs/metrics.md */
int metrics_page(FILE *out);

#endif
