/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/sink/worker.h"

#include <errno.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "control/feed/backoff.h"

struct worker {
	pthread_t thread;
	struct output *output;
	struct queue queue;
	struct record_form form;
	struct record_text text;
	size_t ends[PORTION_LEAVES];
	int stop; /* eventfd */
	bool is_open;
	unsigned failures; /* in a row */
	uint64_t settled;
	void (*woken)(void *ctx);
	void *ctx;
};

static uint32_t chance(void)
{
	uint32_t n = 0;
	RAND_bytes((uint8_t *)&n, sizeof(n));
	return n;
}

/* What is not settled comes again. */
static void give_up(struct worker *w, const struct err *e)
{
	if (w->is_open) {
		queue_settle(&w->queue, w->output->ops->settled(w->output), 0);
		w->output->ops->close(w->output);
	}
	w->is_open = false;
	w->failures++;
	queue_rewind(&w->queue, e->text);
	w->woken(w->ctx);
	output_poll(w->output, -1, 0, -1,
		    (int)(1000 * backoff_next(w->failures, 1, WORKER_WAIT_S, chance())));
}

static int make_records(struct worker *w, const struct portion *p, struct err *e)
{
	int err = 0;
	w->text.len = 0;
	for (unsigned i = 0; !err && i < p->n; i++) {
		const struct portion_leaf *leaf = &p->leaves[i];
		struct span entry = {p->p + leaf->at, leaf->len};
		if (leaf->len == PORTION_GONE)
			entry = (struct span){NULL, 0};
		err = record_add(&w->form, leaf->index, leaf->last, entry, &w->text, e);
		w->ends[i] = w->text.len;
	}
	return err;
}

static int send_portion(struct worker *w, const struct portion *p, struct err *e)
{
	int err = make_records(w, p, e);
	if (err)
		return err;
	const struct output_batch b = {w->text.p, w->text.len, w->ends, p->n, p->place};
	err = w->output->ops->write(w->output, &b, e);
	if (!err) {
		w->failures = 0;
		queue_wrote(&w->queue, p->place);
		queue_settle(&w->queue, w->output->ops->settled(w->output), p->n);
	}
	return err;
}

static int open_output(struct worker *w, struct err *e)
{
	int err = w->output->ops->open(w->output, e);
	if (!err) {
		w->is_open = true;
		queue_up(&w->queue);
	}
	return err;
}

static int turn(struct worker *w, struct err *e)
{
	int err = w->is_open ? 0 : open_output(w, e);
	struct portion *p = err ? NULL : queue_take(&w->queue);
	if (!p) {
		err = err ? err : w->output->ops->wait(w->output, w->queue.wake, WORKER_LOOK_MS, e);
		if (!err)
			queue_settle(&w->queue, w->output->ops->settled(w->output), 0);
		return err;
	}
	w->woken(w->ctx); /* there is room */
	err = send_portion(w, p, e);
	portion_free(p);
	return err;
}

static bool is_stopped(const struct worker *w)
{
	return output_poll(w->output, -1, 0, -1, 0) == -ECANCELED;
}

static void *run(void *ctx)
{
	struct worker *w = ctx;
	sigset_t all; /* signals are the main thread's; a server that went is an error, no signal */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (!is_stopped(w)) {
		struct err e = {""};
		int err = turn(w, &e);
		queue_stale(&w->queue, w->output->stale);
		if (err && err != -ECANCELED)
			give_up(w, &e);
	}
	if (w->is_open && w->output->ops->end) {
		w->output->ops->end(w->output);
		queue_settle(&w->queue, w->output->ops->settled(w->output), 0);
	}
	return NULL;
}

static void worker_free(struct worker *w)
{
	if (w->output)
		w->output->ops->free(w->output);
	queue_fini(&w->queue);
	record_text_fini(&w->text);
	close(w->stop);
	free(w);
}

int worker_start(const struct config_sink *config, const struct record_form *form, uint64_t place,
		 void (*woken)(void *ctx), void *ctx, struct worker **ret, struct err *e)
{
	struct worker *w = calloc(1, sizeof(*w));
	if (!w)
		return err_set(e, -ENOMEM, "no memory for sink %s", config->name);
	w->form = *form;
	w->woken = woken;
	w->ctx = ctx;
	w->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int err = w->stop < 0 ? -errno : queue_init(&w->queue, place);
	if (err) {
		if (w->stop >= 0)
			close(w->stop);
		free(w);
		return err_set(e, err, "sink %s: %s", config->name, strerror(-err));
	}
	err = config->format == SINK_JSONL ? output_file_new(config, w->stop, &w->output, e)
					   : output_net_new(config, w->stop, &w->output, e);
	if (!err && (err = -pthread_create(&w->thread, NULL, run, w)))
		err_set(e, err, "sink %s: no thread: %s", config->name, strerror(-err));
	if (err)
		worker_free(w);
	else
		*ret = w;
	return err;
}

struct queue *worker_queue(struct worker *w)
{
	return &w->queue;
}

void worker_ask_stop(struct worker *w)
{
	const uint64_t one = 1;
	if (write(w->stop, &one, sizeof(one)) < 0)
		return; /* it was asked as often as can be counted */
}

uint64_t worker_stop(struct worker *w)
{
	struct queue_figures f;
	worker_ask_stop(w);
	pthread_join(w->thread, NULL);
	queue_look(&w->queue, &f);
	worker_free(w);
	return f.settled;
}
