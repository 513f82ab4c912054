/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/link/figures.h"

#include <math.h>
#include <string.h>

#include "common/hex.h"
#include "common/quote.h"

static uint64_t number_of(const json_t *o, const char *name)
{
	json_int_t v = json_integer_value(json_object_get(o, name));
	return v > 0 ? (uint64_t)v : 0;
}

static double real_of(const json_t *o, const char *name)
{
	double v = json_number_value(json_object_get(o, name));
	return isfinite(v) && v > 0 ? v : 0;
}

static void word_of(const json_t *o, const char *name, char ret[LINK_WORD_BYTES])
{
	const char *text = json_string_value(json_object_get(o, name));
	quote_into(ret, LINK_WORD_BYTES, text ? text : "");
}

static void read_fields(const json_t *o, const struct dataplane_field *fields, size_t n, void *record)
{
	for (size_t i = 0; i < n; i++)
		*dataplane_place(record, &fields[i]) = number_of(o, fields[i].name);
}

struct link_ruleset figures_ruleset(const json_t *o)
{
	struct link_ruleset r = {.version = number_of(o, "version")};
	r.is_set = r.version &&
		   hex_read(json_string_value(json_object_get(o, "digest")), r.digest, sizeof(r.digest));
	return r.is_set ? r : (struct link_ruleset){0};
}

bool figures_read_status(struct link_figures *f, const json_t *status)
{
	json_int_t pid = json_integer_value(json_object_get(status, "pid"));
	const json_t *mbufs = json_object_get(status, "mbufs"), *events = json_object_get(status, "events");
	if (pid <= 0)
		return false;
	f->pid = pid;
	word_of(status, "instance", f->instance);
	word_of(status, "mode", f->mode);
	word_of(status, "fail", f->fail);
	word_of(status, "version", f->program);
	f->uptime_s = real_of(status, "uptime_s");
	f->unprotected_ms = real_of(status, "unprotected_ms");
	f->tsc_hz = number_of(status, "tsc_hz");
	f->mbufs = number_of(mbufs, "total");
	f->mbufs_free = number_of(mbufs, "free");
	f->events_put = number_of(events, "put");
	f->events_lost = number_of(events, "lost");
	f->events_waiting = number_of(events, "waiting");
	f->ruleset = figures_ruleset(json_object_get(status, "ruleset"));
	return true;
}

void figures_read_workers(struct link_figures *f, const json_t *workers)
{
	memset(f->workers, 0, sizeof(f->workers));
	f->n_workers = 0;
	for (size_t i = 0; i < json_array_size(workers) && i < LINK_WORKERS_MAX; i++)
		read_fields(json_array_get(workers, i), worker_fields, WORKER_FIELDS_N,
			    &f->workers[f->n_workers++]);
}

void figures_read_ports(struct link_figures *f, const json_t *ports)
{
	memset(f->ports, 0, sizeof(f->ports));
	f->n_ports = 0;
	for (size_t i = 0; i < json_array_size(ports) && i < LINK_PORTS_MAX; i++) {
		const json_t *o = json_array_get(ports, i), *guard = json_object_get(o, "guard");
		struct link_port *p = &f->ports[f->n_ports++];
		word_of(o, "name", p->name);
		p->link = json_is_true(json_object_get(o, "link"));
		p->guarded = json_is_object(guard);
		read_fields(o, port_fields, PORT_FIELDS_N, &p->figures);
		read_fields(guard, port_guard_fields, PORT_GUARD_FIELDS_N, &p->figures);
	}
}

/* Names become names of metrics. */
static bool is_word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return n && n < LINK_WORD_BYTES && !s[n];
}

void figures_read_counters(struct link_figures *f, const json_t *counters)
{
	const char *name;
	json_t *value;
	memset(f->counters, 0, sizeof(f->counters));
	f->n_counters = 0;
	json_object_foreach((json_t *)(uintptr_t)counters, name, value)
	{
		if (f->n_counters == LINK_COUNTERS_MAX)
			break;
		if (!is_word(name))
			continue;
		struct link_counter *c = &f->counters[f->n_counters++];
		strcpy(c->name, name);
		c->value = number_of(value, "total");
	}
}

uint64_t figures_counter(const struct link_figures *f, const char *name)
{
	for (unsigned i = 0; i < f->n_counters; i++)
		if (!strcmp(f->counters[i].name, name))
			return f->counters[i].value;
	return 0;
}

uint64_t figures_new_flows(const struct link_figures *f)
{
	return figures_counter(f, "flows") + figures_counter(f, "dns_queries");
}

uint64_t figures_hits(const struct link_figures *f)
{
	return figures_counter(f, "hits") + figures_counter(f, "hits_lost");
}

static uint64_t judged(const struct link_figures *f, bool bytes)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < f->n_workers; i++)
		sum += bytes ? f->workers[i].judged_bytes : f->workers[i].judged_packets;
	return sum;
}

static double rate(uint64_t was, uint64_t is, double seconds)
{
	return is > was ? (double)(is - was) / seconds : 0;
}

void figures_rates(const struct link_figures *before, struct link_figures *now)
{
	now->rates = (struct link_rates){0};
	if (!before->time_ns || before->pid != now->pid || now->elapsed_ns <= before->elapsed_ns)
		return;
	double s = (double)(now->elapsed_ns - before->elapsed_ns) / 1e9;
	now->rates.judged_packets = rate(judged(before, false), judged(now, false), s);
	now->rates.judged_bits = 8 * rate(judged(before, true), judged(now, true), s);
	now->rates.hits = rate(figures_hits(before), figures_hits(now), s);
	now->rates.flows = rate(figures_new_flows(before), figures_new_flows(now), s);
}
