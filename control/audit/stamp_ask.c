/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/audit/stamp_ask.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/note.h"
#include "control/feed/fetch.h"

#define FOLDER_MODE 0755
#define FILE_MODE   0644

struct asking {
	const struct stamp_ask *q;
	int folder; /* stamps/ */
	uint8_t note[NOTE_MAX_BYTES], again[NOTE_MAX_BYTES], reply[STAMP_REPLY_MAX];
	size_t note_bytes, again_bytes, reply_bytes;
	uint64_t size, last; /* of the checkpoint; of the last one stamped */
	int64_t last_s;	     /* when that was */
	struct stamp_request request;
	struct stamp_answer *ret;
	struct err *e;
};

static int read_whole(int fd, uint8_t *to, size_t max, size_t *ret)
{
	size_t n = 0;
	for (;;) {
		ssize_t r = read(fd, to + n, max - n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		n += (size_t)r;
		if (!r) {
			*ret = n;
			return 0;
		}
		if (n == max)
			return -EFBIG;
	}
}

static int read_checkpoint(struct asking *a)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/checkpoint", a->q->folder);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT
			   ? 0 /* nothing is published yet */
			   : err_set(a->e, -errno, "%s: cannot be read: %s", path, strerror(errno));
	int err = read_whole(fd, a->note, sizeof(a->note), &a->note_bytes);
	close(fd);
	if (err)
		return err_set(a->e, err, "%s: cannot be read: %s", path, strerror(-err));
	struct note note;
	struct checkpoint checkpoint;
	err = note_parse((struct span){a->note, a->note_bytes}, &note, a->e);
	err = err ? err : checkpoint_parse(note.text, &checkpoint, a->e);
	if (!err)
		a->size = checkpoint.size;
	return err;
}

/* SIZE.tsr, the name in its one form. */
static bool parse_name(const char *name, uint64_t *ret)
{
	char again[64], *end;
	if (*name < '1' || *name > '9')
		return false;
	errno = 0;
	*ret = strtoull(name, &end, 10);
	snprintf(again, sizeof(again), "%" PRIu64 ".tsr", *ret);
	return !errno && !strcmp(again, name);
}

static int find_last(struct asking *a)
{
	int fd = dup(a->folder);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		int err = -errno;
		if (fd >= 0)
			close(fd);
		return err_set(a->e, err, "%s/stamps: cannot be read: %s", a->q->folder, strerror(-err));
	}
	rewinddir(d);
	for (struct dirent *x; (x = readdir(d));) {
		struct stat st;
		uint64_t size;
		if (!parse_name(x->d_name, &size) || size <= a->last || fstatat(a->folder, x->d_name, &st, 0))
			continue;
		a->last = size;
		a->last_s = st.st_mtime;
	}
	closedir(d);
	return 0;
}

/* That there is a folder is on the disk before what is in it. */
static int sync_above(int folder)
{
	int fd = openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int err = fsync(fd) ? -errno : 0;
	close(fd);
	return err;
}

static int open_folder(struct asking *a)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/stamps", a->q->folder);
	bool made = !mkdir(path, FOLDER_MODE);
	if (!made && errno != EEXIST)
		return err_set(a->e, -errno, "%s: cannot be made: %s", path, strerror(errno));
	a->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = a->folder < 0 ? -errno : made ? sync_above(a->folder) : 0;
	return err ? err_set(a->e, err, "%s: cannot be opened: %s", path, strerror(-err)) : 0;
}

static int write_whole(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		p += w;
		n -= (size_t)w;
	}
	return fsync(fd) ? -errno : 0;
}

/* Whole or not at all, and still there after a power cut. */
static int keep(struct asking *a, const char *suffix, const uint8_t *p, size_t n)
{
	char name[64], temp[72];
	snprintf(name, sizeof(name), "%" PRIu64 ".%s", a->size, suffix);
	snprintf(temp, sizeof(temp), "%s.tmp", name);
	int fd = openat(a->folder, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	int err = fd < 0 ? -errno : write_whole(fd, p, n);
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	if (!err && renameat(a->folder, temp, a->folder, name))
		err = -errno;
	if (!err && fsync(a->folder))
		err = -errno;
	if (err) {
		unlinkat(a->folder, temp, 0);
		return err_set(a->e, err, "%s/stamps/%s: cannot be written: %s", a->q->folder, name,
			       strerror(-err));
	}
	return 0;
}

/* fetch speaks of lists; these are what it means here. */
static const char *const whys[FETCH_WHY_COUNT] = {
    [FETCH_WHY_BUSY] = "the authority asks to come later",
    [FETCH_WHY_SERVER] = "the authority's server is in trouble",
    [FETCH_WHY_DENIED] = "the authority does not let us in; does it want a contract?",
    [FETCH_WHY_GONE] = "there is no time-stamp authority at this URL",
    [FETCH_WHY_ANSWER] = "what it sends is no time-stamp reply; is it the right URL?",
    [FETCH_WHY_SIZE] = "what it sends is longer than a time-stamp reply can be",
};

static int refuse_fetch(struct asking *a, int err, const struct fetch_result *f, const struct err *said)
{
	char code[32] = "";
	if (f->code)
		snprintf(code, sizeof(code), " (HTTP %ld)", f->code);
	if (whys[f->why])
		return err_set(a->e, err, "audit.stamp_url: %s%s", whys[f->why], code);
	return err_set(a->e, err, "audit.stamp_url: %s", said->text);
}

static int ask(struct asking *a)
{
	const struct fetch_request request = {
	    .url = a->q->url,
	    .allow_http = true,
	    .max_bytes = STAMP_REPLY_MAX - 1,
	    .total_s = a->q->total_s ? a->q->total_s : STAMP_ASK_S,
	    .cancel = a->q->cancel,
	    .post = a->request.der,
	    .post_bytes = a->request.bytes,
	    .post_type = "application/timestamp-query",
	};
	struct fetch_result f;
	struct err said = {""};
	int err = fetch_run(&request, &f, &said);
	if (err)
		err = refuse_fetch(a, err, &f, &said);
	else if ((err = read_whole(f.fd, a->reply, sizeof(a->reply), &a->reply_bytes)))
		err = err_set(a->e, err, "the reply of audit.stamp_url cannot be read back: %s",
			      strerror(-err));
	fetch_result_fini(&f);
	return err;
}

static int check(struct asking *a)
{
	struct stamp_trust *trust;
	struct err said = {""};
	int err = stamp_trust_load(a->q->ca_file, &trust, &said);
	if (err)
		return err_set(a->e, err, "audit.stamp_ca: %s", said.text);
	err = stamp_check((struct span){a->reply, a->reply_bytes}, (struct span){a->note, a->note_bytes},
			  &a->request, a->q->policy, trust, &a->ret->stamp, &said);
	stamp_trust_free(trust);
	return err ? err_set(a->e, err, "audit.stamp_url: %s", said.text) : 0;
}

/* Sets due_s, or is due. */
static bool is_due(struct asking *a)
{
	int64_t age = (int64_t)time(NULL) - a->last_s;
	if (a->last && age >= 0 && age < a->q->every_s) {
		a->ret->due_s = (uint32_t)(a->q->every_s - age);
		return false;
	}
	return a->size > a->last;
}

static void name_of(const struct asking *a, char ret[64])
{
	snprintf(ret, 64, "%" PRIu64 ".checkpoint", a->size);
}

/* What is kept of this size already, with what witnesses said of it (cosign.h). -ENOENT. */
static int read_kept(struct asking *a, uint8_t *to, size_t *ret)
{
	char name[64];
	name_of(a, name);
	int fd = openat(a->folder, name, O_RDONLY | O_CLOEXEC), err;
	if (fd < 0)
		return -errno;
	err = read_whole(fd, to, NOTE_MAX_BYTES, ret);
	close(fd);
	return err;
}

/* Then that is stamped, not what is published. */
static int prefer_kept(struct asking *a)
{
	int err = read_kept(a, a->again, &a->again_bytes);
	if (err == -ENOENT)
		return 0;
	if (err)
		return err_set(a->e, err, "%s/stamps/%" PRIu64 ".checkpoint: cannot be read: %s",
			       a->q->folder, a->size, strerror(-err));
	memcpy(a->note, a->again, a->again_bytes);
	a->note_bytes = a->again_bytes;
	return 0;
}

/* A witness's signature that came meanwhile is not undone: then what is kept is stamped the next time. */
static int keep_both(struct asking *a)
{
	int err = read_kept(a, a->again, &a->again_bytes);
	if (!err && (a->again_bytes != a->note_bytes || memcmp(a->again, a->note, a->note_bytes)))
		return err_set(a->e, -EAGAIN,
			       "the checkpoint of %" PRIu64
			       " leaves was cosigned while it was stamped; it is stamped again",
			       a->size);
	if (err == -ENOENT)
		err = keep(a, "checkpoint", a->note, a->note_bytes);
	return err ? err : keep(a, "tsr", a->reply, a->reply_bytes);
}

static int run(struct asking *a)
{
	int err = read_checkpoint(a);
	if (err || !a->size)
		return err;
	err = open_folder(a);
	err = err ? err : find_last(a);
	if (err)
		return err;
	a->ret->size = a->last;
	if (!is_due(a))
		return 0;
	err = prefer_kept(a);
	const struct span note = {a->note, a->note_bytes};
	err = err ? err : stamp_request(note, (int64_t)time(NULL), &a->request, a->e);
	err = err ? err : ask(a);
	err = err ? err : check(a);
	if (!err && flock(a->folder, LOCK_EX)) /* of cosign.h */
		err = err_set(a->e, -errno, "%s/stamps: cannot be locked: %s", a->q->folder, strerror(errno));
	err = err ? err : keep_both(a);
	if (err)
		return err;
	SHA256(a->note, a->note_bytes, a->ret->checkpoint_sha256);
	SHA256(a->reply, a->reply_bytes, a->ret->reply_sha256);
	a->ret->size = a->size;
	a->ret->stamped = true;
	return 0;
}

int stamp_ask(const struct stamp_ask *q, struct stamp_answer *ret, struct err *e)
{
	struct stamp_answer answer = {0};
	struct asking *a = calloc(1, sizeof(*a));
	if (!a)
		return err_set(e, -ENOMEM, "no memory to ask for a time stamp");
	a->q = q;
	a->folder = -1;
	a->ret = &answer;
	a->e = e;
	int err = run(a);
	if (a->folder >= 0)
		close(a->folder);
	free(a);
	if (!err)
		*ret = answer;
	return err;
}
