/* SPDX-License-Identifier: BSD-3-Clause */
/* log_writer: the thread that makes batches durable. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/log_state.h"

/* The whole map as a state's sets. */
static int map_bytes(const struct log_map *m, struct log_bytes *ret)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct map_row *row = m->rows[i];
		struct span key = {(const uint8_t *)row->key, row->key_bytes},
			    value = {row->value, row->value_bytes};
		if (bytes_reserve(ret, WAL_SET_BYTES))
			return -ENOMEM;
		ret->len += wal_set_put(ret->p + ret->len, key, value);
	}
	return 0;
}

int log_segment_begin(struct audit_log *l, struct err *e)
{
	struct hash peaks[TREE_LEVELS + 1];
	struct log_bytes sets = {0};
	unsigned n = 0;
	for (unsigned level = 0; level <= TREE_LEVELS; level++)
		if (l->written.size >> level & 1)
			peaks[n++] = l->written.peaks[level];
	int err = map_bytes(&l->written_map, &sets);
	if (err)
		err = err_set(e, err, "no memory for the map");
	else
		err = wal_create(l->wal_fd, l->segment + 1,
				 &(struct wal_frame){.type = WAL_STATE,
						     .ticket = l->written_ticket,
						     .size = l->written.size,
						     .sets = {sets.p, sets.len},
						     .leaves = {(const uint8_t *)peaks, n * sizeof(*peaks)}},
				 &l->wal, e);
	free(sets.p);
	if (!err) {
		l->segment++;
		pthread_mutex_lock(&l->lock);
		l->newest = l->segment;
		pthread_mutex_unlock(&l->lock);
	}
	return err;
}

static int segment_end(struct audit_log *l)
{
	pthread_mutex_lock(&l->lock);
	int err = log_segment_closed(l, l->segment, l->written.size);
	pthread_mutex_unlock(&l->lock);
	if (!err)
		wal_close(&l->wal);
	return err;
}

/* Puts l->writing into a segment. After a failure the segment is not written any more. */
static int put(struct audit_log *l, struct err *e)
{
	struct log_batch *b = &l->writing;
	struct wal_frame frame = {.type = WAL_BATCH,
				  .ticket = b->ticket,
				  .size = b->size,
				  .sets = {b->sets.p, b->sets.len},
				  .leaves = {b->leaves.p, b->leaves.len}};
	if (l->wal.fd >= 0 && l->wal.at >= l->segment_bytes && segment_end(l))
		return err_set(e, -ENOMEM, "no memory for the list of write-ahead files");
	int err = l->wal.fd < 0 ? log_segment_begin(l, e) : 0;
	if (err)
		return err;
	l->clean = false;
	uint64_t began = log_monotonic_ns();
	err = wal_put(&l->wal, &frame, e);
	pthread_mutex_lock(&l->lock);
	l->syncs_ns += log_monotonic_ns() - began;
	pthread_mutex_unlock(&l->lock);
	if (err && segment_end(l))
		wal_close(&l->wal); /* no memory to list it: it is removed after the next start */
	return err;
}

/* What the next segment begins with. */
static int written(struct audit_log *l, struct err *e)
{
	struct log_batch *b = &l->writing;
	int err = map_apply(&l->written_map, (struct span){b->sets.p, b->sets.len});
	if (err)
		return err_set(e, err, "no memory for the map");
	l->written = b->frontier;
	l->written_ticket = b->ticket;
	return 0;
}

/* Under the lock. */
static void durable(struct audit_log *l)
{
	l->durable = l->writing.size;
	l->done = l->writing.ticket;
	l->staged -= l->writing.sets.len + l->writing.leaves.len;
	l->commits++;
	l->write_trouble = (struct log_trouble){0};
	batch_clear(&l->writing);
	pthread_cond_broadcast(&l->changes);
	if (l->fixed > l->published && l->durable >= l->fixed)
		pthread_cond_signal(&l->tiler_wakes);
}

void *log_writer(void *ctx)
{
	struct audit_log *l = ctx;
	bool is_put = false;
	struct err e;
	pthread_mutex_lock(&l->lock);
	for (;;) {
		bool waiting = l->writing.sets.len || l->writing.leaves.len;
		if (!waiting && !l->ready.sets.len && !l->ready.leaves.len) {
			if (l->stop)
				break;
			pthread_cond_wait(&l->writer_wakes, &l->lock);
			continue;
		}
		if (!waiting)
			batch_move(&l->writing, &l->ready);
		pthread_mutex_unlock(&l->lock);
		int err = is_put ? 0 : put(l, &e);
		is_put = !err;
		if (!err)
			err = written(l, &e);
		pthread_mutex_lock(&l->lock);
		if (err) {
			log_trouble(l, &l->write_trouble, &e);
			pthread_mutex_unlock(&l->lock);
			log_notify(l);
			pthread_mutex_lock(&l->lock);
			if (l->stop)
				break;
			uint64_t until = log_monotonic_ns() + LOG_RETRY_MS * 1000000ull;
			while (!l->stop && log_sleep(l, &l->writer_wakes, until))
				;
			continue;
		}
		is_put = false;
		durable(l);
		pthread_mutex_unlock(&l->lock);
		log_notify(l);
		pthread_mutex_lock(&l->lock);
	}
	l->writer_ended = true;
	pthread_cond_broadcast(&l->changes);
	pthread_cond_signal(&l->tiler_wakes);
	pthread_mutex_unlock(&l->lock);
	return NULL;
}
