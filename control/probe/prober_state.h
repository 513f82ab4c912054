/* SPDX-License-Identifier: BSD-3-Clause */
/* prober_state: a probe on its way, as its own files see it. Not for others. */
#ifndef CONTROL_PROBE_PROBER_STATE_H
#define CONTROL_PROBE_PROBER_STATE_H

#include <jansson.h>

#include "control/probe/prober.h"
#include "control/safety/beside.h"
#include "control/safety/safety.h"
#include "control/safety/source.h"
#include "rules/name.h"
#include "rules/url.h"

#define BATCH_REQUESTS	     256				     /* that the method takes */
#define PROBER_SUSPECTS_ROOM (PROBER_SUSPECTS + BATCH_REQUESTS * 64) /* a batch more, of every data plane */
#define BATCH_BYTES	     ((size_t)60 << 10)			     /* of a line, which is 64 KiB at most */

/* A request of a batch. */
struct item {
	uint8_t proto, expect; /* enum try_proto; enum action of the order */
	uint8_t what;	       /* enum ask_what */
	uint32_t at, len;      /* its text, canonical, in the batch's */
};

/* Requests that belong together: an entry's, or one neighbour. */
struct group {
	unsigned order, list; /* indexes */
	uint32_t line;
	bool neighbour, any, plain;
	unsigned from, n; /* items */
};

struct batch {
	json_t *requests; /* array of strings */
	size_t bytes, used;
	unsigned n, n_groups;
	struct item items[BATCH_REQUESTS];
	struct group groups[BATCH_REQUESTS];
	char text[BATCH_BYTES];
};

/* A neighbour that was blocked: by which rule. Or (own) what passes though an expression was to find it: does it? */
struct suspect {
	uint32_t list, line; /* of the rule, of the expression */
	unsigned order, node;
	uint8_t what;
	bool own, covered;
	char *text; /* name, URL or address; wiped and freed */
};

struct prober {
	const struct prober_request *q;
	struct prober_result *ret;
	struct batch batch;
	struct asker asker;
	struct beside *beside;
	struct name name;
	struct url url;
	struct suspect *suspects;
	unsigned n_suspects;
	bool lists_except; /* a list has an exception of its own */
	struct err *e;
};

/* prober_batch.c: adds an entry with its neighbours; the batch goes out when it is full. */
int prober_entry(struct prober *p, unsigned list, unsigned order, const struct list_entry *e);
/* Asks what waits of every data plane that still answers. */
int prober_flush(struct prober *p);

/* prober_answers.c: of one data plane, to the batch. */
void prober_judge(struct prober *p, unsigned node, const json_t *result);

/* prober_suspects.c: */
void prober_suspect(struct prober *p, unsigned node, const struct group *g, const struct item *i,
		    uint32_t list, uint32_t line);
/* Of an expression none of whose texts was found. */
void prober_doubt(struct prober *p, unsigned node, const struct group *g);
/* Reads the entries of the suspects' rules; who is not covered is harmed. Empties them. */
int prober_resolve(struct prober *p);

static inline bool prober_is_cancelled(const struct prober *p)
{
	const struct prober_request *q = p->q;
	return (q->cancel && atomic_load(q->cancel)) || (q->abort && atomic_load(q->abort));
}

#endif
