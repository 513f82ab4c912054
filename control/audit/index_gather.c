/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums up what a transaction brings, so that it is written once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/audit/index_state.h"

static bool same(const struct scope *a, const struct scope *b)
{
	return a->order == b->order && a->list == b->list && a->kind == b->kind &&
	       a->protocol == b->protocol && a->action == b->action && a->node == b->node;
}

static uint64_t hash(const struct scope *s)
{
	uint64_t h = s->order * 0x9e3779b97f4a7c15ull ^ s->list * 0xc2b2ae3d27d4eb4full;
	h ^= (uint64_t)s->kind << 40 ^ (uint64_t)s->protocol << 32 ^ (uint64_t)s->action << 24 ^ s->node;
	h *= 0xff51afd7ed558ccdull;
	return h ^ h >> 32;
}

static int grow(struct audit_index *x)
{
	uint32_t room = x->room ? 2 * x->room : 1024;
	struct posting *more = calloc(room, sizeof(*more));
	uint32_t *touched = realloc(x->touched, room * sizeof(*touched));
	if (touched)
		x->touched = touched;
	if (!more || !touched) {
		free(more);
		return -ENOMEM;
	}
	x->n_touched = 0;
	for (uint32_t i = 0; i < x->room; i++) {
		if (!x->postings[i].id)
			continue;
		uint32_t at = (uint32_t)hash(&x->postings[i].scope) & (room - 1);
		while (more[at].id)
			at = (at + 1) & (room - 1);
		more[at] = x->postings[i];
		if (more[at].touched)
			x->touched[x->n_touched++] = at;
	}
	free(x->postings);
	x->postings = more;
	x->room = room;
	return 0;
}

static int find(struct audit_index *x, const struct scope *s, struct posting **ret, struct err *e)
{
	if (2 * (x->n_postings + 1) > x->room && grow(x))
		return err_set(e, -ENOMEM, "no memory for the index");
	uint32_t at = (uint32_t)hash(s) & (x->room - 1);
	while (x->postings[at].id && !same(&x->postings[at].scope, s))
		at = (at + 1) & (x->room - 1);
	struct posting *p = &x->postings[at];
	if (!p->id) {
		int64_t id = 0;
		int err =
		    index_run(x, e, INDEX_SCOPE, &id, "iiiiii", (int64_t)s->kind, (int64_t)s->order,
			      (int64_t)s->list, (int64_t)s->protocol, (int64_t)s->action, (int64_t)s->node);
		if (err)
			return err;
		*p = (struct posting){.scope = *s, .id = id, .block = UINT64_MAX};
		x->n_postings++;
	}
	if (!p->touched)
		x->touched[x->n_touched++] = at;
	p->touched = true;
	*ret = p;
	return 0;
}

/* What the file has of the block at hand already. */
static int load(struct audit_index *x, struct posting *p, uint64_t block, struct err *e)
{
	p->block = block;
	p->n = 0;
	memset(p->bits, 0, sizeof(p->bits));
	if (block != x->stored_block)
		return 0;
	sqlite3_stmt *stmt = index_bind(x, INDEX_POSTED, "ii", (int64_t)block, p->id);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		int n = sqlite3_column_bytes(stmt, 1);
		const void *bits = sqlite3_column_blob(stmt, 1);
		p->n = (uint64_t)sqlite3_column_int64(stmt, 0);
		if (n > 0)
			memcpy(p->bits, bits, n < BLOCK_BITS ? (size_t)n : BLOCK_BITS);
	}
	int err = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : index_failed(x, "a question", e);
	sqlite3_reset(stmt);
	return err;
}

static int count_hour(struct audit_index *x, struct posting *p, struct err *e)
{
	uint64_t n = p->hour_n;
	p->hour_n = 0;
	if (!n)
		return 0;
	int err = index_run(x, e, INDEX_HOUR, NULL, "iiitti", (int64_t)p->hour, (int64_t)p->scope.order,
			    (int64_t)p->scope.list, entry_protocols[p->scope.protocol],
			    entry_actions[p->scope.action], (int64_t)n);
	return err ? err
		   : index_run(x, e, INDEX_TOTAL, NULL, "iti", (int64_t)p->scope.order,
			       entry_actions[p->scope.action], (int64_t)n);
}

static int write_bounds(struct audit_index *x, enum index_statement which, struct bounds *b, struct err *e)
{
	bool any = b->any;
	b->any = false;
	return any ? index_run(x, e, which, NULL, "iii", (int64_t)b->at, (int64_t)b->first_ns,
			       (int64_t)b->last_ns)
		   : 0;
}

int gather_flush(struct audit_index *x, struct err *e)
{
	int err = write_bounds(x, INDEX_BUNDLE, &x->bundle, e);
	if (!err)
		err = write_bounds(x, INDEX_BLOCK, &x->block, e);
	for (uint32_t i = 0; !err && i < x->n_touched; i++) {
		struct posting *p = &x->postings[x->touched[i]];
		int bytes = BLOCK_BITS;
		while (bytes && !p->bits[bytes - 1])
			bytes--;
		p->touched = false;
		err = index_run(x, e, INDEX_POST, NULL, "iiib", (int64_t)p->block, p->id, (int64_t)p->n,
				(const void *)p->bits, bytes);
		if (!err)
			err = count_hour(x, p, e);
	}
	x->n_touched = 0;
	return err;
}

static int widen(struct audit_index *x, enum index_statement which, struct bounds *b, uint64_t at,
		 uint64_t time_ns, struct err *e)
{
	if (b->any && b->at != at) {
		int err = write_bounds(x, which, b, e);
		if (err)
			return err;
	}
	if (!b->any)
		*b = (struct bounds){at, time_ns, time_ns, true};
	b->first_ns = time_ns < b->first_ns ? time_ns : b->first_ns;
	b->last_ns = time_ns > b->last_ns ? time_ns : b->last_ns;
	return 0;
}

int gather_time(struct audit_index *x, uint64_t leaf, bool is_hit, uint64_t time_ns, struct err *e)
{
	uint64_t block = leaf / BLOCK_LEAVES;
	int err = 0;
	if (x->block.any && x->block.at != block)
		err = gather_flush(x, e);
	if (!err && is_hit)
		err = widen(x, INDEX_BUNDLE, &x->bundle, leaf / TILE_WIDTH, time_ns, e);
	return err ? err : widen(x, INDEX_BLOCK, &x->block, block, time_ns, e);
}

int gather_add(struct audit_index *x, uint64_t leaf, const struct scope *scope, uint64_t hits, uint64_t hour,
	       struct err *e)
{
	uint64_t block = leaf / BLOCK_LEAVES, bundle = leaf / TILE_WIDTH % BLOCK_BUNDLES;
	struct posting *p = NULL;
	int err = find(x, scope, &p, e);
	if (!err && p->block != block)
		err = load(x, p, block, e);
	if (!err && hour && p->hour != hour)
		err = count_hour(x, p, e);
	if (err)
		return err;
	p->n += hits;
	p->bits[bundle / 8] |= (uint8_t)(1u << bundle % 8);
	if (hour) {
		p->hour = hour;
		p->hour_n += hits;
	}
	return 0;
}

int gather_rule(struct audit_index *x, uint64_t rule, uint64_t order, uint64_t list, uint64_t line,
		uint64_t hour, struct err *e)
{
	const struct rule_seen now = {rule, order, list, line, hour};
	struct rule_seen *r = &x->rules[(rule * 0x9e3779b97f4a7c15ull >> 48) % RULES_KNOWN];
	if (!memcmp(r, &now, sizeof(now)))
		return 0;
	*r = now;
	return index_run(x, e, INDEX_RULE, NULL, "iiiii", (int64_t)rule, (int64_t)order, (int64_t)list,
			 (int64_t)line, (int64_t)hour);
}

static int node(struct audit_index *x, enum index_statement which, struct span name, uint32_t *ret,
		struct err *e)
{
	char text[256];
	int64_t id = 0;
	snprintf(text, sizeof(text), "%.*s", (int)(name.len < 255 ? name.len : 255), (const char *)name.p);
	int err = index_run(x, e, which, &id, "t", text);
	if (!err)
		*ret = (uint32_t)id;
	return err;
}

int index_node(struct audit_index *x, struct span name, uint32_t *ret, struct err *e)
{
	return node(x, INDEX_NODE, name, ret, e);
}

int index_node_of(struct audit_index *x, struct span name, uint32_t *ret)
{
	return node(x, INDEX_NODE_NAMED, name, ret, NULL) || !*ret ? -ENOENT : 0;
}

int64_t gather_id(struct audit_index *x, const struct scope *s)
{
	int64_t id = 0;
	for (uint32_t at = (uint32_t)hash(s) & (x->room - 1); x->room && x->postings[at].id;
	     at = (at + 1) & (x->room - 1))
		if (same(&x->postings[at].scope, s))
			return x->postings[at].id;
	return index_run(x, NULL, INDEX_SCOPE_OF, &id, "iiiiii", (int64_t)s->kind, (int64_t)s->order,
			 (int64_t)s->list, (int64_t)s->protocol, (int64_t)s->action, (int64_t)s->node)
		   ? 0
		   : id;
}

static int know(struct audit_index *x, uint64_t source, uint32_t node)
{
	if (source >= SOURCES_MAX)
		return 0;
	if (source >= x->n_sources) {
		uint32_t n = (uint32_t)source + 64;
		uint32_t *more = realloc(x->sources, n * sizeof(*more));
		if (!more)
			return -ENOMEM;
		memset(more + x->n_sources, 0, (n - x->n_sources) * sizeof(*more));
		x->sources = more;
		x->n_sources = n;
	}
	x->sources[source] = node;
	return 0;
}

int gather_source(struct audit_index *x, uint64_t source, struct span name, struct err *e)
{
	uint32_t node;
	int err = index_node(x, name, &node, e);
	if (!err)
		err = know(x, source, node) ? err_set(e, -ENOMEM, "no memory for the index") : 0;
	return err ? err : index_run(x, e, INDEX_SOURCE, NULL, "ii", (int64_t)source, (int64_t)node);
}

uint32_t gather_node(const struct audit_index *x, uint64_t source)
{
	return source < x->n_sources ? x->sources[source] : 0;
}

int gather_open(struct audit_index *x, struct err *e)
{
	sqlite3_stmt *stmt = NULL;
	x->stored_block = x->applied / BLOCK_LEAVES;
	x->rules = calloc(RULES_KNOWN, sizeof(*x->rules));
	if (!x->rules)
		return err_set(e, -ENOMEM, "no memory for the index");
	int rc = sqlite3_prepare_v2(x->db, "SELECT source, node FROM sources", -1, &stmt, NULL), err = 0;
	while (rc == SQLITE_OK && !err && sqlite3_step(stmt) == SQLITE_ROW)
		err =
		    know(x, (uint64_t)sqlite3_column_int64(stmt, 0), (uint32_t)sqlite3_column_int64(stmt, 1));
	sqlite3_finalize(stmt);
	return err ? err_set(e, err, "no memory for the index") : 0;
}

void gather_close(struct audit_index *x)
{
	free(x->postings);
	free(x->touched);
	free(x->rules);
	free(x->sources);
	x->postings = NULL;
	x->touched = x->sources = NULL;
	x->rules = NULL;
	x->n_postings = x->room = x->n_touched = x->n_sources = 0;
	x->block = x->bundle = (struct bounds){0};
}
