/* SPDX-License-Identifier: BSD-3-Clause */
/* worker_beat: a worker's signs of life: one a round, and more within a round that takes long. */
#include <rte_cycles.h>

#include "dataplane/dpdk/clock.h"
#include "dataplane/dpdk/worker_state.h"

#define BEATS_IN_LIMIT 8 /* a round that works for this part of heartbeat_ms beats in between */

/* A queue whose frames go through other workers beats only while all of them do: else the wire beneath takes over. */
static bool needed_are_alive(const struct worker *w, uint64_t now_ns)
{
	for (uint32_t needs = w->needs; needs; needs &= needs - 1)
		if (!worker_alive(w->ws->v[__builtin_ctz(needs)], now_ns, w->limit_ns))
			return false;
	return true;
}

static void note_stall(struct worker *w, uint64_t from_ns)
{
	unsigned put = atomic_load_explicit(&w->stalls_put, memory_order_relaxed);
	unsigned taken = atomic_load_explicit(&w->stalls_taken, memory_order_acquire);
	w->stats.stalls++;
	if (put - taken == WORKER_STALLS)
		return; /* still counted */
	w->stalls[put % WORKER_STALLS] = (struct stall){from_ns, w->now_ns};
	atomic_store_explicit(&w->stalls_put, put + 1, memory_order_release);
}

static void say(struct worker *w, uint64_t now_ns)
{
	atomic_store_explicit(&w->beat_ns, now_ns, memory_order_relaxed);
	if (!needed_are_alive(w, now_ns))
		return;
	for (unsigned i = 0; i < w->n_polls; i++)
		if (w->polls[i].beat)
			guard_beat(w->polls[i].beat, now_ns);
}

void worker_beat(struct worker *w)
{
	uint64_t last = atomic_load_explicit(&w->beat_ns, memory_order_relaxed);
	w->now_ns = clock_monotonic_ns();
	if (w->now_ns - last > w->limit_ns) {
		worker_discard_copies(w);
		w->now_ns = clock_monotonic_ns();
		note_stall(w, last);
	}
	say(w, w->now_ns);
}

uint64_t worker_worked(struct worker *w)
{
	uint64_t now = rte_rdtsc(), cycles = now - w->worked;
	w->worked = now;
	if (cycles > atomic_load_explicit(&w->longest_pass, memory_order_relaxed))
		atomic_store_explicit(&w->longest_pass, cycles, memory_order_relaxed);
	return cycles;
}

/* Frames that are costly to judge are no reason to let the rest of the traffic pass uninspected. After a silence that was too long
 * already, or on the way to the end, the word is the loop's. */
void worker_between(void *worker)
{
	struct worker *w = worker;
	if (rte_rdtsc() - w->worked < w->beat_cycles)
		return;
	worker_worked(w);
	uint64_t now_ns = clock_monotonic_ns();
	if (now_ns - atomic_load_explicit(&w->beat_ns, memory_order_relaxed) > w->limit_ns ||
	    atomic_load_explicit(&w->ws->stop, memory_order_relaxed))
		return;
	say(w, now_ns);
}

uint64_t worker_longest_pass_ns(struct worker *w)
{
	uint64_t cycles = atomic_exchange_explicit(&w->longest_pass, 0, memory_order_relaxed);
	return (uint64_t)((double)cycles * 1e9 / (double)rte_get_tsc_hz());
}

void worker_set_limit(struct worker *w, unsigned heartbeat_ms)
{
	w->limit_ns = (uint64_t)heartbeat_ms * 1000000u;
	w->beat_cycles = rte_get_tsc_hz() / 1000u * heartbeat_ms / BEATS_IN_LIMIT;
}
