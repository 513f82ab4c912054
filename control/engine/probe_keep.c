/* SPDX-License-Identifier: BSD-3-Clause */
/* probe_keep: a probe's results as rows of the store, leaves of the log, and alarms. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/entry.h"
#include "control/audit/audit.h"
#include "control/engine/engine_state.h"
#include "control/engine/probe_job.h"
#include "control/log.h"
#include "control/store/clock.h"
#include "control/store/probes.h"

/* One order on one data plane. */
struct probed {
	struct probe_row row;
	int missed_proto;
	uint32_t missed_line;
};

static void put_uint(struct entry *e, unsigned field, uint64_t n)
{
	e->v[field].n = n;
}

static void put_text(struct entry *e, unsigned field, const char *text)
{
	e->v[field].s = (struct span){(const uint8_t *)text, strlen(text)};
}

static void leave(struct engine *g, const struct probe_row *p)
{
	struct entry en = {.kind = ENTRY_PROBE, .time_ns = (uint64_t)clock_now_ns()};
	struct err e = {""};
	put_text(&en, ENTRY_F(PROBE, node), p->dataplane);
	put_uint(&en, ENTRY_F(PROBE, version), (uint64_t)p->version);
	put_uint(&en, ENTRY_F(PROBE, order), (uint64_t)p->order);
	put_uint(&en, ENTRY_F(PROBE, workers), p->workers);
	put_uint(&en, ENTRY_F(PROBE, entries), p->entries);
	put_uint(&en, ENTRY_F(PROBE, enforced), p->enforced);
	put_uint(&en, ENTRY_F(PROBE, missed), p->missed);
	put_uint(&en, ENTRY_F(PROBE, unenforceable), p->unenforceable);
	put_uint(&en, ENTRY_F(PROBE, neighbours), p->neighbours);
	put_uint(&en, ENTRY_F(PROBE, harmed), p->harmed);
	put_text(&en, ENTRY_F(PROBE, text), p->text);
	if (audit_add(g->audit, &en, &e))
		log_error("the result of a probe cannot be put into the log: %s", e.text);
}

static int alarm_of(struct engine *g, const struct probed *o, struct err *e)
{
	const struct probe_row *p = &o->row;
	char subject[120], first[80] = "";
	snprintf(subject, sizeof(subject), "order %lld on dataplane %s", (long long)p->order, p->dataplane);
	if (!p->missed && !p->harmed)
		return alarm_clear(g->store, e, ALARM_PROBE_FAILED, subject);
	if (o->missed_proto >= 0)
		snprintf(first, sizeof(first), ", first line %u in %s", o->missed_line,
			 try_protos[o->missed_proto].word);
	log_warn("alarm %s: %s: %llu entries would pass, %llu neighbours would be blocked",
		 alarm_rows[ALARM_PROBE_FAILED].word, subject, (unsigned long long)p->missed,
		 (unsigned long long)p->harmed);
	return alarm_raise(g->store, e, ALARM_PROBE_FAILED, subject,
			   "%llu of %llu entries would pass%s; %llu of %llu neighbours would be blocked; see "
			   "rojactl probes --order %lld",
			   (unsigned long long)p->missed, (unsigned long long)p->entries, first,
			   (unsigned long long)p->harmed, (unsigned long long)p->neighbours,
			   (long long)p->order);
}

static int keep(struct engine *g, const struct probed *o, struct err *e)
{
	int err = probes_keep(g->store, e, &o->row);
	return err ? err : alarm_of(g, o, e);
}

/* The data plane as a whole: whether it could be asked, and judged by what it was given. */
static int keep_node(struct engine *g, const char *name, const struct prober_told *n, struct err *e)
{
	char subject[80];
	snprintf(subject, sizeof(subject), "dataplane %s", name);
	if (!n->answered)
		return alarm_raise(g->store, e, ALARM_PROBE_FAILED, subject, "it could not be probed: %s",
				   n->why);
	if (n->foreign)
		return alarm_raise(
		    g->store, e, ALARM_PROBE_FAILED, subject,
		    "it judged by another ruleset than the active one, version %llu: was one loaded "
		    "by hand?",
		    (unsigned long long)n->version);
	if (n->hangs)
		return alarm_raise(g->store, e, ALARM_PROBE_FAILED, subject, "a worker hangs");
	return alarm_clear(g->store, e, ALARM_PROBE_FAILED, subject);
}

static struct probed outcome_of(const char *node, const struct prober_told *n, const struct prober_tally *t,
				int64_t version, char text[PROBER_TEXT_MAX])
{
	prober_text(n, t, text);
	return (struct probed){.row = {.order = t->order,
				       .at = clock_now(),
				       .version = n->version ? (int64_t)n->version : version,
				       .dataplane = node,
				       .workers = n->workers,
				       .entries = t->entries,
				       .enforced = t->enforced,
				       .missed = t->missed,
				       .unenforceable = t->unenforceable,
				       .neighbours = t->neighbours,
				       .harmed = t->harmed,
				       .text = text},
			       .missed_proto = t->missed_proto,
			       .missed_line = t->missed_line};
}

static struct probed absent_of(const char *node, const struct prober_told *n, const struct probe_absent *a,
			       int64_t version)
{
	return (struct probed){.row = {.order = a->order,
				       .at = clock_now(),
				       .version = version,
				       .dataplane = node,
				       .workers = n->workers,
				       .text = a->why},
			       .missed_proto = -1};
}

typedef int each_fn(struct engine *g, const struct probed *o, struct err *e);

static int leave_one(struct engine *g, const struct probed *o, struct err *e)
{
	(void)e;
	leave(g, &o->row);
	return 0;
}

static int each(struct engine *g, const struct probe_job *j, const struct prober_result *r, int64_t version,
		each_fn *call, struct err *e)
{
	char text[PROBER_TEXT_MAX];
	int err = 0;
	for (unsigned k = 0; k < r->n_nodes; k++) {
		const struct prober_told *n = &r->nodes[k];
		const char *name = j->nodes[k].name;
		for (unsigned i = 0; !err && n->answered && i < r->n_orders; i++) {
			struct probed o = outcome_of(name, n, &n->orders[i], version, text);
			err = call(g, &o, e);
		}
		for (unsigned i = 0; !err && n->answered && i < j->n_absent; i++) {
			struct probed o = absent_of(name, n, &j->absent[i], version);
			err = call(g, &o, e);
		}
	}
	return err;
}

int probe_job_keep(struct engine *g, const struct probe_job *j, const struct prober_result *r,
		   int64_t version, struct err *e)
{
	int err = store_begin(g->store, e);
	if (err)
		return err;
	err = each(g, j, r, version, keep, e);
	for (unsigned k = 0; !err && k < r->n_nodes; k++)
		err = keep_node(g, j->nodes[k].name, &r->nodes[k], e);
	err = store_end(g->store, err, e);
	return err ? err : each(g, j, r, version, leave_one, e);
}
