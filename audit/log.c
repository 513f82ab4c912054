/* SPDX-License-Identifier: BSD-3-Clause */
/* log: the owner's side: leaves, the map, commits. */
#include "audit/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/log_state.h"
#include "common/bytes.h"

#define SETS_MORE (8u << 20) /* sets may wait beyond what leaves may: a batch that was begun can be ended */

static uint64_t ns_of(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

uint64_t log_monotonic_ns(void)
{
	return ns_of(CLOCK_MONOTONIC);
}

uint64_t log_now_ns(void)
{
	return ns_of(CLOCK_REALTIME);
}

bool log_sleep(struct audit_log *l, pthread_cond_t *on, uint64_t until_ns)
{
	struct timespec t = {(time_t)(until_ns / 1000000000ull), (long)(until_ns % 1000000000ull)};
	if (until_ns == UINT64_MAX)
		return !pthread_cond_wait(on, &l->lock);
	return pthread_cond_timedwait(on, &l->lock, &t) != ETIMEDOUT;
}

void log_notify(struct audit_log *l)
{
	if (l->notify)
		l->notify(l->ctx);
}

void log_trouble(struct audit_log *l, struct log_trouble *t, const struct err *e)
{
	if (!t->since_ns)
		t->since_ns = log_now_ns();
	memcpy(t->text, e->text, sizeof(t->text));
	l->failures++;
	pthread_cond_broadcast(&l->changes);
}

int log_segment_closed(struct audit_log *l, uint64_t number, uint64_t end)
{
	if (l->segments_n == l->segments_room) {
		size_t room = 2 * l->segments_room + 16;
		struct log_segment *rows = realloc(l->segments, room * sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		l->segments = rows;
		l->segments_room = room;
	}
	l->segments[l->segments_n++] = (struct log_segment){number, end};
	return 0;
}

void log_fix(struct audit_log *l)
{
	l->fixed = l->committed;
	frontier_root(&l->frontier, &l->fixed_root);
	l->head_due = l->fixed > 0;
	l->wanted = l->urgent = false;
	l->uncovered_ns = 0;
	pthread_cond_signal(&l->tiler_wakes);
}

int log_fix_later(struct audit_log *l, uint64_t size, const struct hash *root)
{
	if (l->later_n == l->later_room) {
		size_t room = 2 * l->later_room + 4;
		struct log_size *rows = realloc(l->later, room * sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		l->later = rows;
		l->later_room = room;
	}
	l->later[l->later_n++] = (struct log_size){size, *root};
	return 0;
}

static int add(struct audit_log *l, const void *entry, size_t bytes)
{
	struct hash leaf;
	uint8_t head[BUNDLE_ENTRY_HEAD];
	if (bytes_reserve(&l->open.leaves, bytes + sizeof(head)) || held_reserve(l, l->frontier.size, bytes))
		return -ENOMEM;
	tree_leaf(entry, bytes, &leaf);
	held_add(l, entry, bytes, &leaf);
	frontier_add(&l->frontier, &leaf);
	put_be16(head, (uint16_t)bytes);
	bytes_add(&l->open.leaves, head, sizeof(head));
	bytes_add(&l->open.leaves, entry, bytes);
	return 0;
}

/* The leaf that names the size that was fixed: which is this leaf's index. */
static int add_head(struct audit_log *l)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	struct hash root;
	struct entry head = {.kind = ENTRY_HEAD, .time_ns = log_now_ns()};
	frontier_root(&l->frontier, &root);
	head.v[ENTRY_F(HEAD, size)].n = l->frontier.size;
	head.v[ENTRY_F(HEAD, root)].s = (struct span){root.b, sizeof(root.b)};
	return add(l, bytes, entry_encode(&head, bytes, sizeof(bytes)));
}

/* From here on no size is fixed by others. */
static int begin(struct audit_log *l)
{
	pthread_mutex_lock(&l->lock);
	bool head = l->head_due;
	l->in_batch = true;
	l->head_due = false;
	pthread_mutex_unlock(&l->lock);
	int err = head ? add_head(l) : 0;
	if (err) {
		pthread_mutex_lock(&l->lock);
		l->in_batch = false;
		l->head_due = true;
		pthread_mutex_unlock(&l->lock);
		return err;
	}
	l->begun = true;
	return 0;
}

int log_append_always(struct audit_log *l, const void *entry, size_t bytes, uint64_t *ret)
{
	uint64_t index;
	int err = l->begun ? 0 : begin(l);
	if (err)
		return err;
	index = l->frontier.size;
	err = add(l, entry, bytes);
	if (!err && ret)
		*ret = index;
	return err;
}

static size_t waiting(const struct audit_log *l)
{
	return l->staged + l->open.leaves.len + l->open.sets.len + l->n_changed * WAL_SET_BYTES;
}

int log_append(struct audit_log *l, const void *entry, size_t bytes, uint64_t *ret)
{
	if (!bytes || bytes > ENTRY_MAX_BYTES)
		return -EMSGSIZE;
	if (l->held_bytes > LOG_HELD_MAX)
		held_release(l);
	if (waiting(l) + bytes > LOG_STAGED_MAX || l->held_bytes > LOG_HELD_MAX)
		return -EAGAIN;
	return log_append_always(l, entry, bytes, ret);
}

int log_add(struct audit_log *l, const struct entry *entry, uint64_t *ret, struct err *e)
{
	uint8_t bytes[ENTRY_MAX_BYTES];
	size_t n = entry_encode(entry, bytes, sizeof(bytes));
	if (!n)
		return err_set(e, -EINVAL, "an entry of kind %u cannot be encoded", entry->kind);
	int err = log_append(l, bytes, n, ret);
	return err ? err_set(e, err, "the log takes no entry: %s",
			     err == -EAGAIN ? "too much waits for the disk" : strerror(-err))
		   : 0;
}

int log_set_always(struct audit_log *l, struct span key, struct span value)
{
	struct map_row *row = NULL;
	if (l->n_changed == l->changed_room) {
		size_t room = 2 * l->changed_room + 64;
		struct map_row **rows = realloc(l->changed, room * sizeof(struct map_row *));
		if (!rows)
			return -ENOMEM;
		l->changed = rows;
		l->changed_room = room;
	}
	int err = map_set(&l->map, key, value, &row);
	if (err)
		return err;
	if (!row->changed)
		l->changed[l->n_changed++] = row;
	row->changed = true;
	return 0;
}

int log_set(struct audit_log *l, const char *key, const void *value, size_t bytes)
{
	size_t n = strlen(key);
	if (!n || n > LOG_VALUE_MAX || bytes > LOG_VALUE_MAX ||
	    !strncmp(key, LOG_KEYS_PREFIX, strlen(LOG_KEYS_PREFIX)))
		return -EINVAL;
	if (waiting(l) > LOG_STAGED_MAX + SETS_MORE)
		return -EAGAIN;
	return log_set_always(l, (struct span){(const uint8_t *)key, n}, (struct span){value, bytes});
}

bool log_has_room(const struct audit_log *l, unsigned sets)
{
	return waiting(l) <= LOG_STAGED_MAX && sets <= SETS_MORE / WAL_SET_BYTES &&
	       l->map.n + sets <= LOG_KEYS_MAX;
}

const void *log_get(const struct audit_log *l, const char *key, size_t *ret_bytes)
{
	const struct map_row *row = map_find(&l->map, (struct span){(const uint8_t *)key, strlen(key)});
	if (!row || !row->value_bytes)
		return NULL;
	*ret_bytes = row->value_bytes;
	return row->value;
}

/* Rows stay until the next commit: what the callback sets or removes moves nothing. */
void log_each(struct audit_log *l, const char *prefix,
	      void (*each)(void *ctx, const char *key, const void *value, size_t bytes), void *ctx)
{
	size_t n = strlen(prefix);
	for (size_t i = map_at(&l->map, (struct span){(const uint8_t *)prefix, n}); i < l->map.n; i++) {
		const struct map_row *row = l->map.rows[i];
		if (strncmp(row->key, prefix, n) != 0)
			break;
		if (row->value_bytes)
			each(ctx, row->key, row->value, row->value_bytes);
	}
}

/* The changed rows as the batch's sets. */
static int tell_changes(struct audit_log *l)
{
	if (bytes_reserve(&l->open.sets, l->n_changed * WAL_SET_BYTES))
		return -ENOMEM;
	for (size_t i = 0; i < l->n_changed; i++) {
		struct map_row *row = l->changed[i];
		l->open.sets.len += wal_set_put(l->open.sets.p + l->open.sets.len,
						(struct span){(const uint8_t *)row->key, row->key_bytes},
						(struct span){row->value, row->value_bytes});
		row->changed = false;
		if (!row->value_bytes)
			map_drop(&l->map, row);
	}
	l->n_changed = 0;
	return 0;
}

/* Under the lock. What finds no memory goes with the next batch. */
static void hand_over(struct audit_log *l)
{
	size_t bytes = l->open.sets.len + l->open.leaves.len;
	if (batch_move(&l->ready, &l->open))
		return;
	l->staged += bytes;
	l->begun = l->in_batch = false;
	if (l->ready.size > l->committed && !l->uncovered_ns) {
		l->uncovered_ns = log_monotonic_ns();
		pthread_cond_signal(&l->tiler_wakes);
	}
	l->committed = l->ready.size;
	l->committed_ticket = l->ready.ticket;
	if (l->wanted || l->held_bytes > LOG_HELD_MAX / 4)
		pthread_cond_signal(&l->tiler_wakes);
	if (l->wanted)
		log_fix(l);
	pthread_cond_signal(&l->writer_wakes);
}

uint64_t log_commit(struct audit_log *l)
{
	if (l->retired &&
	    !log_set_always(l, (struct span){(const uint8_t *)LOG_KEY_BEFORE, strlen(LOG_KEY_BEFORE)},
			    (struct span){NULL, 0}))
		l->retired = false;
	held_release(l);
	if (!l->begun && !l->n_changed)
		return l->ticket;
	l->ticket++;
	if (tell_changes(l))
		return l->ticket;
	l->open.ticket = l->ticket;
	l->open.size = l->frontier.size;
	l->open.frontier = l->frontier;
	pthread_mutex_lock(&l->lock);
	hand_over(l);
	pthread_mutex_unlock(&l->lock);
	return l->ticket;
}

uint64_t log_done(const struct audit_log *l)
{
	return l->done;
}
