/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "control/link/link_state.h"

static void ask(struct link *l, unsigned question);

/* Another process than before has its ruleset from its own start. */
static void meet(struct link *l)
{
	struct link_status *s = &l->status;
	if (s->pid && s->pid != l->draft.pid) {
		s->restarts++;
		s->acknowledged = 0;
	}
	s->pid = l->draft.pid;
	memcpy(s->instance, l->draft.instance, sizeof(l->draft.instance));
	/* while a load is under way, what was said before it is no news */
	if (!l->loading) {
		l->has = l->draft.ruleset;
		s->version = l->has.version;
		memcpy(s->digest, l->has.digest, sizeof(s->digest));
	}
	link_set_state(l, LINK_UP, "");
	if (!l->closing)
		link_publish_step(l);
}

static bool read_status(struct link *l, const json_t *result)
{
	if (!figures_read_status(&l->draft, result))
		return false;
	meet(l);
	return true;
}

static bool read_workers(struct link *l, const json_t *result)
{
	figures_read_workers(&l->draft, result);
	return true;
}

static bool read_ports(struct link *l, const json_t *result)
{
	figures_read_ports(&l->draft, result);
	return true;
}

static bool read_counters(struct link *l, const json_t *result)
{
	figures_read_counters(&l->draft, result);
	return true;
}

static const struct {
	const char *method;
	bool (*read)(struct link *l, const json_t *result);
} questions[] = {
    {"status", read_status}, {"workers", read_workers}, {"ports", read_ports}, {"counters", read_counters}};
#define QUESTIONS_N (sizeof(questions) / sizeof(*questions))

static void finish(struct link *l)
{
	l->asking = false;
	l->draft.time_ns = link_now_ns();
	l->draft.elapsed_ns = uv_hrtime();
	figures_rates(&l->figures, &l->draft);
	l->figures = l->draft;
	if (l->hooks.on_figures)
		l->hooks.on_figures(l->hooks.ctx, l, &l->figures);
}

static void on_answer(void *ctx, int err, const json_t *result, const char *why)
{
	struct link *l = ctx;
	unsigned question = l->question;
	if (!l->asking)
		return;
	if (err && err != -EREMOTEIO) {
		l->asking = false; /* the connection broke: said there */
		return;
	}
	bool good = !err && questions[question].read(l, result);
	if (l->closing)
		return;
	if (!good && question == 0) {
		struct err e;
		l->asking = false;
		err_set(&e, -EPROTO, "what answers is no data plane, or of another build: its status %s%s",
			err ? "is refused: " : "has no pid", err ? why : "");
		link_set_state(l, LINK_AWAY, e.text);
	} else if (question + 1 < QUESTIONS_N) {
		ask(l, question + 1);
	} else {
		finish(l);
	}
}

static void ask(struct link *l, unsigned question)
{
	l->question = question;
	l->asking =
	    !rpc_client_call(l->client, questions[question].method, NULL, LINK_ASK_MS, on_answer, l, NULL);
}

void link_poll_on_timer(uv_timer_t *t)
{
	struct link *l = t->data;
	if (l->asking || l->closing)
		return;
	l->draft = (struct link_figures){0};
	ask(l, 0);
}
