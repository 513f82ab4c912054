/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/http/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "control/http/metrics_state.h"

static const char *const types[METRIC_TYPES_N] = {"counter", "gauge", "histogram"};

int metrics_new(struct store *store, struct metrics **ret, struct err *e)
{
	struct metrics *m = calloc(1, sizeof(*m));
	if (!m)
		return err_set(e, -ENOMEM, "no memory for the metrics");
	m->store = store;
	int err = metric_table_new(&m->table, e);
	if (err)
		metrics_free(m);
	else
		*ret = m;
	return err;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	metric_table_free(&m->table);
	free(m);
}

int metrics_write(struct metrics *m, const struct metrics_view *view, FILE *out, struct err *e)
{
	struct metric_out o = {.f = out, .m = m, .view = view, .e = e};
	for (unsigned i = 0; !o.err && i < m->table.n; i++) {
		const struct metric_row *row = &m->table.rows[i];
		fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
			types[row->type]);
		o.series = 0;
		row->write(&o, row);
	}
	if (!o.err && ferror(out))
		o.err = err_set(e, -EIO, "the metrics could not be written");
	return o.err;
}

/* What is no UTF-8, or a control character, would end the scraper's reading of all. */
static void put_escaped(FILE *f, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	for (size_t len = strlen(text), n; len; p += n, len -= n) {
		n = utf8_sequence(p, len);
		if (*p == '\\' || *p == '"')
			fprintf(f, "\\%c", *p);
		else if (*p == '\n')
			fputs("\\n", f);
		else if (n && utf8_is_text(p, n))
			fwrite(p, 1, n, f);
		else
			fputc('?', f);
		n = n ? n : 1;
	}
}

void metric_series(struct metric_out *o, const struct metric_row *row, const char *suffix, const char *le,
		   const char *const *labels, const char *value)
{
	if (++o->series > METRIC_SERIES_MAX) {
		o->left_out++;
		return;
	}
	fprintf(o->f, "%s%s", row->name, suffix);
	char open = '{';
	for (const char *word = row->labels; *word; labels++) {
		int len = (int)strcspn(word, " ");
		fprintf(o->f, "%c%.*s=\"", open, len, word);
		put_escaped(o->f, *labels ? *labels : "");
		fputc('"', o->f);
		open = ',';
		word += len;
		word += *word == ' ';
	}
	if (le)
		fprintf(o->f, "%cle=\"%s\"", open, le);
	fprintf(o->f, "%s %s\n", *row->labels || le ? "}" : "", value);
}

void metric_integer(struct metric_out *o, const struct metric_row *row, const char *const *labels,
		    uint64_t value)
{
	char text[32];
	snprintf(text, sizeof(text), "%" PRIu64, value);
	metric_series(o, row, "", NULL, labels, text);
}

void metric_real(struct metric_out *o, const struct metric_row *row, const char *const *labels, double value)
{
	char text[40];
	snprintf(text, sizeof(text), "%.15g", value);
	metric_series(o, row, "", NULL, labels, text);
}

METRIC_WRITER(metric_build)
{
	metric_integer(o, row, (const char *[]){ROJA_VERSION}, 1);
}

METRIC_WRITER(metric_left_out)
{
	metric_integer(o, row, NULL, o->left_out);
}

METRIC_WRITER(metric_engine)
{
	uint64_t v = *(const uint64_t *)((const char *)o->view->counts + row->off);
	if (row->scale > 0)
		metric_real(o, row, NULL, (double)v * row->scale);
	else
		metric_integer(o, row, NULL, v);
}

METRIC_WRITER(metric_log)
{
	if (!o->view->log)
		return;
	uint64_t v = *(const uint64_t *)((const char *)o->view->log + row->off);
	if (row->scale > 0 && v)
		metric_real(o, row, NULL, (double)v * row->scale);
	else if (row->scale <= 0)
		metric_integer(o, row, NULL, v);
}

int metrics_page(FILE *out)
{
	struct metric_table t;
	int err = metric_table_new(&t, NULL);
	if (err)
		return err;
	fprintf(
	    out,
	    "# Metrics\n\n"
	    "`roja-control` gives these at `/metrics` of its HTTP server (the keys `http.address` and `http.port`), as Prometheus "
	    "text.\nThis page is written by scripts/man from the tables that the daemon uses (control/http/metric_rows.h, "
	    "common/dataplane_fields.h).\n\n"
	    "No label names a list's entry, or a name, URL or address of traffic. Counters of the engine begin with the process, "
	    "hits and\noutages with the store. A data plane's figures are there while it answers. docs/grafana/roja.json is a "
	    "dashboard,\ndocs/alerts/roja.rules.yml has alert rules.\n\n"
	    "| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n");
	for (unsigned i = 0; i < t.n; i++)
		fprintf(out, "| %s | %s | %s | %s |\n", t.rows[i].name, types[t.rows[i].type],
			t.rows[i].labels, t.rows[i].help);
	metric_table_free(&t);
	return fflush(out) || ferror(out) ? -EIO : 0;
}
