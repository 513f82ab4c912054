/* SPDX-License-Identifier: BSD-3-Clause */
/* figures: what a data plane says of itself (docs/control-socket.md), as plain structs.
 *
 * Model:    each reader takes one method's result, whatever its shape: what is missing or of another type is 0 or "", what is
 *           more than fits is left out. So a data plane of another build is shown as far as it is understood.
 * Owner:    the caller's struct; no heap, copied by assignment.
 * Limits:   LINK_WORKERS_MAX, LINK_PORTS_MAX, LINK_COUNTERS_MAX, LINK_WORD_BYTES.
 */
#ifndef CONTROL_LINK_FIGURES_H
#define CONTROL_LINK_FIGURES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/dataplane_fields.h"

#define LINK_WORKERS_MAX  32
#define LINK_PORTS_MAX	  32
#define LINK_COUNTERS_MAX 256
#define LINK_WORD_BYTES	  48

struct link_port {
	char name[LINK_WORD_BYTES];
	bool link, guarded; /* guarded: the kernel's counters are there */
	struct dataplane_port figures;
};

struct link_counter {
	char name[LINK_WORD_BYTES]; /* letters, digits and _ alone */
	uint64_t value;		    /* over all workers */
};

/* What the figures grew by in a second; 0 until there are two answers of one process. */
struct link_rates {
	double judged_packets, judged_bits, hits, flows;
};

struct link_ruleset {
	bool is_set;
	uint64_t version;
	uint8_t digest[32];
};

struct link_figures {
	uint64_t time_ns;    /* CLOCK_REALTIME of the last of the answers; 0: none yet */
	uint64_t elapsed_ns; /* CLOCK_MONOTONIC, for differences */
	int64_t pid;
	char instance[LINK_WORD_BYTES], mode[LINK_WORD_BYTES], fail[LINK_WORD_BYTES],
	    program[LINK_WORD_BYTES];
	double uptime_s, unprotected_ms;
	uint64_t tsc_hz, mbufs, mbufs_free, events_put, events_lost, events_waiting;
	struct link_ruleset ruleset;
	unsigned n_workers, n_ports, n_counters;
	struct dataplane_worker workers[LINK_WORKERS_MAX];
	struct link_port ports[LINK_PORTS_MAX];
	struct link_counter counters[LINK_COUNTERS_MAX];
	struct link_rates rates;
};

/* false: not the shape of a status at all (no pid); nothing is changed then. */
bool figures_read_status(struct link_figures *f, const json_t *status);
void figures_read_workers(struct link_figures *f, const json_t *workers);
void figures_read_ports(struct link_figures *f, const json_t *ports);
void figures_read_counters(struct link_figures *f, const json_t *counters);
/* "version" and "digest" of an object; not set where one is missing or malformed. */
struct link_ruleset figures_ruleset(const json_t *o);

/* The pipeline's counter of this name; 0 where there is none. */
uint64_t figures_counter(const struct link_figures *f, const char *name);
/* New flows that could have been hit, and hits: what the breaker compares. */
uint64_t figures_new_flows(const struct link_figures *f);
uint64_t figures_hits(const struct link_figures *f);
/* Sets now's rates from an earlier answer. */
void figures_rates(const struct link_figures *before, struct link_figures *now);

#endif
