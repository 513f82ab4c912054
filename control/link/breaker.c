/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/link/breaker.h"

#include <string.h>

static uint64_t window_ns(const struct breaker *b)
{
	return b->config.window_s * (uint64_t)1000000000;
}

void breaker_start(struct breaker *b, const struct breaker_config *config, uint64_t activated_ns)
{
	memset(b, 0, sizeof(*b));
	b->config = *config;
	b->activated_ns = activated_ns;
}

static bool in_window(const struct breaker *b, uint64_t time_ns)
{
	return time_ns >= b->activated_ns && time_ns - b->activated_ns <= window_ns(b);
}

/* What a counter grew by; `anew`: it began again from 0. */
static uint64_t growth(uint64_t was, uint64_t is, bool anew)
{
	return anew ? is : is - was;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

void breaker_add(struct breaker *b, unsigned node, const struct breaker_sample *s)
{
	struct breaker_node *n = &b->nodes[node < BREAKER_NODES_MAX ? node : 0];
	if (node >= BREAKER_NODES_MAX || !in_window(b, s->time_ns) ||
	    (n->is_set && s->time_ns < n->last.time_ns))
		return;
	if (n->is_set) {
		bool anew = s->flows < n->last.flows || s->hits < n->last.hits;
		n->flows = plus(n->flows, growth(n->last.flows, s->flows, anew));
		n->hits = plus(n->hits, growth(n->last.hits, s->hits, anew));
	}
	n->is_set = true;
	n->last = *s;
}

static bool too_many(const struct breaker_config *c, uint64_t flows, uint64_t hits)
{
	/* no product of counters overflows in 128 bits */
	return flows && flows >= c->min_flows &&
	       (unsigned __int128)hits * 100 > (unsigned __int128)flows * c->max_percent;
}

static struct breaker_verdict verdict_of(int node, uint64_t flows, uint64_t hits)
{
	return (struct breaker_verdict){.node = node,
					.flows = flows,
					.hits = hits,
					.percent = flows ? 100.0 * (double)hits / (double)flows : 0};
}

struct breaker_verdict breaker_judge(struct breaker *b, uint64_t now_ns)
{
	uint64_t flows = 0, hits = 0;
	int worst = -1;
	for (int i = 0; i < BREAKER_NODES_MAX; i++) {
		const struct breaker_node *n = &b->nodes[i];
		flows = plus(flows, n->flows);
		hits = plus(hits, n->hits);
		if (worst < 0 && too_many(&b->config, n->flows, n->hits))
			worst = i;
	}
	struct breaker_verdict v = verdict_of(-1, flows, hits);
	if (b->config.window_s) {
		bool all = too_many(&b->config, flows, hits);
		b->tripped |= all || worst >= 0;
		if (!all && worst >= 0)
			v = verdict_of(worst, b->nodes[worst].flows, b->nodes[worst].hits);
	}
	v.tripped = b->tripped;
	v.over = v.tripped || (now_ns >= b->activated_ns && !in_window(b, now_ns));
	return v;
}
