/* SPDX-License-Identifier: BSD-3-Clause */
/* breaker: does a fresh ruleset version hit far more than it should?
 *
 * Model:    from a version's activation on, each data plane's samples of two growing counters (new flows, hits) are added up.
 *           Tripped, within the window: of all data planes together, or of one alone, at least min_flows new flows came and
 *           more than max_percent hits for each hundred of them. Once tripped it stays so.
 * Owner:    the caller's struct; pure functions, time is an argument.
 * Limits:   BREAKER_NODES_MAX data planes; samples of others are left out.
 * Errors:   none. A counter that is lower than before began anew (the data plane restarted): what it says has come since. What is
 *           lower in one of the two counters is so in both.
 */
#ifndef CONTROL_LINK_BREAKER_H
#define CONTROL_LINK_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define BREAKER_NODES_MAX 64

struct breaker_config {
	unsigned window_s;  /* 0: never trips */
	uint64_t min_flows; /* fewer say nothing; 0 counts as 1 */
	unsigned
	    max_percent; /* 0: any hit trips it; beyond 100 is sensible where a flow can be hit several times */
};

struct breaker_sample {
	uint64_t time_ns; /* of one clock, as activated_ns */
	uint64_t flows, hits;
};

struct breaker_node {
	bool is_set;
	struct breaker_sample last;
	uint64_t flows, hits; /* grown since the first sample */
};

struct breaker {
	struct breaker_config config;
	uint64_t activated_ns;
	bool tripped;
	struct breaker_node nodes[BREAKER_NODES_MAX];
};

struct breaker_verdict {
	bool tripped, over; /* over: the window has passed, or it tripped: no more samples are needed */
	int node;	    /* whose share tripped it; -1: all together, or none did */
	uint64_t flows, hits;
	double percent; /* hits for each hundred flows; 0 where there are none */
};

void breaker_start(struct breaker *b, const struct breaker_config *config, uint64_t activated_ns);
/* A node's first sample is what it counts from: give one as soon as the node has acknowledged the version. Samples before
 * the activation, behind the window, or older than the last one are left out. */
void breaker_add(struct breaker *b, unsigned node, const struct breaker_sample *s);
struct breaker_verdict breaker_judge(struct breaker *b, uint64_t now_ns);

#endif
