/* SPDX-License-Identifier: BSD-3-Clause */
/* log_status: what is told of the log, and waiting for it. */
#include <errno.h>
#include <string.h>

#include "audit/log_state.h"

const struct log_status *log_status(struct audit_log *l)
{
	struct log_status *s = &l->status;
	held_release(l);
	pthread_mutex_lock(&l->lock);
	const struct log_trouble *t = l->write_trouble.since_ns ? &l->write_trouble : &l->tile_trouble;
	s->size = l->frontier.size;
	s->durable = l->durable;
	s->published = l->published;
	s->published_ns = l->published_ns;
	s->root = l->root;
	s->staged_bytes = l->staged + l->open.sets.len + l->open.leaves.len;
	s->commits = l->commits;
	s->failures = l->failures;
	s->syncs_ns = l->syncs_ns;
	memcpy(s->trouble, t->text, sizeof(s->trouble));
	s->trouble_ns = t->since_ns;
	pthread_mutex_unlock(&l->lock);
	memcpy(s->recovered, l->recovered, sizeof(s->recovered));
	return s;
}

/* Under the lock. */
static bool has_come(const struct audit_log *l, uint64_t ticket, uint64_t size, bool published)
{
	return l->done >= ticket && (!published || l->published >= size);
}

int log_wait(struct audit_log *l, uint64_t ticket, bool published, unsigned timeout_ms, struct err *e)
{
	uint64_t until = log_monotonic_ns() + timeout_ms * 1000000ull;
	int err = 0;
	if (published)
		log_commit(l);
	pthread_mutex_lock(&l->lock);
	uint64_t size = l->committed;
	if (published && l->published < size) {
		l->urgent = true;
		pthread_cond_signal(&l->tiler_wakes);
	}
	while (!has_come(l, ticket, size, published) && log_sleep(l, &l->changes, until))
		;
	if (!has_come(l, ticket, size, published)) {
		const struct log_trouble *t =
		    l->write_trouble.since_ns ? &l->write_trouble : &l->tile_trouble;
		err = t->since_ns ? err_set(e, -EIO, "%s", t->text)
				  : err_set(e, -ETIMEDOUT, "the log is not %s yet",
					    published ? "published" : "durable");
	}
	pthread_mutex_unlock(&l->lock);
	return err;
}

const char *log_folder(const struct audit_log *l)
{
	return l->published_folder;
}
