/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/audit/stamps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "control/audit/audit_state.h"
#include "control/audit/stamp_ask.h"
#include "control/log.h"
#include "control/store/alarms.h"
#include "control/store/clock.h"

#define SUBJECT "audit.stamp_url"

struct stamps {
	uv_loop_t *loop;
	const struct control_audit *config;
	struct store *store;
	struct audit_log *log;
	uv_timer_t timer;
	uv_work_t work;
	bool working;
	atomic_bool cancel;
	struct stamp_ask ask;
	struct stamp_answer answer;
	struct err e;
	int err;
	uint64_t size;	 /* that was stamped last */
	uint64_t due_ms; /* of the loop's clock */
	unsigned failures;
	bool owed; /* the leaf of `answer` */
	struct entry entry;
};

/* What is kept is named in the log, so that it cannot go unnoticed. A death before it leaves a stamp that no leaf names. */
static void say_leaf(struct stamps *s)
{
	const struct stamp_answer *a = &s->answer;
	struct err e = {""};
	s->entry.kind = ENTRY_STAMP;
	s->entry.time_ns = (uint64_t)clock_now_ns();
	s->entry.v[ENTRY_F(STAMP, size)] = value_uint(a->size);
	s->entry.v[ENTRY_F(STAMP, checkpoint)] =
	    value_bytes(a->checkpoint_sha256, sizeof(a->checkpoint_sha256));
	s->entry.v[ENTRY_F(STAMP, reply)] = value_bytes(a->reply_sha256, sizeof(a->reply_sha256));
	s->owed = log_add(s->log, &s->entry, NULL, &e) != 0;
	if (!s->owed)
		log_commit(s->log);
}

static void on_work(uv_work_t *w)
{
	struct stamps *s = w->data;
	s->err = stamp_ask(&s->ask, &s->answer, &s->e);
}

static void say_stamped(struct stamps *s)
{
	const struct stamp *t = &s->answer.stamp;
	struct tm tm;
	time_t at = (time_t)t->time_s;
	char when[32] = "?", subject[48];
	if (gmtime_r(&at, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(subject, sizeof(subject), "checkpoint %" PRIu64, s->answer.size);
	struct err e = {""};
	int err = store_begin(s->store, &e);
	if (!err) {
		err = journal_add(s->store, &e, &who_program, "audit.stamp", subject, OUTCOME_DONE,
				  "stamped at %s by %s, serial %s, policy %s", when, t->tsa, t->serial,
				  t->policy);
		if (!err)
			err = alarm_clear(s->store, &e, ALARM_STAMP_FAILED, SUBJECT);
		err = store_end(s->store, err, &e);
	}
	if (err)
		log_error("%s was stamped, which the store does not take: %s", subject, e.text);
}

static void say_failed(struct stamps *s)
{
	log_warn("the log's checkpoint was not time-stamped: %s", s->e.text);
	if (s->failures < STAMPS_ALARM)
		return;
	struct err e = {""};
	int err = store_begin(s->store, &e);
	if (!err) {
		if (s->failures == STAMPS_ALARM)
			err = journal_add(s->store, &e, &who_program, "audit.stamp", SUBJECT, OUTCOME_FAILED,
					  "%s", s->e.text);
		if (!err)
			err = alarm_raise(s->store, &e, ALARM_STAMP_FAILED, SUBJECT, "%u times in a row: %s",
					  s->failures, s->e.text);
		err = store_end(s->store, err, &e);
	}
	if (err)
		log_error("alarm stamp-failed, which the store does not take: %s", e.text);
}

static uint64_t wait_ms(unsigned failures)
{
	uint64_t s = STAMPS_FIRST_S;
	while (--failures && s < STAMPS_WAIT_S)
		s *= 2;
	return 1000 * (s < STAMPS_WAIT_S ? s : STAMPS_WAIT_S);
}

static void on_done(uv_work_t *w, int status)
{
	struct stamps *s = w->data;
	uint64_t wait = 0;
	s->working = false;
	if (status || atomic_load(&s->cancel))
		return;
	if (s->err) {
		s->failures++;
		say_failed(s);
		wait = wait_ms(s->failures);
	} else {
		s->size = s->answer.size;
		if (s->answer.stamped) {
			s->failures = 0;
			say_leaf(s);
			say_stamped(s);
			wait = UINT64_C(1000) * s->config->stamp_every_s;
		} else {
			wait = UINT64_C(1000) * s->answer.due_s;
		}
	}
	s->due_ms = uv_now(s->loop) + wait;
}

static void on_timer(uv_timer_t *t)
{
	struct stamps *s = t->data;
	if (s->owed)
		say_leaf(s);
	if (s->owed || s->working || uv_now(s->loop) < s->due_ms || log_status(s->log)->published <= s->size)
		return;
	s->err = 0;
	s->e.text[0] = 0;
	s->working = !uv_queue_work(s->loop, &s->work, on_work, on_done);
}

int stamps_open(uv_loop_t *loop, const struct control_config *config, struct store *store,
		struct audit_log *log, struct stamps **ret, struct err *e)
{
	const struct control_audit *c = &config->audit;
	struct stamp_trust *trust;
	struct err why;
	*ret = NULL;
	if (!*c->stamp_url)
		return 0;
	int err = stamp_trust_load(c->stamp_ca, &trust, &why);
	if (err)
		return err_set(e, err, "audit.stamp_ca: %s", why.text);
	stamp_trust_free(trust);
	struct stamps *s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "no memory for time stamps");
	s->loop = loop;
	s->config = c;
	s->store = store;
	s->log = log;
	s->ask = (struct stamp_ask){.folder = log_folder(log),
				    .url = c->stamp_url,
				    .ca_file = c->stamp_ca,
				    .policy = c->stamp_policy,
				    .every_s = c->stamp_every_s,
				    .cancel = &s->cancel};
	s->work.data = s;
	uv_timer_init(loop, &s->timer);
	s->timer.data = s;
	uint64_t look = UINT64_C(1000) * c->stamp_every_s;
	look = look < STAMPS_LOOK_MAX_MS ? look : STAMPS_LOOK_MAX_MS;
	uv_timer_start(&s->timer, on_timer, 0, look);
	*ret = s;
	return 0;
}

void stamps_stop(struct stamps *s)
{
	if (!s)
		return;
	atomic_store(&s->cancel, true);
	uv_close((uv_handle_t *)&s->timer, NULL);
}

void stamps_free(struct stamps *s)
{
	free(s);
}
