/* SPDX-License-Identifier: BSD-3-Clause */
/* log_read: leaves back, out of memory or out of bundles. */
#include <errno.h>
#include <string.h>

#include "audit/log_state.h"

struct reading {
	struct audit_log *log;
	struct log_dir *dir;
	uint64_t at, end;
	bool (*each)(void *ctx, uint64_t index, struct span entry);
	void *ctx;
};

/* The rest of the bundle that is at; false: enough. What is in memory may move when the callback appends: it gets a copy. */
static bool from_memory(struct reading *r, const struct log_held *h)
{
	uint8_t copy[ENTRY_MAX_BYTES];
	do {
		struct span s = held_entry(h, (unsigned)(r->at % TILE_WIDTH));
		memcpy(copy, s.p, s.len);
		if (!r->each(r->ctx, r->at, (struct span){copy, s.len}))
			return false;
	} while (++r->at < r->end && r->at % TILE_WIDTH);
	return true;
}

static int from_bundle(struct reading *r, bool *ret_more, struct err *e)
{
	struct span entries[TILE_WIDTH];
	int err = dir_bundle(r->dir, r->at / TILE_WIDTH, TILE_WIDTH, entries, e);
	*ret_more = !err;
	if (err)
		return err;
	do {
		if (!r->each(r->ctx, r->at, entries[r->at % TILE_WIDTH])) {
			*ret_more = false;
			return 0;
		}
	} while (++r->at < r->end && r->at % TILE_WIDTH);
	return 0;
}

int log_read(struct audit_log *l, uint64_t first, uint64_t n,
	     bool (*each)(void *ctx, uint64_t index, struct span entry), void *ctx, struct err *e)
{
	pthread_mutex_lock(&l->lock);
	uint64_t durable = l->durable;
	pthread_mutex_unlock(&l->lock);
	if (first >= durable)
		return 0;
	struct reading r = {l, NULL, first, n < durable - first ? first + n : durable, each, ctx};
	bool more = true;
	int err = 0;
	l->reading++;
	while (!err && more && r.at < r.end) {
		uint64_t bundle = r.at / TILE_WIDTH;
		if (l->held_n && bundle >= l->held[0]->n) {
			more = from_memory(&r, l->held[bundle - l->held[0]->n]);
			continue;
		}
		/* opened anew each time: bodies that were removed meanwhile are not told out of a cache */
		if (!r.dir)
			err = dir_open(l->published_folder, &r.dir, e);
		if (!err)
			err = from_bundle(&r, &more, e);
	}
	l->reading--;
	dir_close(r.dir);
	return err;
}
