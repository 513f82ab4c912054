/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of data planes. */
#include "control/http/metrics_state.h"

/* Its figures count: it answers, and has given some. */
static bool answers(const struct metrics_node *n)
{
	return n->status->state == LINK_UP && n->figures->time_ns;
}

#define EACH_NODE(o, n) \
	for (const struct metrics_node *n = (o)->view->nodes; n < (o)->view->nodes + (o)->view->n_nodes; n++)

static void write_number(struct metric_out *o, const struct metric_row *row, const char *const *labels,
			 uint64_t v)
{
	if (row->scale > 0)
		metric_real(o, row, labels, (double)v * row->scale);
	else
		metric_integer(o, row, labels, v);
}

METRIC_WRITER(metric_up)
{
	EACH_NODE(o, n)
	metric_integer(o, row, &n->status->name, n->status->state == LINK_UP);
}

METRIC_WRITER(metric_refuses)
{
	EACH_NODE(o, n)
	metric_integer(o, row, &n->status->name, *n->status->refused != 0);
}

METRIC_WRITER(metric_link)
{
	EACH_NODE(o, n)
	write_number(o, row, &n->status->name, *(const uint64_t *)((const char *)n->status + row->off));
}

METRIC_WRITER(metric_figure)
{
	EACH_NODE(o, n)
	if (answers(n))
		write_number(o, row, &n->status->name,
			     *(const uint64_t *)((const char *)n->figures + row->off));
}

METRIC_WRITER(metric_figure_real)
{
	EACH_NODE(o, n)
	if (answers(n))
		metric_real(o, row, &n->status->name,
			    *(const double *)((const char *)n->figures + row->off) * row->scale);
}

METRIC_WRITER(metric_counters)
{
	EACH_NODE(o, n)
	for (unsigned i = 0; answers(n) && i < n->figures->n_counters; i++) {
		const struct link_counter *c = &n->figures->counters[i];
		metric_integer(o, row, (const char *[]){n->status->name, c->name}, c->value);
	}
}

METRIC_WRITER(metric_worker_field)
{
	char number[24];
	EACH_NODE(o, n)
	for (unsigned i = 0; answers(n) && i < n->figures->n_workers; i++) {
		const struct dataplane_worker *w = &n->figures->workers[i];
		snprintf(number, sizeof(number), "%llu", (unsigned long long)w->worker);
		write_number(o, row, (const char *[]){n->status->name, number},
			     dataplane_value(w, row->field));
	}
}

static void write_ports(struct metric_out *o, const struct metric_row *row, bool guard)
{
	EACH_NODE(o, n)
	for (unsigned i = 0; answers(n) && i < n->figures->n_ports; i++) {
		const struct link_port *p = &n->figures->ports[i];
		if (!guard || p->guarded)
			write_number(o, row, (const char *[]){n->status->name, p->name},
				     dataplane_value(&p->figures, row->field));
	}
}

METRIC_WRITER(metric_port_field)
{
	write_ports(o, row, false);
}

METRIC_WRITER(metric_guard_field)
{
	write_ports(o, row, true);
}
