/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/audit/retention.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/audit/retention_plan.h"
#include "control/log.h"
#include "control/store/alarms.h"
#include "control/store/clock.h"
#include "control/store/journal.h"

#define LAST	"prune.last" /* in the log's map */
#define TICK_MS 200
#define SECOND	1000000000ull

/* The last leaf `prune`, as the log's map has it. */
struct last {
	uint64_t leaf, minimum, total;
	struct hash digest;
};

enum phase { WAITS, WORKS, PUBLISHES, REMOVES };

struct retention {
	uv_loop_t *loop;
	uv_timer_t timer;
	uv_work_t work;
	const struct control_config *config;
	struct store *store;
	struct audit_log *log;
	struct audit_index *index;
	char *folder; /* the published log's: the log may be closed while a worker is at it */
	enum phase phase;
	bool stopping, busy, closed; /* busy: a worker has it */
	bool unfinished;	     /* a removal failed: it comes before the next plan */
	atomic_bool cancel;
	int64_t due;
	struct retention_plan plan;
	struct last last;
	struct retention_status status;
	int err;
	struct err e;
};

/* Of no leaf: none yet. */
static struct last last_of(const struct retention *r)
{
	struct last last = {0};
	size_t n;
	const void *p = log_get(r->log, LAST, &n);
	if (p && n == sizeof(last))
		memcpy(&last, p, n); /* the map's values are not aligned */
	return last;
}

static void forget_me(struct retention *r)
{
	if (!r->stopping || r->busy || !r->closed)
		return;
	retention_plan_free(&r->plan);
	free(r->folder);
	free(r);
}

static void on_closed(uv_handle_t *h)
{
	struct retention *r = h->data;
	r->closed = true;
	forget_me(r);
}

static void tell_people(struct retention *r, int err, const struct err *e)
{
	struct err mine = {""};
	if (err)
		log_error("what the log keeps no longer could not be removed: %s", e->text);
	int kept = err ? alarm_raise(r->store, &mine, ALARM_RETENTION_FAILED, "the log", "%s", e->text)
		       : alarm_clear(r->store, &mine, ALARM_RETENTION_FAILED, "the log");
	if (kept)
		log_error("an alarm about retention cannot be kept: %s", mine.text);
}

/* What a run came to. */
static void end(struct retention *r, int err, const struct err *e)
{
	struct err mine = {""};
	if (err != -ECANCELED)
		tell_people(r, err, e);
	snprintf(r->status.failed, sizeof(r->status.failed), "%s", err ? e->text : "");
	r->status.removed = err ? 0 : r->plan.removed;
	if (!err && r->plan.removed &&
	    journal_add(r->store, &mine, &who_program, "audit.prune", "the log", OUTCOME_DONE,
			"%" PRIu64 " bodies removed: %s", r->plan.removed, r->plan.text))
		log_error("the journal does not take that bodies were removed: %s", mine.text);
	retention_plan_free(&r->plan);
	r->phase = WAITS;
	r->status.runs = false;
	r->status.ended = clock_now();
	if (!err && r->status.begun)
		r->status.ended_well = r->status.ended;
	r->due = r->status.ended + (err		      ? RETENTION_AGAIN_S
				    : r->status.begun ? RETENTION_EVERY_S
						      : RETENTION_FIRST_S);
}

static int forget(struct retention *r, struct err *e)
{
	const struct retention_plan *p = &r->plan;
	int err = index_forget(r->index, p->gone, p->n_gone, e);
	for (size_t i = 0; !err && i < p->n_orders; i++)
		if (p->orders[i].before_ns)
			err = index_forget_rules(r->index, p->orders[i].order,
						 (int64_t)(p->orders[i].before_ns / SECOND), e);
	if (!err)
		err = index_forget_counts(r->index,
					  clock_now() - (int64_t)r->config->retention.counts_days * 86400, e);
	return err;
}

static void work(uv_work_t *w)
{
	struct retention *r = w->data;
	r->e.text[0] = 0;
	if (r->phase == WORKS)
		r->err = retention_plan_work(&r->plan, &r->cancel, &r->e);
	else
		r->err =
		    prune_apply(r->folder, r->last.leaf ? &r->last.digest : NULL, &r->cancel, NULL, &r->e);
}

/* Says in the log what goes. */
static int tell(struct retention *r, struct err *e)
{
	struct entry en = {.kind = ENTRY_PRUNE, .time_ns = (uint64_t)clock_now_ns()};
	struct last last = {0, r->plan.bits.minimum, r->plan.total, r->plan.digest};
	en.v[ENTRY_F(PRUNE, minimum)].n = last.minimum;
	en.v[ENTRY_F(PRUNE, removed)].n = last.total;
	en.v[ENTRY_F(PRUNE, bitmaps)].s = (struct span){last.digest.b, sizeof(last.digest.b)};
	en.v[ENTRY_F(PRUNE, text)].s = (struct span){(const uint8_t *)r->plan.text, strlen(r->plan.text)};
	int err = log_add(r->log, &en, &last.leaf, e);
	if (!err && log_set(r->log, LAST, &last, sizeof(last)))
		err = err_set(e, -ENOMEM, "no memory for the log's map");
	if (err)
		return err;
	log_commit(r->log);
	r->last = last;
	r->phase = PUBLISHES;
	return 0;
}

static void start(struct retention *r, enum phase phase);

static void after(uv_work_t *w, int status)
{
	struct retention *r = w->data;
	struct err e = {""};
	r->busy = false;
	if (r->stopping) {
		forget_me(r);
		return;
	}
	int err = status < 0 ? err_set(&e, -ECANCELED, "the program ends") : r->err;
	if (!status && err)
		e = r->e;
	bool finishes = r->phase == REMOVES && r->unfinished;
	if (r->phase == REMOVES)
		r->unfinished = err;
	if (!err && r->phase == WORKS && r->plan.removed) {
		err = tell(r, &e);
		if (!err)
			return;
	}
	if (!err)
		err = forget(r, &e);
	if (!err && r->last.leaf) {
		r->status.minimum = r->last.minimum;
		r->status.total = r->last.total;
	}
	end(r, err, &e);
	if (!err && finishes)
		r->due = r->status.ended + RETENTION_FIRST_S;
}

static void start(struct retention *r, enum phase phase)
{
	struct err e = {""};
	r->phase = phase;
	r->busy = true;
	if (!uv_queue_work(r->loop, &r->work, work, after))
		return;
	r->busy = false;
	r->unfinished |= phase == REMOVES;
	err_set(&e, -ENOMEM, "no memory for a worker");
	end(r, -ENOMEM, &e);
}

static void on_tick(uv_timer_t *t)
{
	struct retention *r = t->data;
	struct err e = {""};
	if (r->phase == PUBLISHES && (!r->last.leaf || log_status(r->log)->published > r->last.leaf))
		start(r, REMOVES);
	else if (r->phase == WAITS && clock_now() >= r->due)
		retention_run(r, &e);
}

int retention_new(uv_loop_t *loop, const struct control_config *config, struct store *store,
		  struct audit_log *log, struct audit_index *index, struct retention **ret, struct err *e)
{
	struct retention *r = calloc(1, sizeof(*r));
	if (!r)
		return err_set(e, -ENOMEM, "no memory for the retention");
	*r = (struct retention){.loop = loop, .config = config, .store = store, .log = log, .index = index};
	r->folder = strdup(log_folder(log));
	if (!r->folder) {
		free(r);
		return err_set(e, -ENOMEM, "no memory for the retention");
	}
	r->work.data = r;
	r->last = last_of(r);
	r->status.minimum = r->last.minimum;
	r->status.total = r->last.total;
	/* what a death cut off goes on */
	r->phase = PUBLISHES;
	r->status.runs = true;
	uv_timer_init(loop, &r->timer);
	r->timer.data = r;
	uv_timer_start(&r->timer, on_tick, TICK_MS, TICK_MS);
	*ret = r;
	return 0;
}

void retention_stop(struct retention *r)
{
	if (!r)
		return;
	r->stopping = true;
	atomic_store(&r->cancel, true);
	if (r->busy)
		uv_cancel((uv_req_t *)&r->work);
	uv_close((uv_handle_t *)&r->timer, on_closed);
}

int retention_run(struct retention *r, struct err *e)
{
	if (r->phase != WAITS)
		return err_set(e, -EBUSY, "a run goes on; rojactl audit status says what comes of it");
	if (r->unfinished) {
		r->status.runs = true;
		r->status.begun = clock_now();
		start(r, REMOVES);
		return 0;
	}
	int err = retention_plan_make(r->store, &r->config->retention, (uint64_t)clock_now_ns(), &r->plan, e);
	if (!err) {
		r->plan.leaves = log_status(r->log)->published;
		r->plan.folder = strdup(r->folder);
		r->plan.index = strdup(index_path(r->index));
		if (!r->plan.folder || !r->plan.index)
			err = err_set(e, -ENOMEM, "no memory for the retention");
	}
	if (err) {
		end(r, err, e);
		return err;
	}
	r->status.runs = true;
	r->status.begun = clock_now();
	start(r, WORKS);
	return 0;
}

const struct retention_status *retention_status(const struct retention *r)
{
	return &r->status;
}
