/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/trials.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/dpdk/clock.h"
#include "dataplane/dpdk/worker_state.h"

#define WAIT_STEP_US 50

/* The first worker that has a batch, or -1. */
static int holder(const struct workers *ws)
{
	for (unsigned i = 0; i < ws->n; i++)
		if (atomic_load_explicit(&ws->v[i]->trier.job, memory_order_acquire))
			return (int)i;
	return -1;
}

static int make(struct trials **ret, struct err *e)
{
	struct trials *t = calloc(1, sizeof(*t));
	int err = t ? trial_batch_new(&t->batch, e) : err_set(e, -ENOMEM, "no memory for trials");
	if (err) {
		free(t);
		return err;
	}
	*ret = t;
	return 0;
}

static int fill(struct trials *t, const struct trial_ask *v, unsigned n, struct err *e)
{
	for (unsigned i = 0; i < n; i++) {
		struct err why = {""};
		int err = trial_add(t->batch, v[i].proto, v[i].text, &why);
		if (err)
			return err_set(e, err, "requests: number %u, %s: %s", i, try_protos[v[i].proto].word,
				       why.text);
	}
	return 0;
}

static void hand_out(struct trials *t, struct workers *ws)
{
	uint64_t now_ns = clock_monotonic_ns();
	t->job.batch = t->batch;
	atomic_store(&t->job.cancelled, false);
	for (unsigned i = 0; i < ws->n; i++) {
		struct worker *w = ws->v[i];
		t->job.by_worker[i] = (struct trial_answers){.whole = false};
		if (worker_alive(w, now_ns, w->limit_ns))
			atomic_store_explicit(&w->trier.job, &t->job, memory_order_release);
	}
}

static bool wait_for_all(const struct workers *ws, uint64_t ns)
{
	uint64_t began_ns = clock_monotonic_ns();
	while (holder(ws) >= 0) {
		if (clock_monotonic_ns() - began_ns > ns)
			return false;
		usleep(WAIT_STEP_US);
	}
	return true;
}

int trials_run(struct trials **at, struct workers *ws, const struct trial_ask *v, unsigned n, struct err *e)
{
	int held = holder(ws), err = *at ? 0 : make(at, e);
	if (err)
		return err;
	if (held >= 0)
		return err_set(e, -EBUSY, "worker %d has not given back the requests before: it hangs", held);
	struct trials *t = *at;
	const struct generation *g = atomic_load(&ws->generations->current);
	trial_reset(t->batch, g ? g->rules : NULL);
	err = fill(t, v, n, e);
	if (!err) {
		hand_out(t, ws);
		if (!wait_for_all(ws, TRIALS_WAIT_NS)) {
			atomic_store(&t->job.cancelled, true);
			wait_for_all(ws, TRIALS_WAIT_NS / 100);
		}
	}
	if (holder(ws) < 0)
		trial_reset(t->batch, NULL);
	return err;
}

void trials_free(struct trials *t)
{
	if (!t)
		return;
	trial_batch_free(t->batch);
	free(t);
}
