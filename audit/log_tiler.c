/* SPDX-License-Identifier: BSD-3-Clause */
/* log_tiler: the thread that publishes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/log_state.h"

#define NS_OF_MS 1000000ull

/* The bundles of one publication; the last one, if it is not full, as a copy: the owner goes on with it. */
struct job {
	uint64_t to;
	struct hash root;
	struct tiler_bundle *bundles;
	size_t n;
	uint8_t *copy;
	struct hash hashes[TILE_WIDTH];
};

static void job_free(struct job *j)
{
	free(j->bundles);
	free(j->copy);
	free(j);
}

static int copy_last(struct job *j, const struct log_held *h, unsigned width)
{
	struct tiler_bundle *b = &j->bundles[j->n - 1];
	j->copy = malloc(h->at[width] + 1);
	if (!j->copy)
		return -ENOMEM;
	memcpy(j->copy, h->p, h->at[width]);
	memcpy(j->hashes, h->hashes, width * sizeof(*j->hashes));
	*b = (struct tiler_bundle){{j->copy, h->at[width]}, j->hashes, width};
	return 0;
}

/* Under the lock: what is to be published. NULL: no memory. */
static struct job *job_new(struct audit_log *l)
{
	struct job *j = calloc(1, sizeof(*j));
	uint64_t first = l->published / TILE_WIDTH;
	unsigned width = (unsigned)(l->fixed % TILE_WIDTH);
	size_t skip = 0;
	if (!j)
		return NULL;
	j->to = l->fixed;
	j->root = l->fixed_root;
	j->n = (size_t)((l->fixed + TILE_WIDTH - 1) / TILE_WIDTH - first);
	j->bundles = calloc(j->n, sizeof(*j->bundles));
	while (l->held[skip]->n < first)
		skip++;
	for (size_t i = 0; j->bundles && i < j->n; i++) {
		const struct log_held *h = l->held[skip + i];
		if (i + 1 < j->n || !width) {
			j->bundles[i] =
			    (struct tiler_bundle){{h->p, h->at[TILE_WIDTH]}, h->hashes, TILE_WIDTH};
		} else if (copy_last(j, h, width)) {
			job_free(j);
			return NULL;
		}
	}
	if (!j->bundles) {
		job_free(j);
		return NULL;
	}
	return j;
}

static int publish(struct audit_log *l, const struct job *j, struct err *e)
{
	char note[NOTE_MAX_BYTES];
	size_t bytes = 0;
	struct hash root;
	int err = tiler_write(l->tiler, j->to, j->bundles, &root, e);
	if (!err && !hash_equal(&root, &j->root))
		err = err_set(e, -EBADMSG,
			      "the tiles of %llu leaves have another root than the leaves: nothing "
			      "is signed; the machine's memory is suspect: restart the program",
			      (unsigned long long)j->to);
	if (!err)
		err = keys_sign(l, j->to, &root, note, &bytes, e);
	if (!err)
		err = tiler_publish(l->tiler, note, bytes, e);
	if (!err)
		tiler_commit(l->tiler);
	return err;
}

/* Removes segments whose leaves are all published, the oldest first; the newest stays. Under the lock, which it leaves meanwhile. */
static int drop_segments(struct audit_log *l, struct err *e)
{
	int err = 0;
	while (!err && l->segments_n && l->segments[0].end <= l->published &&
	       l->segments[0].number < l->newest) {
		uint64_t number = l->segments[0].number;
		pthread_mutex_unlock(&l->lock);
		err = wal_remove(l->wal_fd, number, e);
		pthread_mutex_lock(&l->lock);
		if (!err)
			memmove(l->segments, l->segments + 1, --l->segments_n * sizeof(*l->segments));
	}
	return err;
}

/* Under the lock. */
static void published(struct audit_log *l, const struct job *j)
{
	l->published = j->to;
	l->root = j->root;
	l->published_ns = log_now_ns();
	if (l->later_at < l->later_n) {
		l->fixed = l->later[l->later_at].size;
		l->fixed_root = l->later[l->later_at++].root;
	}
	pthread_cond_broadcast(&l->changes);
}

/* One publication. Under the lock, which it leaves meanwhile. */
static int run(struct audit_log *l, struct err *e)
{
	struct job *j = job_new(l);
	if (!j)
		return err_set(e, -ENOMEM, "no memory to publish");
	pthread_mutex_unlock(&l->lock);
	int err = publish(l, j, e);
	pthread_mutex_lock(&l->lock);
	if (!err)
		published(l, j);
	job_free(j);
	return err;
}

/* What is not needed any more. Under the lock, which it leaves meanwhile. */
static int tidy(struct audit_log *l, struct err *e)
{
	uint64_t size = l->published;
	pthread_mutex_unlock(&l->lock);
	int err = keys_retire(l, size, e);
	pthread_mutex_lock(&l->lock);
	return err ? err : drop_segments(l, e);
}

static bool is_ready(const struct audit_log *l)
{
	return l->fixed > l->published && l->durable >= l->fixed;
}

/* Under the lock: when the next size is to be fixed; 0: when something is committed. */
static uint64_t due_ns(const struct audit_log *l)
{
	if (l->fixed > l->published || l->committed == l->fixed || l->wanted)
		return 0;
	return l->stop || l->urgent || l->held_bytes > LOG_HELD_MAX / 4 ? 1
									: l->uncovered_ns + l->checkpoint_ns;
}

/* Says what came of it, and after a failure waits. Under the lock, which it leaves meanwhile. */
static void tell(struct audit_log *l, int err, const struct err *e)
{
	uint64_t until = log_monotonic_ns() + LOG_RETRY_MS * NS_OF_MS;
	if (err)
		log_trouble(l, &l->tile_trouble, e);
	else
		l->tile_trouble = (struct log_trouble){0};
	pthread_mutex_unlock(&l->lock);
	log_notify(l);
	pthread_mutex_lock(&l->lock);
	while (err && !l->stop && log_sleep(l, &l->tiler_wakes, until))
		;
}

void *log_tiler(void *ctx)
{
	struct audit_log *l = ctx;
	bool untidy = false;
	struct err e;
	pthread_mutex_lock(&l->lock);
	for (;;) {
		uint64_t due = due_ns(l);
		if (due && due <= log_monotonic_ns()) {
			if (l->in_batch)
				l->wanted = true;
			else
				log_fix(l);
		} else if (is_ready(l) || untidy) {
			bool last = l->stop;
			int err = is_ready(l) ? run(l, &e) : 0;
			if (!err) {
				err = tidy(l, &e);
				untidy = err;
			}
			tell(l, err, &e);
			if (err && last)
				break;
		} else if (l->stop && l->writer_ended) {
			break;
		} else {
			log_sleep(l, &l->tiler_wakes, due ? due : UINT64_MAX);
		}
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}
