/* SPDX-License-Identifier: BSD-3-Clause */
/* link: the control process's end of one data plane: what it enforces, what it has done, what it reports.
 *
 * Model:    level-triggered. The wanted ruleset is state; whenever the data plane answers and judges by another one, it is asked
 *           to load the wanted one, until every worker judges by it (acknowledged). A data plane that restarts, that somebody
 *           gave another ruleset by hand, or that was away, is brought back by the same step. Figures are asked for each
 *           second. Events are taken from the shared file at least once (control/link/intake.h).
 * Owner:    link_new allocates; link_close lets go, the memory goes with the loop's next turns. What hooks are given lives
 *           until they return. Hooks may publish and call, and may close the link.
 * Threads:  the loop's. No call blocks: sockets are asynchronous, the events file is memory.
 * Limits:   LINK_WORKERS_MAX, LINK_PORTS_MAX, LINK_COUNTERS_MAX: more are not shown; RPC_CLIENT_CALLS_MAX calls that wait.
 * Errors:   0 or -errno with a sentence. What goes wrong later is said to hooks, once for each change and not for each try.
 * Versions: a data plane takes only a version above the one it has (dataplane/dpdk/generation.c): a rollback is published under
 *           a new number, and one number never names two digests. `version` of the status is what must be
 *           exceeded.
 */
#ifndef CONTROL_LINK_LINK_H
#define CONTROL_LINK_LINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/err.h"
#include "common/events.h"
#include "control/link/figures.h"

#define LINK_NAME_BYTES 64

struct link;

enum link_state {
	LINK_AWAY, /* it does not answer; `why` says what is wrong */
	LINK_UP,
};

/* Every worker judges by the wanted ruleset. Times are CLOCK_REALTIME in ns. */
struct link_ack {
	uint64_t version, wanted_ns; /* when link_publish was called */
	uint64_t sent_ns;	     /* when it was asked to load; 0: it had the ruleset already */
	uint64_t acknowledged_ns;    /* when every worker was seen to judge by it */
	bool again; /* it had acknowledged this version before: it restarted, or the connection broke */
	unsigned n_workers;
	uint64_t switched_ns
	    [LINK_WORKERS_MAX]; /* by worker: how long after the data plane's publication; 0: not said */
};

struct link_status {
	const char *name; /* as configured */
	enum link_state state;
	char why
	    [ERR_BYTES]; /* of LINK_AWAY: "... does not answer since 2026-11-26T06:00:00Z" or the like; else "" */
	uint64_t since_ns; /* when the state began; CLOCK_REALTIME, as the others */
	char instance[LINK_NAME_BYTES];
	int64_t pid;
	uint64_t version; /* that it judges by; 0: none, or away */
	uint8_t digest[32];
	uint64_t wanted, acknowledged; /* versions; 0: none. acknowledged: 0 while it is away */
	uint64_t wanted_ns, sent_ns, acknowledged_ns;
	char refused[ERR_BYTES]; /* why it did not take the wanted version, while it has not; else "" */
	uint64_t restarts;	 /* seen: answers of another process than before */
	uint64_t events, events_damaged, events_lost; /* taken; left out as damaged; named by gap records */
	bool events_open;			      /* an events file is there and ours to take */
};

/* Any may be NULL; on_events too: then the file is left alone. */
struct link_hooks {
	void *ctx;
	/* state or its reason changed */
	void (*on_state)(void *ctx, struct link *l, const struct link_status *s);
	void (*on_acknowledged)(void *ctx, struct link *l, const struct link_ack *a);
	/* The data plane did not take the wanted version: its sentence. Tried again from 1 s to 60 s later; said again only when
	 * the sentence changes. */
	void (*on_refused)(void *ctx, struct link *l, uint64_t version, const char *why);
	/* once a second, while it answers */
	void (*on_figures)(void *ctx, struct link *l, const struct link_figures *f);
	/* Records of one ring in order; each is sound (intake.h). 0: all are taken; they are given back to the ring, and their addresses
	 * wiped there, once a ticket that commit gives afterwards is durable. Anything else: the same records come again later, others wait. */
	int (*on_events)(void *ctx, struct link *l, const uint8_t file_id[16], unsigned ring,
			 const struct event *ev, unsigned n);
	uint64_t (*commit)(void *ctx);		     /* with on_events: what was taken so far */
	bool (*durable)(void *ctx, uint64_t ticket); /* with on_events */
	/* Something about the events that a person should know: damage, a missing number, no permission. */
	void (*on_trouble)(void *ctx, struct link *l, const char *sentence);
};

struct link_config {
	const char *name, *socket;
	const char *events; /* NULL or "": none */
};

/* Config's strings are copied. -ENAMETOOLONG, -ENOMEM. */
int link_new(uv_loop_t *loop, const struct link_config *config, const struct link_hooks *hooks,
	     struct link **ret, struct err *e);
/* No hook is called any more, callbacks of link_call get -ECANCELED at once. NULL is fine. */
void link_close(struct link *l);

/* What is wanted from now on; asked for at once where the data plane answers. The file stays until something else is wanted. */
int link_publish(struct link *l, const char *path, uint64_t version, const uint8_t digest[32], struct err *e);

/* Asks anything else; params is borrowed, NULL: none. done is called once, never from within link_call: err 0 with the result
 * (borrowed), or -errno with a sentence: -ENOTCONN: away, -EREMOTEIO: refused, -ETIMEDOUT, -EPROTO, -ECANCELED.
 * -ENOBUFS, -ENOTCONN, -EMSGSIZE at once: not sent, and done is not called. */
typedef void (*link_done)(void *ctx, int err, const json_t *result, const char *why);
int link_call(struct link *l, const char *method, json_t *params, link_done done, void *ctx, struct err *e);
/* More may be durable by now: looked at in the loop's next turn. */
void link_durable(struct link *l);
/* The data plane drops frames to and from this address for so long; list: whose hit caused it. done may be NULL. */
int link_block(struct link *l, const char *address, unsigned seconds, unsigned list, link_done done,
	       void *ctx, struct err *e);

/* Both live as long as the link and change with the loop. */
const struct link_status *link_status(struct link *l);
const struct link_figures *link_figures(const struct link *l); /* time_ns 0: none yet */

#endif
