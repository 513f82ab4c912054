/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/dpdk/generation.h"

#include <errno.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/dpdk/clock.h"

#define WAIT_STEP_US 50

int generations_init(struct generations *g, unsigned n_workers, const struct seal_key *key, struct err *e)
{
	*g = (struct generations){.n_workers = n_workers, .key = key};
	size_t bytes = rte_rcu_qsbr_get_memsize(n_workers);
	g->qsbr = rte_zmalloc("qsbr", bytes, RTE_CACHE_LINE_SIZE);
	if (!g->qsbr || rte_rcu_qsbr_init(g->qsbr, n_workers))
		return err_set(e, -ENOMEM, "no memory for the workers' grace periods");
	return 0;
}

static void generation_free(const struct generations *g, struct generation *n)
{
	if (!n)
		return;
	for (unsigned i = 0; i < g->n_workers; i++)
		ruleset_scratch_free(n->scratch[i]);
	ruleset_free(n->rules);
	free(n);
}

void generations_fini(struct generations *g)
{
	while (g->retired) {
		struct generation *n = g->retired;
		g->retired = n->next_retired;
		generation_free(g, n);
	}
	generation_free(g, atomic_load(&g->current));
	rte_free(g->qsbr);
	atomic_store(&g->current, NULL);
	g->qsbr = NULL;
}

static int generation_open(const struct generations *g, const char *path, struct generation **ret,
			   struct err *e)
{
	if (strlen(path) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "the ruleset's path is longer than %d bytes", PATH_MAX - 1);
	struct generation *n = calloc(1, sizeof(*n));
	if (!n)
		return err_set(e, -ENOMEM, "no memory for another ruleset");
	n->opened_ns = clock_monotonic_ns();
	memcpy(n->path, path, strlen(path) + 1);
	int err = ruleset_open_sealed(path, g->key, &n->rules, e);
	for (unsigned i = 0; !err && i < g->n_workers; i++)
		err = ruleset_scratch_new(n->rules, &n->scratch[i], e);
	if (err) {
		generation_free(g, n);
		return err;
	}
	*ret = n;
	return 0;
}

static bool all_switched(const struct generations *g, struct generation *n)
{
	for (unsigned i = 0; i < g->n_workers; i++)
		if (!atomic_load_explicit(&n->switched_ns[i], memory_order_acquire))
			return false;
	return true;
}

/* Of a file that was given without one. Its own, so that a restart says what was said before; but a number that was used for
 * another ruleset is used no more. */
static uint64_t version_of(const struct ruleset *rules, const struct generation *old)
{
	uint64_t own = ruleset_version(rules);
	if (!old)
		return own ? own : 1;
	bool same = own == old->version && !memcmp(ruleset_digest(rules), ruleset_digest(old->rules), 32);
	return own > old->version || same ? own : old->version + 1;
}

int generations_load(struct generations *g, const char *path, uint64_t version, struct err *e)
{
	struct generation *n, *old = atomic_load(&g->current);
	if (version && old && version <= old->version)
		return err_set(e, -EINVAL, "version %llu is not above the active one, %llu",
			       (unsigned long long)version, (unsigned long long)old->version);
	int err = generation_open(g, path, &n, e);
	if (err)
		return err;
	n->version = version ? version : version_of(n->rules, old);
	n->turn = ++g->turns;
	n->published_ns = clock_monotonic_ns();
	atomic_store_explicit(&g->current, n, memory_order_release);
	if (old) {
		old->token = rte_rcu_qsbr_start(g->qsbr);
		old->next_retired = g->retired;
		g->retired = old;
	}
	while (g->running && !all_switched(g, n) &&
	       clock_monotonic_ns() - n->published_ns < GENERATION_WAIT_NS)
		usleep(WAIT_STEP_US);
	generations_reclaim(g);
	return 0;
}

void generations_reclaim(struct generations *g)
{
	for (struct generation **at = &g->retired; *at;) {
		struct generation *n = *at;
		if (rte_rcu_qsbr_check(g->qsbr, n->token, false) == 1) {
			*at = n->next_retired;
			generation_free(g, n);
		} else {
			at = &n->next_retired;
		}
	}
}
