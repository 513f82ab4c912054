/* SPDX-License-Identifier: BSD-3-Clause */
/* How far each ring of each data plane was taken: "ring/NODE/FILE/RING" in the log's map. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/hex.h"
#include "control/audit/audit_state.h"
#include "control/store/clock.h"

#define PREFIX	   "ring/"
#define KEY_BYTES  (sizeof(PREFIX) + AUDIT_NODE + 33 + 4)
#define FILES_KEPT 16 /* of a data plane: those set aside, the one in use, and some */
#define ROOM_STEP  64

static void key_of(const struct ring *r, char ret[KEY_BYTES])
{
	char file[33];
	hex_write(r->file, sizeof(r->file), file);
	snprintf(ret, KEY_BYTES, PREFIX "%s/%s/%u", r->node, file, r->ring);
}

static struct ring *add(struct audit *a)
{
	if (a->n_rings % ROOM_STEP == 0) {
		struct ring *more = realloc(a->rings, (a->n_rings + ROOM_STEP) * sizeof(*more));
		if (!more)
			return NULL;
		a->rings = more;
	}
	struct ring *r = &a->rings[a->n_rings++];
	*r = (struct ring){0};
	return r;
}

struct loading {
	struct audit *audit;
	int err;
};

static void load(void *ctx, const char *key, const void *value, size_t bytes)
{
	struct loading *l = ctx;
	const char *node = key + strlen(PREFIX), *file = strchr(node, '/');
	struct ring *r = file ? add(l->audit) : NULL;
	if (!r || bytes != sizeof(r->at) || (size_t)(file - node) >= sizeof(r->node) ||
	    strlen(file) < 2 * sizeof(r->file) + 3) {
		l->err = r ? -EBADMSG : -ENOMEM;
		return;
	}
	char hex[2 * sizeof(r->file) + 1] = "";
	memcpy(r->node, node, (size_t)(file - node));
	memcpy(hex, file + 1, sizeof(hex) - 1);
	if (!hex_read(hex, r->file, sizeof(r->file)))
		l->err = -EBADMSG;
	r->ring = (unsigned)strtoul(file + sizeof(hex) + 1, NULL, 10);
	memcpy(&r->at, value, sizeof(r->at));
	if (r->at.source > l->audit->sources)
		l->audit->sources = r->at.source;
}

/* The map is sorted by name; the newest files come last. */
static int by_source(const void *a, const void *b)
{
	const struct ring *x = a, *y = b;
	return (x->at.source > y->at.source) - (x->at.source < y->at.source);
}

int rings_load(struct audit *a, struct err *e)
{
	struct loading l = {.audit = a};
	size_t bytes;
	const void *last = log_get(a->log, "sources", &bytes);
	if (last && bytes == sizeof(a->sources))
		memcpy(&a->sources, last, bytes);
	log_each(a->log, PREFIX, load, &l);
	if (a->n_rings)
		qsort(a->rings, a->n_rings, sizeof(*a->rings), by_source);
	return l.err ? err_set(e, l.err, "the log's place in a data plane's ring cannot be read") : 0;
}

/* The last FILES_KEPT files of a data plane; returns how many. */
static unsigned files_of(const struct audit *a, const char *node, uint8_t ret[FILES_KEPT][16])
{
	unsigned n = 0;
	for (unsigned i = a->n_rings; i-- > 0 && n < FILES_KEPT;) {
		const struct ring *r = &a->rings[i];
		bool known = strcmp(r->node, node) != 0;
		for (unsigned k = 0; k < n && !known; k++)
			known = !memcmp(ret[k], r->file, sizeof(r->file));
		if (!known)
			memcpy(ret[n++], r->file, sizeof(r->file));
	}
	return n;
}

/* Rings of files that have long been replaced. */
static void forget_old(struct audit *a, const char *node)
{
	uint8_t files[FILES_KEPT][16];
	unsigned n = files_of(a, node, files), kept = 0;
	for (unsigned i = 0; n == FILES_KEPT && i < a->n_rings; i++) {
		const struct ring *r = &a->rings[i];
		char key[KEY_BYTES];
		bool stays = strcmp(r->node, node) != 0;
		for (unsigned k = 0; k < n && !stays; k++)
			stays = !memcmp(files[k], r->file, sizeof(r->file));
		key_of(r, key);
		if (stays)
			a->rings[kept++] = *r;
		else
			log_set(a->log, key, NULL, 0);
	}
	if (n == FILES_KEPT)
		a->n_rings = kept;
}

struct ring *rings_find(struct audit *a, const char *node, const uint8_t file[16], unsigned ring)
{
	for (unsigned i = a->n_rings; i-- > 0;) {
		struct ring *r = &a->rings[i];
		if (r->ring == ring && !memcmp(r->file, file, sizeof(r->file)) && !strcmp(r->node, node))
			return r;
	}
	forget_old(a, node);
	struct ring *r = add(a);
	if (r) {
		snprintf(r->node, sizeof(r->node), "%s", node);
		memcpy(r->file, file, sizeof(r->file));
		r->ring = ring;
	}
	return r;
}

int rings_keep(struct audit *a, const struct ring *r)
{
	char key[KEY_BYTES];
	key_of(r, key);
	int err = log_set(a->log, key, &r->at, sizeof(r->at));
	return err ? err : log_set(a->log, "sources", &a->sources, sizeof(a->sources));
}

int rings_tally(struct audit *a, struct err *e)
{
	int err = 0;
	for (unsigned i = 0; i < a->n_rings && !err; i++) {
		struct ring *r = &a->rings[i];
		struct entry *t = &a->entry;
		if (r->at.told == r->at.seq)
			continue;
		t->kind = ENTRY_TALLY;
		t->time_ns = (uint64_t)clock_now_ns();
		t->v[ENTRY_F(TALLY, source)] = value_uint(r->at.source);
		t->v[ENTRY_F(TALLY, seq)] = value_uint(r->at.seq);
		t->v[ENTRY_F(TALLY, hits)] = value_uint(r->at.hits);
		t->v[ENTRY_F(TALLY, counted)] = value_uint(r->at.counted);
		t->v[ENTRY_F(TALLY, others)] = value_uint(r->at.others);
		t->v[ENTRY_F(TALLY, lost)] = value_uint(r->at.lost);
		err = log_add(a->log, t, NULL, e);
		if (!err) {
			r->at.told = r->at.seq;
			err = rings_keep(a, r);
		}
	}
	return err;
}
