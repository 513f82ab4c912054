/* SPDX-License-Identifier: BSD-3-Clause */
/* Hits of orders that leave no single ones: counted by the minute, "count/MINUTE/NODE/ORDER/LIST/PROTOCOL/ACTION" in the log's map, so that
 * they are as durable as leaves; a leaf once the minute is over. What comes later of that minute is a leaf of its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/audit/audit_state.h"
#include "control/store/clock.h"

#define PREFIX	     "count/"
#define KEY_BYTES    (sizeof(PREFIX) + 16 + AUDIT_NODE + 2 * 17 + 2 * 4)
#define COUNTERS_MAX 256 /* of one batch; more go into the map earlier */
#define AHEAD \
	1440 /* minutes: one that is further ahead was a wrong clock's: nobody waits for it to be over */

struct counter {
	char node[AUDIT_NODE];
	uint64_t minute;
	int64_t order, list;
	unsigned protocol, action;
	uint64_t n;
};

static void key_of(const struct counter *c, char ret[KEY_BYTES])
{
	snprintf(ret, KEY_BYTES, PREFIX "%010llu/%s/%llx/%llx/%x/%x", (unsigned long long)c->minute, c->node,
		 (unsigned long long)c->order, (unsigned long long)c->list, c->protocol, c->action);
}

static bool parse(const char *key, struct counter *ret)
{
	unsigned long long minute, order, list;
	int used = 0;
	if (sscanf(key, PREFIX "%10llu/%32[^/]/%llx/%llx/%x/%x%n", &minute, ret->node, &order, &list,
		   &ret->protocol, &ret->action, &used) != 6 ||
	    key[used])
		return false;
	ret->minute = minute;
	ret->order = (int64_t)order;
	ret->list = (int64_t)list;
	return true;
}

int counts_keep(struct audit *a)
{
	int err = 0;
	while (a->n_counters && !err) {
		const struct counter *c = &a->counters[a->n_counters - 1];
		char key[KEY_BYTES];
		size_t bytes;
		uint64_t n = 0;
		key_of(c, key);
		const void *before = log_get(a->log, key, &bytes);
		if (before && bytes == sizeof(n))
			memcpy(&n, before, sizeof(n));
		n += c->n;
		err = log_set(a->log, key, &n, sizeof(n));
		a->n_counters -= !err;
	}
	return err;
}

static bool same(const struct counter *a, const struct counter *b)
{
	return a->minute == b->minute && a->order == b->order && a->list == b->list &&
	       a->protocol == b->protocol && a->action == b->action && !strcmp(a->node, b->node);
}

int counts_add(struct audit *a, const char *node, uint64_t minute, const struct privacy_place *place,
	       unsigned protocol, unsigned action)
{
	struct counter c = {.minute = minute,
			    .order = place->order,
			    .list = place->list,
			    .protocol = protocol,
			    .action = action,
			    .n = 1};
	snprintf(c.node, sizeof(c.node), "%s", node);
	if (!a->counters && !(a->counters = calloc(COUNTERS_MAX, sizeof(*a->counters))))
		return -ENOMEM;
	for (unsigned i = a->n_counters; i-- > 0;)
		if (same(&a->counters[i], &c)) {
			a->counters[i].n++;
			return 0;
		}
	int err = a->n_counters == COUNTERS_MAX ? counts_keep(a) : 0;
	if (!err)
		a->counters[a->n_counters++] = c;
	return err;
}

void counts_free(struct audit *a)
{
	free(a->counters);
}

struct closing {
	struct audit *audit;
	uint64_t before;
	int err;
	struct err *e;
};

static void close_minute(void *ctx, const char *key, const void *value, size_t bytes)
{
	struct closing *x = ctx;
	struct entry *t = &x->audit->entry;
	struct counter c;
	if (x->err || !parse(key, &c) || bytes != sizeof(c.n) ||
	    (c.minute >= x->before && c.minute - x->before < AHEAD))
		return;
	memcpy(&c.n, value, sizeof(c.n));
	t->kind = ENTRY_COUNT;
	t->time_ns = (uint64_t)clock_now_ns();
	t->v[ENTRY_F(COUNT, minute)] = value_uint(c.minute);
	t->v[ENTRY_F(COUNT, node)] = value_text(c.node);
	t->v[ENTRY_F(COUNT, order)] = value_uint((uint64_t)c.order);
	t->v[ENTRY_F(COUNT, list)] = value_uint((uint64_t)c.list);
	t->v[ENTRY_F(COUNT, protocol)] = value_uint(c.protocol);
	t->v[ENTRY_F(COUNT, action)] = value_uint(c.action);
	t->v[ENTRY_F(COUNT, hits)] = value_uint(c.n);
	x->err = log_add(x->audit->log, t, NULL, x->e);
	if (!x->err)
		x->err = log_set(x->audit->log, key, NULL, 0);
}

int counts_close(struct audit *a, uint64_t now_minute, struct err *e)
{
	struct closing x = {.audit = a, .before = now_minute, .e = e};
	log_each(a->log, PREFIX, close_minute, &x);
	return x.err;
}
