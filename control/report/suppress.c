/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/report/suppress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FREE_CAP (INT64_MAX / 4) /* "no bound": larger than what all counts can add up to */
#define FAR	 (INT64_MAX / 4)

/* A figure as an edge of the circulation: its value may move within low to high. */
struct edge {
	unsigned from, to;
	int64_t value, low, high;
	enum suppress_mark mark;
	int64_t cost; /* of withholding it */
};

struct network {
	struct edge *edges; /* by suppress_at */
	unsigned n_edges, n_nodes;
	int64_t *distance; /* of nodes */
	int *
	    by; /* the edge by which a node is reached: its number + 1, negative against its direction; 0: none */
};

enum { SOURCE, SINK, ROWS }; /* then the rows' nodes, then the columns' */

static void bound(struct edge *g)
{
	static const int64_t lows[] = {[MARK_SMALL] = 0, [MARK_HIDDEN] = SUPPRESS_BELOW},
			     highs[] = {[MARK_SMALL] = SUPPRESS_BELOW - 1, [MARK_HIDDEN] = FREE_CAP};
	bool is_free = g->mark == MARK_SMALL || g->mark == MARK_HIDDEN;
	g->low = is_free ? lows[g->mark] : g->value;
	g->high = is_free ? highs[g->mark] : g->value;
}

/* What a mark that is not known yet must be at least. */
static enum suppress_mark first_mark(int64_t value)
{
	return value < SUPPRESS_BELOW ? MARK_SMALL : MARK_SHOWN;
}

static void add_up(const struct suppress_table *t, struct edge *g)
{
	for (unsigned r = 0; r < t->n_rows; r++)
		for (unsigned c = 0; c < t->n_columns; c++) {
			int64_t v = t->cells[r * t->n_columns + c];
			v = v > 0 ? v : 0;
			g[suppress_at(t, r, c)].value = v;
			g[suppress_at(t, r, t->n_columns)].value += v;
			g[suppress_at(t, t->n_rows, c)].value += v;
			g[suppress_at(t, t->n_rows, t->n_columns)].value += v;
		}
}

/* Totals are dearer than cells, the grand total is the last to go. */
static int64_t cost_of(const struct suppress_table *t, unsigned r, unsigned c, int64_t value)
{
	unsigned totals = (r == t->n_rows) + (c == t->n_columns);
	int64_t cost = 1 + (value < FAR >> 16 ? value : FAR >> 16);
	return totals == 2 ? FAR >> 8 : totals ? 4 * cost : cost;
}

/* Whether no cell of a figure's sum can have a count. */
static bool is_none(const struct suppress_table *t, unsigned row, unsigned column)
{
	bool all_rows = row == t->n_rows, all_columns = column == t->n_columns;
	for (unsigned r = all_rows ? 0 : row; r < (all_rows ? t->n_rows : row + 1); r++)
		for (unsigned c = all_columns ? 0 : column; c < (all_columns ? t->n_columns : column + 1);
		     c++)
			if (t->cells[r * t->n_columns + c] != SUPPRESS_NONE)
				return false;
	return true;
}

static void lay(const struct suppress_table *t, struct network *n, bool known)
{
	for (unsigned r = 0; r <= t->n_rows; r++)
		for (unsigned c = 0; c <= t->n_columns; c++) {
			bool row_sum = c == t->n_columns, column_sum = r == t->n_rows;
			struct edge *g = &n->edges[suppress_at(t, r, c)];
			g->from = column_sum ? row_sum ? SINK : ROWS + t->n_rows + c
				  : row_sum  ? SOURCE
					     : ROWS + r;
			g->to = column_sum ? row_sum ? SOURCE : SINK
				: row_sum  ? ROWS + r
					   : ROWS + t->n_rows + c;
			if (is_none(t, r, c))
				g->mark = MARK_NONE;
			else
				g->mark = known ? t->marks[suppress_at(t, r, c)] : first_mark(g->value);
			g->cost = cost_of(t, r, c, g->value);
			bound(g);
		}
}

static void network_free(struct network *n)
{
	free(n->edges);
	free(n->distance);
	free(n->by);
}

/* known: the marks are, else each is what its value alone calls for. */
static int network_make(const struct suppress_table *t, bool known, struct network *ret, struct err *e)
{
	*ret = (struct network){.n_edges = (t->n_rows + 1) * (t->n_columns + 1),
				.n_nodes = ROWS + t->n_rows + t->n_columns};
	if (t->n_rows > SUPPRESS_ROWS || t->n_columns > SUPPRESS_COLUMNS)
		return err_set(e, -E2BIG, "a table of %u rows and %u columns is larger than %u by %u",
			       t->n_rows, t->n_columns, SUPPRESS_ROWS, SUPPRESS_COLUMNS);
	for (unsigned i = 0; i < t->n_rows * t->n_columns; i++)
		if (t->cells[i] < SUPPRESS_NONE || t->cells[i] > FREE_CAP / SUPPRESS_ROWS / SUPPRESS_COLUMNS)
			return err_set(e, -EINVAL, "a table holds the count %lld", (long long)t->cells[i]);
	ret->edges = calloc(ret->n_edges, sizeof(*ret->edges));
	ret->distance = calloc(ret->n_nodes, sizeof(*ret->distance));
	ret->by = calloc(ret->n_nodes, sizeof(*ret->by));
	if (!ret->edges || !ret->distance || !ret->by) {
		network_free(ret);
		return err_set(e, -ENOMEM, "memory ran out");
	}
	add_up(t, ret->edges);
	lay(t, ret, known);
	return 0;
}

/* How much more can go along an edge (against: back). open: as if what is shown were withheld. */
static int64_t room(const struct edge *g, bool against, bool open)
{
	bool opened = open && g->mark == MARK_SHOWN;
	int64_t low = opened ? SUPPRESS_BELOW : g->low, high = opened ? FREE_CAP : g->high;
	return against ? g->value - low : high - g->value;
}

/* Bellman and Ford: a cheapest path between nodes that does without edge `but`. Whether there is one. */
static bool find_path(struct network *n, unsigned from, unsigned to, const struct edge *but, bool open)
{
	bool changed = true;
	for (unsigned i = 0; i < n->n_nodes; i++)
		n->distance[i] = FAR;
	memset(n->by, 0, n->n_nodes * sizeof(*n->by));
	n->distance[from] = 0;
	while (changed) {
		changed = false;
		for (unsigned i = 0; i < n->n_edges; i++)
			for (int against = 0; against < 2; against++) {
				const struct edge *g = &n->edges[i];
				unsigned a = against ? g->to : g->from, b = against ? g->from : g->to;
				int64_t cost = g->mark == MARK_SHOWN ? g->cost : 0;
				if (g == but || n->distance[a] == FAR || room(g, against, open) <= 0 ||
				    n->distance[a] + cost >= n->distance[b])
					continue;
				n->distance[b] = n->distance[a] + cost;
				n->by[b] = against ? -(int)(i + 1) : (int)(i + 1);
				changed = true;
			}
	}
	return n->distance[to] < FAR;
}

/* Along the path that was found, from its end. */
static struct edge *step(const struct network *n, unsigned *node, bool *ret_against)
{
	int by = n->by[*node];
	struct edge *g = &n->edges[abs(by) - 1];
	*ret_against = by < 0;
	*node = by < 0 ? g->to : g->from;
	return g;
}

/* Moves a figure as far as it goes, up to `most`, with what is withheld; the rest of the network follows. */
static void push(struct network *n, struct edge *g, bool down, int64_t most)
{
	unsigned from = down ? g->from : g->to, to = down ? g->to : g->from;
	int64_t left = room(g, down, false);
	left = left < most ? left : most;
	while (left > 0 && find_path(n, from, to, g, false)) {
		int64_t by = left;
		bool against;
		for (unsigned at = to; at != from;) {
			struct edge *f = step(n, &at, &against);
			by = room(f, against, false) < by ? room(f, against, false) : by;
		}
		for (unsigned at = to; at != from;) {
			struct edge *f = step(n, &at, &against);
			f->value += against ? -by : by;
		}
		g->value += down ? -by : by;
		left -= by;
	}
}

/* Withholds what a cheapest way to move the figure further passes; 0: there is none. *ret_cost, or with `take` done. */
static bool widen(struct network *n, struct edge *g, bool down, bool take, int64_t *ret_cost)
{
	unsigned from = down ? g->from : g->to, to = down ? g->to : g->from;
	bool against;
	if (room(g, down, false) <= 0 || !find_path(n, from, to, g, true))
		return false;
	*ret_cost = n->distance[to];
	for (unsigned at = to; take && at != from;) {
		struct edge *f = step(n, &at, &against);
		f->mark = f->mark == MARK_SHOWN ? MARK_HIDDEN : f->mark;
		bound(f);
	}
	return true;
}

static void restore(struct network *n, const int64_t *values)
{
	for (unsigned i = 0; i < n->n_edges; i++)
		n->edges[i].value = values[i];
}

/* Until the figure can have `width` + 1 values. values: the true ones, which all edges have again afterwards. */
static int protect(struct network *n, struct edge *g, int64_t width, const int64_t *values, struct err *e)
{
	for (;;) {
		int64_t up_cost = FAR, down_cost = FAR, high, low;
		push(n, g, false, width);
		high = g->value;
		bool up = high - values[g - n->edges] < width && widen(n, g, false, false, &up_cost);
		restore(n, values);
		push(n, g, true, width);
		low = g->value;
		if (high - low >= width) {
			restore(n, values);
			return 0;
		}
		bool down = widen(n, g, true, false, &down_cost);
		if (!up && !down) {
			restore(n, values);
			return err_set(e, -ERANGE, "a small count cannot be protected");
		}
		if (down_cost > up_cost) {
			restore(n, values);
			push(n, g, false, width);
		}
		widen(n, g, down_cost <= up_cost, true, &up_cost);
		restore(n, values);
	}
}

int suppress(const struct suppress_table *t, bool hide_total, struct err *e)
{
	struct network n;
	int err = network_make(t, false, &n, e);
	if (err)
		return err;
	int64_t *values = calloc(n.n_edges, sizeof(*values));
	struct edge *total = &n.edges[n.n_edges - 1];
	if (!values)
		err = err_set(e, -ENOMEM, "memory ran out");
	for (unsigned i = 0; !err && i < n.n_edges; i++)
		values[i] = n.edges[i].value;
	if (hide_total && total->mark == MARK_SHOWN) {
		total->mark = MARK_HIDDEN;
		bound(total);
	}
	for (unsigned i = 0; !err && i < n.n_edges; i++)
		if (n.edges[i].mark == MARK_SMALL)
			err = protect(&n, &n.edges[i], SUPPRESS_WIDTH, values, e);
	if (!err && total->mark == MARK_HIDDEN)
		err = protect(&n, total, 1, values, e);
	for (unsigned i = 0; !err && i < n.n_edges; i++)
		t->marks[i] = n.edges[i].mark;
	free(values);
	network_free(&n);
	return err;
}

int suppress_range(const struct suppress_table *t, unsigned row, unsigned column, int64_t *ret_low,
		   int64_t *ret_high, struct err *e)
{
	struct network n;
	int err = network_make(t, true, &n, e);
	if (err)
		return err;
	struct edge *g = &n.edges[suppress_at(t, row, column)];
	push(&n, g, true, FREE_CAP);
	*ret_low = g->value;
	push(&n, g, false, FREE_CAP);
	*ret_high = g->value >= FREE_CAP / 2 ? INT64_MAX : g->value;
	network_free(&n);
	return 0;
}
