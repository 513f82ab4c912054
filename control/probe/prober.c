/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/probe/prober.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rpc.h"
#include "control/probe/prober_state.h"

static unsigned index_of(const struct prober_told *n, unsigned n_orders, int64_t order)
{
	unsigned i = 0;
	while (i < n_orders && n->orders[i].order != order)
		i++;
	return i;
}

static int make_result(const struct prober_request *q, struct prober_result *ret)
{
	*ret = (struct prober_result){.nodes = calloc(q->n_nodes + 1u, sizeof(*ret->nodes))};
	if (!ret->nodes)
		return -ENOMEM;
	for (; ret->n_nodes < q->n_nodes; ret->n_nodes++) {
		struct prober_told *n = &ret->nodes[ret->n_nodes];
		unsigned orders = 0;
		n->answered = true;
		n->orders = calloc(q->n_lists + 1u, sizeof(*n->orders));
		if (!n->orders)
			return -ENOMEM;
		for (unsigned i = 0; i < q->n_lists; i++) {
			int64_t order = q->lists[i].order;
			if ((q->order && order != q->order) || index_of(n, orders, order) < orders)
				continue;
			n->orders[orders++] = (struct prober_tally){.order = order, .missed_proto = -1};
		}
		ret->n_orders = orders;
	}
	return 0;
}

/* What a data plane does with what it finds. */
static void ask_mode(const struct prober_node *node, struct prober_told *told)
{
	json_t *status = NULL;
	struct err e = {""};
	if (rpc_call(node->socket, "status", NULL, PROBER_ANSWER_MS, &status, &e)) {
		told->answered = false;
		snprintf(told->why, sizeof(told->why), "%s", e.text);
		return;
	}
	const char *mode = json_string_value(json_object_get(status, "mode"));
	told->monitor = mode && !strcmp(mode, "monitor");
	json_decref(status);
}

static int run_list(struct prober *p, unsigned list)
{
	const struct prober_list *l = &p->q->lists[list];
	struct safety_source source = {0};
	struct safety_row row;
	unsigned order = index_of(&p->ret->nodes[0], p->ret->n_orders, l->order);
	int more = 0, err = safety_source_open(l->path, p->q->key, &source, p->e);
	while (!err && (more = source.next(source.ctx, &row, p->e)) > 0) {
		p->lists_except |= row.entry.exception;
		err = prober_entry(p, list, order, &row.entry);
		if (!err && p->q->progress)
			atomic_fetch_add(&p->q->progress->entries, 1);
	}
	safety_source_close(&source);
	return err ? err : more;
}

/* Where nothing excepts anything, what a worker calls an exception lets pass what must not. */
static void no_exceptions(struct prober_result *r)
{
	for (unsigned k = 0; k < r->n_nodes; k++)
		for (unsigned i = 0; i < r->n_orders; i++) {
			struct prober_tally *t = &r->nodes[k].orders[i];
			t->missed += t->remarks[PROBER_EXCEPTED];
			t->entries += t->remarks[PROBER_EXCEPTED];
			t->unenforceable -= t->remarks[PROBER_EXCEPTED];
			t->remarks[PROBER_EXCEPTED] = 0;
		}
}

static int run_all(struct prober *p)
{
	int err = 0;
	for (unsigned i = 0; !err && i < p->q->n_lists; i++)
		if (!p->q->order || p->q->lists[i].order == p->q->order)
			err = run_list(p, i);
	if (!err)
		err = prober_flush(p);
	int failed = prober_resolve(p);
	if (!err && !failed && !p->q->has_exceptions && !p->lists_except && !p->q->order)
		no_exceptions(p->ret);
	return err ? err : failed;
}

int prober_run(const struct prober_request *q, struct prober_result *ret, struct err *e)
{
	struct prober *p = calloc(1, sizeof(*p));
	if (!p || !(p->suspects = calloc(PROBER_SUSPECTS_ROOM, sizeof(*p->suspects))) ||
	    beside_new(&p->beside, e) || make_result(q, ret)) {
		if (p && p->beside)
			prober_result_free(ret);
		if (p)
			beside_free(p->beside);
		free(p ? p->suspects : NULL);
		free(p);
		return err_set(e, -ENOMEM, "no memory for a probe");
	}
	p->q = q;
	p->ret = ret;
	p->e = e;
	for (unsigned k = 0; k < q->n_nodes; k++)
		ask_mode(&q->nodes[k], &ret->nodes[k]);
	int err = q->n_nodes ? run_all(p) : 0;
	json_decref(p->batch.requests);
	free(p->suspects);
	beside_free(p->beside);
	explicit_bzero(p, sizeof(*p));
	free(p);
	if (err)
		prober_result_free(ret);
	return err;
}

void prober_result_free(struct prober_result *r)
{
	for (unsigned k = 0; r->nodes && k < r->n_nodes; k++)
		free(r->nodes[k].orders);
	free(r->nodes);
	*r = (struct prober_result){0};
}

static const char *const remarks[PROBER_REMARKS_N] = {
#define X(id, text) [PROBER_##id] = text,
    PROBER_REASONS(X) PROBER_NOTES(X)
#undef X
};

void prober_text(const struct prober_told *n, const struct prober_tally *t, char ret[PROBER_TEXT_MAX])
{
	size_t at = 0;
	ret[0] = '\0';
	if (n->foreign)
		at += (size_t)snprintf(ret, PROBER_TEXT_MAX,
				       "judged by another ruleset than the active one, version %llu; ",
				       (unsigned long long)n->version);
	if (n->hangs)
		at += (size_t)snprintf(ret + at, PROBER_TEXT_MAX - at, "a worker hangs; ");
	for (unsigned i = 0; i < PROBER_REMARKS_N; i++)
		if (t->remarks[i])
			at += (size_t)snprintf(ret + at, PROBER_TEXT_MAX - at, "%llu %s; ",
					       (unsigned long long)t->remarks[i], remarks[i]);
	if (at)
		ret[at - 2] = '\0';
}
