/* SPDX-License-Identifier: BSD-3-Clause */
/* worker_together: how workers begin and end: all at once, since each may hold what is another's. */
#include <sched.h>
#include <unistd.h>

#include "dataplane/dpdk/clock.h"
#include "dataplane/dpdk/worker_state.h"

#define JOIN_STEP_US   50
#define DRAIN_QUIET_NS 2000000	 /* nothing for so long: it is over */
#define DRAIN_MAX_NS   50000000	 /* where something feeds it for ever */
#define SETTLE_MAX_NS  200000000 /* since the stop: who hangs is not waited for */

static void say_alive(struct worker *w)
{
	w->now_ns = clock_monotonic_ns();
	atomic_store_explicit(&w->beat_ns, w->now_ns, memory_order_relaxed);
}

void worker_join(struct worker *w)
{
	struct workers *ws = w->ws;
	say_alive(w);
	atomic_fetch_add(&ws->joined, 1);
	while (atomic_load(&ws->joined) < ws->n && !atomic_load(&ws->stop)) {
		usleep(JOIN_STEP_US);
		say_alive(w);
	}
	worker_discard_copies(w);
	say_alive(w);
	atomic_store_explicit(&w->first_beat_ns, w->now_ns, memory_order_relaxed);
}

/* A beat just too old: the wire beneath takes over at once, and the time of it stays to be read. */
static void silence(const struct worker *w)
{
	uint64_t dead_ns = w->now_ns - w->limit_ns - 1;
	for (unsigned i = 0; i < w->n_polls; i++)
		if (w->polls[i].beat)
			guard_beat(w->polls[i].beat, dead_ns);
}

/* Waits until every worker has come here `times` times, serving the rings meanwhile; then empties its own. */
static void settle(struct worker *w, unsigned times, uint64_t began_ns)
{
	struct workers *ws = w->ws;
	bool all = false;
	atomic_fetch_add(&ws->settled, 1);
	do {
		all = all || atomic_load(&ws->settled) >= times * ws->n;
		say_alive(w);
		worker_pass(w, false);
		if (!w->moved)
			sched_yield();
	} while (w->moved || (!all && w->now_ns - began_ns < SETTLE_MAX_NS));
}

/* A frame takes two steps at most from worker to worker: to the one that judges it, and to the one that transmits it. */
void worker_leave(struct worker *w)
{
	uint64_t began_ns = clock_monotonic_ns(), moved_ns = began_ns;
	silence(w);
	do {
		say_alive(w);
		worker_pass(w, true);
		w->draining = true;
		if (w->moved)
			moved_ns = w->now_ns;
	} while (w->now_ns - moved_ns < DRAIN_QUIET_NS && w->now_ns - began_ns < DRAIN_MAX_NS);
	settle(w, 1, began_ns);
	settle(w, 2, began_ns);
}
