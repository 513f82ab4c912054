/* SPDX-License-Identifier: BSD-3-Clause */
/* generation: a loaded ruleset with what each worker needs of it, and its switch without a loss.
 *
 * Model:    the main thread loads a file beside the one in use and publishes it by one pointer. A worker looks at the pointer
 *           between two bursts, so a burst - and with it whatever completes a name - is judged by exactly one
 *           generation. The old one is freed when every worker has been seen between bursts since (RCU).
 * Owner:    the set owns all generations; generations_fini frees them once the workers have ended.
 * Threads:  generations_load and _reclaim: the main thread. _current: any worker, between bursts.
 * Errors:   a file that does not load leaves everything as it was, with the sentence why.
 * Cost:     a worker pays one load of a shared pointer a burst; the switch takes two bursts.
 */
#ifndef DATAPLANE_DPDK_GENERATION_H
#define DATAPLANE_DPDK_GENERATION_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "dataplane/dpdk/config.h"
#include "rules/ruleset.h"

struct rte_rcu_qsbr;

struct generation {
	struct ruleset *rules;
	struct ruleset_scratch *scratch[CONFIG_WORKERS_MAX];
	uint64_t version;
	uint64_t turn; /* which load it came from, from 1: a version may be loaded again */
	char path[PATH_MAX];
	/* written by each worker when it takes the generation up, CLOCK_MONOTONIC; 0: not yet */
	_Atomic uint64_t switched_ns[CONFIG_WORKERS_MAX];
	uint64_t opened_ns, published_ns; /* CLOCK_MONOTONIC: reading began; the pointer was set */
	uint64_t token;			  /* of the grace period after which it is free to go */
	struct generation *next_retired;
};

struct generations {
	_Atomic(struct generation *) current;
	struct generation *retired; /* replaced, perhaps still in a worker's hands */
	struct rte_rcu_qsbr *qsbr;
	const struct seal_key *key; /* of sealed files; NULL: none. The caller's; it must outlive the set */
	uint64_t turns;
	unsigned n_workers;
	bool running; /* the workers are; before that a load need not wait for them */
};

int generations_init(struct generations *g, unsigned n_workers, const struct seal_key *key, struct err *e);
void generations_fini(struct generations *g);
/* Reads the file, makes it current and waits until every worker has taken it up, or a worker hangs for
 * GENERATION_WAIT_NS: then it is current all the same, and that worker's switched_ns stays 0. version 0: the one that
 * the file says (ruleset_version) where that is above the current one, or where this is the current one; else one more than
 * the current one. */
#define GENERATION_WAIT_NS 2000000000ull
int generations_load(struct generations *g, const char *path, uint64_t version, struct err *e);
/* Frees what no worker holds any more. */
void generations_reclaim(struct generations *g);

/* The worker's side, between bursts. */
static inline const struct generation *generations_current(struct generations *g)
{
	return atomic_load_explicit(&g->current, memory_order_acquire);
}

#endif
