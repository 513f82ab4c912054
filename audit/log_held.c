/* SPDX-License-Identifier: BSD-3-Clause */
/* log_held: bundles in memory, from the one that the published tree ends in. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/log_state.h"
#include "common/bytes.h"

#define FIRST_ROOM 16384

void held_free(struct log_held *h)
{
	if (h)
		free(h->p);
	free(h);
}

struct span held_entry(const struct log_held *h, unsigned i)
{
	uint32_t at = h->at[i] + BUNDLE_ENTRY_HEAD;
	return (struct span){h->p + at, h->at[i + 1] - at};
}

static struct log_held *tail(const struct audit_log *l)
{
	return l->held_n ? l->held[l->held_n - 1] : NULL;
}

static int begin(struct audit_log *l, uint64_t index)
{
	int err = 0;
	struct log_held *h = calloc(1, sizeof(*h));
	uint8_t *p = malloc(FIRST_ROOM);
	if (!h || !p) {
		free(h);
		free(p);
		return -ENOMEM;
	}
	h->n = index / TILE_WIDTH;
	h->p = p;
	h->room = FIRST_ROOM;
	pthread_mutex_lock(&l->lock);
	if (l->held_n == l->held_room) {
		size_t room = 2 * l->held_room + 64;
		struct log_held **rows = realloc(l->held, room * sizeof(struct log_held *));
		if (rows) {
			l->held = rows;
			l->held_room = room;
		} else {
			err = -ENOMEM;
		}
	}
	if (!err)
		l->held[l->held_n++] = h;
	pthread_mutex_unlock(&l->lock);
	if (err)
		held_free(h);
	else
		l->held_bytes += sizeof(*h) + h->room;
	return err;
}

static int grow(struct audit_log *l, struct log_held *h, size_t bytes)
{
	size_t room = 2 * h->room + bytes;
	pthread_mutex_lock(&l->lock);
	uint8_t *p = realloc(h->p, room);
	if (p) {
		l->held_bytes += room - h->room;
		h->p = p;
		h->room = room;
	}
	pthread_mutex_unlock(&l->lock);
	return p ? 0 : -ENOMEM;
}

int held_reserve(struct audit_log *l, uint64_t index, size_t bytes)
{
	struct log_held *h = tail(l);
	if (!h || h->entries == TILE_WIDTH) {
		int err = begin(l, index);
		if (err)
			return err;
		h = tail(l);
	}
	bytes += BUNDLE_ENTRY_HEAD;
	return h->room - h->at[h->entries] >= bytes ? 0 : grow(l, h, bytes);
}

void held_add(struct audit_log *l, const void *entry, size_t bytes, const struct hash *leaf)
{
	struct log_held *h = tail(l);
	uint8_t *p = h->p + h->at[h->entries];
	put_be16(p, (uint16_t)bytes);
	if (bytes)
		memcpy(p + BUNDLE_ENTRY_HEAD, entry, bytes);
	h->hashes[h->entries++] = *leaf;
	h->at[h->entries] = h->at[h->entries - 1] + BUNDLE_ENTRY_HEAD + (uint32_t)bytes;
}

void held_release(struct audit_log *l)
{
	struct log_held **gone = NULL;
	size_t n = 0;
	if (l->reading)
		return;
	pthread_mutex_lock(&l->lock);
	while (n < l->held_n && (l->held[n]->n + 1) * TILE_WIDTH <= l->published)
		n++;
	if (n && (gone = malloc(n * sizeof(struct log_held *)))) {
		memcpy(gone, l->held, n * sizeof(struct log_held *));
		l->held_n -= n;
		memmove(l->held, l->held + n, l->held_n * sizeof(struct log_held *));
	}
	pthread_mutex_unlock(&l->lock);
	for (size_t i = 0; gone && i < n; i++) {
		l->held_bytes -= sizeof(*gone[i]) + gone[i]->room;
		held_free(gone[i]);
	}
	free(gone);
}
