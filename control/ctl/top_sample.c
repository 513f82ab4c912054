/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <time.h>

#include "common/quote.h"
#include "control/ctl/top.h"

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void read_fields(const json_t *o, const struct dataplane_field *fields, size_t n, void *record)
{
	for (size_t i = 0; i < n; i++)
		*dataplane_place(record, &fields[i]) =
		    (uint64_t)json_integer_value(json_object_get(o, fields[i].name));
}

static void read_port(const json_t *o, struct top_port *ret)
{
	const char *name = json_string_value(json_object_get(o, "name"));
	const json_t *guard = json_object_get(o, "guard");
	*ret = (struct top_port){.link = json_is_true(json_object_get(o, "link")),
				 .guarded = json_is_object(guard)};
	quote_into(ret->name, sizeof(ret->name), name ? name : "");
	read_fields(o, port_fields, PORT_FIELDS_N, &ret->figures);
	read_fields(guard, port_guard_fields, PORT_GUARD_FIELDS_N, &ret->figures);
}

static void read_sample(struct top_sample *s, const json_t *workers, const json_t *ports)
{
	s->n_workers = s->n_ports = 0;
	for (size_t i = 0; i < json_array_size(workers) && i < TOP_WORKERS_MAX; i++)
		read_fields(json_array_get(workers, i), worker_fields, WORKER_FIELDS_N,
			    &s->workers[s->n_workers++]);
	for (size_t i = 0; i < json_array_size(ports) && i < TOP_PORTS_MAX; i++)
		read_port(json_array_get(ports, i), &s->ports[s->n_ports++]);
}

int top_sample(const struct ask *a, struct top_sample *ret, struct err *e)
{
	json_t *status = NULL, *workers = NULL, *ports = NULL;
	int err = ask(a, "status", NULL, &status, e);
	if (!err)
		err = ask(a, "workers", NULL, &workers, e);
	uint64_t time_ns = now_ns();
	if (!err)
		err = ask(a, "ports", NULL, &ports, e);
	if (!err) {
		top_sample_free(ret);
		ret->time_ns = time_ns;
		ret->pid = json_integer_value(json_object_get(status, "pid"));
		ret->status = json_incref(status);
		read_sample(ret, workers, ports);
	}
	json_decref(status);
	json_decref(workers);
	json_decref(ports);
	return err;
}

void top_sample_free(struct top_sample *s)
{
	json_decref(s->status);
	s->status = NULL;
}

static void subtract(void *record, const void *before, const struct dataplane_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t *place = dataplane_place(record, &fields[i]),
			 was = dataplane_value(before, &fields[i]);
		*place = *place > was ? *place - was : 0;
	}
}

bool top_difference(const struct top_sample *before, const struct top_sample *now, struct top_sample *ret)
{
	*ret = *now;
	ret->status = NULL;
	if (before->pid != now->pid || before->n_workers != now->n_workers || before->n_ports != now->n_ports)
		return false;
	for (unsigned i = 0; i < now->n_workers; i++)
		subtract(&ret->workers[i], &before->workers[i], worker_fields + WORKER_GAUGES_N,
			 WORKER_FIELDS_N - WORKER_GAUGES_N);
	for (unsigned i = 0; i < now->n_ports; i++) {
		subtract(&ret->ports[i].figures, &before->ports[i].figures, port_fields, PORT_FIELDS_N);
		subtract(&ret->ports[i].figures, &before->ports[i].figures, port_guard_fields,
			 PORT_GUARD_FIELDS_N);
	}
	return true;
}
