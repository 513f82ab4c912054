/* SPDX-License-Identifier: BSD-3-Clause */
/* link_state: what a link holds. For the files of control/link/link*. */
#ifndef CONTROL_LINK_LINK_STATE_H
#define CONTROL_LINK_LINK_STATE_H

#include <limits.h>

#include "control/link/intake.h"
#include "control/link/link.h"
#include "control/link/rpc_client_uv.h"

#define LINK_ASK_MS  3000  /* status, workers, ports, counters */
#define LINK_LOAD_MS 30000 /* reading and checking a ruleset of millions of entries */
#define LINK_CALL_MS 5000
#define LINK_POLL_MS 1000

struct link_wanted {
	bool is_set;
	struct link_ruleset ruleset;
	char path[PATH_MAX];
};

struct link {
	uv_loop_t *loop;
	struct link_hooks hooks;
	struct rpc_client *client;
	struct intake *intake;
	/* poll: once a second; publish: the next look at the workers, or the next try; events: the next turn */
	uv_timer_t poll, publish, events;
	unsigned n_handles;
	bool closing;
	char name[LINK_NAME_BYTES];
	struct link_status status;
	struct link_figures figures, draft; /* draft: while the answers of a round come in */
	bool asking;			    /* a round of questions is under way */
	unsigned question;		    /* of the round: which one waits for its answer */
	struct link_wanted wanted;
	struct link_ruleset has;  /* that it judges by, as far as it said */
	bool loading, confirming; /* asked to load; asked whether every worker judges by it */
	unsigned refused_pause_s;
	uint64_t acknowledged_before; /* the last version that it ever acknowledged */
	unsigned n_switched;
	uint64_t switched_ns[LINK_WORKERS_MAX]; /* as the answer to the load said */
};

/* What has to be done so that it judges by what is wanted; safe to call whenever something was learnt. */
void link_publish_step(struct link *l);
/* What was known of the data plane's ruleset holds no more. */
void link_publish_forget(struct link *l);
void link_publish_on_timer(uv_timer_t *t);
/* Asks for all figures, one after the other. */
void link_poll_on_timer(uv_timer_t *t);
void link_set_state(struct link *l, enum link_state state, const char *why);
uint64_t link_now_ns(void);

#endif
