/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/audit/retention_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/store/holds.h"

#define DAY_NS (86400ull * 1000000000)

static uint64_t before(uint64_t now_ns, uint32_t days)
{
	return now_ns > days * DAY_NS ? now_ns - days * DAY_NS : 0;
}

static uint32_t days_of(const struct control_retention *c, const char *category)
{
	for (unsigned i = 0; i < c->n_categories; i++)
		if (category && !strcmp(c->categories[i].category, category))
			return c->categories[i].hits_days;
	return c->hits_days;
}

static void say(struct retention_plan *p, const char *format, ...)
{
	size_t n = strlen(p->text);
	va_list ap;
	va_start(ap, format);
	vsnprintf(p->text + n, sizeof(p->text) - n, format, ap);
	va_end(ap);
}

int retention_plan_make(struct store *s, const struct control_retention *c, uint64_t now_ns,
			struct retention_plan *ret, struct err *e)
{
	struct retention_plan p = {.now_ns = now_ns,
				   .hits_ns = before(now_ns, c->hits_days),
				   .acts_ns = before(now_ns, c->acts_days)};
	size_t room = 0;
	unsigned held = 0;
	int err = 0;
	struct rows r;
	say(&p, "hits %u days", c->hits_days);
	for (unsigned i = 0; i < c->n_categories; i++)
		say(&p, ", of %s %u", c->categories[i].category, c->categories[i].hits_days);
	say(&p, "; acts %u days", c->acts_days);
	rows_open(
	    &r, s,
	    "SELECT id, fields ->> 'category', EXISTS(SELECT 1 FROM holds WHERE order_id = orders.id AND " HOLD_COUNTS
	    ") FROM orders ORDER BY id",
	    "");
	while (!err && rows_next(&r)) {
		if (p.n_orders == room) {
			struct retention_order *more =
			    realloc(p.orders, (room = 2 * room + 64) * sizeof(*more));
			err = more ? 0 : -ENOMEM;
			p.orders = more ? more : p.orders;
		}
		if (err)
			break;
		bool is_held = rows_int(&r, 2);
		if (is_held)
			say(&p, "%s %lld", held++ ? "," : "; held: orders", (long long)rows_int(&r, 0));
		p.orders[p.n_orders++] = (struct retention_order){
		    rows_int(&r, 0), is_held ? 0 : before(now_ns, days_of(c, rows_text(&r, 1)))};
	}
	int asked = rows_end(&r, e);
	err = err ? err_set(e, err, "no memory for the retention") : asked;
	if (err)
		retention_plan_free(&p);
	else
		*ret = p;
	return err;
}

void retention_plan_free(struct retention_plan *p)
{
	free(p->folder);
	free(p->index);
	free(p->orders);
	free(p->gone);
	prune_free(&p->bits);
	*p = (struct retention_plan){0};
}

static int by_order(const void *key, const void *row)
{
	int64_t a = *(const int64_t *)key, b = ((const struct retention_order *)row)->order;
	return (a > b) - (a < b);
}

/* What of a kind and order is before this goes; 0: nothing. */
static uint64_t limit_of(const struct retention_plan *p, enum entry_kind kind, uint64_t order)
{
	int64_t id = (int64_t)order;
	if (kind == ENTRY_ACT || kind == ENTRY_ALARM)
		return p->acts_ns;
	if (kind != ENTRY_HIT && kind != ENTRY_COUNT)
		return 0;
	const struct retention_order *o =
	    p->n_orders ? bsearch(&id, p->orders, p->n_orders, sizeof(*p->orders), by_order) : NULL;
	return o ? o->before_ns : p->hits_ns;
}

static uint64_t order_of(const struct entry *en)
{
	return en->kind == ENTRY_HIT	 ? en->v[ENTRY_F(HIT, order)].n
	       : en->kind == ENTRY_COUNT ? en->v[ENTRY_F(COUNT, order)].n
					 : 0;
}

static uint64_t sane_ns(const struct retention_plan *p)
{
	return p->now_ns + RETENTION_FUTURE_NS;
}

/* The latest time of a bundle's entries that can be true. */
static uint64_t latest_of(const struct retention_plan *p, const struct span *entries)
{
	uint64_t latest = 0, ns;
	enum entry_kind kind;
	for (unsigned i = 0; i < TILE_WIDTH; i++)
		if (entries[i].p && entry_peek(entries[i], &kind, &ns) && ns <= sane_ns(p) && ns > latest)
			latest = ns;
	return latest;
}

static bool is_over(const struct retention_plan *p, const struct entry *en, uint64_t latest)
{
	uint64_t ns = index_happened_ns(en);
	return (ns <= sane_ns(p) ? ns : latest) < limit_of(p, en->kind, order_of(en));
}

/* What is left of a bundle, by kind and order. */
struct left {
	struct {
		enum entry_kind kind;
		uint64_t order;
	} v[TILE_WIDTH];
	unsigned n;
};

static bool is_left(const struct left *l, enum entry_kind kind, uint64_t order)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->v[i].kind == kind && l->v[i].order == order)
			return true;
	return false;
}

/* Marks what goes of a bundle. */
static int look(struct retention_plan *p, uint64_t bundle, struct left *left, struct err *e)
{
	struct span entries[TILE_WIDTH];
	static _Thread_local struct entry en;
	uint8_t *bytes;
	left->n = 0;
	int err = prune_bundle(p->folder, bundle, entries, &bytes, e);
	uint64_t latest = err ? 0 : latest_of(p, entries);
	for (unsigned i = 0; !err && i < TILE_WIDTH; i++) {
		uint64_t leaf = bundle * TILE_WIDTH + i;
		if (!entries[i].p || entry_decode(entries[i], &en, NULL))
			continue;
		if (is_over(p, &en, latest)) {
			p->removed += !prune_get(&p->bits, leaf);
			p->bits.bits[leaf / 8] |= (uint8_t)(1u << leaf % 8);
		} else if (!is_left(left, en.kind, order_of(&en))) {
			left->v[left->n].kind = en.kind;
			left->v[left->n++].order = order_of(&en);
		}
	}
	if (!err)
		free(bytes);
	return err;
}

static struct index_gone *gone_of(struct retention_plan *p, uint64_t block, int64_t scope)
{
	if (p->n_gone == p->gone_room) {
		struct index_gone *more =
		    realloc(p->gone, (p->gone_room = 2 * p->gone_room + 64) * sizeof(*more));
		if (!more)
			return NULL;
		p->gone = more;
	}
	p->gone[p->n_gone] = (struct index_gone){.block = block, .scope = scope};
	return &p->gone[p->n_gone++];
}

static bool bit(const uint8_t *bits, unsigned i)
{
	return bits[i / 8] >> i % 8 & 1;
}

/* Of the bundles that were looked at, those in which a scope has nothing left. */
static int forget(struct retention_plan *p, const struct index_scan_block *b,
		  const struct index_scan_row *row, const struct left *left, const uint8_t *looked)
{
	struct index_gone *g = NULL;
	for (unsigned i = 0; i < INDEX_BLOCK_BUNDLES; i++) {
		if (!bit(looked, i) || !bit(row->bits, i) || is_left(&left[i], row->kind, row->order))
			continue;
		if (!g && !(g = gone_of(p, b->block, row->scope)))
			return -ENOMEM;
		g->bits[i / 8] |= (uint8_t)(1u << i % 8);
	}
	return 0;
}

static int work_block(struct retention_plan *p, const struct index_scan_block *b, struct left *left,
		      struct err *e)
{
	uint8_t candidates[INDEX_BLOCK_BUNDLES / 8] = {0};
	int err = 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->first_ns < limit_of(p, b->rows[i].kind, b->rows[i].order))
			for (size_t k = 0; k < sizeof(candidates); k++)
				candidates[k] |= b->rows[i].bits[k];
	for (unsigned i = 0; !err && i < INDEX_BLOCK_BUNDLES; i++) {
		uint64_t bundle = b->block * INDEX_BLOCK_BUNDLES + i;
		if (bundle >= p->bits.minimum)
			candidates[i / 8] &= (uint8_t) ~(1u << i % 8);
		if (bit(candidates, i))
			err = look(p, bundle, &left[i], e);
	}
	for (size_t i = 0; !err && i < b->n; i++)
		if (limit_of(p, b->rows[i].kind, b->rows[i].order) &&
		    forget(p, b, &b->rows[i], left, candidates))
			err = err_set(e, -ENOMEM, "no memory for the retention");
	return err;
}

/* The first bundle that holds something younger than the shortest retention of hits. */
static int minimum(struct retention_plan *p, struct index_scan *s, struct err *e)
{
	uint64_t latest = p->hits_ns, first;
	for (size_t i = 0; i < p->n_orders; i++)
		latest = p->orders[i].before_ns > latest ? p->orders[i].before_ns : latest;
	int err = index_scan_first(s, latest, sane_ns(p), &first, e);
	if (err)
		return err;
	uint64_t full = p->leaves / TILE_WIDTH;
	return prune_widen(&p->bits, first < full ? first : full, e);
}

int retention_plan_work(struct retention_plan *p, const atomic_bool *cancel, struct err *e)
{
	struct index_scan *s = NULL;
	struct index_scan_block b = {0};
	struct left *left = calloc(INDEX_BLOCK_BUNDLES, sizeof(*left));
	int err =
	    left ? prune_load(p->folder, &p->bits, e) : err_set(e, -ENOMEM, "no memory for the retention");
	if (!err)
		err = index_scan_open(p->index, &s, e);
	if (!err)
		err = minimum(p, s, e);
	for (uint64_t at = 0; !err && at * INDEX_BLOCK_BUNDLES < p->bits.minimum; at = b.block + 1) {
		if (atomic_load(cancel))
			err = err_set(e, -ECANCELED, "the program ends");
		if (!err)
			err = index_scan_block(s, at, &b, e);
		if (err || b.block == UINT64_MAX)
			break;
		err = work_block(p, &b, left, e);
	}
	index_scan_close(s);
	free(left);
	p->total = prune_count(&p->bits);
	prune_digest(&p->bits, &p->digest);
	return err || !p->removed ? err : prune_write(p->folder, &p->bits, e);
}
