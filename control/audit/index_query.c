/* SPDX-License-Identifier: BSD-3-Clause */
/* From a question to the bundles that matter, and to their leaves. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/audit/index_state.h"

#define SEEK_SCOPES 256 /* with more, blocks are looked at one by one */

struct query {
	struct audit_index *x;
	const struct index_query *q;
	struct err *e;
	int64_t *scopes;
	size_t n_scopes;
	uint8_t *wanted; /* by a scope's id, a bit each */
	int64_t wanted_n;
	int64_t to_ns;
	json_t *found;
	int err;
};

static int number_of(const char *const *words, unsigned n, const char *word)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(words[i], word))
			return (int)i;
	return -1;
}

/* The scopes that a question is about. */
static int choose(struct query *q)
{
	const struct index_query *a = q->q;
	int action = a->action ? number_of(entry_actions, entry_actions_n, a->action) : -1;
	if (a->action && action < 0)
		return err_set(q->e, -EINVAL, "action: \"%s\" is none", a->action);
	sqlite3_stmt *stmt =
	    index_bind(q->x, INDEX_SCOPES, "iiittit", (int64_t)ENTRY_HIT, (int64_t)ENTRY_COUNT, a->order,
		       a->authority, a->category, (int64_t)action, a->node);
	size_t room = 0;
	int rc, err = 0;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (q->n_scopes == room) {
			int64_t *more = realloc(q->scopes, (room = 2 * room + 64) * sizeof(*more));
			if (!more) {
				err = err_set(q->e, -ENOMEM, "no memory");
				break;
			}
			q->scopes = more;
		}
		int64_t id = sqlite3_column_int64(stmt, 0);
		q->scopes[q->n_scopes++] = id;
		q->wanted_n = id >= q->wanted_n ? id + 1 : q->wanted_n;
	}
	if (!err && rc != SQLITE_DONE)
		err = index_failed(q->x, "a question", q->e);
	sqlite3_reset(stmt);
	q->wanted = err ? NULL : calloc((size_t)q->wanted_n / 8 + 1, 1);
	if (!err && !q->wanted)
		err = err_set(q->e, -ENOMEM, "no memory");
	for (size_t i = 0; !err && i < q->n_scopes; i++)
		q->wanted[q->scopes[i] / 8] |= (uint8_t)(1u << q->scopes[i] % 8);
	return err;
}

/* The next block, from this one on (last: this one and before), that can have something; -1: none. */
static int next_block(struct query *q, int64_t from, int64_t *ret)
{
	bool last = q->q->last;
	int64_t best = -1;
	int err = 0;
	if (from < 0) {
		*ret = -1;
		return 0;
	}
	if (q->n_scopes > SEEK_SCOPES) {
		*ret = -1;
		return index_run(q->x, q->e, last ? INDEX_LAST : INDEX_NEXT, ret, "i", from);
	}
	for (size_t i = 0; !err && i < q->n_scopes; i++) {
		int64_t at = -1;
		err = index_run(q->x, q->e, last ? INDEX_LAST_OF : INDEX_NEXT_OF, &at, "ii", q->scopes[i],
				from);
		if (at >= 0 && (best < 0 || (last ? at > best : at < best)))
			best = at;
	}
	*ret = best;
	return err;
}

static int bits_of(struct query *q, int64_t block, uint8_t ret[BLOCK_BITS])
{
	memset(ret, 0, BLOCK_BITS);
	sqlite3_stmt *stmt = index_bind(q->x, INDEX_POSTS, "i", block);
	int rc;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(stmt, 0);
		int n = sqlite3_column_bytes(stmt, 1);
		const uint8_t *bits = sqlite3_column_blob(stmt, 1);
		if (id >= q->wanted_n || !(q->wanted[id / 8] & 1u << id % 8))
			continue;
		for (int i = 0; i < n && i < BLOCK_BITS; i++)
			ret[i] |= bits[i];
	}
	int err = rc == SQLITE_DONE ? 0 : index_failed(q->x, "a question", q->e);
	sqlite3_reset(stmt);
	return err;
}

static bool is_in(struct query *q, enum index_statement which, int64_t at)
{
	int64_t in = 0;
	q->err = index_run(q->x, q->e, which, &in, "iii", at, q->q->from_ns, q->to_ns);
	return !q->err && in;
}

static json_t *leaf_json(struct audit_index *x, uint64_t leaf, const struct entry *en)
{
	json_t *o = entry_json(en);
	if (o && json_object_set_new(o, "leaf", json_integer((json_int_t)leaf))) {
		json_decref(o);
		return NULL;
	}
	if (!o || en->kind != ENTRY_HIT)
		return o;
	sqlite3_stmt *stmt =
	    index_bind(x, INDEX_NODE_OF, "i", (int64_t)gather_node(x, en->v[ENTRY_F(HIT, source)].n));
	json_object_set_new(o, "node",
			    sqlite3_step(stmt) == SQLITE_ROW
				? json_string((const char *)sqlite3_column_text(stmt, 0))
				: json_null());
	sqlite3_reset(stmt);
	return o;
}

static bool behind(const struct index_query *q, uint64_t leaf)
{
	return q->last ? !q->after || leaf < q->after : !q->after || leaf > q->after;
}

/* Whether the entry itself is what was asked for. The index has the scope's number where the scope is known. */
static bool fits(struct query *q, const struct entry *en)
{
	uint64_t at = index_happened_ns(en);
	bool is_hit = en->kind == ENTRY_HIT;
	if ((!is_hit && en->kind != ENTRY_COUNT) || at < (uint64_t)q->q->from_ns || at >= (uint64_t)q->to_ns)
		return false;
	struct scope s = {.kind = (uint8_t)en->kind,
			  .protocol =
			      (uint8_t)en->v[is_hit ? ENTRY_F(HIT, protocol) : ENTRY_F(COUNT, protocol)].n,
			  .action = (uint8_t)en->v[is_hit ? ENTRY_F(HIT, action) : ENTRY_F(COUNT, action)].n,
			  .order = en->v[is_hit ? ENTRY_F(HIT, order) : ENTRY_F(COUNT, order)].n,
			  .list = en->v[is_hit ? ENTRY_F(HIT, list) : ENTRY_F(COUNT, list)].n};
	if (is_hit)
		s.node = gather_node(q->x, en->v[ENTRY_F(HIT, source)].n);
	else if (index_node_of(q->x, en->v[ENTRY_F(COUNT, node)].s, &s.node))
		return false;
	int64_t id = gather_id(q->x, &s);
	return id > 0 && id < q->wanted_n && q->wanted[id / 8] & 1u << id % 8;
}

struct bundle {
	struct query *q;
	json_t *rows;
};

static bool look(void *ctx, uint64_t leaf, struct span bytes)
{
	struct bundle *b = ctx;
	struct entry *en = &b->q->x->entry;
	if (!bytes.p || !behind(b->q->q, leaf) || entry_decode(bytes, en, NULL) || !fits(b->q, en))
		return true;
	json_t *row = leaf_json(b->q->x, leaf, en);
	if (row && !json_array_append_new(b->rows, row))
		return true;
	b->q->err = err_set(b->q->e, -ENOMEM, "no memory");
	return false;
}

/* Reads a bundle; what fits goes behind what was found (last: the newest first). */
static int read_bundle(struct query *q, uint64_t bundle)
{
	struct bundle b = {q, json_array()};
	uint64_t first = bundle * TILE_WIDTH, left = q->x->applied - first;
	int err = b.rows ? log_read(q->x->log, first, left < TILE_WIDTH ? left : TILE_WIDTH, look, &b, q->e)
			 : err_set(q->e, -ENOMEM, "no memory");
	err = err ? err : q->err;
	size_t n = b.rows ? json_array_size(b.rows) : 0;
	for (size_t i = 0; !err && i < n && json_array_size(q->found) < q->q->limit; i++)
		if (json_array_append(q->found, json_array_get(b.rows, q->q->last ? n - 1 - i : i)))
			err = err_set(q->e, -ENOMEM, "no memory");
	json_decref(b.rows);
	return err;
}

/* Whether leaves of a bundle can lie behind where the question begins. */
static bool bundle_behind(const struct index_query *q, uint64_t bundle)
{
	if (!q->after)
		return true;
	return q->last ? bundle * TILE_WIDTH < q->after : (bundle + 1) * TILE_WIDTH > q->after + 1;
}

static int walk_block(struct query *q, int64_t block)
{
	uint8_t bits[BLOCK_BITS];
	int err = bits_of(q, block, bits);
	for (unsigned i = 0; !err && i < BLOCK_BUNDLES && json_array_size(q->found) < q->q->limit; i++) {
		unsigned at = q->q->last ? BLOCK_BUNDLES - 1 - i : i;
		uint64_t bundle = (uint64_t)block * BLOCK_BUNDLES + at;
		if (bits[at / 8] & 1u << at % 8 && bundle_behind(q->q, bundle) &&
		    is_in(q, INDEX_BUNDLE_IN, (int64_t)bundle))
			err = read_bundle(q, bundle);
		err = err ? err : q->err;
	}
	return err;
}

static int walk(struct query *q)
{
	int64_t block = q->q->last ? (q->q->after ? (int64_t)(q->q->after / BLOCK_LEAVES) : INT64_MAX)
				   : (int64_t)(q->q->after / BLOCK_LEAVES);
	int err = next_block(q, block, &block);
	while (!err && block >= 0 && json_array_size(q->found) < q->q->limit) {
		if (is_in(q, INDEX_BLOCK_IN, block))
			err = walk_block(q, block);
		err = err ? err : q->err;
		if (!err)
			err = next_block(q, q->q->last ? block - 1 : block + 1, &block);
	}
	return err;
}

static json_t *reversed(json_t *rows)
{
	json_t *to = json_array();
	for (size_t i = json_array_size(rows); to && i--;)
		json_array_append(to, json_array_get(rows, i));
	json_decref(rows);
	return to;
}

int index_hits(struct audit_index *x, const struct index_query *question, json_t **ret, struct err *e)
{
	struct query q = {.x = x,
			  .q = question,
			  .e = e,
			  .to_ns = question->to_ns ? question->to_ns : INT64_MAX,
			  .found = json_array()};
	int err = q.found ? choose(&q) : err_set(e, -ENOMEM, "no memory");
	if (!err)
		err = walk(&q);
	free(q.scopes);
	free(q.wanted);
	if (!err && question->last)
		q.found = reversed(q.found);
	if (err)
		json_decref(q.found);
	else
		*ret = q.found;
	return err;
}
