/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/audit/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "control/audit/audit_state.h"
#include "control/audit/index.h"
#include "control/audit/retention.h"
#include "control/audit/stamps.h"
#include "control/log.h"
#include "control/store/alarms.h"
#include "control/store/clock.h"

#define TICK_MS 1000
#define TALLY_S 3600
#define HEAD_S	10
#define DAY	86400
#define STOP_MS 5000 /* that a stop waits for the disk */
#define SUBJECT "log"

/* Said in the program's log once for each sentence, and once that it is over: a disk that is full is full every second. */
static void said(struct audit *a, enum audit_work which, int err, const struct err *e)
{
	char *trouble = a->trouble[which];
	if (err == -EAGAIN || !strcmp(trouble, err ? e->text : ""))
		return;
	if (err)
		log_error("the log: %s", e->text);
	else
		log_note("the log: this is over: %s", trouble);
	snprintf(trouble, sizeof(a->trouble[which]), "%s", err ? e->text : "");
}

/* The disk that takes no leaf may take no alarm either: it is kept once the store takes it, and be the trouble over by then. */
static void keep_alarm(struct audit *a)
{
	struct err e = {""};
	int err = a->alarmed ? 0 : alarm_raise(a->store, &e, ALARM_AUDIT_STALLED, SUBJECT, "%s", a->stall);
	if (!err && !a->stalled)
		err = alarm_clear(a->store, &e, ALARM_AUDIT_STALLED, SUBJECT);
	if (!err)
		a->alarmed = a->stalled;
	a->alarm_due = err != 0;
}

static void look_at_disk(struct audit *a)
{
	const struct log_status *s = log_status(a->log);
	bool stalled = *s->trouble != '\0';
	if (stalled != a->stalled) {
		if (stalled)
			log_error("alarm %s: %s", alarm_rows[ALARM_AUDIT_STALLED].word, s->trouble);
		else
			log_note("the log takes leaves again");
		if (stalled)
			snprintf(a->stall, sizeof(a->stall), "%s", s->trouble);
		a->stalled = stalled;
		a->alarm_due = true;
	}
	if (a->alarm_due)
		keep_alarm(a);
}

static void on_work(uv_timer_t *t)
{
	struct audit *a = t->data;
	struct err e = {""};
	bool more = false;
	int err = outbox_take(a, &more, &e);
	log_commit(a->log);
	said(a, AUDIT_OUTBOX, err, &e);
	if (more)
		uv_timer_start(t, on_work, 0, 0);
}

static void on_follow(uv_timer_t *t)
{
	struct audit *a = t->data;
	struct err e = {""};
	bool more = false;
	a->followed_ms = uv_now(a->loop);
	int err = index_follow(a->index, INDEX_MOST, &more, &e);
	said(a, AUDIT_INDEX, err, &e);
	if (more)
		uv_timer_start(t, on_follow, err ? TICK_MS : 1, 0);
}

/* Soon, and not more often than the index likes. */
static void follow(struct audit *a)
{
	uint64_t now = uv_now(a->loop), due = a->followed_ms + INDEX_EVERY_MS;
	if (!uv_is_active((uv_handle_t *)&a->follow))
		uv_timer_start(&a->follow, on_follow, due > now ? due - now : 0, 0);
}

static void on_notify(uv_async_t *h)
{
	struct audit *a = h->data;
	if (a->running && !a->stopping)
		follow(a);
	for (unsigned i = 0; i < a->n_hooks && !a->stopping; i++)
		a->hooks[i].call(a->hooks[i].ctx);
}

static void notify(void *ctx)
{
	struct audit *a = ctx;
	uv_async_send(&a->notify);
}

/* One transaction: whoever asks for a checkpoint leaves an act, and with its row goes how far the log is. */
static int tell_store(struct audit *a, struct err *e)
{
	int err = store_begin(a->store, e);
	if (err)
		return err;
	err = outbox_clean(a, e);
	if (!err)
		err = head_keep(a, e);
	return store_end(a->store, err, e);
}

static int every_second(struct audit *a, int64_t now, struct err *e)
{
	int err = counts_close(a, (uint64_t)now / 60, e);
	if (!err && now - a->tallied_at >= TALLY_S) {
		a->tallied_at = now;
		err = rings_tally(a, e);
	}
	log_commit(a->log);
	if (!err && (outbox_is_due(a) || now - a->head_kept_at >= HEAD_S)) {
		a->head_kept_at = now;
		err = tell_store(a, e);
	}
	return err;
}

static void on_tick(uv_timer_t *t)
{
	struct audit *a = t->data;
	struct err e = {""};
	int64_t now = clock_now();
	look_at_disk(a);
	privacy_forget(a->privacy, now / DAY);
	said(a, AUDIT_SECOND, every_second(a, now, &e), &e);
	on_work(&a->work);
}

static void on_commit(void *ctx)
{
	audit_poke(ctx);
}

/* The loop's handles come last: what fails before needs no loop to be freed. */
static void start(struct audit *a)
{
	uv_timer_init(a->loop, &a->tick);
	uv_timer_init(a->loop, &a->work);
	uv_timer_init(a->loop, &a->follow);
	a->tick.data = a->work.data = a->follow.data = a;
	a->tallied_at = a->head_kept_at = clock_now();
	uv_timer_start(&a->tick, on_tick, TICK_MS, TICK_MS);
	store_on_commit(a->store, on_commit, a);
	audit_poke(a);
	follow(a);
}

static int open_log(struct audit *a, struct err *e)
{
	char folder[AUDIT_PATH], origin[AUDIT_PATH];
	const struct control_config *c = a->config;
	snprintf(folder, sizeof(folder), "%s/" AUDIT_FOLDER, c->state);
	if (*c->audit.origin)
		snprintf(origin, sizeof(origin), "%s", c->audit.origin);
	else
		snprintf(origin, sizeof(origin), "roja/%s", c->instance);
	if (mkdir(folder, 0750) && errno != EEXIST)
		return err_set(e, -errno, "%s: cannot be made: %s", folder, strerror(errno));
	const struct log_config config = {.folder = folder,
					  .origin = origin,
					  .checkpoint_ms = c->audit.checkpoint_ms,
					  .notify = notify,
					  .ctx = a};
	int err = log_open(&config, &a->log, e);
	if (!err)
		err = index_open(folder, a->log, a->store, &a->index, e);
	const char *recovered = err ? "" : log_status(a->log)->recovered;
	if (*recovered)
		log_warn("the log: %s", recovered);
	return err;
}

int audit_open(uv_loop_t *loop, const struct control_config *config, struct store *store, struct audit **ret,
	       struct err *e)
{
	struct audit *a = calloc(1, sizeof(*a));
	if (!a)
		return err_set(e, -ENOMEM, "no memory for the log");
	a->loop = loop;
	a->config = config;
	a->store = store;
	*ret = a;
	uv_async_init(loop, &a->notify, on_notify);
	a->notify.data = a;
	int err = privacy_new(store, &a->privacy, e);
	if (!err)
		err = open_log(a, e);
	if (!err)
		err = head_check(a, e);
	if (!err)
		err = rings_load(a, e);
	if (!err)
		err = outbox_load(a, e);
	if (!err)
		start(a);
	a->running = !err;
	if (!err)
		err = retention_new(loop, config, store, a->log, a->index, &a->retention, e);
	if (!err)
		err = stamps_open(loop, config, store, a->log, &a->stamps, e);
	return err;
}

/* As far as the disk takes it. */
static void finish(struct audit *a)
{
	struct err e = {""};
	bool more = true;
	int err = 0;
	while (more && !err)
		err = outbox_take(a, &more, &e);
	if (!err)
		err = rings_tally(a, &e);
	if (!err)
		err = log_wait(a->log, log_commit(a->log), true, STOP_MS, &e);
	if (!err)
		err = tell_store(a, &e);
	said(a, AUDIT_SECOND, err, &e);
}

void audit_stop(struct audit *a)
{
	if (!a || a->stopping)
		return;
	a->stopping = true;
	if (a->retention)
		retention_stop(a->retention);
	if (a->stamps)
		stamps_stop(a->stamps);
	a->retention = NULL;
	if (a->running) {
		store_on_commit(a->store, NULL, NULL);
		finish(a);
		uv_close((uv_handle_t *)&a->tick, NULL);
		uv_close((uv_handle_t *)&a->work, NULL);
		uv_close((uv_handle_t *)&a->follow, NULL);
	}
	if (a->index)
		index_close(a->index);
	a->index = NULL;
	/* Its threads call notify until they have ended. */
	if (a->log)
		log_close(a->log);
	a->log = NULL;
	uv_close((uv_handle_t *)&a->notify, NULL);
}

void audit_free(struct audit *a)
{
	if (!a)
		return;
	if (a->stamps)
		stamps_free(a->stamps);
	privacy_free(a->privacy);
	counts_free(a);
	free(a->rings);
	free(a);
}

uint64_t audit_commit(struct audit *a)
{
	return log_commit(a->log);
}

bool audit_durable(const struct audit *a, uint64_t ticket)
{
	return log_done(a->log) >= ticket;
}

void audit_on_durable(struct audit *a, void (*call)(void *ctx), void *ctx)
{
	if (a->n_hooks == AUDIT_HOOKS)
		return;
	a->hooks[a->n_hooks].call = call;
	a->hooks[a->n_hooks++].ctx = ctx;
}

void audit_poke(struct audit *a)
{
	if (!a->stopping)
		uv_timer_start(&a->work, on_work, 0, 0);
}

int audit_add(struct audit *a, const struct entry *entry, struct err *e)
{
	int err = log_add(a->log, entry, NULL, e);
	audit_poke(a);
	return err;
}

struct audit_log *audit_log(struct audit *a)
{
	return a->log;
}

struct audit_index *audit_index(struct audit *a)
{
	return a->index;
}

struct retention *audit_retention(struct audit *a)
{
	return a->retention;
}
