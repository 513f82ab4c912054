/* SPDX-License-Identifier: BSD-3-Clause */
/* engine_state: what the files of the engine share. */
#ifndef CONTROL_ENGINE_ENGINE_STATE_H
#define CONTROL_ENGINE_ENGINE_STATE_H

#include "control/engine/engine.h"
#include "control/engine/plan.h"
#include "control/link/breaker.h"
#include "control/safety/guard.h"
#include "control/store/alarms.h"

#define ENGINE_PATH 512
#define NODE_GONE_S 10 /* a data plane that is away for longer is an alarm */

struct node {
	struct engine *engine;
	struct link *link;
	const struct config_dataplane *config;
	int64_t acked; /* the activation that it acknowledged last */
	bool gone;     /* the alarm is open */
};

struct sources;
struct probing;

struct engine {
	uv_loop_t *loop;
	const struct control_config *config;
	struct store *store;
	struct jobs *jobs;
	struct audit *audit;
	struct guard *guard, *guard_next; /* next: taken up once no job reads the old one */
	unsigned guard_users;
	char objects[ENGINE_PATH], rulesets[ENGINE_PATH], cache[ENGINE_PATH];
	uv_timer_t look, tick;
	bool stopping;

	struct version active; /* id 0: none */
	json_t *plan;	       /* of the active one */
	int64_t *block_s; /* by its lists: for how long a hit blocks the server's address; 0: it does not */
	unsigned n_block_s;
	struct ruleset *rules; /* of the active one, read when it is asked for */
	int64_t next_change;   /* when time alone makes another plan */

	bool compiling, again; /* again: look once the compile is done */
	char pending[ERR_BYTES];
	char failed[DIGEST_TEXT]; /* a plan that could not be compiled, not tried again before: */
	int64_t retry_at;

	struct node *nodes;
	unsigned n_nodes;
	struct breaker breaker;
	bool breaker_on;
	bool unrecorded; /* the store takes nothing: said in the log, as an alarm cannot be kept either */
	struct sources *sources;
	struct probing *probing;
	struct engine_counts counts;
};

/* engine_compile.c: compiles what is wanted if that is not what is active. method NULL: nobody waits for it. */
int engine_look(struct engine *g, const char *method, int64_t uid, uint64_t *ret_job, struct err *e);
/* engine_adopt.c */
int engine_load_active(struct engine *g, struct err *e);
/* What is active is now v: publishes it and lets the breaker watch. fresh: its rules are new. */
void engine_adopt(struct engine *g, const struct version *v, json_t *plan, bool fresh);
void engine_clean(struct engine *g); /* removes files that the store does not name */
/* engine_blocks.c */
void engine_blocks_load(struct engine *g); /* of the active version */
void engine_block_server(struct node *n, const struct event_hit *h);
/* engine_nodes.c */
int engine_connect(struct engine *g, struct err *e);
void engine_publish(struct engine *g, struct node *n);
void engine_nodes_tick(struct engine *g, int64_t now);
void engine_disconnect(struct engine *g);
/* engine_breaker.c */
void engine_breaker_start(struct engine *g);
void engine_breaker_look(struct engine *g);
void engine_breaker_sample(struct engine *g, struct node *n, const struct link_figures *f);
/* engine_import.c: whether the order itself is for addresses, with an assessment: they need no override each. */
bool engine_addresses_assessed(struct engine *g, int64_t order);
/* engine_sources.c */
int engine_sources_new(struct engine *g, struct err *e);
void engine_sources_tick(struct engine *g, int64_t now);
void engine_sources_free(struct engine *g);

/* A guard that stays until engine_guard_done. */
const struct guard *engine_guard_use(struct engine *g);
void engine_guard_done(struct engine *g);

/* An alarm or its end in a transaction of its own; what fails there is logged. */
__attribute__((format(printf, 4, 5))) void engine_alarm(struct engine *g, enum alarm kind,
							const char *subject, const char *format, ...);
void engine_alarm_clear(struct engine *g, enum alarm kind, const char *subject);

#endif
