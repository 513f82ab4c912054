/* SPDX-License-Identifier: BSD-3-Clause */
/* What each kind of leaf leaves in the index. */
#include <errno.h>
#include <string.h>

#include "control/audit/index_state.h"

#define NS	   1000000000ull
#define V(K, f)	   (en->v[ENTRY_F(K, f)])
#define N(K, f)	   ((int64_t)V(K, f).n)
#define HOUR(secs) ((secs) / 3600 * 3600)

uint64_t index_happened_ns(const struct entry *en)
{
	return en->kind == ENTRY_COUNT ? V(COUNT, minute).n * 60 * NS : en->time_ns;
}

static uint64_t rule_number(struct span rule)
{
	uint64_t n = 0;
	for (size_t i = 0; i < rule.len && i < 8; i++)
		n = n << 8 | rule.p[i];
	return n;
}

static const char *text_of(struct span s, char *room, size_t bytes)
{
	snprintf(room, bytes, "%.*s", (int)s.len, (const char *)s.p);
	return room;
}

static int take_hit(struct audit_index *x, uint64_t leaf, const struct entry *en, struct err *e)
{
	uint64_t hour = HOUR(en->time_ns / NS);
	const struct scope s = {.kind = ENTRY_HIT,
				.protocol = (uint8_t)V(HIT, protocol).n,
				.action = (uint8_t)V(HIT, action).n,
				.node = gather_node(x, V(HIT, source).n),
				.order = V(HIT, order).n,
				.list = V(HIT, list).n};
	int err = gather_add(x, leaf, &s, 1, hour, e);
	if (!err && s.order)
		err = gather_rule(x, rule_number(V(HIT, rule).s), s.order, s.list, V(HIT, line).n, hour, e);
	return err;
}

static int take_count(struct audit_index *x, uint64_t leaf, const struct entry *en, struct err *e)
{
	struct scope s = {.kind = ENTRY_COUNT,
			  .protocol = (uint8_t)V(COUNT, protocol).n,
			  .action = (uint8_t)V(COUNT, action).n,
			  .order = V(COUNT, order).n,
			  .list = V(COUNT, list).n};
	int err = index_node(x, V(COUNT, node).s, &s.node, e);
	return err ? err : gather_add(x, leaf, &s, V(COUNT, hits).n, HOUR(V(COUNT, minute).n * 60), e);
}

static int take_source(struct audit_index *x, uint64_t leaf, const struct entry *en, struct err *e)
{
	(void)leaf;
	return gather_source(x, V(SOURCE, source).n, V(SOURCE, node).s, e);
}

static int take_outage(struct audit_index *x, uint64_t leaf, const struct entry *en, struct err *e)
{
	return index_run(x, e, INDEX_OUTAGE, NULL, "iiitiiiii", (int64_t)leaf,
			 (int64_t)gather_node(x, V(OUTAGE, source).n), N(OUTAGE, port),
			 entry_outage_reasons[V(OUTAGE, reason).n], N(OUTAGE, began), N(OUTAGE, ended),
			 N(OUTAGE, frames), N(OUTAGE, bytes), N(OUTAGE, closed));
}

static int take_gap(struct audit_index *x, uint64_t leaf, const struct entry *en, struct err *e)
{
	return index_run(x, e, INDEX_GAP, NULL, "iiiii", (int64_t)leaf,
			 (int64_t)gather_node(x, V(GAP, source).n), (int64_t)en->time_ns, N(GAP, first),
			 N(GAP, last));
}

static int take_order(struct audit_index *x, uint64_t leaf, const struct entry *en, struct err *e)
{
	char text[4][ENTRY_TEXT_MAX + 1];
	return index_run(x, e, INDEX_ORDER, NULL, "ittttii", N(ORDER, order),
			 text_of(V(ORDER, authority).s, text[0], sizeof(text[0])),
			 text_of(V(ORDER, reference).s, text[1], sizeof(text[1])),
			 text_of(V(ORDER, category).s, text[2], sizeof(text[2])),
			 text_of(V(ORDER, state).s, text[3], sizeof(text[3])), N(ORDER, confidential),
			 (int64_t)leaf);
}

static const struct {
	int (*take)(struct audit_index *x, uint64_t leaf, const struct entry *en, struct err *e);
	bool posted;	/* take adds its posting itself */
	unsigned order; /* otherwise: which field is the order, plus 1; 0: none */
} kinds[ENTRY_KINDS_END] = {
    [ENTRY_HIT] = {take_hit, true, 0},
    [ENTRY_COUNT] = {take_count, true, 0},
    [ENTRY_SOURCE] = {take_source, false, 0},
    [ENTRY_OUTAGE] = {take_outage, false, 0},
    [ENTRY_GAP] = {take_gap, false, 0},
    [ENTRY_ORDER] = {take_order, false, ENTRY_F(ORDER, order) + 1},
    [ENTRY_IMPORT] = {NULL, false, ENTRY_F(IMPORT, order) + 1},
    [ENTRY_PROBE] = {NULL, false, ENTRY_F(PROBE, order) + 1},
};

int index_take(struct audit_index *x, uint64_t leaf, struct span bytes, struct err *e)
{
	struct entry *en = &x->entry;
	/* a removed body, or a kind of a later version: there is nothing to find of it */
	if (!bytes.p || entry_decode(bytes, en, NULL))
		return 0;
	int err =
	    gather_time(x, leaf, en->kind == ENTRY_HIT || en->kind == ENTRY_COUNT, index_happened_ns(en), e);
	if (!err && kinds[en->kind].take)
		err = kinds[en->kind].take(x, leaf, en, e);
	if (err || kinds[en->kind].posted)
		return err;
	const struct scope s = {.kind = (uint8_t)en->kind,
				.order = kinds[en->kind].order ? en->v[kinds[en->kind].order - 1].n : 0};
	return gather_add(x, leaf, &s, 1, 0, e);
}
