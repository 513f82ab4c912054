/* SPDX-License-Identifier: BSD-3-Clause */
#include "audit/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "audit/keep.h"
#include "audit/verify_run.h"

#define THREADS_MAX 8
#define TRIES	    5
#define POLL_MS	    50
#define CHECKPOINT  "checkpoint"

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Takes bytes of `checkpoint` apart; the spans borrow them. */
static int take_checkpoint(struct verify_finding *f, const struct verify_buffer *bytes, struct note *note,
			   struct checkpoint *ret)
{
	struct err e = {""};
	int err = note_parse((struct span){bytes->p, bytes->len}, note, &e);
	if (!err)
		err = checkpoint_parse(note->text, ret, &e);
	if (!err && (ret->origin.len > NOTE_NAME_MAX || ret->size >= UINT64_C(1) << 56))
		err = err_set(&e, -EBADMSG, "no log has so long a name, or so many leaves");
	return err ? verify_find(f, VERIFY_CHECKPOINT, VERIFY_NO_LEAF, 0, CHECKPOINT, "%s", e.text) : 0;
}

static int load_checkpoint(struct verify_run *v)
{
	int err = verify_read(v->fd, CHECKPOINT, NOTE_MAX_BYTES, &v->note_bytes);
	if (err == -ENOENT)
		return verify_find(&v->found, VERIFY_CHECKPOINT, VERIFY_NO_LEAF, 0, CHECKPOINT,
				   "the file is not there: nothing says what was signed");
	if (err)
		return verify_find_read(&v->found, err, VERIFY_NO_LEAF, 0, CHECKPOINT);
	err = take_checkpoint(&v->found, &v->note_bytes, &v->note, &v->head);
	if (err)
		return err;
	memcpy(v->r->origin, v->head.origin.p, v->head.origin.len);
	v->r->origin[v->head.origin.len] = 0;
	v->r->size = v->head.size;
	v->r->root = v->head.root;
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const struct verify_wanted *x = a, *y = b;
	return (x->size > y->size) - (x->size < y->size);
}

/* Checkpoints of which the root is to be compared: those that were kept, and those of stamps/. */
static int want(struct verify_run *v, const struct keep *k)
{
	size_t n = k->n + v->scan.n_stamps;
	v->wanted = calloc(n + 1, sizeof(*v->wanted));
	if (!v->wanted)
		return verify_find_read(&v->found, -ENOMEM, VERIFY_NO_LEAF, 0, NULL);
	for (size_t i = 0; i < k->n; i++)
		v->wanted[v->n_wanted++] = (struct verify_wanted){
		    .kept = true, .size = k->checkpoints[i].size, .root = k->checkpoints[i].root};
	for (size_t i = 0; i < v->scan.n_stamps; i++)
		v->wanted[v->n_wanted++] = (struct verify_wanted){.size = v->scan.stamps[i]};
	qsort(v->wanted, v->n_wanted, sizeof(*v->wanted), by_size);
	return 0;
}

struct verify_wanted *verify_stamp_of(struct verify_run *v, uint64_t size)
{
	struct verify_wanted key = {.size = size};
	return bsearch(&key, v->wanted, v->n_wanted, sizeof(*v->wanted), by_size);
}

static int load_keep(struct verify_run *v, struct keep *k)
{
	struct err e = {""};
	int err = v->o->state ? keep_load(v->o->state, v->r->origin, k, &e) : 0;
	if (err) {
		verify_find(&v->found, VERIFY_NONE, VERIFY_NO_LEAF, 0, NULL, "%s", e.text);
		v->found.code = err;
		return err;
	}
	/* of an older copy the key of its size: that it is older is what is wrong with it */
	const struct verifier *key = keep_key_at(k, v->head.size);
	v->kept_key = key ? *key : (struct verifier){.id = 0};
	v->r->first_use = v->o->state && !k->known;
	return 0;
}

static int pass(struct verify_run *v, struct keep *k)
{
	int err = load_checkpoint(v);
	if (!err)
		err = load_keep(v, k);
	if (!err)
		err = verify_load_pruned(v);
	if (!err)
		err = verify_scan(v);
	if (!err)
		err = want(v, k);
	if (!err)
		err = verify_walk(v);
	if (!err)
		err = verify_end(v);
	if (!err && v->scan_found.code) {
		v->found = v->scan_found;
		err = v->found.code;
	}
	if (err > 0)
		verify_blame_checkpoint(v);
	return err;
}

static void run_free(struct verify_run *v)
{
	struct verify_buffer *buffers[] = {&v->note_bytes, &v->pruned.file, &v->pruned_new.file,
					   &v->edge,	   &v->partial,	    &v->whole};
	for (size_t i = 0; i < sizeof(buffers) / sizeof(*buffers); i++)
		verify_buffer_free(buffers[i]);
	free(v->scan.partial);
	free(v->scan.kept);
	free(v->scan.stamps);
	free(v->scan.replies);
	free(v->keys);
	free(v->key_leaf);
	free(v->key_signed);
	free(v->sources);
	free(v->wanted);
	pthread_mutex_destroy(&v->lock);
	pthread_cond_destroy(&v->readied);
	pthread_cond_destroy(&v->freed);
	free(v);
}

static struct verify_run *run_new(const struct verify_options *o, const char *folder, int fd,
				  struct verify_report *r)
{
	struct verify_run *v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	pthread_mutex_init(&v->lock, NULL);
	pthread_cond_init(&v->readied, NULL);
	pthread_cond_init(&v->freed, NULL);
	v->o = o;
	v->folder = folder;
	v->fd = fd;
	v->r = r;
	v->prune.leaf = v->prune_before.leaf = VERIFY_NO_LEAF;
	v->keys = calloc(VERIFY_KEYS_MAX, sizeof(*v->keys));
	v->key_leaf = calloc(VERIFY_KEYS_MAX, sizeof(*v->key_leaf));
	v->key_signed = calloc(VERIFY_KEYS_MAX, sizeof(*v->key_signed));
	if (v->keys && v->key_leaf && v->key_signed)
		return v;
	run_free(v);
	return NULL;
}

/* Whether `checkpoint` is another one than the pass had; *ret_size: of how many leaves. */
static bool moved(struct verify_run *v, uint64_t *ret_size)
{
	static _Thread_local struct note note;
	struct verify_buffer b = {NULL, 0, 0};
	struct verify_finding f;
	struct checkpoint c;
	bool is = !verify_read(v->fd, CHECKPOINT, NOTE_MAX_BYTES, &b) &&
		  (b.len != v->note_bytes.len || memcmp(b.p, v->note_bytes.p, b.len)) &&
		  !take_checkpoint(&f, &b, &note, &c) && c.size >= v->head.size;
	if (is)
		*ret_size = c.size;
	verify_buffer_free(&b);
	return is;
}

/* Waits until a newer checkpoint covers `need` leaves. */
static bool wait_for(struct verify_run *v, uint64_t need, uint64_t until_ms)
{
	uint64_t size = 0;
	for (;;) {
		if (moved(v, &size) && size >= need)
			return true;
		if (now_ms() >= until_ms)
			return false;
		nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
	}
}

static void find_beyond(struct verify_run *v)
{
	verify_find(&v->found, VERIFY_BEYOND, v->head.size, v->scan.need - 1, v->scan.beyond,
		    "the files go on to %" PRIu64 " leaves, the checkpoint to %" PRIu64
		    ": a write was under way, or the checkpoint is an older one",
		    v->scan.need, v->head.size);
}

static int keep(struct verify_run *v, struct err *e)
{
	struct keep_key *keys = v->o->state ? calloc(v->n_keys + 1, sizeof(*keys)) : NULL;
	if (!v->o->state)
		return 0;
	if (!keys)
		return err_set(e, -ENOMEM, "no memory for the keys to keep");
	for (unsigned i = 0; i < v->n_keys; i++)
		keys[i] = (struct keep_key){v->key_leaf[i], v->keys[i]};
	int err = keep_add(v->o->state, v->r->origin, v->r->key, keys, v->n_keys, v->head.size,
			   (struct span){v->note_bytes.p, v->note_bytes.len}, e);
	free(keys);
	return err;
}

void verify_report_set(struct verify_report *r, const struct verify_finding *f)
{
	r->fault = f->code ? f->fault : VERIFY_NONE;
	r->has_leaf = f->code && f->leaf != VERIFY_NO_LEAF;
	r->leaf = r->has_leaf ? f->leaf : 0;
	r->last = r->has_leaf ? f->last : 0;
	memcpy(r->file, f->file, sizeof(r->file));
	memcpy(r->text, f->text, sizeof(r->text));
}

/* 1: again, the log has moved on. */
static int try(struct verify_run *v, uint64_t until_ms, bool last, struct err *e)
{
	struct keep k = {.known = false};
	uint64_t size;
	int err = pass(v, &k);
	keep_free(&k);
	if (err < 0)
		return err_set(e, err, "%s%s%s: %s", v->folder, v->found.file[0] ? "/" : "", v->found.file,
			       v->found.text);
	if (!err && v->scan.need > v->head.size && !wait_for(v, v->scan.need, until_ms)) {
		find_beyond(v);
		err = 1;
	}
	if (!err) {
		v->r->fault = VERIFY_NONE;
		return keep(v, e);
	}
	/* what is wrong may be a write's doing: of a log that has none under way it is said at once */
	bool live = v->scan.need > v->head.size || v->found.fault == VERIFY_RETENTION;
	if (!last && (moved(v, &size) ||
		      (live && v->found.fault != VERIFY_BEYOND && wait_for(v, v->head.size + 1, until_ms))))
		return 1;
	verify_report_set(v->r, &v->found);
	return 0;
}

static unsigned processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

int verify_folder(const char *folder, const struct verify_options *options, struct verify_report *ret,
		  struct err *e)
{
	struct verify_options o = *options;
	uint64_t until_ms = now_ms() + o.wait_ms;
	int err = 1, fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", folder, strerror(errno));
	o.threads = o.threads ? o.threads : processors();
	for (unsigned i = 1; err > 0; i++) {
		memset(ret, 0, sizeof(*ret));
		struct verify_run *v = run_new(&o, folder, fd, ret);
		err = v ? try(v, until_ms, i == TRIES, e) : err_set(e, -ENOMEM, "no memory");
		if (v)
			run_free(v);
	}
	close(fd);
	return err;
}
