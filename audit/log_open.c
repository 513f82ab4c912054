/* SPDX-License-Identifier: BSD-3-Clause */
/* log_open: folders and the lock, recovery, the threads; and the way back. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/log_state.h"

#define FIRST_WRITE_MS 10000

static int failed(const struct audit_log *l, const char *what, int err, struct err *e)
{
	return err_set(e, err, "%s%s: %s", l->folder, what, strerror(-err));
}

static int open_folder(struct audit_log *l, const char *name, mode_t mode, int *ret, struct err *e)
{
	if (mkdirat(l->folder_fd, name + 1, mode) && errno != EEXIST)
		return failed(l, name, -errno, e);
	*ret = openat(l->folder_fd, name + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret < 0 ? failed(l, name, -errno, e) : 0;
}

static int open_lock(struct audit_log *l, struct err *e)
{
	l->lock_fd = openat(l->folder_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (l->lock_fd < 0)
		return failed(l, "/lock", -errno, e);
	if (!flock(l->lock_fd, LOCK_EX | LOCK_NB))
		return 0;
	return errno == EWOULDBLOCK ? err_set(e, -EBUSY, "%s: another process has this log open", l->folder)
				    : failed(l, "/lock", -errno, e);
}

/* The folder's own name, where we may read what it is in. */
static int sync_above(struct audit_log *l, struct err *e)
{
	int fd = openat(l->folder_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	int err = fsync(fd) ? failed(l, "/..", -errno, e) : 0;
	close(fd);
	return err;
}

static int open_folders(struct audit_log *l, struct err *e)
{
	if (mkdir(l->folder, 0750) && errno != EEXIST)
		return failed(l, "", -errno, e);
	l->folder_fd = open(l->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->folder_fd < 0)
		return failed(l, "", -errno, e);
	int err = open_lock(l, e);
	if (!err)
		err = open_folder(l, "/log", 0755, &l->tiler->folder, e);
	if (!err)
		err = open_folder(l, "/wal", 0700, &l->wal_fd, e);
	if (!err)
		err = open_folder(l, "/keys", 0700, &l->keys_fd, e);
	if (!err && fsync(l->folder_fd))
		err = failed(l, "", -errno, e);
	if (!err)
		err = sync_above(l, e);
	/* a checkpoint may have been renamed by a process that died before its sync */
	if (!err && fsync(l->tiler->folder))
		err = failed(l, "/log", -errno, e);
	return err;
}

static int make_threads(struct audit_log *l, struct err *e)
{
	sigset_t all, was;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	int err = pthread_create(&l->writer_thread, NULL, log_writer, l);
	if (!err) {
		err = pthread_create(&l->tiler_thread, NULL, log_tiler, l);
		if (err) {
			pthread_mutex_lock(&l->lock);
			l->stop = true;
			pthread_cond_broadcast(&l->writer_wakes);
			pthread_mutex_unlock(&l->lock);
			pthread_join(l->writer_thread, NULL);
		}
	}
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	l->running = !err;
	return err ? err_set(e, -err, "no thread for the log: %s", strerror(err)) : 0;
}

/* The end of what was recovered is published; before it, each size that a leaf `head` names already. */
static int fix_recovered(struct audit_log *l)
{
	log_fix(l);
	if (!l->later_n)
		return 0;
	int err = log_fix_later(l, l->fixed, &l->fixed_root);
	l->fixed = l->later[0].size;
	l->fixed_root = l->later[0].root;
	l->later_at = 1;
	return err;
}

/* All that was recovered is durable. */
static int take_over(struct audit_log *l, struct err *e)
{
	for (size_t i = 0; i < l->map.n; i++) {
		struct map_row *row = NULL;
		const struct map_row *from = l->map.rows[i];
		if (map_set(&l->written_map, (struct span){(const uint8_t *)from->key, from->key_bytes},
			    (struct span){from->value, from->value_bytes}, &row))
			return err_set(e, -ENOMEM, "no memory");
	}
	l->written = l->frontier;
	l->done = l->ticket;
	l->written_ticket = l->committed_ticket = l->ticket;
	l->durable = l->committed = l->open.size = l->frontier.size;
	if (fix_recovered(l))
		return err_set(e, -ENOMEM, "no memory");
	if (l->signer) {
		keys_tidy(l);
		keys_retire(l, l->published, NULL); /* if not now, with the next checkpoint */
	}
	return 0;
}

static struct entry_value text_of(const char *text)
{
	return (struct entry_value){.s = {(const uint8_t *)text, strlen(text)}};
}

/* The first leaf of a new log. */
static int add_first(struct audit_log *l, struct err *e)
{
	char vkey[NOTE_VKEY_BYTES];
	struct entry first = {.kind = ENTRY_LOG, .time_ns = log_now_ns()};
	int err = keys_new(l, e);
	if (err)
		return err;
	keys_tidy(l);
	verifier_print(signer_verifier(l->signer), vkey);
	first.v[ENTRY_F(LOG, origin)] = text_of(l->origin);
	first.v[ENTRY_F(LOG, vkey)] = text_of(vkey);
	first.v[ENTRY_F(LOG, program)] = text_of("roja " ROJA_VERSION);
	return log_add(l, &first, NULL, e);
}

static int add_recovered(struct audit_log *l, struct err *e)
{
	struct entry entry = {.kind = ENTRY_RECOVERED, .time_ns = log_now_ns()};
	entry.v[ENTRY_F(RECOVERED, text)] = text_of(l->recovered);
	return log_add(l, &entry, NULL, e);
}

/* What open has to say is durable before it returns; a disk that takes nothing hinders a new log alone. */
static int begin(struct audit_log *l, struct err *e)
{
	bool is_new = !l->frontier.size;
	int err = is_new ? add_first(l, e) : l->recovered[0] ? add_recovered(l, e) : 0;
	if (err)
		return err;
	uint64_t ticket = log_commit(l);
	err = log_wait(l, ticket, false, FIRST_WRITE_MS, e);
	return is_new ? err : 0;
}

static int init(struct audit_log *l, const struct log_config *c, struct err *e)
{
	pthread_condattr_t monotonic;
	pthread_mutex_init(&l->lock, NULL);
	pthread_mutex_init(&l->signing, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&l->writer_wakes, &monotonic);
	pthread_cond_init(&l->tiler_wakes, &monotonic);
	pthread_cond_init(&l->changes, &monotonic);
	pthread_condattr_destroy(&monotonic);
	l->lock_fd = l->folder_fd = l->wal_fd = l->keys_fd = l->wal.fd = -1;
	l->checkpoint_ns = c->checkpoint_ms * 1000000ull;
	l->segment_bytes = c->segment_bytes ? c->segment_bytes : LOG_SEGMENT_BYTES;
	if (l->segment_bytes > LOG_SEGMENT_MAX)
		l->segment_bytes = LOG_SEGMENT_MAX;
	l->notify = c->notify;
	l->ctx = c->ctx;
	l->folder = strdup(c->folder);
	l->tiler = calloc(1, sizeof(*l->tiler));
	if (l->tiler)
		l->tiler->folder = -1;
	if (!l->folder || !l->tiler || asprintf(&l->published_folder, "%s/log", c->folder) < 0) {
		l->published_folder = NULL;
		return err_set(e, -ENOMEM, "no memory");
	}
	if (strlen(c->origin) > NOTE_NAME_MAX)
		return err_set(e, -EINVAL, "the log's origin is longer than %d bytes", NOTE_NAME_MAX);
	strcpy(l->origin, c->origin);
	return 0;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void log_free(struct audit_log *l)
{
	if (l->tiler)
		close_fd(l->tiler->folder);
	close_fd(l->wal_fd);
	close_fd(l->keys_fd);
	close_fd(l->folder_fd);
	close_fd(l->lock_fd);
	wal_close(&l->wal);
	for (size_t i = 0; i < l->held_n; i++)
		held_free(l->held[i]);
	free(l->held);
	free(l->segments);
	free(l->later);
	free(l->changed);
	map_free(&l->map);
	map_free(&l->written_map);
	batch_free(&l->open);
	batch_free(&l->ready);
	batch_free(&l->writing);
	signer_free(l->signer);
	signer_free(l->before);
	pthread_mutex_destroy(&l->lock);
	pthread_mutex_destroy(&l->signing);
	pthread_cond_destroy(&l->writer_wakes);
	pthread_cond_destroy(&l->tiler_wakes);
	pthread_cond_destroy(&l->changes);
	free(l->tiler);
	free(l->folder);
	free(l->published_folder);
	free(l);
}

static void stop_threads(struct audit_log *l)
{
	if (!l->running)
		return;
	pthread_mutex_lock(&l->lock);
	l->stop = true;
	pthread_cond_broadcast(&l->writer_wakes);
	pthread_cond_broadcast(&l->tiler_wakes);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->writer_thread, NULL);
	pthread_join(l->tiler_thread, NULL);
	l->running = false;
}

int log_open(const struct log_config *c, struct audit_log **ret, struct err *e)
{
	struct audit_log *l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(e, -ENOMEM, "no memory");
	int err = init(l, c, e);
	if (!err)
		err = open_folders(l, e);
	if (!err)
		err = log_recover(l, e);
	if (!err)
		err = take_over(l, e);
	if (!err)
		err = make_threads(l, e);
	if (!err)
		err = begin(l, e);
	if (err) {
		stop_threads(l);
		log_free(l);
		return err;
	}
	*ret = l;
	return 0;
}

/* A last segment with nothing but a state, so that the next open has nothing to read. Where it cannot be, the next open recovers. */
static void close_clean(struct audit_log *l)
{
	struct err e;
	struct map_row *before =
	    map_find(&l->written_map, (struct span){(const uint8_t *)LOG_KEY_BEFORE, strlen(LOG_KEY_BEFORE)});
	if (l->retired && before) {
		map_drop(&l->written_map, before);
		l->clean = false;
	}
	if (l->clean || l->published != l->written.size || l->committed_ticket != l->written_ticket)
		return;
	uint64_t last = l->segment;
	if (l->wal.fd >= 0 && log_segment_closed(l, last, l->written.size))
		return;
	wal_close(&l->wal);
	if (log_segment_begin(l, &e))
		return;
	for (size_t i = 0; i < l->segments_n; i++)
		if (wal_remove(l->wal_fd, l->segments[i].number, &e))
			return;
}

void log_close(struct audit_log *l)
{
	if (!l)
		return;
	log_commit(l);
	stop_threads(l);
	close_clean(l);
	log_free(l);
}
