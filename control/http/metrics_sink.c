/* SPDX-License-Identifier: BSD-3-Clause */
/* What is told of each sink. */
#include "control/http/metrics_state.h"

#define EACH_SINK(writer, value)                                                       \
	METRIC_WRITER(writer)                                                          \
	{                                                                              \
		for (unsigned i = 0; i < o->view->n_sinks; i++) {                      \
			const struct sink_figures *f = &o->view->sinks[i];             \
			metric_integer(o, row, (const char *const[]){f->name}, value); \
		}                                                                      \
	}

EACH_SINK(metric_sink_up, f->is_up)
EACH_SINK(metric_sink_lag, f->lag)
EACH_SINK(metric_sink_unsettled, f->unsettled)
EACH_SINK(metric_sink_sent, f->sent)
EACH_SINK(metric_sink_failures, f->failures)
