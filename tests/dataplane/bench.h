/* SPDX-License-Identifier: BSD-3-Clause */
/* bench: real workers over rings in memory: a test is the cable at both ends.
 *
 *     bench_push(port) ---> [ring] left  |-----------|  right [ring] ---> bench_pull(port)
 *                                        |  workers  |
 *     bench_pull(port) <--- [ring] left  |-----------|  right [ring] <--- bench_push(port)
 *
 * Model:    DPDK starts once a process, with BENCH_WORKERS lcores; a test opens ports, workers and a ruleset over it, as
 *           the engine does, and closes them again. A hook stands in a port's receive path: it can hang the worker or change
 *           frames as a driver would. Needs no root and no hugepages.
 * Threads:  the test's.
 */
#ifndef TESTS_DATAPLANE_BENCH_H
#define TESTS_DATAPLANE_BENCH_H

#include "dataplane/dpdk/worker.h"
#include "tests/unit/harness.h"

#define BENCH_WORKERS 2
#define BENCH_QUEUES  2
#define BENCH_PORTS   3
#define BENCH_RING    8192

struct rte_mbuf;
struct rte_ring;

struct bench {
	struct config cfg;
	struct port ports[BENCH_PORTS];
	struct workers workers;
	struct generations generations;
	struct wire wire;
	struct events_producer *events;
	struct page_set *pages;
	struct blocks *blocks;
	unsigned buffers_at_rest;
	struct err e;
};

/* What a test chooses; the rest is fixed. */
struct bench_options {
	enum config_mode mode;
	enum config_fail fail;
	unsigned workers, queues, heartbeat_ms; /* 0: 1, 1, 1000 */
	bool spread;
	bool one_piece;		    /* as if the right port's driver sent one buffer of a frame only */
	const struct seal_key *key; /* NULL: none */
	bool mirror;		    /* port 0 is the input, port 2 answers; else ports 0 and 1 are a pair */
};

void bench_open(struct bench *b, const struct bench_options *o);
/* Stops the workers (where the test has not), empties the rings and checks that every buffer is back. */
void bench_close(struct bench *b);
void bench_stop(struct bench *b);

/* Gives a frame to a port's queue, as `pieces` buffers; false: its ring is full. */
bool bench_push(struct bench *b, unsigned port, unsigned queue, const void *frame, uint32_t len,
		unsigned pieces);
/* Takes one frame that left at a port; its length, or 0: there is none. A port of one_piece gives the first buffer, as its
 * driver would. */
uint32_t bench_pull(struct bench *b, unsigned port, unsigned queue, void *ret, uint32_t cap);
/* The same, waiting for it; 0: none came for a long time. */
uint32_t bench_wait(struct bench *b, unsigned port, unsigned queue, void *ret, uint32_t cap);
/* Frames that were pushed and no worker has received. */
unsigned bench_left(const struct bench *b);
/* A counter of all workers together: BENCH_SUM(b, tx_packets). */
#define BENCH_SUM(b, name) bench_sum(b, offsetof(struct worker_stats, name))
uint64_t bench_sum(const struct bench *b, size_t off);

/* Called for each frame that a port's queue received, by its worker. NULL: none. */
void bench_hook(unsigned port, unsigned queue, void (*on_frame)(struct rte_mbuf *m));

/* The path of a file that ends with the process; good until the next call. Once a bench was opened. */
const char *bench_file(const char *name);
/* Compiles a list that blocks `name`. */
void bench_ruleset(const char *path, const char *name);
/* The same, sealed; version 0: unsaid. */
void bench_sealed(const char *path, const char *name, uint64_t version, const struct seal_key *k);

#endif
