/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/api/report_act.h"

#include <errno.h>

#include "audit/log.h"
#include "control/api/acts.h"
#include "control/api/report_job.h"
#include "control/audit/index.h"
#include "control/report/confirm.h"
#include "control/report/inspect.h"
#include "control/report/published.h"
#include "control/store/clock.h"
#include "control/store/orders.h"

/* at: where the checkpoint is kept; a log that has none yet, or cannot be read, is none. */
static struct report_context context(const struct call *c, struct log_point *at)
{
	struct report_context ret = {.store = c->store, .config = c->config, .now = clock_now()};
	char folder[1024];
	int64_t waiting = 1;
	if (!report_log_folder(c->config, folder, sizeof(folder), NULL) && !log_point_read(folder, at, NULL))
		ret.checkpoint = at;
	ret.is_told = !store_int(c->store, &waiting, NULL, "SELECT count(*) FROM outbox", "") && !waiting;
	return ret;
}

static int languages_of(const json_t *params, unsigned *ret, struct err *e)
{
	int at = act_word(params, "language", language_tags, e);
	if (at < -1)
		return at;
	*ret = at < 0 ? LANGUAGES_ALL : 1u << at;
	return 0;
}

static int record(struct call *c, const char *act, int64_t id, const struct confirmation *f, bool html,
		  json_t **ret, struct err *e)
{
	char subject[ACT_SUBJECT], at[CLOCK_TEXT_BYTES];
	int64_t number;
	act_subject("order", id, subject);
	clock_text(f->at, at);
	int err = order_confirmed(c->store, e, &c->who, id, f->text, f->sha256, &number);
	if (!err)
		err = journal_add(
		    c->store, e, &c->who, act, subject, OUTCOME_DONE,
		    "confirmation %lld was drafted (%s on %u of %u data planes), SHA-256 %s%s%s",
		    (long long)number, f->ended ? "ended" : "in force", f->nodes, c->config->n_dataplanes,
		    f->sha256, html ? ", as HTML " : "", html ? f->html_sha256 : "");
	return err ? err
		   : call_done(json_pack("{sI sI ss ss ss ss?}", "order", (json_int_t)id, "confirmation",
					 (json_int_t)number, "recorded", at, "sha256", f->sha256, "text",
					 f->text, "html", html ? f->html : NULL),
			       ret, e);
}

static int confirm_as(struct call *c, const char *act, const json_t *params, json_t **ret, struct err *e)
{
	struct log_point at;
	struct report_context context_ = context(c, &at);
	struct confirmation f;
	unsigned languages;
	int64_t id = call_number(params, "order");
	int err = languages_of(params, &languages, e);
	if (!err)
		err = confirmation_draft(&context_, id, languages, &f, e);
	if (err)
		return err;
	err = record(c, act, id, &f, call_flag(params, "html"), ret, e);
	confirmation_free(&f);
	return err;
}

static int confirm_order(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	return confirm_as(c, "order.confirm", params, ret, e);
}

int orders_confirm(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "order.confirm", "order", confirm_order, params, ret, e);
}

static int confirm_report(struct call *c, const json_t *params, json_t **ret, struct err *e)
{
	return confirm_as(c, "report.confirm", params, ret, e);
}

int report_confirm(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	return act_on(ctx, "report.confirm", "order", confirm_report, params, ret, e);
}

static int read_time(const json_t *params, const char *key, int64_t *ret, struct err *e)
{
	*ret = clock_parse(call_text(params, key));
	return *ret >= 0
		   ? 0
		   : err_set(e, -EINVAL, "%s: is no time: write it as 2026-11-26 or 2026-11-26T06:00Z", key);
}

static int read_period(const struct call *c, const json_t *params, struct period *ret, struct err *e)
{
	*ret = (struct period){.internal = call_flag(params, "internal")};
	int err = read_time(params, "from", &ret->from, e);
	if (!err)
		err = read_time(params, "to", &ret->to, e);
	if (!err && ret->internal && !(c->roles & ROLE_AUDITOR))
		err = err_set(e, -EACCES, "internal: exact figures need the role auditor");
	if (!err && !ret->internal && !(c->roles & ROLE_OPERATOR))
		err = err_set(
		    e, -EACCES,
		    "internal: not asked for, and a report for publication needs the role operator, as no other of a period "
		    "that overlaps can follow it");
	return err;
}

/* Before it is handed over, so that a death in between leaves no report that binds nobody. */
static int publish(struct call *c, const struct period *p, const char *subject, struct err *e)
{
	char text[PUBLISHED_TEXT_BYTES];
	int err = published_check(c->store, p, e);
	if (!err)
		err = report_job_may(c, e);
	if (!err)
		err = published_text(p, text, e);
	return err ? err
		   : journal_add(c->store, e, &c->who, PUBLISHED_ACT, subject, OUTCOME_DONE, "%s", text);
}

#define LAG_MAX 500000 /* leaves: what comes within some seconds at most */

/* Hits and outages are counted by the index. */
static int look_for_lag(const struct call *c, struct err *e)
{
	uint64_t is = c->log ? log_status(c->log)->durable : 0, has = c->log ? index_applied(c->index) : 0;
	if (is <= has || is - has <= LAG_MAX)
		return 0;
	return err_set(
	    e, -EAGAIN,
	    "the index has %llu of %llu leaves of the log: hits would be missing; try again once rojactl "
	    "audit status says that it has them",
	    (unsigned long long)has, (unsigned long long)is);
}

int report_period(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	struct call *c = ctx;
	struct log_point at;
	struct report_context context_ = context(c, &at);
	struct files files = {.n = 0};
	struct period p;
	char subject[PUBLISHED_SUBJECT] = "a period";
	int err = read_period(c, params, &p, e);
	if (!err) {
		published_subject(&p, subject);
		err = look_for_lag(c, e);
	}
	if (!err)
		err = period_make(&context_, &p, e);
	if (!err)
		err = period_files(&context_, &p, &files, e);
	if (!err && !p.internal)
		err = publish(c, &p, subject, e);
	period_free(&p);
	if (!err)
		err = report_job_begin(c, "report.period", subject, NULL, p.internal ? NULL : PUBLISHED_NOTE,
				       &files, ret, e);
	files_free(&files);
	return err ? call_journal(c, "report.period", subject, err, NULL, e) : 0;
}

static int read_inspection(const json_t *params, struct inspection *ret, struct err *e)
{
	*ret = (struct inspection){.order = call_number(params, "order")};
	int err = read_time(params, "from", &ret->from, e);
	return err ? err : read_time(params, "to", &ret->to, e);
}

int report_audit(void *ctx, const json_t *params, json_t **ret, struct err *e)
{
	struct call *c = ctx;
	struct log_point at;
	struct report_context context_ = context(c, &at);
	struct files files = {.n = 0};
	struct inspection i;
	char folder[1024], from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES], subject[128] = "a period";
	int err = read_inspection(params, &i, e);
	if (!err) {
		clock_text(i.from, from);
		clock_text(i.to, to);
		snprintf(subject, sizeof(subject), "%s to %s", from, to);
		if (i.order)
			act_subject("order", i.order, subject);
		err = report_log_folder(c->config, folder, sizeof(folder), e);
	}
	if (!err)
		err = inspect_files(&context_, &i, &files, e);
	if (!err)
		err = report_job_begin(c, "report.audit", subject, folder, NULL, &files, ret, e);
	files_free(&files);
	return err ? call_journal(c, "report.audit", subject, err, NULL, e) : 0;
}
