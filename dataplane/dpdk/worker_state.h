/* SPDX-License-Identifier: BSD-3-Clause */
/* worker_state: what the worker's own files share. Not for others. */
#ifndef DATAPLANE_DPDK_WORKER_STATE_H
#define DATAPLANE_DPDK_WORKER_STATE_H

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/dpdk/trials.h"
#include "dataplane/dpdk/worker.h"

#define BURST	     PIPELINE_BURST
#define TX_TRIES     32 /* attempts at a full transmit queue before its frames are lost */
#define QUEUES_OWNED (CONFIG_PORTS_MAX * CONFIG_QUEUES_MAX)

/* Frames on their way to one place. */
struct outbox {
	unsigned n;
	struct rte_mbuf *v[BURST];
};

struct poll_queue {
	struct guard_beat *beat; /* NULL: nothing beneath watches */
	uint16_t ethdev, queue;
	uint8_t port;
	bool inspect; /* false: only answers leave at the port */
	bool copies;  /* it holds copies of frames that the kernel forwards while no worker beats */
};

struct tx_queue {
	uint16_t ethdev, queue;
	uint8_t via;	/* the worker that has a queue at this port; this one: its own */
	bool one_piece; /* as of its port */
};

struct worker {
	/* written by this worker, read by the main thread */
	struct worker_stats stats;
	_Atomic uint64_t beat_ns, first_beat_ns;
	_Atomic uint64_t longest_pass; /* TSC cycles; the main thread sets it to 0 */
	struct stall stalls[WORKER_STALLS];
	_Atomic unsigned stalls_put, stalls_taken;
	struct elephants elephants;
	struct trier trier;

	struct workers *ws;
	const struct generation *generation;
	uint64_t turn; /* its; 0: none */
	struct pipeline *pipeline;
	struct rte_mempool *pool;    /* for answers */
	uint64_t now_ns, limit_ns;   /* of this pass; age at which a beat is dead */
	unsigned index, core, empty; /* passes in a row that found nothing */
	uint64_t worked;	     /* TSC, when the stretch of work began that lasts */
	uint64_t beat_cycles;	     /* work that calls for a beat in between */
	bool draining;		     /* what arrives from here on the kernel has forwarded */
	bool moved;		     /* this pass moved frames */
	bool owes_gap;		     /* hits were lost, which no gap record told yet */
	uint32_t needs;		     /* the workers that its frames go through, a bit each */
	unsigned n_polls;
	struct poll_queue polls[QUEUES_OWNED];
	struct tx_queue tx[CONFIG_PORTS_MAX];
	struct outbox out[CONFIG_PORTS_MAX];	/* by port */
	struct outbox hand[CONFIG_WORKERS_MAX]; /* by worker */
	struct rte_ring *from[CONFIG_WORKERS_MAX], *to[CONFIG_WORKERS_MAX];
	struct packet packets[BURST];
	uint8_t *linear; /* BURST x FRAME_MAX: frames that came in pieces */
	int failed;
	struct err err;
};

/* mbuf->port carries our own marks: where the frame came in, and where it is to leave once it is judged. */
static inline void mark_in(struct rte_mbuf *m, unsigned port)
{
	m->port = (uint16_t)port;
}

static inline unsigned marked_in(const struct rte_mbuf *m)
{
	return m->port & 0xffu;
}

static inline void mark_out(struct rte_mbuf *m, unsigned port)
{
	m->port = (uint16_t)((m->port & 0xffu) | (port + 1) << 8);
}

/* The port where a judged frame is to leave, or PORT_NONE for one that waits for its verdict. */
static inline unsigned marked_out(const struct rte_mbuf *m)
{
	return m->port >> 8 ? (m->port >> 8) - 1u : PORT_NONE;
}

static inline bool worker_alive(const struct worker *w, uint64_t now_ns, uint64_t limit_ns)
{
	uint64_t beat = atomic_load_explicit(&w->beat_ns, memory_order_relaxed);
	return beat + limit_ns >= now_ns;
}

/* worker_tx.c: */
/* Sends a judged frame to a port, by this worker's queue or by the one that has one there. */
void worker_send(struct worker *w, struct rte_mbuf *m, unsigned port);
/* Hands an unjudged frame to the worker that it belongs to. */
void worker_hand(struct worker *w, struct rte_mbuf *m, unsigned to);
/* Empties every outbox. */
void worker_flush(struct worker *w);

/* worker_judge.c: judges n <= BURST frames and sends what leaves, with the answers; reports the hits. */
void worker_judge(struct worker *w, struct rte_mbuf **frames, unsigned n);

/* worker_beat.c: */
void worker_set_limit(struct worker *w, unsigned heartbeat_ms);
/* At the beginning of a round. */
void worker_beat(struct worker *w);
/* Within a round, as often as one likes: beats once enough time has passed. */
void worker_between(void *worker);
/* Ends a stretch of work; returns its TSC cycles. */
uint64_t worker_worked(struct worker *w);

/* worker_loop.c */
int worker_setup(void *worker);
int worker_run(void *worker);
/* Takes up a new ruleset, receives from its ports and from other workers, judges and sends. */
void worker_pass(struct worker *w, bool with_ports);
void worker_discard_copies(struct worker *w);

/* worker_together.c: */
/* The first beat, once every worker is there: until then none may take another for dead. */
void worker_join(struct worker *w);
/* The last passes: what was received, or is on its way between workers, still gets its verdict and leaves. */
void worker_leave(struct worker *w);

#endif
