/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <string.h>

#include "common/quote.h"
#include "control/ctl/dataplane.h"
#include "control/ctl/top.h"

#define BOLD  "\x1b[1m"
#define RED   "\x1b[31m"
#define PLAIN "\x1b[0m"

#define STALLED_NS 1000000000 /* a worker that has not beaten for so long */

struct frame {
	FILE *out;
	bool colours;
	double seconds; /* between the samples */
};

/* Begins a line of headings. */
static void title(const struct frame *f)
{
	fprintf(f->out, "\n%s", f->colours ? BOLD : "");
}

static void end_title(const struct frame *f)
{
	fprintf(f->out, "%s\n", f->colours ? PLAIN : "");
}

/* A figure, from 100,000 on with a suffix, right-aligned; red where it is bad and not 0. */
static void figure(const struct frame *f, double v, int width, bool bad)
{
	static const char suffixes[] = "kMGTPE";
	bool red = f->colours && bad && v > 0;
	unsigned s = 0;
	fputs(red ? RED : "", f->out);
	if (v < 100000) {
		fprintf(f->out, "%*.0f", width, v);
	} else {
		for (v /= 1000; v >= 1000 && s < sizeof(suffixes) - 2; v /= 1000)
			s++;
		fprintf(f->out, "%*.1f%c", width - 1, v, suffixes[s]);
	}
	fputs(red ? PLAIN : "", f->out);
}

static void rate(const struct frame *f, uint64_t grown, int width, bool bad)
{
	figure(f, (double)grown / f->seconds, width, bad);
}

static void millions(const struct frame *f, uint64_t frames)
{
	fprintf(f->out, " %8.4f", (double)frames / f->seconds / 1e6);
}

static void gigabits(const struct frame *f, uint64_t bytes)
{
	fprintf(f->out, " %9.3f", (double)bytes * 8 / f->seconds / 1e9);
}

static void word(const struct frame *f, const json_t *o, const char *key)
{
	char plain[16];
	const char *t = json_string_value(json_object_get(o, key));
	quote_into(plain, sizeof(plain), t ? t : "-");
	fputs(plain, f->out);
}

static int64_t integer(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void head(const struct frame *f, const json_t *status)
{
	const json_t *rules = json_object_get(status, "ruleset"), *mbufs = json_object_get(status, "mbufs"),
		     *events = json_object_get(status, "events");
	fputs("roja-dataplane ", f->out);
	word(f, status, "version");
	fputs("  ", f->out);
	word(f, status, "mode");
	fputs(", fail ", f->out);
	word(f, status, "fail");
	fputs("  up ", f->out);
	dataplane_print_duration(json_number_value(json_object_get(status, "uptime_s")), f->out);
	if (json_is_object(rules))
		fprintf(f->out, "  ruleset %" PRId64 "\n", integer(rules, "version"));
	else
		fprintf(f->out, "  %sno ruleset%s\n", f->colours ? RED : "", f->colours ? PLAIN : "");
	fprintf(f->out, "events %" PRId64 " put, %" PRId64 " lost, %" PRId64 " waiting  ",
		integer(events, "put"), integer(events, "lost"), integer(events, "waiting"));
	fprintf(f->out, "buffers %" PRId64 " of %" PRId64 " free\n", integer(mbufs, "free"),
		integer(mbufs, "total"));
}

static void worker_row(const struct frame *f, const struct dataplane_worker *w, bool is_sum)
{
	if (is_sum)
		fprintf(f->out, "   all     ");
	else
		fprintf(f->out, "%6" PRIu64 " %4" PRIu64, w->worker, w->core);
	millions(f, w->judged_packets);
	gigabits(f, w->judged_bytes);
	figure(f, (double)w->flows, 8, false);
	rate(f, w->hits, 8, false);
	rate(f, w->verdict_drops, 8, false);
	rate(f, w->tx_full + w->handed_full, 8, true);
	figure(f, dataplane_cycles_per_packet(w), 8, false);
	fprintf(f->out, " %5.1f%s", dataplane_busy_percent(w), w->beat_age_ns > STALLED_NS ? "!\n" : "\n");
}

static void workers(const struct frame *f, const struct top_sample *grown)
{
	struct dataplane_worker all = {0};
	title(f);
	fprintf(f->out, "%6s %4s%9s%10s%8s%8s%8s%8s%8s%6s", "WORKER", "CORE", "MPPS", "GBIT/S", "FLOWS",
		"HITS/S", "DROPS/S", "LOST/S", "CYC/PKT", "BUSY%");
	end_title(f);
	for (unsigned i = 0; i < grown->n_workers; i++) {
		for (size_t k = 0; k < WORKER_FIELDS_N; k++)
			*dataplane_place(&all, &worker_fields[k]) +=
			    dataplane_value(&grown->workers[i], &worker_fields[k]);
		worker_row(f, &grown->workers[i], false);
	}
	all.beat_age_ns = 0;
	if (grown->n_workers > 1)
		worker_row(f, &all, true);
}

static void port_row(const struct frame *f, unsigned i, const struct top_port *p)
{
	const struct dataplane_port *x = &p->figures;
	bool red = f->colours && !p->link;
	fprintf(f->out, "%4u ", i);
	fprintf(f->out, "%-15s ", p->name);
	fprintf(f->out, "%s%4s%s", red ? RED : "", p->link ? "up" : "down", red ? PLAIN : "");
	millions(f, x->rx_packets);
	gigabits(f, x->rx_bytes);
	millions(f, x->tx_packets);
	gigabits(f, x->tx_bytes);
	rate(f, x->rx_missed + x->rx_errors + x->tx_errors, 8, true);
	if (p->guarded)
		rate(f, x->dead_bypassed + x->dead_dropped, 8, true);
	else
		fprintf(f->out, "%8s", "-");
	fputc('\n', f->out);
}

static void ports(const struct frame *f, const struct top_sample *grown)
{
	title(f);
	fprintf(f->out, "%4s %-15s %4s%9s%10s%9s%10s%8s%8s", "PORT", "NAME", "LINK", "RX MPPS", "RX GBIT/S",
		"TX MPPS", "TX GBIT/S", "LOST/S", "DEAD/S");
	end_title(f);
	for (unsigned i = 0; i < grown->n_ports; i++)
		port_row(f, i, &grown->ports[i]);
}

void top_frame(const struct top_sample *now, const struct top_sample *grown, double seconds, bool colours,
	       FILE *out)
{
	const struct frame f = {.out = out, .colours = colours, .seconds = seconds > 0 ? seconds : 1};
	head(&f, now->status);
	workers(&f, grown);
	ports(&f, grown);
}
