/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <string.h>

#include "common/dataplane_fields.h"
#include "common/quote.h"
#include "control/ctl/dataplane.h"
#include "control/ctl/table.h"

static int64_t integer(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static double number(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static void print_text(const json_t *o, const char *key, FILE *out)
{
	const char *text = json_string_value(json_object_get(o, key));
	quote_plain(out, text ? text : "-");
}

void dataplane_print_duration(double seconds, FILE *out)
{
	uint64_t s = seconds > 0 ? (uint64_t)seconds : 0;
	if (s >= 86400)
		fprintf(out, "%" PRIu64 " d ", s / 86400);
	fprintf(out, "%02u:%02u:%02u", (unsigned)(s / 3600 % 24), (unsigned)(s / 60 % 60),
		(unsigned)(s % 60));
}

static void print_ruleset(const json_t *r, FILE *out)
{
	fputs("ruleset      ", out);
	if (!json_is_object(r)) {
		fputs("none: everything is forwarded\n", out);
		return;
	}
	fprintf(out, "version %" PRId64 ", lists: %" PRId64 ", bytes: %" PRId64 "\n%13s",
		integer(r, "version"), integer(r, "lists"), integer(r, "bytes"), "");
	print_text(r, "path", out);
	fprintf(out, "\n%13sSHA-256 ", "");
	print_text(r, "digest", out);
	fputc('\n', out);
}

void dataplane_print_status(const json_t *r, const struct style *s)
{
	FILE *out = s->out;
	const json_t *mbufs = json_object_get(r, "mbufs"), *events = json_object_get(r, "events");
	print_text(r, "name", out);
	fputc(' ', out);
	print_text(r, "version", out);
	fprintf(out, ", process %" PRId64 ", up ", integer(r, "pid"));
	dataplane_print_duration(number(r, "uptime_s"), out);
	fputs("\ninstance     ", out);
	print_text(r, "instance", out);
	fputs("\nmode         ", out);
	print_text(r, "mode", out);
	fputs(", fail ", out);
	print_text(r, "fail", out);
	fprintf(out, "\nworkers      %" PRId64 "\nports        %" PRId64 "\n", integer(r, "workers"),
		integer(r, "ports"));
	fprintf(out, "unprotected  %.3f s, summed over ports and starts\n",
		number(r, "unprotected_ms") / 1e3);
	print_ruleset(json_object_get(r, "ruleset"), out);
	if (integer(r, "blocks"))
		fprintf(out, "blocks       %" PRId64 " addresses, for a time\n", integer(r, "blocks"));
	if (json_is_string(json_object_get(r, "kernel_lacks"))) {
		fputs("kernel lacks ", out);
		print_text(r, "kernel_lacks", out);
		fputc('\n', out);
	}
	fprintf(out, "buffers      %" PRId64 " of %" PRId64 " free, %" PRId64 " at rest\n",
		integer(mbufs, "free"), integer(mbufs, "total"), integer(mbufs, "at_rest"));
	fprintf(out, "events       %" PRId64 " put, %" PRId64 " lost, %" PRId64 " waiting\n",
		integer(events, "put"), integer(events, "lost"), integer(events, "waiting"));
}

/* What a row says of an object: its own member, or one of the object in its member `in`. */
static const json_t *member(const json_t *object, const char *in, const char *name)
{
	return json_object_get(in ? json_object_get(object, in) : object, name);
}

/* The columns that the figures of a table stand in; the first is their names'. */
static struct table *figures(void)
{
	struct table *t = table_new();
	if (t) {
		table_blocks(t);
		table_column(t, "", TABLE_LEFT);
	}
	return t;
}

/* A row of `objects`' member `name`; not of all zeros unless all. */
static void add_row(struct table *t, const json_t *objects, const char *in, const char *name, bool all)
{
	size_t i;
	json_t *o;
	bool some = all;
	table_row(t);
	table_text(t, name, COLOUR_NONE);
	json_array_foreach(objects, i, o)
	{
		const json_t *v = member(o, in, name);
		some |= v && !json_is_null(v) && (!json_is_number(v) || json_number_value(v) != 0);
		table_cell(t, v);
	}
	if (!some)
		table_drop_row(t);
}

static void add_rows(struct table *t, const json_t *objects, const char *in,
		     const struct dataplane_field *fields, size_t n, bool all)
{
	for (size_t i = 0; i < n; i++)
		add_row(t, objects, in, fields[i].name, all);
}

void dataplane_print_workers(const json_t *result, const struct style *s)
{
	struct table *t = figures();
	char title[32];
	if (!t)
		return;
	for (size_t i = 0; i < json_array_size(result); i++) {
		snprintf(title, sizeof(title), "worker %" PRId64,
			 integer(json_array_get(result, i), "worker"));
		table_column(t, title, TABLE_RIGHT);
	}
	/* the first is its number, the column's title */
	add_rows(t, result, NULL, worker_fields + 1, WORKER_GAUGES_N - 1, true);
	add_rows(t, result, NULL, worker_fields + WORKER_GAUGES_N, WORKER_FIELDS_N - WORKER_GAUGES_N, s->all);
#define ADD_RATIO(name, help) add_row(t, result, NULL, #name, s->all);
	WORKER_RATIOS(ADD_RATIO)
#undef ADD_RATIO
	table_print(t, s);
	table_free(t);
}

void dataplane_print_ports(const json_t *result, const struct style *s)
{
	struct table *t = figures();
	if (!t)
		return;
	for (size_t i = 0; i < json_array_size(result); i++) {
		const char *name = json_string_value(json_object_get(json_array_get(result, i), "name"));
		table_column(t, name ? name : "-", TABLE_RIGHT);
	}
	add_row(t, result, NULL, "driver", true);
	add_row(t, result, NULL, "peer", true);
	add_row(t, result, NULL, "link", true);
	add_rows(t, result, NULL, port_fields, PORT_FIELDS_N, s->all);
	add_rows(t, result, "guard", port_guard_fields, PORT_GUARD_FIELDS_N, s->all);
	table_print(t, s);
	table_free(t);
}

void dataplane_print_blocks(const json_t *result, const struct style *s)
{
	static const struct view_column columns[] = {
	    {"ADDRESS", "address", CELL_TEXT, NULL},
	    {"LIST", "list", CELL_TEXT, NULL},
	    {"STILL", "left_s", CELL_SECONDS, NULL},
	};
	static const struct view rows = {.none = "no address is blocked for a time", VIEW_COLUMNS(columns)};
	view_print(&rows, json_object_get(result, "blocks"), s);
	if (integer(result, "next"))
		fprintf(s->out, "\nThere may be more: --from %" PRId64 "\n", integer(result, "next"));
}

void dataplane_print_counters(const json_t *result, const struct style *s)
{
	struct table *t = figures();
	const char *name;
	json_t *counter, *v;
	size_t i;
	if (!t)
		return;
	table_column(t, "total", TABLE_RIGHT);
	v = json_object_iter_value(json_object_iter((json_t *)result));
	for (i = 0; i < json_array_size(json_object_get(v, "workers")); i++) {
		char title[32];
		snprintf(title, sizeof(title), "worker %zu", i);
		table_column(t, title, TABLE_RIGHT);
	}
	json_object_foreach((json_t *)result, name, counter)
	{
		if (!s->all && !integer(counter, "total"))
			continue;
		table_row(t);
		table_text(t, name, COLOUR_NONE);
		table_cell(t, json_object_get(counter, "total"));
		json_array_foreach(json_object_get(counter, "workers"), i, v) table_cell(t, v);
	}
	table_print(t, s);
	table_free(t);
}
